"""Finding speech and packing it into chunks that an engine can decode in one batch.

Silero VAD (shipped inside faster-whisper) marks the speech of each channel. Packing drops the
silence between stretches of speech, because in a two-channel call each side is silent half of the
time; `Chunk.time_of` maps a position in a chunk back to the recording's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from models.audio import SAMPLE_RATE_HZ, Samples

CHUNK_S = 30.0
"""Whisper hears 30 s at a time."""

# A pause this long ends a stretch of speech. Shorter ones are kept: cutting inside a sentence
# costs words, and 2 s (the library's own default) would pack silence.
MIN_SILENCE_MS = 500
# Kept around each stretch so that soft first and last sounds survive.
PAD_MS = 200
# Stretches shorter than this are clicks and coughs.
MIN_SPEECH_MS = 100


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open stretch of samples in one channel."""

    start: int
    end: int

    @property
    def samples(self) -> int:
        """Length in samples."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Chunk:
    """Stretches of speech of one channel laid end to end, at most 30 s in all."""

    channel: int
    audio: Samples
    spans: tuple[Span, ...]

    @property
    def duration_s(self) -> float:
        """Seconds of packed audio."""
        return len(self.audio) / SAMPLE_RATE_HZ

    def pieces(self) -> Iterator[tuple[Span, Samples]]:
        """Each stretch of speech with its samples."""
        offset = 0
        for span in self.spans:
            yield span, self.audio[offset : offset + span.samples]
            offset += span.samples

    def span_at(self, packed_s: float) -> tuple[Span, float]:
        """The stretch heard at `packed_s` seconds into the chunk, and where the stretch begins."""
        offset = 0
        position = packed_s * SAMPLE_RATE_HZ
        for span in self.spans[:-1]:
            if position < offset + span.samples:
                return span, offset / SAMPLE_RATE_HZ
            offset += span.samples
        return self.spans[-1], offset / SAMPLE_RATE_HZ

    def word_times(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Times in the recording of a word heard at `start_s`–`end_s` of this chunk.

        A word that an engine stretched over a dropped silence stays within the stretch of speech
        that holds its middle.
        """
        span, offset_s = self.span_at((start_s + end_s) / 2)
        first, last = span.start / SAMPLE_RATE_HZ, span.end / SAMPLE_RATE_HZ
        start = min(max(first, first + start_s - offset_s), last)
        end = min(max(start, first + end_s - offset_s), last)
        return float(start), float(end)


def find_speech(channel: Samples) -> tuple[Span, ...]:
    """The stretches of speech in one channel of 16 kHz samples, each at most 30 s."""
    # Heavy (it loads the whole speech library), and those who only read words never come here.
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(
        channel,
        VadOptions(
            min_speech_duration_ms=MIN_SPEECH_MS,
            min_silence_duration_ms=MIN_SILENCE_MS,
            speech_pad_ms=PAD_MS,
            max_speech_duration_s=CHUNK_S,
        ),
    )
    limit = int(CHUNK_S * SAMPLE_RATE_HZ)
    return tuple(_cut(((int(one["start"]), int(one["end"])) for one in found), limit))


def pack(channel: int, samples: Samples, speech: Iterable[Span]) -> Iterator[Chunk]:
    """Chunks of at most 30 s that hold all of `speech`, in order."""
    limit = int(CHUNK_S * SAMPLE_RATE_HZ)
    waiting: list[Span] = []
    filled = 0
    for span in speech:
        if waiting and filled + span.samples > limit:
            yield _chunk(channel, samples, waiting)
            waiting, filled = [], 0
        waiting.append(span)
        filled += span.samples
    if waiting:
        yield _chunk(channel, samples, waiting)


def _cut(found: Iterable[tuple[int, int]], limit: int) -> Iterator[Span]:
    # Padding can push a stretch past the limit the VAD was given.
    for first, last in found:
        for start in range(first, last, limit):
            yield Span(start, min(last, start + limit))


def _chunk(channel: int, samples: Samples, spans: list[Span]) -> Chunk:
    audio = np.concatenate([samples[span.start : span.end] for span in spans])
    return Chunk(channel, audio, tuple(spans))

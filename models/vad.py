"""Finding speech and packing it into chunks that an engine can decode in one batch.

Silero VAD (shipped inside faster-whisper) marks the speech of each channel. Packing drops the
silence between stretches of speech, because in a two-channel call each side is silent half of the
time; `Chunk.word_times` maps a position in a chunk back to the recording's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from models.silence import peaks, shortened
from models.sound import SAMPLE_RATE_HZ, Samples, Sound

CHUNK_S = 30.0
"""Whisper hears 30 s at a time."""

# A pause this long ends a stretch of speech. Shorter ones are kept: cutting inside a sentence
# costs words, and 2 s (the library's own default) would pack silence.
MIN_SILENCE_MS = 500
# Kept around each stretch so that soft first and last sounds survive.
PAD_MS = 200
# Stretches shorter than this are clicks and coughs.
MIN_SPEECH_MS = 100
# So much is searched at once: the search needs about ten times the memory of its samples.
BLOCK_S = 120.0
# A stretch that ends so close to the end of a block may go on after it.
_OPEN_END_S = 1.0

# From this level on a recording may have been cut off at its loudest.
_FULL_SCALE = 0.99
_SOFTLY = 0.1

_CHUNK = int(CHUNK_S * SAMPLE_RATE_HZ)


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
    """Stretches of speech of one channel laid end to end, at most 30 s in all.

    Only their places are kept: the samples are read when they are asked for, so that the chunks of
    a long call take no memory.
    """

    channel: int
    spans: tuple[Span, ...]
    sound: Sound

    @property
    def audio(self) -> Samples:
        """The packed samples, of shape (samples,); read anew each time."""
        return np.concatenate([samples for _, samples in self.pieces()])

    @property
    def duration_s(self) -> float:
        """Seconds of packed audio."""
        return sum(span.samples for span in self.spans) / SAMPLE_RATE_HZ

    def pieces(self) -> Iterator[tuple[Span, Samples]]:
        """Each stretch of speech with its samples."""
        for span in self.spans:
            yield span, self.sound.read_channel(self.channel, span.start, span.end)

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


def find_speech(sound: Sound, channel: int, *, block_s: float = BLOCK_S) -> tuple[Span, ...]:
    """The stretches of speech in one channel, each at most 30 s.

    The sound is searched block by block. A stretch that may go on beyond its block is left to the
    next one, which begins just before it, so no word is cut.
    """
    block = int(block_s * SAMPLE_RATE_HZ)
    lead = int(_OPEN_END_S * SAMPLE_RATE_HZ)
    shortest = MIN_SPEECH_MS * SAMPLE_RATE_HZ // 1000
    found: list[Span] = []
    start = 0
    while start < sound.length:
        end = min(start + block, sound.length)
        done = found[-1].end if found else 0
        # What the lead repeats of the block before is known already.
        spans = [
            Span(max(span.start, done), span.end)
            for span in _speech_in(sound.read_channel(channel, start, end), start)
            if span.end > done + shortest
        ]
        following = end
        if end < sound.length:
            following = end - lead
            if spans and spans[-1].end > following:
                following = max(spans.pop().start - lead, start + lead)
        found += spans
        start = following
    return tuple(_cut(found))


def pack(channel: int, sound: Sound, speech: Iterable[Span]) -> Iterator[Chunk]:
    """Chunks of at most 30 s that hold all of `speech`, in order."""
    waiting: list[Span] = []
    filled = 0
    for span in speech:
        if waiting and filled + span.samples > _CHUNK:
            yield Chunk(channel, tuple(waiting), sound)
            waiting, filled = [], 0
        waiting.append(span)
        filled += span.samples
    if waiting:
        yield Chunk(channel, tuple(waiting), sound)


def _speech_in(samples: Samples, offset: int) -> list[Span]:
    loudness = peaks(samples)
    short = shortened(samples, loudness)
    found = _searched(short.samples)
    # Silero misses much of a voice that was recorded too loud, and finds it when it is played
    # softly (73 s instead of 44 s on a real call); others it finds only as they are.
    if loudness.max(initial=0.0) >= _FULL_SCALE:
        softly = _searched(short.samples * np.float32(_SOFTLY))
        found = max(found, softly, key=lambda spans: sum(span.samples for span in spans))
    return [
        Span(offset + short.origin(span.start), offset + short.origin(span.end, is_end=True))
        for span in found
    ]


def _searched(samples: Samples) -> list[Span]:
    if not samples.size:
        return []
    # Heavy (it loads the whole speech library), and those who only read words never come here.
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_speech_duration_ms=MIN_SPEECH_MS,
        min_silence_duration_ms=MIN_SILENCE_MS,
        speech_pad_ms=PAD_MS,
        max_speech_duration_s=CHUNK_S,
    )
    found = get_speech_timestamps(samples, options)
    return [Span(int(one["start"]), int(one["end"])) for one in found]


def _cut(spans: Iterable[Span]) -> Iterator[Span]:
    # Padding can push a stretch past the limit the VAD was given.
    for span in spans:
        for start in range(span.start, span.end, _CHUNK):
            yield Span(start, min(span.end, start + _CHUNK))

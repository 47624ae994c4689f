"""A word's time is right to 50 ms, whatever was decoded, packed and mapped back on the way.

The engine here finds one known piece of speech in the audio it is given, so the times it gives are
exact, and what is measured is everything around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from calls.call import Listening
from calls.settings import SpeechSettings
from calls.transcript import Engine, TranscriptOrigin
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.hearing import AudioFile, hear
from models.listening import CallToHear, listen
from models.sound import SAMPLE_RATE_HZ, Samples
from models.speech import SpokenLanguage
from models.vad import Chunk
from tests.sounds import sample_speech, silence, write_wav

RIGHT_S = 0.05
# Half a second from within a sentence.
PIECE = sample_speech(seconds=0.5, start_s=3.0)[0]
SENTENCE = sample_speech(seconds=4.0, start_s=1.5)[0]
PIECE_IN_SENTENCE_S = 1.5


class FindsPiece:
    """Says one word where the known piece is, to the sample."""

    origin = TranscriptOrigin(Engine.WHISPER, "finds-piece")
    batch_size = 8

    def language_of(self, chunks: Sequence[Chunk], known: str | None) -> SpokenLanguage:
        return SpokenLanguage("en", "given")

    def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
        return [HeardChunk(tuple(self._found(chunk.audio))) for chunk in chunks]

    def decode_again(self, chunk: Chunk, options: DecodeOptions) -> None:
        return None

    def close(self) -> None:
        pass

    @staticmethod
    def _found(audio: Samples) -> list[RawWord]:
        size = len(audio) + len(PIECE)
        product = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(PIECE[::-1], size), size)
        match = product[len(PIECE) - 1 :] / np.sum(PIECE**2)
        words = []
        while match.size and match.max() > 0.6:  # at a half it would be another sound
            at = int(match.argmax())
            start_s = at / SAMPLE_RATE_HZ
            words.append(RawWord("piece", start_s, start_s + len(PIECE) / SAMPLE_RATE_HZ, 0.9))
            match[max(0, at - len(PIECE)) : at + len(PIECE)] = 0
        return sorted(words, key=lambda word: word.start_s)


def call_with(sentences_at_s: Sequence[Sequence[float]], *, seconds: float) -> Samples:
    """A call in which each channel says the known sentence at the given seconds."""
    samples = silence(seconds=seconds, channels=len(sentences_at_s))
    for channel, starts in enumerate(sentences_at_s):
        for start_s in starts:
            first = int(start_s * SAMPLE_RATE_HZ)
            samples[channel, first : first + SENTENCE.size] = SENTENCE
    return samples


def encode(path: Path, samples: Samples, codec: str, *, rate_hz: int = SAMPLE_RATE_HZ) -> Path:
    with av.open(str(path), "w") as container:
        layout = {1: "mono", 2: "stereo"}[samples.shape[0]]
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T.reshape(1, -1)), format="flt", layout=layout
        )
        frame.sample_rate = SAMPLE_RATE_HZ
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate_hz)
        fifo = av.AudioFifo()
        for one in [*resampler.resample(frame), *resampler.resample(None)]:
            one.pts = None
            fifo.write(one)
        size = stream.codec_context.frame_size or 1024
        while (one := fifo.read(size, partial=True)) is not None:
            container.mux(stream.encode(one))
        container.mux(stream.encode(None))
    return path


def times_heard(*paths: Path) -> list[list[float]]:
    """When the piece was heard on each channel."""
    audio = hear([AudioFile(path.name, path) for path in paths])
    channels = audio.facts.channel_count
    ((_, result),) = listen(FindsPiece(), [CallToHear("call", audio, "")], SpeechSettings())
    assert isinstance(result, Listening)
    words = [
        (one.channel, word.start_s) for one in result.transcript.utterances for word in one.words
    ]
    return [sorted(at for channel, at in words if channel == wanted) for wanted in range(channels)]


def expected(starts_s: Sequence[float]) -> list[object]:
    return [pytest.approx(start_s + PIECE_IN_SENTENCE_S, abs=RIGHT_S) for start_s in starts_s]


REP = (2.0, 14.5, 47.25, 71.0, 123.4)
CUSTOMER = (8.0, 30.0, 60.125, 95.5, 117.0, 131.75)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("call.flac", "flac", 16_000),
        ("call.mp3", "libmp3lame", 16_000),
        ("call.ogg", "libopus", 16_000),
        ("call.m4a", "aac", 16_000),
        ("call.wav", "pcm_mulaw", 8_000),
        ("call.wav", "pcm_s16le", 44_100),
    ],
)
def test_both_channels_keep_the_calls_clock(
    tmp_path: Path, name: str, codec: str, rate_hz: int
) -> None:
    samples = call_with([REP, CUSTOMER], seconds=140)
    rep, customer = times_heard(encode(tmp_path / name, samples, codec, rate_hz=rate_hz))
    assert rep == expected(REP)
    assert customer == expected(CUSTOMER)


def test_a_side_that_comes_late_keeps_the_calls_clock(tmp_path: Path) -> None:
    # The customer picks up after two minutes of ringing.
    late = (125.0, 133.5)
    path = write_wav(tmp_path / "late.wav", call_with([(1.0, 130.0), late], seconds=140))
    rep, customer = times_heard(path)
    assert rep == expected((1.0, 130.0))
    assert customer == expected(late)


def test_one_file_per_participant_keeps_the_calls_clock(tmp_path: Path) -> None:
    agent = write_wav(tmp_path / "x_agent.wav", call_with([REP], seconds=140))
    caller = encode(tmp_path / "x_caller.mp3", call_with([CUSTOMER], seconds=150), "libmp3lame")
    rep, customer = times_heard(agent, caller)
    assert rep == expected(REP)
    assert customer == expected(CUSTOMER)


def test_a_long_call_does_not_drift(tmp_path: Path) -> None:
    starts = [float(start) for start in range(5, 590, 65)]
    path = encode(tmp_path / "long.mp3", call_with([starts, [300.0]], seconds=600), "libmp3lame")
    rep, customer = times_heard(path)
    assert rep == expected(starts)
    assert customer == expected([300.0])

"""Decoded chunks for tests of the guards: real speech, and words laid over it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.heard import HeardChunk, RawWord
from models.sound import SAMPLE_RATE_HZ, Samples, Sound
from models.vad import Chunk, Span, find_speech, pack
from tests.sounds import sample_speech


@functools.cache
def _speech() -> Samples:
    """The packed speech of the rep of a sample call, without its pauses, of shape (samples,)."""
    sound = Sound.of(sample_speech(seconds=90))
    return np.concatenate([chunk.audio for chunk in pack(0, sound, find_speech(sound, 0))])


def voice(seconds: float) -> Samples:
    """Somebody speaking without a long pause, of shape (samples,)."""
    return _speech()[: int(seconds * SAMPLE_RATE_HZ)].copy()


def near_silence(seconds: float) -> Samples:
    """What a muted line sounds like: noise at -60 dB."""
    noise = np.random.default_rng(5).standard_normal(int(seconds * SAMPLE_RATE_HZ))
    return (noise * 10 ** (-60 / 20)).astype(np.float32)


def fan(seconds: float) -> Samples:
    """Steady noise as loud as speech."""
    return near_silence(seconds) * np.float32(10 ** (35 / 20))


def chunk_of(*stretches: Samples) -> Chunk:
    """A chunk that packs these stretches of speech."""
    starts = np.cumsum([0, *(one.size for one in stretches)])
    spans = tuple(Span(int(a), int(b)) for a, b in pairwise(starts))
    return Chunk(0, spans, Sound.of(np.concatenate(stretches)[None, :]))


def words_of(
    text: str | Sequence[str],
    *,
    start_s: float = 0.2,
    end_s: float,
    probability: float | None = 0.9,
) -> tuple[RawWord, ...]:
    """The words of a text spread evenly over a time."""
    words = text.split() if isinstance(text, str) else text
    step_s = (end_s - start_s) / max(1, len(words))
    return tuple(
        RawWord(word, start_s + index * step_s, start_s + (index + 0.9) * step_s, probability)
        for index, word in enumerate(words)
    )


def heard(text: str, *, end_s: float, no_speech_probability: float | None = 0.05) -> HeardChunk:
    """What an engine that is sure of itself makes of a chunk."""
    return HeardChunk(words_of(text, end_s=end_s), no_speech_probability, -0.2)

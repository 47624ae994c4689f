"""What the guards look at: one chunk, its words, and what follows from both."""

from __future__ import annotations

import functools
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from models.guards.loudness import Loudness
from models.guards.times import in_order
from models.guards.tokens import Token, mostly_spaceless, split, tokens_of
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.sound import SAMPLE_RATE_HZ
from models.vad import PAD_MS, Chunk

_PAD_S = PAD_MS / 1000
# However short a stretch is, the padding is not all of it.
_SHORTEST_SPEECH_S = 0.1


class Stretch(NamedTuple):
    """A stretch of speech, in seconds from the start of the packed audio."""

    start_s: float
    end_s: float

    @property
    def speech_s(self) -> float:
        """Its length without the padding that voice activity detection keeps around it."""
        return max(_SHORTEST_SPEECH_S, self.end_s - self.start_s - 2 * _PAD_S)


@dataclass(frozen=True)
class Evidence:
    """A decoded chunk; what is costly (its sound) is read once, when a guard first asks."""

    chunk: Chunk
    heard: HeardChunk
    options: DecodeOptions

    @functools.cached_property
    def words(self) -> tuple[RawWord, ...]:
        """The words that hold letters or digits, with their times in order."""
        ordered = in_order(self.heard.words, self.chunk.duration_s)
        return tuple(word for word in ordered if split(word.text))

    @functools.cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of `words`."""
        return tokens_of(self.words)

    @functools.cached_property
    def texts(self) -> tuple[str, ...]:
        """The tokens without their places."""
        return tuple(token.text for token in self.tokens)

    @functools.cached_property
    def is_spaceless(self) -> bool:
        """True when the words are in a script without spaces: tokens are then characters."""
        return mostly_spaceless(self.texts)

    @functools.cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The stretches of speech that the chunk packs."""
        found: list[Stretch] = []
        start_s = 0.0
        for span in self.chunk.spans:
            end_s = start_s + span.samples / SAMPLE_RATE_HZ
            found.append(Stretch(start_s, end_s))
            start_s = end_s
        return tuple(found)

    @functools.cached_property
    def speech_s(self) -> float:
        """Seconds of speech without padding."""
        return sum(stretch.speech_s for stretch in self.stretches)

    @functools.cached_property
    def loudness(self) -> Loudness:
        """How loud each part of the chunk is."""
        return Loudness.of(self.chunk.audio)

    @functools.cached_property
    def texts_by_stretch(self) -> tuple[tuple[str, ...], ...]:
        """The tokens of the words whose middle is in each stretch."""
        found: list[list[str]] = [[] for _ in self.stretches]
        ends_s = [stretch.end_s for stretch in self.stretches[:-1]]
        for text, word in self.tokens:
            middle_s = (self.words[word].start_s + self.words[word].end_s) / 2
            found[bisect_right(ends_s, middle_s)].append(text)
        return tuple(map(tuple, found))

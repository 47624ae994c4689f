"""The stretches of a turn that may hold one claim: a sentence, or a few that belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzers.context import TurnText

# A claim may go over its sentence: "We have never been down. Not once, not for a minute."
_MOST_PIECES = 3
# Speech without punctuation has sentences without end: they are cut, and runs of the cuts tried.
_LONG_WORDS = 40
_CUT_WORDS = 15
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or a part of one: its characters in the turn, and whether a "?" ends it."""

    start: int
    end: int
    is_question: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A run of pieces, `first` to `last` (half open), and its characters."""

    first: int
    last: int
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many pieces it has."""
        return self.last - self.first

    def overlaps(self, start: int, end: int) -> bool:
        """True if it shares a character with that stretch."""
        return self.start < end and start < self.end


def pieces_of(turn: TurnText) -> tuple[Piece, ...]:
    """The sentences of a turn in order, long ones cut."""
    text = turn.normalised.text
    pieces: list[Piece] = []
    for sentence in turn.sentences:
        words = list(_WORD.finditer(text, sentence.start, sentence.end))
        is_question = "?" in sentence.mark
        if len(words) <= _LONG_WORDS:
            pieces.append(Piece(sentence.start, sentence.end, is_question))
            continue
        for first in range(0, len(words), _CUT_WORDS):
            cut = words[first : first + _CUT_WORDS]
            pieces.append(Piece(cut[0].start(), cut[-1].end(), is_question))
    return tuple(pieces)


def windows_of(pieces: Sequence[Piece]) -> Iterator[Window]:
    """Every run of up to three pieces, the shortest first."""
    for size in range(1, _MOST_PIECES + 1):
        for first in range(len(pieces) - size + 1):
            last = first + size
            yield Window(first, last, pieces[first].start, pieces[last - 1].end)

"""When the characters of a turn are spoken, for many of them at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from calls.transcript import Turn


@dataclass(frozen=True, slots=True)
class SpokenTimes:
    """As `Turn.time_of_char` and `Turn.time_after_char`, with the words looked up only once."""

    turn: Turn
    _word_ends: Sequence[int]

    @classmethod
    def of(cls, turn: Turn) -> SpokenTimes:
        """The times of a turn."""
        starts = turn.word_starts()
        ends = [start + len(word.text) for start, word in zip(starts, turn.words, strict=True)]
        return cls(turn, ends)

    def at(self, position: int) -> float:
        """Seconds at which the character at `position` begins to be spoken."""
        return (
            self.turn.words[self._word(position)].start_s
            if self._word_ends
            else self._even(position)
        )

    def after(self, end: int) -> float:
        """Seconds at which the characters before `end` have been spoken."""
        return self.turn.words[self._word(end - 1)].end_s if self._word_ends else self._even(end)

    def _word(self, position: int) -> int:
        """The word that holds that character, or the one after it where it is a space."""
        return min(bisect_right(self._word_ends, position), len(self._word_ends) - 1)

    def _even(self, position: int) -> float:
        turn = self.turn
        share = position / len(turn.text) if turn.text else 0.0
        return turn.start_s + (turn.end_s - turn.start_s) * min(1.0, share)

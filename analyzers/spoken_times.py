"""When the characters of a turn are spoken, for many of them at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from calls.transcript import Turn


class SpokenTimes:
    """As `Turn.time_of_char` and `Turn.time_after_char`, with the words looked up only once."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        # Where each word ends in the text, if blanks don't tell.
        self._word_ends: Sequence[int] = ()
        if not turn.is_plain:
            words = zip(turn.word_starts(), turn.words, strict=True)
            ends = (start + len(word.text) for start, word in words)
            # A word that is not in the text, because it was masked, may end after the next one.
            self._word_ends = list(accumulate(ends, max))

    def at(self, position: int) -> float:
        """Seconds at which the character at `position` begins to be spoken."""
        words = self.turn.words
        return words[self._word(position)].start_s if words else self._even(position)

    def after(self, end: int) -> float:
        """Seconds at which the characters before `end` have been spoken."""
        words = self.turn.words
        return words[self._word(end - 1)].end_s if words else self._even(end)

    def _word(self, position: int) -> int:
        """The word that holds that character, or the one after it where it is a space."""
        if self._word_ends:
            number = bisect_right(self._word_ends, position)
        else:
            number = self.turn.text.count(" ", 0, position + 1)
        return min(number, len(self.turn.words) - 1)

    def _even(self, position: int) -> float:
        turn = self.turn
        share = position / len(turn.text) if turn.text else 0.0
        return turn.start_s + (turn.end_s - turn.start_s) * min(1.0, share)

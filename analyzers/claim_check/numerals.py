"""Numbers in digits or words: "ninety four", "1,320", "two point five", "a hundred and twenty"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.claim_check.lexicon import Lexicon

_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Number:
    """A value, and the words (half open) that say it."""

    value: float
    start: int
    end: int


def read_number(words: Sequence[str], position: int, lexicon: Lexicon) -> Number | None:
    """The number that begins at `position`; None if none does."""
    reader = _Reader(words, lexicon, position)
    while reader.takes_next():
        pass
    return Number(reader.value, position, reader.end) if reader.has_begun else None


class _Reader:
    """Takes in one word after the other while they make one number."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon, position: int) -> None:
        self._words = words
        self._lexicon = lexicon
        self._thousands = 0.0
        self._current = 0.0
        self.has_begun = False
        self.end = position

    @property
    def value(self) -> float:
        return self._thousands + self._current

    def takes_next(self) -> bool:
        """True if the next word belongs to the number; then it is part of it."""
        word = self._word(self.end)
        for take in (self._digits, self._plain, self._scale, self._joint):
            if take(word):
                self.end += 1
                return True
        return False

    def _digits(self, word: str) -> bool:
        if self.has_begun or not _DIGITS.fullmatch(word):
            return False
        self._current, self.has_begun = float(word.replace(",", "")), True
        return True

    def _plain(self, word: str) -> bool:
        value = self._lexicon.numbers.get(word)
        if value is None or not self._may_follow(value):
            return False
        self._current, self.has_begun = self._current + value, True
        return True

    def _may_follow(self, value: float) -> bool:
        """True for "four" after "ninety" and anything after "a hundred"."""
        if not self.has_begun:
            return True
        is_tens = self._current % 100 >= 20 and self._current % 10 == 0 and value < 10
        return is_tens or (self._current > 0 and self._current % 100 == 0)

    def _scale(self, word: str) -> bool:
        scale = self._lexicon.scales.get(word)
        before = self._word(self.end - 1)
        if scale is None or not (self.has_begun or before in ("a", "one")):
            return False
        self._current, self.has_begun = max(self._current, 1) * scale, True
        if scale >= _THOUSAND:
            self._thousands, self._current = self._thousands + self._current, 0.0
        return True

    def _joint(self, word: str) -> bool:
        """ "a hundred *and* twenty", "two *point* five", "a couple *of*"."""
        if not self.has_begun:
            return False
        before, after = self._word(self.end - 1), self._word(self.end + 1)
        if word == "and":
            return before in self._lexicon.scales and after in self._lexicon.numbers
        if word == "point" and after in self._lexicon.numbers:
            self._current += self._lexicon.numbers[after] / 10
            self.end += 1
            return True
        return word == "of" and before == "couple"

    def _word(self, position: int) -> str:
        return self._words[position] if 0 <= position < len(self._words) else ""

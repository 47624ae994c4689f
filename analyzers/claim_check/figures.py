"""Figures in a text: shares, multiples, spans of time and money, with what narrows them.

"ninety four out of a hundred", "94 percent" and "94%" are one share, "half" and "50 percent" too;
"a working week" is five working days. What carries no unit (a page number, a count of documents) is
no figure of a claim here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analyzers.claim_check.lexicon import Lexicon
from analyzers.claim_check.numerals import Number, read_number
from analyzers.claim_check.words import Token


class Kind(StrEnum):
    """What a figure measures."""

    SHARE = "share"  # of a whole, 0 to 1 and beyond
    FACTOR = "factor"  # a multiple
    DURATION = "duration"  # seconds
    MONEY = "money"


class Bound(StrEnum):
    """How a figure is meant."""

    EXACT = "exact"
    MOST = "most"
    UP_TO = "up_to"
    LEAST = "least"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its value in the unit of its kind, and the tokens (half open) that say it.

    `first` also takes in the words that narrow it.
    """

    kind: Kind
    value: float
    bound: Bound
    first: int
    start: int
    end: int
    unit: str = ""


_INSTANT = frozenset({"instantly", "instant", "immediately", "instantaneously"})
_WORKING = frozenset({"working", "business", "calendar", "full", "whole", "short", "single"})
_ARTICLES = frozenset({"a", "an", "one", "the", "same", "that"})
_OUT_OF = (("out", "of"), ("in",), ("of",))
_BETWEEN_WORDS = 2
_WORKING_DAY = 7 / 5
_ORDINALS = frozenset({"first", "second", "third", "fourth", "last", "next", "this", "each", "per"})
_BEFORE_WORDS = 4
_YEARS = (1900, 2100)


def find_figures(tokens: Sequence[Token], lexicon: Lexicon) -> tuple[Figure, ...]:
    """Every figure of a text, in order."""
    return _Finder([one.word for one in tokens], lexicon).figures()


class _Finder:
    """Walks over the words once."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon) -> None:
        self._words = words
        self._lexicon = lexicon
        self._bounds: dict[int, tuple[int, str]] = {}
        for start, end, name in lexicon.bounds.all_at(words):
            self._bounds.setdefault(end, (start, name))  # "no more than" before "more than"
        self._after = {
            start: (end, name) for start, end, name in lexicon.bounds_after.all_at(words)
        }

    def figures(self) -> tuple[Figure, ...]:
        found: list[Figure] = []
        position = 0
        while position < len(self._words):
            figure = self._figure_at(position)
            if figure is None:
                position += 1
            else:
                found.append(figure)
                position = figure.end
        return tuple(found)

    def _figure_at(self, position: int) -> Figure | None:
        word = self._words[position]
        if word in _INSTANT or self._says(position, "real", "time"):
            return self._made(Kind.DURATION, 0.0, position, position + 1)
        if word in self._lexicon.factors and not self._says(position + 1, "check"):
            return self._made(Kind.FACTOR, self._lexicon.factors[word], position, position + 1)
        number = self._number(position)
        if number is None:
            return self._named(position)
        return self._counted(number)

    def _counted(self, number: Number) -> Figure | None:
        """A figure that begins with a number."""
        money = self._words[number.start - 1] if number.start else ""
        if money in ("£", "$", "€"):
            return self._made(Kind.MONEY, number.value, number.start, number.end, money)
        lexicon = self._lexicon
        next_word = self._word(number.end)
        if next_word in ("percent", "pct") or self._says(number.end, "per", "cent"):
            end = number.end + (1 if next_word != "per" else 2)
            return self._made(Kind.SHARE, number.value / 100, number.start, end)
        if next_word == "times" or next_word == "fold":
            return self._made(Kind.FACTOR, number.value, number.start, number.end + 1)
        if next_word in lexicon.fractions and next_word not in ("half",) and number.value < 20:
            value = number.value * lexicon.fractions[next_word]
            if not (next_word in lexicon.units and number.value >= 4):
                return self._share(value, number.start, number.end + 1)
        ratio = self._ratio(number)
        if ratio is not None:
            return ratio
        duration = self._duration(number.value, number.start, number.end)
        if duration is not None:
            return duration
        if next_word in lexicon.money:
            unit = lexicon.money[next_word]
            return self._made(Kind.MONEY, number.value, number.start, number.end + 1, unit)
        return None

    def _ratio(self, number: Number) -> Figure | None:
        """ "nine in ten", "nine clients out of ten", "one in three people", "61 of 64"."""
        for gap in range(_BETWEEN_WORDS + 1):
            for link in _OUT_OF:
                at = number.end + gap
                if not self._says(at, *link) or (gap and not self._may_part(link, at - 1)):
                    continue
                after = at + len(link)
                whole = self._number(after + (self._word(after) in ("a", "every")))
                if whole is None or not 0 < number.value <= whole.value or whole.value < 2:
                    continue
                if self._word(whole.end) in self._lexicon.units:
                    continue  # "one in two weeks" counts weeks
                return self._share(number.value / whole.value, number.start, whole.end)
        return None

    def _may_part(self, link: tuple[str, ...], between: int) -> bool:
        """True if a word may stand between a number and its whole: "nine clients in ten"."""
        return link == ("out", "of") or (
            link == ("in",) and self._word(between) not in self._lexicon.units
        )

    def _duration(self, value: float, start: int, end: int) -> Figure | None:
        """A span of time whose unit follows at `end`, "working" days and "and a half" included."""
        working = self._word(end) in ("working", "business")
        unit_at = end + (self._word(end) in _WORKING)
        if self._says(unit_at, "of"):
            unit_at += 1
        unit = self._word(unit_at)
        if unit not in self._lexicon.units:
            return None
        seconds = value * self._lexicon.units[unit]
        if working and unit.startswith("day"):
            seconds *= _WORKING_DAY
        stop = unit_at + 1
        if self._says(stop, "and", "a", "half"):
            seconds += self._lexicon.units[unit] / 2
            stop += 3
        else:
            rest = self._number(stop)
            smaller = self._word(rest.end) if rest else ""
            if rest and self._lexicon.units.get(smaller, seconds) < self._lexicon.units[unit]:
                seconds += rest.value * self._lexicon.units[smaller]
                stop = rest.end + 1
        return self._made(Kind.DURATION, seconds, start, stop, unit)

    def _named(self, position: int) -> Figure | None:
        """A figure without a number: "half", "by a third", "a week", "in the first quarter"."""
        words, lexicon = self._words, self._lexicon
        word = words[position]
        before = words[position - 1] if position else ""
        if word == "half" and self._word(position + 1) in ("a", "an"):
            unit = self._word(position + 2)
            if unit in lexicon.units:
                value = lexicon.units[unit] / 2
                return self._made(Kind.DURATION, value, position, position + 3, unit)
        if word == "quarter":
            if self._is_time(position):
                return self._made(Kind.DURATION, lexicon.units[word], position, position + 1, word)
            return self._share(0.25, position, position + 1) if before in ("a", "one") else None
        if word in lexicon.fractions:
            is_ordinal = word in ("third", "fifth", "tenth") and before not in ("a", "one")
            return (
                None if is_ordinal else self._share(lexicon.fractions[word], position, position + 1)
            )
        if word in _ARTICLES:
            return self._single(position)
        return None

    def _is_time(self, position: int) -> bool:
        """True for the quarter of a year: "the first quarter", "within a quarter"."""
        is_limit = self._bound_before(position - 1)[0] is Bound.MOST
        is_limit = is_limit or self._says(position - 2, "in")
        is_named = self._word(position - 1) in _ORDINALS
        return (is_named or is_limit) and not self._says(position + 1, "of")

    def _single(self, position: int) -> Figure | None:
        """ "a month", "an hour", "the same day": one of a unit, where it is a limit."""
        end = position + 1
        while self._word(end) in ("same",):
            end += 1
        bound, _ = self._bound_before(position)
        same = "same" in self._words[position:end]
        is_limit = same or bound is not Bound.EXACT or self._says(position - 1, "in")
        ends = self._word(position) in ("a", "an", "one") and self._word(end + 1) in (
            "later",
            "flat",
        )
        if self._word(end) in ("working", "business"):
            unit = self._word(end + 1)
            if unit == "week":
                return self._made(Kind.DURATION, 604800.0, position, end + 2, unit)
        if not (is_limit or ends) or self._word(end) == "second":
            is_second = self._word(end) == "second" and bound is Bound.MOST
            if not is_second:
                return None
        return self._duration(1, position, end)

    def _number(self, position: int) -> Number | None:
        """The number that begins there, unless it names a year."""
        number = read_number(self._words, position, self._lexicon)
        if number is None:
            return None
        low, high = _YEARS
        after = self._word(number.end)
        is_measured = after in self._lexicon.units or after in self._lexicon.money
        is_year = number.end - number.start == 1 and low <= number.value <= high
        return None if is_year and not is_measured else number

    def _share(self, value: float, start: int, end: int) -> Figure:
        """A share; what something is cut *to* is turned into what it is cut *by*."""
        before = self._words[max(0, start - _BEFORE_WORDS) : start]
        while before and before[-1] in _ARTICLES:
            before = before[:-1]
        if before and before[-1] == "to" and not self._lexicon.down.isdisjoint(before):
            value = 1 - value
        return self._made(Kind.SHARE, value, start, end)

    def _made(self, kind: Kind, value: float, start: int, end: int, unit: str = "") -> Figure:
        bound, first = self._bound_before(start)
        if bound is Bound.EXACT and end in self._after:
            end, name = self._after[end]
            bound = Bound(name)
        return Figure(kind, value, bound, first, start, end, unit)

    def _bound_before(self, start: int) -> tuple[Bound, int]:
        """What narrows a figure that starts there, and where the words that do so begin."""
        at = start
        while at > 0 and self._word(at - 1) in ("a", "an", "the", "just", "well", "only"):
            at -= 1
        for end in (start, at):
            if end in self._bounds:
                first, name = self._bounds[end]
                return Bound(name), first
        return Bound.EXACT, start

    def _word(self, position: int) -> str:
        return self._words[position] if 0 <= position < len(self._words) else ""

    def _says(self, position: int, *words: str) -> bool:
        return position >= 0 and tuple(self._words[position : position + len(words)]) == words

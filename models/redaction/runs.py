"""Digits that one voice reads out one after the other, over words and utterances.

People read long numbers in groups, wait for a "mm-hm", say "uh" and "then" and correct themselves.
A run is all groups with nothing but that between them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.redaction.numerals import Numeral, digit_of, numeral_at
from models.redaction.tokens import Token
from models.redaction.wording import Wording

# The longest that somebody waits between two groups of one number.
LONGEST_PAUSE_S = 20.0
_MOST_BRIDGES = 8
# A mask swallows an "uh" or "then" between digits; what is longer stays readable.
_SWALLOWED = 2
_SENTENCE_ENDS = frozenset(".!?…。！？")
# Nobody lists longer numbers.
_LONGEST_LISTED = 9


@dataclass(frozen=True, slots=True)
class Group:
    """Digits said or written together, and the tokens (half open) of the voice that hold them.

    `apart` is the other way to hear them, if there is one: "twenty one" as 201.
    """

    digits: str
    start: int
    end: int
    apart: str = ""

    @property
    def readings(self) -> tuple[str, ...]:
        """Its digits, the likelier ones first."""
        both = bool(self.apart) and self.apart != self.digits
        return (self.digits, self.apart) if both else (self.digits,)


@dataclass(frozen=True, slots=True)
class Run:
    """Groups of digits in a row, said by one voice, whose tokens are `tokens`."""

    tokens: Sequence[Token]
    groups: tuple[Group, ...]

    @property
    def digits(self) -> str:
        """All digits of the run."""
        return "".join(group.digits for group in self.groups)

    @property
    def start(self) -> int:
        """Its first token."""
        return self.groups[0].start

    @property
    def end(self) -> int:
        """The token after its last."""
        return self.groups[-1].end

    @property
    def first(self) -> Token:
        """Its first token."""
        return self.tokens[self.start]

    @property
    def last(self) -> Token:
        """Its last token."""
        return self.tokens[self.end - 1]

    @property
    def ends(self) -> list[int]:
        """After which groups a sentence or an utterance is over; always after the last."""
        pairs = enumerate(pairwise(self.groups), start=1)
        inner = [at for at, (before, group) in pairs if self._is_apart(before.end, group.start)]
        return [*inner, len(self.groups)]

    @property
    def is_dated(self) -> bool:
        """True if a part is written with slashes, as dates are and accounts are not."""
        return any("/" in token.text for token in self.tokens[self.start : self.end])

    @property
    def is_listed(self) -> bool:
        """True of several years or round numbers: many numbers, not one."""
        values = self._values
        lists = sum(1900 <= one < 2100 or (one >= 100 and one % 100 == 0) for one in values)
        return len(values) > 1 and 2 * lists > len(values)

    @property
    def is_counted(self) -> bool:
        """True of counting: one, two, three, or ten, twenty, thirty."""
        values = self._values
        if len(values) < 4:
            return False
        steps = Counter(after - before for before, after in pairwise(values))
        steady = max(0 if step == 0 else count for step, count in steps.items())
        return 3 * steady > 2 * (len(values) - 1)

    @property
    def _values(self) -> list[int]:
        return [int(group.digits[:_LONGEST_LISTED]) for group in self.groups]

    def stretches(self, *, swallow: int = _SWALLOWED) -> list[tuple[int, int]]:
        """The tokens to be masked: the groups, with up to `swallow` words between them."""
        found: list[tuple[int, int]] = []
        for group in self.groups:
            if found and self._is_near(found[-1][1], group.start, swallow):
                found[-1] = (found[-1][0], max(found[-1][1], group.end))
            else:
                found.append((group.start, group.end))
        return found

    def _is_apart(self, end: int, start: int) -> bool:
        """True if a sentence or an utterance ends between two groups."""
        between = self.tokens[end : start + 1]
        if any(_SENTENCE_ENDS & set(token.gap) for token in between):
            return True
        return self.tokens[end - 1].utterance != self.tokens[start].utterance

    def _is_near(self, end: int, start: int, swallow: int) -> bool:
        """True if few words lie between, and no whole utterance ("okay")."""
        between = {token.utterance for token in self.tokens[end:start]}
        own = {self.tokens[end - 1].utterance, self.tokens[start].utterance}
        return start - end <= swallow and between <= own


def runs_of(
    tokens: Sequence[Token], wording: Wording, borders: Sequence[int] = ()
) -> Iterator[Run]:
    """Every run of a voice, in order.

    `borders` are sorted orders of tokens, of any voice, at which any number before is over.
    """
    groups: list[Group] = []
    position = bridges = 0
    while position < len(tokens):
        if groups and _is_over(tokens[groups[-1].end - 1], tokens[position], borders):
            yield Run(tokens, tuple(groups))
            groups, bridges = [], 0
        length = _bridge(tokens, position, wording) if groups else 0
        if length and bridges < _MOST_BRIDGES:
            position, bridges = position + length, bridges + 1
            continue
        found = numeral_at(tokens, position, wording)
        if found is None and groups:
            found = _doubtful(tokens, position, wording, after_bridge=bridges > 0)
        if found is not None and not found.is_amount:
            groups.extend(
                Group(digits, position, found.end, found.apart) for digits in found.groups
            )
            position, bridges = found.end, 0
            continue
        if groups:
            yield Run(tokens, tuple(groups))
            groups, bridges = [], 0
        position = found.end if found is not None else position + 1
    if groups:
        yield Run(tokens, tuple(groups))


def _is_over(before: Token, token: Token, borders: Sequence[int]) -> bool:
    """True if a run that ended with `before` can't go on: a long pause, or a new question."""
    if token.start_s - before.end_s > LONGEST_PAUSE_S:
        return True
    return bisect_right(borders, before.order) < bisect_right(borders, token.order)


def _bridge(tokens: Sequence[Token], position: int, wording: Wording) -> int:
    """How many tokens of a bridge stand there; a bridge never begins with a digit."""
    found = wording.bridges.at(tokens, position)
    return found[0] if found is not None else 0


def _goes_on(tokens: Sequence[Token], position: int, wording: Wording) -> bool:
    """True if after the token comes another number, "uh" and the like aside, or nothing."""
    utterance, after = tokens[position].utterance, position + 1
    for _ in range(_MOST_BRIDGES):
        if after >= len(tokens) or tokens[after].utterance != utterance:
            return True
        length = _bridge(tokens, after, wording)
        if not length:
            break
        after += length
    if after >= len(tokens) or tokens[after].text in wording.words.soft_zeros:
        return True
    found = numeral_at(tokens, after, wording)
    return found is not None and not found.is_amount


def _doubtful(
    tokens: Sequence[Token], position: int, wording: Wording, *, after_bridge: bool
) -> Numeral | None:
    """A word that is a digit only in a run: "for" among single digits, "oh" if it goes on."""
    words, token = wording.words, tokens[position]
    if token.text in words.soft_zeros and _goes_on(tokens, position, wording):
        return Numeral((words.digits[token.text],), position + 1)
    digit = words.homophones.get(token.text)
    if digit is None or after_bridge or position + 1 == len(tokens):
        return None
    around = (max(0, position - 2), position - 1, position + 1)
    if any(digit_of(tokens[at], wording.words) is None for at in around):
        return None
    return Numeral((digit,), position + 1)

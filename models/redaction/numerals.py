"""Numbers as people say and write them, brought to digits.

"forty one" is 41, "double four" 44, "four thousand" 4000; "4111-1111" is two groups. What is an
amount, a time, a version or a code with letters has digits that belong to no longer number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from models.redaction.tokens import Token
from models.redaction.wording import Wording, WordingFile

# As long as the shortest card number: from here on no sign makes it an amount.
LONG = 13
# Amounts are said with more than four digits ("forty five thousand"); groups of a number are not.
_LARGEST_GROUP = 9999
_CURRENCY = re.compile(r"[$€£¥₹]\s?$")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,']\d{3})+")
_DECIMAL = re.compile(r"\d+[.,]\d{1,3}")
_DOTTED = re.compile(r"\d+(?:\.\d+)+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that begins at a token: its groups of digits, and the token after it.

    `is_amount` says that it counts or measures something and ends any longer number. `apart` is the
    other way to hear a single group: "twenty one" as 20 and 1.
    """

    groups: tuple[str, ...]
    end: int
    is_amount: bool = False
    apart: str = ""


class _Said(NamedTuple):
    """A value, the digits of its words one by one, and the token after it."""

    value: int
    apart: str
    end: int


def numeral_at(tokens: Sequence[Token], position: int, wording: Wording) -> Numeral | None:
    """The number that begins at that token, if one does."""
    token, words = tokens[position], wording.words
    if not token.has_digit and token.text not in wording.begin_numbers:
        return None
    found = _written(token, position) if token.has_digit else _spoken(tokens, position, words)
    if found is not None and not found.is_amount and _measures(tokens, found.end, words):
        return Numeral(found.groups, found.end, is_amount=True)
    return found


def digit_of(token: Token, words: WordingFile) -> str | None:
    """The single digit that a token stands for, said or written."""
    if len(token.text) == 1 and token.has_digit:
        return token.text
    return words.digits.get(token.text)


def _measures(tokens: Sequence[Token], after: int, words: WordingFile) -> bool:
    """True if a unit comes next: "1111 dollars", "12 %"."""
    if after >= len(tokens) or tokens[after].utterance != tokens[after - 1].utterance:
        return False
    gap = tokens[after].gap.strip()
    return gap.startswith("%") or (gap in ("", "-") and tokens[after].text in words.units)


def _written(token: Token, position: int) -> Numeral:
    groups = _groups(token.text)
    if groups is None or _CURRENCY.search(token.gap):
        digits = tuple(_DIGITS.findall(token.text))
        return Numeral(digits, position + 1, is_amount=True)
    return Numeral(groups, position + 1)


@lru_cache(maxsize=4096)
def _groups(text: str) -> tuple[str, ...] | None:
    """The groups of a written number; None if it is an amount, a time, a version or a code."""
    groups = tuple(_DIGITS.findall(text))
    if sum(map(len, groups)) >= LONG:
        return groups
    if ":" in text or any(sign.isalpha() for sign in text):
        return None
    if _THOUSANDS.fullmatch(text) or _DECIMAL.fullmatch(text):
        return None
    if _DOTTED.fullmatch(text) and (min(map(len, groups)) < 2 or _is_address(groups)):
        return None
    return groups


def _is_address(groups: tuple[str, ...]) -> bool:
    """True of the four numbers of an IPv4 address."""
    return len(groups) == 4 and all(int(group) <= 255 for group in groups)


def _spoken(tokens: Sequence[Token], position: int, words: WordingFile) -> Numeral | None:
    text = tokens[position].text
    if text in words.repeats and position + 1 < len(tokens):
        digit = digit_of(tokens[position + 1], words)
        if digit is not None:
            return Numeral((digit * words.repeats[text],), position + 2)
        return None
    if text in words.soft_zeros:
        return _soft_zero(tokens, position, words)
    small = _below_hundred(tokens, position, words)
    if small is None:
        return None
    return _scaled(tokens, small, words)


def _soft_zero(tokens: Sequence[Token], position: int, words: WordingFile) -> Numeral | None:
    """A zero that may be a sigh; a sigh stands alone."""
    zero = Numeral((words.digits[tokens[position].text],), position + 1)
    neighbours = (*tokens[max(0, position - 1) : position], *tokens[position + 1 : position + 2])
    for token in neighbours:
        known = token.text in words.teens or token.text in words.tens
        if known or token.text in words.repeats or token.has_digit:
            return zero
        if digit_of(token, words) is not None:
            return zero
    return None


def _below_hundred(tokens: Sequence[Token], position: int, words: WordingFile) -> _Said | None:
    text = tokens[position].text
    if text in words.digits:
        return _Said(int(words.digits[text]), words.digits[text], position + 1)
    if text in words.teens:
        return _Said(words.teens[text], str(words.teens[text]), position + 1)
    if text not in words.tens:
        return None
    value, after = words.tens[text], position + 1
    if after < len(tokens) and tokens[after].gap.strip() in ("", "-"):
        unit = words.digits.get(tokens[after].text, "0")
        if unit != "0":
            return _Said(value + int(unit), f"{value}{unit}", after + 1)
    return _Said(value, str(value), after)


def _scaled(tokens: Sequence[Token], said: _Said, words: WordingFile) -> Numeral:
    """The number with the hundreds and thousands that follow."""
    size = 1
    while said.end < len(tokens):
        text = tokens[said.end].text
        if text in words.hundred and size == 1:
            size = 100
        elif text in words.thousand and size < 1000:
            size = 1000
        elif text in words.large:
            return Numeral((str(said.value),), said.end + 1, is_amount=True)
        else:
            break
        value = said.value * size
        said = _with_rest(tokens, _Said(value, str(value), said.end + 1), size, words)
    is_amount = said.value > _LARGEST_GROUP
    return Numeral((str(said.value),), said.end, is_amount=is_amount, apart=said.apart)


def _with_rest(tokens: Sequence[Token], said: _Said, size: int, words: WordingFile) -> _Said:
    """Adds "and eleven", "eleven", "one hundred": not a lone digit, which is the next group."""
    at = said.end
    joined = at < len(tokens) and tokens[at].text in words.joins
    if joined:
        at += 1
    rest = _below_hundred(tokens, at, words) if at < len(tokens) else None
    if rest is None or (tokens[at].gap.strip() and not joined):
        return said
    hundreds = rest.end < len(tokens) and tokens[rest.end].text in words.hundred
    if size == 1000 and hundreds:
        more = rest.value * 100
        with_hundreds = _Said(said.value + more, f"{said.apart}{more}", rest.end + 1)
        return _with_rest(tokens, with_hundreds, 100, words)
    if rest.value < 10 and not joined:
        return said
    return _Said(said.value + rest.value, said.apart + rest.apart, rest.end)

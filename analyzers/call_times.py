"""Places in a call that people name by the clock: "minute nine", "at nine minutes forty"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

_SPOKEN_TENS = range(20, 61, 10)


class TimeWords(BaseModel):
    """The words around a number that make it a place in a call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minute: frozenset[str]
    minutes: frozenset[str]
    seconds: frozenset[str]
    before: frozenset[str]
    behind: frozenset[str]
    joins: frozenset[str]


@dataclass(frozen=True, slots=True)
class CallTime:
    """A place in a call, and the tokens (half open) that name it."""

    at_s: int
    first: int
    last: int


def call_times(
    words: Sequence[str], *, numbers: Mapping[str, int], times: TimeWords
) -> list[CallTime]:
    """Every place in a call that is named by minutes, in order.

    "Minute nine", "at nine minutes forty", "twelve minutes in". A mere length ("give me five
    minutes") is none.
    """
    found = []
    at = 0
    while at < len(words):
        one = _minute_number(words, at, numbers, times) or _minutes(words, at, numbers, times)
        if one is not None:
            found.append(one)
        at = one.last if one is not None else at + 1
    return found


def _minute_number(
    words: Sequence[str], at: int, numbers: Mapping[str, int], times: TimeWords
) -> CallTime | None:
    """The place named by the number of a minute: "minute nine"."""
    if words[at] not in times.minute:
        return None
    minutes, last = _number(words, at + 1, numbers)
    if minutes is None:
        return None
    seconds, last = _seconds(words, last, numbers, times)
    return CallTime(60 * minutes + seconds, at, last)


def _minutes(
    words: Sequence[str], at: int, numbers: Mapping[str, int], times: TimeWords
) -> CallTime | None:
    """The place named by minutes, with a word before or behind that makes it one."""
    minutes, last = _number(words, at, numbers)
    if minutes is None or last >= len(words) or words[last] not in times.minutes:
        return None
    seconds, last = _seconds(words, last + 1, numbers, times)
    is_placed = at > 0 and words[at - 1] in times.before
    if last < len(words) and words[last] in times.behind:
        is_placed, last = True, last + 1
    return CallTime(60 * minutes + seconds, at, last) if is_placed else None


def _seconds(
    words: Sequence[str], at: int, numbers: Mapping[str, int], times: TimeWords
) -> tuple[int, int]:
    """The seconds said from `at` on, and the token after them; 0 and `at` if there are none."""
    start = at + (at < len(words) and words[at] in times.joins)
    seconds, last = _number(words, start, numbers)
    if seconds is None:
        return 0, at
    if last < len(words) and words[last] in times.seconds:
        return seconds, last + 1
    return (seconds, last) if start == at else (0, at)


def _number(words: Sequence[str], at: int, numbers: Mapping[str, int]) -> tuple[int | None, int]:
    """The number up to sixty said or written at `at`, and the token after it."""
    if at >= len(words):
        return None, at
    if words[at].isdecimal() and len(words[at]) <= 2:
        return int(words[at]), at + 1
    value = numbers.get(words[at])
    if value is None:
        return None, at
    following = numbers.get(words[at + 1], 0) if at + 1 < len(words) else 0
    if value in _SPOKEN_TENS and 0 < following < 10:
        return value + following, at + 2
    return value, at + 1

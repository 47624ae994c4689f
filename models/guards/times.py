"""Word times that can't be, and the best that can be made of them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from models.heard import RawWord

# Engines round, and pull a word over the edge of what they were given: so far that is nothing odd.
_ROUNDING_S = 0.05
_BEYOND_S = 0.5
# A word may begin a little before the one before it; a longer way back is another order.
_BACK_S = 0.3
# From so many words on they can't all be said at one instant.
_AT_ONE_INSTANT = 3


def contradict(words: Sequence[RawWord], duration_s: float) -> bool:
    """True when a time is no number, runs backwards, or lies outside of the chunk."""
    latest_s = -math.inf
    for word in words:
        if not (math.isfinite(word.start_s) and math.isfinite(word.end_s)):
            return True
        if word.end_s < word.start_s - _ROUNDING_S or word.start_s < latest_s - _BACK_S:
            return True
        if word.start_s < -_BEYOND_S or word.end_s > duration_s + _BEYOND_S:
            return True
        latest_s = max(latest_s, word.start_s)
    return len(words) >= _AT_ONE_INSTANT and words[-1].end_s - words[0].start_s < _ROUNDING_S


def in_order(words: Sequence[RawWord], duration_s: float) -> tuple[RawWord, ...]:
    """The same words with times that follow each other within [0, duration_s].

    Words whose times fit the order they were said in keep them, cut at the next word and at the
    edges of the chunk. The fewest that don't fit are spread evenly between those that do. What is
    no probability becomes None.
    """
    limit_s = max(0.0, duration_s)
    fitting = _fitting(words, limit_s)
    placed: list[RawWord] = []
    free_s = 0.0
    for position in (*fitting, len(words)):
        last = position == len(words)
        start_s = limit_s if last else _clamped(words[position].start_s, limit_s)
        # The word before was put down whole; here is known where the next one begins.
        if placed:
            placed[-1] = placed[-1]._replace(end_s=min(placed[-1].end_s, start_s))
            free_s = placed[-1].end_s
        placed += _spread(words[len(placed) : position], free_s, start_s)
        if not last:
            placed.append(_at(words[position], start_s, _end_s(words[position], start_s, limit_s)))
    return tuple(placed)


def _spread(words: Sequence[RawWord], start_s: float, end_s: float) -> Iterator[RawWord]:
    """The words evenly between two times."""
    step_s = (end_s - start_s) / max(1, len(words))
    borders = [min(end_s, start_s + count * step_s) for count in range(len(words) + 1)]
    for word, (begin_s, stop_s) in zip(words, pairwise(borders), strict=True):
        yield _at(word, begin_s, stop_s)


def _fitting(words: Sequence[RawWord], limit_s: float) -> list[int]:
    """The most words whose starts are in order (a longest non-decreasing subsequence)."""
    ends: list[float] = []  # the earliest start with which a sequence of each length can end
    last: list[int] = []  # and the position of that word
    before: dict[int, int | None] = {}
    for position, word in enumerate(words):
        if not _is_near(word.start_s, limit_s):
            continue
        start_s = _clamped(word.start_s, limit_s)
        length = bisect_right(ends, start_s)
        before[position] = last[length - 1] if length else None
        ends[length : length + 1] = [start_s]
        last[length : length + 1] = [position]
    found: list[int] = []
    position_or_none = last[-1] if last else None
    while position_or_none is not None:
        found.append(position_or_none)
        position_or_none = before[position_or_none]
    return found[::-1]


def _is_near(start_s: float, limit_s: float) -> bool:
    return math.isfinite(start_s) and -_BEYOND_S <= start_s <= limit_s + _BEYOND_S


def _clamped(time_s: float, limit_s: float) -> float:
    return min(max(0.0, time_s), limit_s)


def _end_s(word: RawWord, start_s: float, limit_s: float) -> float:
    if not math.isfinite(word.end_s):
        return limit_s
    return max(start_s, _clamped(word.end_s, limit_s))


def _at(word: RawWord, start_s: float, end_s: float) -> RawWord:
    probability = word.probability
    if probability is not None:
        probability = _clamped(probability, 1.0) if math.isfinite(probability) else None
    return RawWord(word.text, start_s, end_s, probability)

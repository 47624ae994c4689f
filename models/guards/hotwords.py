"""Names the engine was told to expect, written where nobody said them.

Hotwords are put before the text as if they had just been said. So the engine may print them as
they stand there, or hear one where there is something else or nothing. The second can't be told
for sure from one decoding: a name that looks doubtful is decoded again without being told, and
`invented_hotwords` says whether anything like it is still there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import fmean

from models.guards.evidence import Evidence
from models.guards.tokens import split, tokens_of
from models.heard import HeardChunk, RawWord

# So many names in the order in which the engine was told them are the prompt, not speech; two are,
# where they make up most of the text.
_IN_A_ROW = 3
_MOST_OF_TEXT = 0.6
# Below this an engine hardly believes a word; below the other it does not believe it at all.
_DOUBTFUL = 0.4
_DISBELIEVED = 0.2
# The fastest that people speak, in letters a second.
_FASTEST = 33.0
# Word times are off by as much as this (seconds).
_OFF_S = 0.3
# Two spellings of one sound share at least this much of their letters ("zero", "Xero").
_SAME_SOUND = 0.6
# A name may come back as so many words without the hint ("cooper net ease").
_LONGEST_SPLIT = 6


@dataclass(frozen=True, slots=True)
class _Said:
    """A hotword in the text: which, and the tokens and words it is in (half-open)."""

    hotword: int
    tokens: tuple[int, int]
    words: tuple[int, int]


def prints_prompt(evidence: Evidence) -> bool:
    """True when the text is the list of hotwords rather than speech."""
    found = list(_occurrences(evidence.words, evidence.options.hotwords))
    longest = run = 1 if found else 0
    for before, one in pairwise(found):
        follows = before.tokens[1] == one.tokens[0] and one.hotword - before.hotword in (0, 1)
        run = run + 1 if follows else 1
        longest = max(longest, run)
    said = sum(one.tokens[1] - one.tokens[0] for one in found)
    return longest >= _IN_A_ROW or (longest >= 2 and said > _MOST_OF_TEXT * len(evidence.texts))


def has_doubtful(evidence: Evidence) -> bool:
    """True when a hotword is written where it was hardly said."""
    return any(
        _is_doubtful(evidence.words[one.words[0] : one.words[1]], evidence)
        for one in _occurrences(evidence.words, evidence.options.hotwords)
    )


def invented_hotwords(
    first: HeardChunk, again: HeardChunk, hotwords: Sequence[str]
) -> tuple[int, ...]:
    """Positions of words in `first` that are hotwords nobody said.

    Args:
        first: decoded with the hotwords.
        again: the same chunk decoded without them. Where it has other words at that time, or none,
            the hotword was invented; a name that only sounds like it was said.
        hotwords: those that `first` was decoded with.
    """
    return tuple(
        position
        for one in _occurrences(first.words, hotwords)
        for position in range(*one.words)
        if not _sounds_like(hotwords[one.hotword], first.words[slice(*one.words)], again.words)
    )


def _occurrences(words: Sequence[RawWord], hotwords: Sequence[str]) -> Iterator[_Said]:
    """The hotwords in the text in order, the longest where several begin at one place."""
    tokens = tokens_of(words)
    wanted = {tuple(split(hotword)): index for index, hotword in reversed([*enumerate(hotwords)])}
    wanted.pop((), None)
    lengths = sorted({len(phrase) for phrase in wanted}, reverse=True)
    start = 0
    while start < len(tokens):
        for end in (start + length for length in lengths if start + length <= len(tokens)):
            said = tokens[start:end]
            hotword = wanted.get(tuple(token.text for token in said))
            if hotword is not None:
                yield _Said(hotword, (start, end), (said[0].word, said[-1].word + 1))
                start = end
                break
        else:
            start += 1


def _is_doubtful(words: Sequence[RawWord], evidence: Evidence) -> bool:
    start_s, end_s = words[0].start_s, words[-1].end_s
    if evidence.loudness.is_quiet(start_s - _OFF_S, end_s + _OFF_S):
        return True
    known = [word.probability for word in words if word.probability is not None]
    if not known:
        return False
    probability = fmean(known)
    letters = sum(len(token) for word in words for token in split(word.text))
    is_short = letters > _FASTEST * (end_s - start_s)
    return probability < _DISBELIEVED or (probability < _DOUBTFUL and is_short)


def _sounds_like(hotword: str, said: Sequence[RawWord], again: Sequence[RawWord]) -> bool:
    """True when the words at the same time, or some of them in a row, may be the hotword."""
    start_s, end_s = said[0].start_s - _OFF_S, said[-1].end_s + _OFF_S
    there = [word for word in again if _overlaps(word, start_s, end_s)]
    spoken = [letters for word in there if (letters := "".join(split(word.text)))]
    wanted = "".join(split(hotword))
    return any(
        SequenceMatcher(None, wanted, "".join(spoken[first:last]), autojunk=False).ratio()
        >= _SAME_SOUND
        for first in range(len(spoken))
        for last in range(first + 1, min(first + _LONGEST_SPLIT, len(spoken)) + 1)
    )


def _overlaps(word: RawWord, start_s: float, end_s: float) -> bool:
    """True when a word may be at that time; times that are no numbers tell nothing."""
    times = (word.start_s, word.end_s, start_s, end_s)
    if not all(map(math.isfinite, times)):
        return True
    return word.start_s <= end_s and word.end_s >= start_s

"""Sentences of a turn, with punctuation or without.

Punctuation ends a sentence for good (`hard`). Where a turn has none, as after most speech engines,
pauses between words and words that open a new thought ("so", "okay so") part it softly: a match
may run over a soft end, because people also pause in the middle of a question.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from operator import sub
from typing import NamedTuple

from analyzers.normalise import Normalised

# One class of characters to begin with, so that the search skips fast to the next of them.
_END = re.compile(r"[.?!\n](?:(?<=\n)\n*|[.?!]*[\"'”’)]*(?=\s|$))")
_BEFORE_WORD = re.compile(r"[\s(\"']")
_LONGEST_WORD = 40
_PAUSE_S = 0.7
# Without punctuation, a thought opener this close to the last one is no new sentence.
_SHORTEST_WORDS = 4


class Sentence(NamedTuple):
    """A sentence: characters `start` to `end`, tokens `first` to `last` (both half open).

    `hard` is True if punctuation (or the end of the turn) closes it; `mark` is that punctuation.
    """

    start: int
    end: int
    first: int
    last: int
    hard: bool
    mark: str


def find_sentences(
    normalised: Normalised,
    *,
    openers: Collection[str] = (),
    abbreviations: Collection[str] = (),
    pauses: Collection[int] = (),
) -> tuple[Sentence, ...]:
    """The sentences of a turn in order; every token is in exactly one.

    Args:
        normalised: the turn's text in normal form.
        openers: words that open a new thought, used only where punctuation is missing.
        abbreviations: lower-case words whose full stop ends no sentence.
        pauses: character offsets at which a word starts after a long silence.
    """
    text = normalised.text
    cuts = _hard_cuts(text, abbreviations)
    hard = {cut for cut, _ in cuts}
    if len(cuts) <= 1:
        soft = _soft_cuts(normalised, openers, pauses)
        if soft:
            cuts = sorted([*cuts, *((cut, "") for cut in soft if cut not in hard)])
    return _sentences(normalised, cuts, hard)


def long_pauses(starts_s: Sequence[float], ends_s: Sequence[float]) -> list[int]:
    """Positions of the words that start after a long silence."""
    silences_s = list(map(sub, starts_s[1:], ends_s))
    if max(silences_s, default=0.0) < _PAUSE_S:
        return []  # so it is in most turns
    return [at for at, silence_s in enumerate(silences_s, 1) if silence_s >= _PAUSE_S]


def _hard_cuts(text: str, abbreviations: Collection[str]) -> list[tuple[int, str]]:
    """Where punctuation ends a sentence, and that punctuation."""
    cuts = []
    for found in _END.finditer(text):
        mark = found.group().strip()
        if mark == ".":
            is_end = not _is_abbreviation(_word_before(text, found.start()), abbreviations)
        else:
            is_end = not mark.startswith("..") or "?" in mark  # else it trails off
        if is_end:
            cuts.append((found.end(), mark))
    return cuts


def _word_before(text: str, end: int) -> str:
    """What stands before a full stop, up to a space, a quotation mark or a parenthesis."""
    begin = max(text.rfind(" ", 0, end) + 1, end - _LONGEST_WORD, 0)
    return _BEFORE_WORD.split(text[begin:end])[-1]


def _is_abbreviation(word: str, abbreviations: Collection[str]) -> bool:
    """True for words whose full stop ends nothing: initials, and the abbreviations given."""
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    return is_initial or word.lower() in abbreviations


def _soft_cuts(
    normalised: Normalised, openers: Collection[str], pauses: Collection[int]
) -> list[int]:
    """Character offsets at which a new thought seems to start."""
    words, starts = normalised.words, normalised.starts
    if len(words) <= _SHORTEST_WORDS:
        return []
    places = [place for place, word in enumerate(words) if word in openers]
    if pauses:
        places = sorted({*places, *(place for place, one in enumerate(starts) if one in pauses)})
    cuts = []
    last = 0
    for place in places:
        opens = words[place] in openers and words[place - 1] not in openers
        if place - last >= _SHORTEST_WORDS and (opens or starts[place] in pauses):
            cuts.append(starts[place])
            last = place
    return cuts


def _sentences(
    normalised: Normalised, cuts: Sequence[tuple[int, str]], hard: Collection[int]
) -> tuple[Sentence, ...]:
    text, starts = normalised.text, normalised.starts
    sentences: list[Sentence] = []
    start = first = 0
    for cut, mark in [*cuts, (len(text), "")]:
        last = bisect_left(starts, cut, first)
        if last > first:
            shown = text[start:cut]
            left = start + len(shown) - len(shown.lstrip())
            right = start + len(shown.rstrip())
            is_hard = cut in hard or cut == len(text)
            sentences.append(Sentence(left, right, first, last, is_hard, mark))
        start, first = cut, last
    return tuple(sentences)

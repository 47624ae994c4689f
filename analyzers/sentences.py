"""Sentences of a turn, with punctuation or without.

Punctuation ends a sentence for good (`hard`). Where a turn has none, as after most speech engines,
pauses between words and words that open a new thought ("so", "okay so") part it softly: a match
may run over a soft end, because people also pause in the middle of a question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analyzers.normalise import Normalised

_END = re.compile(r"[.?!]+[\"'”’)]*(?=\s|$)|\n+")
_LAST_WORD = re.compile(r"[^\s(\"']+$")
_LONGEST_WORD = 40
_PAUSE_S = 0.7
# Without punctuation, a thought opener this close to the last one is no new sentence.
_SHORTEST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Sentence:
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
        cuts = sorted([*cuts, *((cut, "") for cut in soft if cut not in hard)])
    return _sentences(normalised, cuts, hard | {len(text)})


def long_pauses(starts_s: Sequence[float], ends_s: Sequence[float]) -> list[int]:
    """Positions of the words that start after a long silence."""
    return [
        position
        for position in range(1, len(starts_s))
        if starts_s[position] - ends_s[position - 1] >= _PAUSE_S
    ]


def _hard_cuts(text: str, abbreviations: Collection[str]) -> list[tuple[int, str]]:
    """Where punctuation ends a sentence, and that punctuation."""
    cuts = []
    for found in _END.finditer(text):
        mark = found.group().strip()
        before = _LAST_WORD.search(text, max(0, found.start() - _LONGEST_WORD), found.start())
        word = before.group() if before else ""
        is_initial = len(word) == 1 and word.isupper() and word != "I"
        is_abbreviation = mark == "." and (is_initial or word.lower() in abbreviations)
        is_trailing_off = mark.startswith("..") and "?" not in mark
        if not is_abbreviation and not is_trailing_off:
            cuts.append((found.end(), mark))
    return cuts


def _soft_cuts(
    normalised: Normalised, openers: Collection[str], pauses: Collection[int]
) -> list[int]:
    """Character offsets at which a new thought seems to start."""
    cuts = []
    last = 0
    for position, (word, start) in enumerate(zip(normalised.words, normalised.starts, strict=True)):
        opens = word in openers and normalised.words[position - 1] not in openers
        if position - last >= _SHORTEST_WORDS and (opens or start in pauses):
            cuts.append(start)
            last = position
    return cuts


def _sentences(
    normalised: Normalised, cuts: Sequence[tuple[int, str]], hard: Collection[int]
) -> tuple[Sentence, ...]:
    text = normalised.text
    sentences: list[Sentence] = []
    start = first = 0
    for cut, mark in [*cuts, (len(text), "")]:
        last = first
        while last < len(normalised.words) and normalised.starts[last] < cut:
            last += 1
        if last > first:
            shown = text[start:cut]
            left = start + len(shown) - len(shown.lstrip())
            right = cut - (len(shown) - len(shown.rstrip()))
            sentences.append(Sentence(left, right, first, last, cut in hard, mark))
        start, first = cut, last
    return tuple(sentences)

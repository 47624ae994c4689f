"""Two forms of the same words: as spoken, with times; as displayed, with case and punctuation."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

_MARKS = ".,;:!?…\"'“”‘’«»()[]¿¡。、！？"
# Lining up takes time with the product of the lengths; a phrase is never longer than this.
_MAX_WORDS = 1000


def as_displayed(display: str, spoken: Sequence[str]) -> list[str]:
    """The spoken words, as the display form writes those that both have.

    Where the two differ by more than case and punctuation ("forty dollars", "$40"), the spoken
    words stay: they are the ones that have times. The mark that ends the display form ends them.
    """
    tokens = display.split()
    words = list(spoken)
    if not tokens or not words or max(len(tokens), len(words)) > _MAX_WORDS:
        return words
    matcher = SequenceMatcher(
        None, [_folded(one) for one in tokens], [_folded(one) for one in words], autojunk=False
    )
    for block in matcher.get_matching_blocks():
        words[block.b : block.b + block.size] = tokens[block.a : block.a + block.size]
    mark = tokens[-1][-1]
    if mark in ".!?。！？" and not words[-1].endswith(mark):
        words[-1] += mark
    return words


def _folded(word: str) -> str:
    return word.casefold().strip(_MARKS)

"""Word errors: of a whole text (WER), and of texts by speaker (cpWER)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordErrors:
    """How many words differ, after alignment with the fewest edits."""

    reference_count: int = 0
    hypothesis_count: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def errors(self) -> int:
        """Edits in all."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors per word of the reference: at least 0, and above 1 where much is invented.

        None where the reference has no words.
        """
        return self.errors / self.reference_count if self.reference_count else None

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(
            self.reference_count + other.reference_count,
            self.hypothesis_count + other.hypothesis_count,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )


def word_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> WordErrors:
    """The errors of one text against another; either may be empty.

    Raises:
        ModuleNotFoundError: without the extra `evaluation`.
    """
    import jiwer

    # jiwer's default splits at spaces again; units hold none.
    found = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    return WordErrors(
        len(reference), len(hypothesis), found.substitutions, found.deletions, found.insertions
    )


def errors_by_speaker(
    reference: Mapping[str, Sequence[str]], hypothesis: Mapping[str, Sequence[str]]
) -> WordErrors:
    """The concatenated minimum-permutation word errors (cpWER).

    Each speaker's words are put in a row; of all ways to say which speaker of the transcript is
    which of the reference, the one with the fewest errors counts, so labels need not agree. Whoever
    has no counterpart is all deletions or all insertions. Words given to the wrong speaker count
    twice: as missing there and as invented here.

    Source: Watanabe et al., "CHiME-6 Challenge: Tackling Multispeaker Speech Recognition for
    Unsegmented Recordings" (2020), section on scoring; speakers are paired by linear assignment, as
    MeetEval does.

    Raises:
        ModuleNotFoundError: without the extra `evaluation`.
    """
    from scipy.optimize import linear_sum_assignment

    size = max(len(reference), len(hypothesis))
    if not size:
        return WordErrors()
    said = [*reference.values(), *[()] * (size - len(reference))]
    heard = [*hypothesis.values(), *[()] * (size - len(hypothesis))]
    found = [[word_errors(one, other) for other in heard] for one in said]
    rows, columns = linear_sum_assignment([[one.errors for one in row] for row in found])
    total = WordErrors()
    for row, column in zip(rows, columns, strict=True):
        total += found[row][column]
    return total

"""What the learned layer is asked and what it answers: scores of labels for turns in context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from calls.labels import Label, Role

TURNS_BEFORE = 3
"""So many turns before the one to be labelled are looked at."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said: the words of one turn and the speaker's role."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class TurnInContext:
    """A turn to be labelled, and the last turns before it, oldest first."""

    said: Said
    before: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """How sure the model is of one label, in [0, 1], and the words that spoke most for it.

    `start_char` and `end_char` are half open and point into the turn's text.
    """

    score: float
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Fusion:
    """How rules and model become one score: `model + bonus` where a rule has found the label too.

    The label stands from `threshold` on. Both numbers were chosen by cross-validation.
    """

    threshold: float
    bonus: float


class TurnLabeller(Protocol):
    """A model that has learned the labels from examples.

    `version` changes with its weights and thresholds; `languages` are those it was trained on.
    """

    version: str
    languages: frozenset[str]
    fusion: Mapping[Label, Fusion]

    def score(self, turns: Sequence[TurnInContext]) -> list[dict[Label, Scored]]:
        """The scores of each turn, for the labels that its speaker may carry.

        Labels that are out of the question are left out.
        """

"""What models that have not seen them make of some turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.turn_labels.labeller import worth_reading
from models.turn_labels.ngrams import Values
from models.turn_labels.training.examples import Example, allowed


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Turns, and the log odds of both halves.

    `fast` and `exact` are of shape (turns, labels); `any_label`, of the fast half, of (turns,).
    """

    examples: tuple[Example, ...]
    fast: Values
    any_label: Values
    exact: Values

    def worth_reading(self) -> Values:
        """How much speaks for the exact half having a look at each turn, of shape (turns,)."""
        may = allowed([one.turn for one in self.examples])
        return worth_reading(self.fast, self.any_label, may)

    def save(self, path: Path) -> None:
        """Writes the log odds; the examples are made again from the data."""
        np.savez_compressed(path, fast=self.fast, any_label=self.any_label, exact=self.exact)

    @classmethod
    def load(cls, path: Path, examples: Sequence[Example]) -> HeldOut:
        """What was saved, for the same examples in the same order.

        Raises:
            ValueError: they are not as many.
        """
        with np.load(path) as stored:
            found = cls(tuple(examples), stored["fast"], stored["any_label"], stored["exact"])
        if len(found.fast) != len(found.examples):
            raise ValueError(f"{path}: log odds of {len(found.fast)} turns, not {len(examples)}")
        return found


def joined(parts: Sequence[HeldOut]) -> HeldOut:
    """All parts as one, in order."""
    return HeldOut(
        tuple(one for part in parts for one in part.examples),
        np.concatenate([part.fast for part in parts]),
        np.concatenate([part.any_label for part in parts]),
        np.concatenate([part.exact for part in parts]),
    )

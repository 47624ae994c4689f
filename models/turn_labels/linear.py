"""The fast half of the learned layer: logistic regressions over hashed n-grams.

One for each label, and one for each side of the conversation that says whether a turn carries any
label at all: it is what tells best which turns the exact half need not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from calls.labelling import TurnInContext
from calls.labels import Label, Role
from models.turn_labels.ngrams import AT_ONCE, BUCKETS, Values, bags

SIDES = 2
"""The sellers and the customers: what makes a turn worth reading differs between them."""
COLUMNS = len(Label) + SIDES


def side_of(role: Role) -> int:
    """Which side somebody is on, from 0 to SIDES - 1."""
    return int(role is Role.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Glance:
    """What the fast half makes of turns, as log odds.

    `labels` are of shape (turns, labels), labels in the order of `Label`; `any_label`, of shape
    (turns,), says whether there is one at all.
    """

    labels: Values
    any_label: Values


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights rounded to one byte each, with a scale per column: the labels, then the sides.

    Args:
        weights: int8, of shape (BUCKETS, COLUMNS).
        scale: what one step of a weight is worth, of shape (COLUMNS,).
        bias: of shape (COLUMNS,).
        idf: weight of each bucket, of shape (BUCKETS,).
    """

    weights: npt.NDArray[np.int8]
    scale: Values
    bias: Values
    idf: Values

    @classmethod
    def load(cls, path: Path) -> LinearModel:
        """The model stored in an `.npz` file.

        Raises:
            ValueError: it was made by another version of the training.
        """
        # From memory: of a broken file NumPy would leave the handle open.
        with np.load(BytesIO(path.read_bytes())) as stored:
            return cls(
                _of_this_shape(stored["weights"]),
                stored["scale"],
                stored["bias"],
                stored["idf"].astype(np.float32),
            )

    def save(self, path: Path) -> None:
        """Writes the model as an `.npz` file."""
        idf = self.idf.astype(np.float16)
        np.savez_compressed(path, weights=self.weights, scale=self.scale, bias=self.bias, idf=idf)

    def glance(self, turns: Sequence[TurnInContext]) -> Glance:
        """What there may be in each turn."""
        logits = self._logits(turns)
        sides = [len(Label) + side_of(turn.said.role) for turn in turns]
        return Glance(logits[:, : len(Label)], logits[np.arange(len(turns)), sides])

    def _logits(self, turns: Sequence[TurnInContext]) -> Values:
        """Log odds of shape (turns, COLUMNS)."""
        sums = np.zeros((len(turns), len(self.bias)), np.float32)
        for first in range(0, len(turns), AT_ONCE):
            some = bags(turns[first : first + AT_ONCE], self.idf)
            weights = self.weights.take(some.ids, axis=0)
            for row, (start, end) in enumerate(pairwise(some.starts.tolist()), first):
                # Turn by turn, because the floats of one fit into the CPU's cache.
                sums[row] = some.values[start:end].dot(weights[start:end].astype(np.float32))
        return self.bias + sums * self.scale


def quantised(weights: Values, bias: Values, idf: Values) -> LinearModel:
    """The model with its weights rounded to one byte each.

    Args:
        weights: of shape (BUCKETS, COLUMNS).
        bias: of shape (COLUMNS,).
        idf: of shape (BUCKETS,).
    """
    _of_this_shape(weights)
    scale = np.maximum(np.abs(weights).max(axis=0) / 127.0, 1e-12).astype(np.float32)
    return LinearModel(np.round(weights / scale).astype(np.int8), scale, bias, idf)


def _of_this_shape(weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if weights.shape != (BUCKETS, COLUMNS):
        raise ValueError(f"weights of shape {weights.shape}, not ({BUCKETS}, {COLUMNS})")
    return weights

"""The fast half of the learned layer: one logistic regression per label over hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calls.labelling import TurnInContext
from calls.labels import Label
from models.turn_labels.ngrams import AT_ONCE, BUCKETS, Values, bags


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights of shape (buckets, labels) in eighths of a byte's range, with a scale per label.

    Args:
        weights: int8, of shape (BUCKETS, labels).
        scale: what one step of a weight is worth, of shape (labels,).
        bias: of shape (labels,).
        idf: weight of each bucket, of shape (BUCKETS,).
    """

    weights: npt.NDArray[np.int8]
    scale: Values
    bias: Values
    idf: Values

    @classmethod
    def load(cls, path: Path) -> LinearModel:
        """The model stored in an `.npz` file."""
        # From memory: of a broken file NumPy would leave the handle open.
        with np.load(BytesIO(path.read_bytes())) as stored:
            return cls(
                stored["weights"],
                stored["scale"],
                stored["bias"],
                stored["idf"].astype(np.float32),
            )

    def save(self, path: Path) -> None:
        """Writes the model as an `.npz` file."""
        idf = self.idf.astype(np.float16)
        np.savez_compressed(path, weights=self.weights, scale=self.scale, bias=self.bias, idf=idf)

    def logits(self, turns: Sequence[TurnInContext]) -> Values:
        """Log odds of shape (turns, labels), labels in the order of `Label`."""
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
        weights: of shape (BUCKETS, labels).
        bias: of shape (labels,).
        idf: of shape (BUCKETS,).
    """
    if weights.shape != (BUCKETS, len(Label)):
        raise ValueError(f"weights of shape {weights.shape}, not ({BUCKETS}, {len(Label)})")
    scale = np.maximum(np.abs(weights).max(axis=0) / 127.0, 1e-12).astype(np.float32)
    return LinearModel(np.round(weights / scale).astype(np.int8), scale, bias, idf)

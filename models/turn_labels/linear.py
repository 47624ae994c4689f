"""The fast half of the learned layer: one logistic regression per label over hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calls.labelling import TurnInContext
from calls.labels import Label
from models.turn_labels.ngrams import BUCKETS, Values, bags

# So many turns are scored at once: their n-grams take about 30 kB each.
_AT_ONCE = 256


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
        logits = np.tile(self.bias, (len(turns), 1))
        for first in range(0, len(turns), _AT_ONCE):
            some = bags(turns[first : first + _AT_ONCE], self.idf)
            if not len(some.ids):
                continue
            scores = self.weights[some.ids] * some.values[:, None]
            filled = np.flatnonzero(np.diff(some.starts))  # a sum over nothing is not 0 for NumPy
            sums = np.add.reduceat(scores, some.starts[filled], axis=0)
            logits[first + filled] += sums * self.scale
        return logits


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

"""Training the fast half: logistic regressions over hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from calls.labelling import TurnInContext
from calls.labels import Label
from models.turn_labels.linear import COLUMNS, SIDES, LinearModel, quantised, side_of
from models.turn_labels.ngrams import BUCKETS, Values, bags
from models.turn_labels.training.examples import Example, allowed, targets

# Weak regularisation: with n-grams of unit length anything stronger hides the rarer labels.
_INVERSE_STRENGTH = 10.0
# An n-gram that occurs in one example only says who wrote it, not what it means.
_FEWEST_EXAMPLES = 2

Ints = npt.NDArray[np.intp]


def fit_linear(examples: Sequence[Example], *, seed: int) -> LinearModel:
    """A model of each label and of each side, learned from the turns of those it is asked about."""
    turns = [one.turn for one in examples]
    idf = _idf(turns)
    matrix = _matrix(turns, idf)
    may, truth = allowed(turns), targets(examples)
    weights = np.zeros((BUCKETS, COLUMNS), np.float32)
    bias = np.zeros(COLUMNS, np.float32)

    def fit(column: int, rows: Ints, target: Values) -> None:
        model = LogisticRegression(
            C=_INVERSE_STRENGTH, solver="liblinear", random_state=seed, max_iter=200
        ).fit(matrix[rows], target[rows])
        weights[:, column], bias[column] = model.coef_[0], model.intercept_[0]

    for column in range(len(Label)):
        fit(column, np.flatnonzero(may[:, column]), truth[:, column])
    sides = np.array([side_of(turn.said.role) for turn in turns])
    for side in range(SIDES):
        fit(len(Label) + side, np.flatnonzero(sides == side), truth.max(axis=1))
    return quantised(weights, bias, idf)


def _idf(turns: Sequence[TurnInContext]) -> Values:
    """Inverse document frequency of each bucket; 0 for those that are too rare to learn from."""
    found = bags(turns, np.ones(BUCKETS, np.float32))
    seen = np.zeros(BUCKETS, np.int64)
    for first, last in zip(found.starts[:-1], found.starts[1:], strict=True):
        seen[np.unique(found.ids[first:last])] += 1
    idf = np.log((1 + len(turns)) / (1 + seen)) + 1.0
    return np.where(seen >= _FEWEST_EXAMPLES, idf, 0.0).astype(np.float32)


def _matrix(turns: Sequence[TurnInContext], idf: Values) -> csr_matrix:
    found = bags(turns, idf)
    return csr_matrix((found.values, found.ids, found.starts), shape=(len(turns), BUCKETS))

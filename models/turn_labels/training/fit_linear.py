"""Training the fast half: logistic regressions over hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from calls.labelling import TurnInContext
from calls.labels import Label
from models.turn_labels.linear import LinearModel, quantised
from models.turn_labels.ngrams import BUCKETS, Values, bags
from models.turn_labels.training.examples import Example, allowed, targets

# Weak regularisation: with n-grams of unit length anything stronger hides the rarer labels.
_INVERSE_STRENGTH = 10.0
# An n-gram that occurs in one example only says who wrote it, not what it means.
_FEWEST_EXAMPLES = 2


def fit_linear(examples: Sequence[Example], *, seed: int) -> LinearModel:
    """A model of every label, each learned from the turns of those who may carry it."""
    turns = [one.turn for one in examples]
    idf = _idf(turns)
    matrix = _matrix(turns, idf)
    may, truth = allowed(turns), targets(examples)
    weights = np.zeros((BUCKETS, len(Label)), np.float32)
    bias = np.zeros(len(Label), np.float32)
    for column in range(len(Label)):
        rows = np.flatnonzero(may[:, column])
        model = LogisticRegression(
            C=_INVERSE_STRENGTH, solver="liblinear", random_state=seed, max_iter=200
        ).fit(matrix[rows], truth[rows, column])
        weights[:, column], bias[column] = model.coef_[0], model.intercept_[0]
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

"""Precision, recall and F1 per label, with bootstrap intervals; macro and micro means.

Resampled are units, not turns: a single turn is a unit, and so is a whole call, because the turns
of one call are not independent of each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calls.labels import Label

LABELS = tuple(Label)
RESAMPLES = 1_000
SEED = 20_260_914
"""Fixed, so that the same data and findings always give the same interval."""

LEAST_UNITS = 10
"""A bootstrap of fewer units than this says nothing: there is no interval then."""

# Weights of so many resamples are held at once; memory stays flat for any number of units.
_WEIGHTS_AT_ONCE = 2_000_000
_INTERVAL = (0.025, 0.975)

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """Turns counted, and the rates that follow; a rate is None where nothing can be divided by.

    F1 is None without support. `f1_low` and `f1_high` bound its 95 % bootstrap interval.
    """

    support: int
    true_positives: int
    false_positives: int
    false_negatives: int
    precision: float | None
    recall: float | None
    f1: float | None
    f1_low: float | None
    f1_high: float | None


@dataclass(frozen=True, slots=True)
class Mean:
    """Macro F1: the plain mean of F1 over the labels that have support, and its interval.

    `labels` are these; the others have no support and are left out.
    """

    f1: float | None
    f1_low: float | None
    f1_high: float | None
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one kind of data. `micro` pools all labels."""

    turn_count: int
    unit_count: int
    by_label: Mapping[Label, Score]
    micro: Score
    macro: Mean


Pair = tuple[Collection[Label], Collection[Label]]
"""The labels a turn carries, and those that were found in it."""


class Counter:
    """Counts what agrees, unit by unit, and scores all of it in the end."""

    def __init__(self) -> None:
        self._units: list[_Ints] = []
        self._turns = 0

    def add(self, turns: Iterable[Pair]) -> None:
        """Takes in one unit: a single turn, or all turns of a call. Nothing is no unit."""
        counts = np.zeros((3, len(LABELS)), dtype=np.int64)
        judged = 0
        for given, found in turns:
            judged += 1
            for number, label in enumerate(LABELS):
                if label in found:
                    counts[0 if label in given else 1, number] += 1
                elif label in given:
                    counts[2, number] += 1
        if judged:
            self._units.append(counts)
            self._turns += judged

    def scores(self) -> Scores | None:
        """The scores of all units; None if there are none."""
        if not self._units:
            return None
        units = np.stack(self._units)
        totals = units.sum(axis=0)
        drawn = _resampled(units)
        supported = totals[0] + totals[2] > 0
        per_label = None if drawn is None else _f1(drawn)
        pooled = None if drawn is None else _f1(drawn.sum(axis=2, keepdims=True))[:, 0]
        by_label = {
            label: _score(totals[:, n], None if per_label is None else per_label[:, n])
            for n, label in enumerate(LABELS)
        }
        mean = None if per_label is None else _row_means(per_label[:, supported])
        return Scores(
            turn_count=self._turns,
            unit_count=len(units),
            by_label=by_label,
            micro=_score(totals.sum(axis=1), pooled),
            macro=_macro(by_label, mean),
        )


def _resampled(units: _Ints) -> _Floats | None:
    """Sums over the units of each resample: resamples × 3 × labels; None for too few units."""
    count = len(units)
    if count < LEAST_UNITS:
        return None
    random = np.random.default_rng(SEED)
    flat = units.reshape(count, -1).astype(np.float64)
    at_once = max(1, _WEIGHTS_AT_ONCE // count)
    parts = []
    for begin in range(0, RESAMPLES, at_once):
        size = min(at_once, RESAMPLES - begin)
        weights = np.stack(
            [np.bincount(random.integers(0, count, count), minlength=count) for _ in range(size)]
        )
        parts.append(weights.astype(np.float64) @ flat)
    return np.concatenate(parts).reshape(RESAMPLES, *units.shape[1:])


def _f1(counts: _Floats) -> _Floats:
    """F1 of each resample and label; NaN where a resample has neither support nor findings."""
    right, false, missed = counts[:, 0], counts[:, 1], counts[:, 2]
    whole = 2 * right + false + missed
    f1: _Floats = np.divide(2 * right, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return f1


def _row_means(values: _Floats) -> _Floats:
    """The mean of each row without its NaNs; NaN for a row of nothing else."""
    known = ~np.isnan(values)
    sums, counts = np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1)
    means: _Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return means


def _score(counts: _Ints, resampled: _Floats | None) -> Score:
    right, false, missed = (int(one) for one in counts)
    support = right + missed
    low, high = _bounds(resampled) if support else (None, None)
    return Score(
        support=support,
        true_positives=right,
        false_positives=false,
        false_negatives=missed,
        precision=_ratio(right, right + false),
        recall=_ratio(right, support),
        f1=_ratio(2 * right, 2 * right + false + missed) if support else None,
        f1_low=low,
        f1_high=high,
    )


def _macro(by_label: Mapping[Label, Score], resampled: _Floats | None) -> Mean:
    known = {label: one.f1 for label, one in by_label.items() if one.f1 is not None}
    if not known:
        return Mean(None, None, None, ())
    low, high = _bounds(resampled)
    return Mean(sum(known.values()) / len(known), low, high, tuple(known))


def _bounds(resampled: _Floats | None) -> tuple[float | None, float | None]:
    """The bounds of the interval; None where no resample has a value."""
    known: Sequence[float] | _Floats = [] if resampled is None else resampled[~np.isnan(resampled)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, _INTERVAL)
    return float(low), float(high)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None

"""Choosing how much each half counts, and threshold and bonus of each label, on held-out turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calls.labelling import Fusion
from calls.labels import Label
from models.turn_labels.labeller import blended, probabilities
from models.turn_labels.training.examples import allowed, targets
from models.turn_labels.training.held_out import HeldOut
from models.turn_labels.training.plan import Choice

_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_THRESHOLDS = np.round(np.arange(0.10, 0.991, 0.01), 2)
# A rule never suffices on its own: the model must see something in the turn too.
_BONUSES = (0.0, 0.1, 0.2, 0.3)

Scores = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ruled:
    """Where a rule that stands has found a label: of shape (turns, labels), gold and talk."""

    gold: Flags
    talk: Flags


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen, and the gate that goes with it."""

    encoder_share: float
    gate: float
    fusion: dict[Label, Fusion]


def choose(gold: HeldOut, talk: HeldOut, ruled: Ruled, choice: Choice) -> Chosen:
    """The share with the best macro F1, and the fusion of each label under it."""
    best: tuple[float, float, dict[Label, Fusion]] | None = None
    truth = targets(gold.examples) > 0
    for share in _SHARES:
        scored, spoken = scores(gold, share), scores(talk, share)
        fusion = {
            label: _fusion(label, number, truth[:, number], scored, spoken, ruled, choice)
            for number, label in enumerate(Label)
        }
        value = macro_f1(truth, scored, ruled.gold, fusion)
        if best is None or value > best[0]:
            best = (value, share, fusion)
    assert best is not None
    _, share, fusion = best
    return Chosen(share, _gate(gold, scores(gold, share), fusion, choice.most_hidden), fusion)


def scores(held_out: HeldOut, share: float) -> Scores:
    """Probabilities of shape (turns, labels); 0 where the speaker may not carry the label."""
    odds = blended(held_out.fast, held_out.exact, share)
    may = allowed([one.turn for one in held_out.examples])
    return np.where(may, probabilities(odds), np.float32(0.0))


def macro_f1(truth: Flags, scored: Scores, ruled: Flags, fusion: dict[Label, Fusion]) -> float:
    """The mean F1 over the labels."""
    found = [
        f1(truth[:, number], standing(scored[:, number], ruled[:, number], fusion[label]))
        for number, label in enumerate(Label)
    ]
    return float(np.mean(found))


def standing(scored: Scores, ruled: Flags, fusion: Fusion) -> Flags:
    """Where a label stands, of shape (turns,)."""
    found: Flags = scored + np.where(ruled, fusion.bonus, 0.0) >= fusion.threshold
    return found


def f1(truth: Flags, found: Flags) -> float:
    """Harmonic mean of precision and recall; 0 where nothing is right."""
    right = int((truth & found).sum())
    return 2.0 * right / max(1, int(truth.sum()) + int(found.sum()))


def _fusion(
    label: Label,
    number: int,
    truth: Flags,
    scored: Scores,
    spoken: Scores,
    ruled: Ruled,
    choice: Choice,
) -> Fusion:
    is_cliche = label is Label.CLICHE_QUESTION
    most = choice.cliche_hits_per_1000 if is_cliche else choice.other_hits_per_1000
    most_alarms = most * len(spoken) / 1000.0
    best: tuple[float, float, Fusion] | None = None
    for bonus in _BONUSES:
        for threshold in _THRESHOLDS:
            fusion = Fusion(float(threshold), bonus)
            alarms = standing(spoken[:, number], ruled.talk[:, number], fusion).sum()
            if alarms > most_alarms and threshold < _THRESHOLDS[-1]:
                continue
            found = standing(scored[:, number], ruled.gold[:, number], fusion)
            # Of equals the one in the middle generalises best.
            rank = (f1(truth, found), -abs(threshold - 0.5), fusion)
            if best is None or rank[:2] > best[:2]:
                best = rank
    assert best is not None
    return best[2]


def _gate(gold: HeldOut, scored: Scores, fusion: dict[Label, Fusion], most_hidden: float) -> float:
    """The log odds of the fast half that all but a few of the found turns reach."""
    limits = np.array([fusion[label].threshold for label in Label])
    found = (scored >= limits).any(axis=1)
    worth = gold.worth_reading()
    return float(np.quantile(worth[found], most_hidden)) if found.any() else -np.inf

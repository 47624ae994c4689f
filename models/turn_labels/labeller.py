"""The learned layer as the product uses it: a fast model for every turn, an exact one for few.

Nine turns of ten on a call carry no label, and hashed n-grams see that at once. Only where any
label is at all likely does the transformer read the turn in its context; then the log odds of both
are averaged, because they err in different ways.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calls.errors import ModelDamaged
from calls.labelling import Fusion, Scored, TurnInContext
from calls.labels import LABEL_ROLES, Label, Role
from models.turn_labels.encoder import Encoder
from models.turn_labels.linear import LinearModel
from models.turn_labels.ngrams import Values

SHIPPED = Path(__file__).parent / "weights"
ENCODER, TOKENIZER, LINEAR, FACTS = "encoder.onnx", "tokenizer.json", "linear.npz", "model.json"

# Scores below this are no news to anybody, so they are not handed on.
_FAINT = 0.02
_LABELS = tuple(Label)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is stored beside the weights.

    `gate` is what must speak for it (`worth_reading`) before the exact model looks too.
    `encoder_share` is how much the exact one counts in the average.
    """

    languages: tuple[str, ...]
    gate: float
    encoder_share: float
    fusion: Mapping[Label, Fusion]

    @classmethod
    def load(cls, path: Path) -> ModelFacts:
        """The facts in a `model.json`."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            languages=tuple(stored["languages"]),
            gate=stored["gate"],
            encoder_share=stored["encoder_share"],
            fusion={
                Label(label): Fusion(one["threshold"], one["bonus"])
                for label, one in stored["fusion"].items()
            },
        )


class CascadeLabeller:
    """Scores turns for the labels their speakers may carry. May be used from several threads.

    Args:
        folder: weights and facts, as `make train` writes them.

    Raises:
        ModelDamaged: a file is missing or can't be read.
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        self.version = model_version(folder)
        try:
            facts = ModelFacts.load(folder / FACTS)
            self._linear = LinearModel.load(folder / LINEAR)
            self._encoder = Encoder(folder / ENCODER, folder / TOKENIZER)
        except Exception as error:  # each library has errors of its own for a broken file
            raise ModelDamaged(
                f"{folder}: no model of the learned layer can be read there "
                f"({type(error).__name__}: {error}). Take the shipped one, or run: make train"
            ) from error
        self.languages = frozenset(facts.languages)
        self.fusion = facts.fusion
        self._gate, self._share = facts.gate, facts.encoder_share
        self._may = {role: [role in LABEL_ROLES[label] for label in Label] for role in Role}

    def score(self, turns: Sequence[TurnInContext]) -> list[dict[Label, Scored]]:
        """The scores of each turn, for the labels that its speaker may carry."""
        found: list[dict[Label, Scored]] = [{} for _ in turns]
        may = np.array([self._may[turn.said.role] for turn in turns]).reshape(-1, len(Label))
        glance = self._linear.glance(turns)
        worth = worth_reading(glance.labels, glance.any_label, may)
        for row in np.flatnonzero(worth >= self._gate).tolist():
            judged = self._encoder.judge(turns[row])
            odds = blended(glance.labels[row], judged.logits, self._share)
            scores = np.where(may[row], probabilities(odds), 0.0)
            for number in np.flatnonzero(scores >= _FAINT).tolist():
                found[row][_LABELS[number]] = Scored(float(scores[number]), *judged.span(number))
        return found


def worth_reading(fast: Values, any_label: Values, may: Mask) -> Values:
    """How much speaks for the exact half having a look at each turn, of shape (turns,).

    Args:
        fast: log odds of the fast half, of shape (turns, labels).
        any_label: its log odds that there is a label at all, of shape (turns,).
        may: true where the speaker may carry a label, of shape (turns, labels).
    """
    likeliest: Values = np.where(may, fast, -np.inf).max(axis=1, initial=-np.inf)
    return likeliest + any_label


def blended(fast: Values, exact: Values, share: float) -> Values:
    """The log odds of both models as one; of any shape."""
    return share * exact + (1.0 - share) * fast


def probabilities(odds: Values) -> Values:
    """Log odds as probabilities; of any shape."""
    return (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)


@cache
def model_version(folder: Path = SHIPPED) -> str:
    """12 hex digits that change with any file of the model.

    Raises:
        ModelDamaged: a file is missing.
    """
    digest = hashlib.sha256()
    for name in (ENCODER, TOKENIZER, LINEAR, FACTS):
        try:
            digest.update((folder / name).read_bytes())
        except OSError as error:
            raise ModelDamaged(
                f"{folder / name}: can't be read ({error.strerror}). A model of the learned layer "
                f"has the files {', '.join((ENCODER, TOKENIZER, LINEAR, FACTS))}."
            ) from error
    return digest.hexdigest()[:12]

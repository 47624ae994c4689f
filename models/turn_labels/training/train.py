"""One training: both halves of the learned layer from some examples."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file

from calls.labels import Label
from models.turn_labels.labeller import ENCODER, LINEAR, TOKENIZER
from models.turn_labels.linear import LinearModel
from models.turn_labels.tokens import TurnTokenizer
from models.turn_labels.training.batches import Batch, side_by_side
from models.turn_labels.training.examples import Example, twice_from_calls
from models.turn_labels.training.export import export
from models.turn_labels.training.fit_encoder import fit_upper, predict, prepare
from models.turn_labels.training.fit_linear import fit_linear
from models.turn_labels.training.held_out import HeldOut, joined
from models.turn_labels.training.narrow import narrow
from models.turn_labels.training.network import Encoder, Lower, Upper, from_pretrained
from models.turn_labels.training.plan import Plan
from models.turn_labels.training.vocabulary import kept_vocabulary, write_tokenizer

# By so many turns it is seen which neurons can go, and what ranges states have.
_SHOWN = 384

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """Both halves, ready to predict or to be written; `shown` are turns learned from."""

    linear: LinearModel
    lower: Lower
    upper: Upper
    tokenizer: TurnTokenizer
    shown: Batch

    def see(self, examples: Sequence[Example]) -> HeldOut:
        """What both halves make of examples they have not learned from."""
        turns = [one.turn for one in examples]
        glance = self.linear.glance(turns)
        prepared = prepare(self.lower, self.tokenizer, turns)
        exact = predict(self.upper, self.tokenizer, prepared)
        return HeldOut(tuple(examples), glance.labels, glance.any_label, exact)

    def save(self, folder: Path) -> None:
        """Writes the weights; the tokenizer lies there already."""
        self.linear.save(folder / LINEAR)
        export(self.lower, self.upper, self.shown, folder / ENCODER)


def train(plan: Plan, examples: Sequence[Example], folder: Path, say: Say) -> Trained:
    """Both halves, trained on those examples. The tokenizer is written into `folder`."""
    texts = [one.turn.said.text for one in examples]
    kept = kept_vocabulary(plan.base.tokenizer, texts)
    write_tokenizer(plan.base.tokenizer, kept, folder / TOKENIZER)
    tokenizer = TurnTokenizer(folder / TOKENIZER)
    say(f"  {len(examples)} examples, {len(kept)} word pieces")
    examples = twice_from_calls(examples)
    linear = fit_linear(examples, seed=plan.seed)
    lower, upper = from_pretrained(
        load_file(plan.base.weights),
        kept,
        (
            plan.encoder.layers_as_published,
            plan.encoder.layers_together,
            plan.encoder.layers_alone,
        ),
        len(Label),
    )
    some = random.Random(plan.seed).sample(examples, min(_SHOWN, len(examples)))
    shown = side_by_side([tokenizer(one.turn) for one in some], tokenizer.padding)
    narrow(Encoder(lower, upper), shown, plan.encoder.inner_width)
    fit_upper(lower, upper, tokenizer, examples, plan.encoder, seed=plan.seed, say=say)
    return Trained(linear, lower, upper, tokenizer, shown)


@dataclass(frozen=True, slots=True)
class TalkPart:
    """A stretch of ordinary talk: with speakers of all roles to learn from, as a rep's to measure.

    Reps carry most labels, so false alarms are counted as if everybody were one.
    """

    learned: Sequence[Example]
    measured: Sequence[Example]


def cross_validate(
    plan: Plan,
    always: Sequence[Example],
    folds: Sequence[Sequence[Example]],
    talk: Sequence[TalkPart],
    folder: Path,
    say: Say,
) -> tuple[HeldOut, HeldOut]:
    """Every fold, and every part of the talk, as seen by a model trained without it.

    Args:
        plan: the plan.
        always: examples that every model learns from and none is measured on.
        folds: parts of the gold data.
        talk: as many parts of ordinary talk, as learned from and as measured on.
        folder: where work files go.
        say: told how it goes.
    """
    found: tuple[list[HeldOut], list[HeldOut]] = ([], [])
    for number, (fold, part) in enumerate(zip(folds, talk, strict=True)):
        say(f"fold {number + 1} of {len(folds)}")
        rest = [one for other in folds if other is not fold for one in other]
        spoken = [one for other in talk if other is not part for one in other.learned]
        learned = [*always, *rest, *thinned(spoken, plan.most_talk)]
        trained = train(plan, learned, folder, say)
        for kept, some in zip(found, (fold, part.measured), strict=True):
            kept.append(trained.see(some))
    return joined(found[0]), joined(found[1])


def thinned(examples: Sequence[Example], most: int) -> list[Example]:
    """At most so many of the examples, evenly spread."""
    step = max(1, -(-len(examples) // most))
    return list(examples[::step])

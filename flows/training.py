"""`make train`: trains the learned layer, measures it, and writes it where the product finds it.

Run it with `python -m flows.training`. It stands in `flows` because thresholds are chosen for rules
and model together, and only here do both rooms meet.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from analyzers.playbook_files import load_playbook
from analyzers.rule_finder import RuleFinder
from calls.labels import Label, Role
from flows.training_figures import figures
from models.language import blank_pipeline
from models.turn_labels.labeller import ENCODER, FACTS, LINEAR, SHIPPED, TOKENIZER
from models.turn_labels.training.choose import Chosen, Ruled, choose
from models.turn_labels.training.examples import Example, all_examples, lines_of, ordinary_talk
from models.turn_labels.training.held_out import HeldOut
from models.turn_labels.training.plan import Plan, load_plan
from models.turn_labels.training.train import TalkPart, cross_validate, thinned, train

FIGURES = "figures.md"
_HELD_GOLD, _HELD_TALK = "held-out-gold.npz", "held-out-talk.npz"
# Gold files that are held out together. Calls and sessions are dealt out by their number.
_GOLD, _FOLDS = "gold/", ("moments-a", "moments-b", "moments-c")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, help="folder with the published encoder")
    parser.add_argument("--talk", type=Path, help="ordinary talk to learn from, JSON Lines")
    parser.add_argument("--to", type=Path, default=SHIPPED, help="folder for the weights")
    parser.add_argument("--work", type=Path, help="folder for what held-out turns scored")
    parser.add_argument(
        "--choose", action="store_true", help="only choose thresholds, from what lies in --work"
    )
    given = parser.parse_args()
    data = Data.load(given.talk)
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        plan = load_plan(given.base)
        if not given.choose:
            measure(plan, data, work)
        choose_and_write(plan, data, work, given.to)
        if not given.choose:
            click.echo("all examples")
            spoken = [one for part in data.talk for one in part.learned]
            learned = [*data.always, *data.gold, *thinned(spoken, plan.most_talk)]
            train(plan, learned, given.to, click.echo).save(given.to)
    size = sum((given.to / name).stat().st_size for name in (ENCODER, TOKENIZER, LINEAR))
    click.echo(f"{given.to}: {size / 1e6:.1f} MB")


@dataclass(frozen=True, slots=True)
class Data:
    """What is learned from in every fold, what is held out in turn, and ordinary talk."""

    always: Sequence[Example]
    folds: Sequence[Sequence[Example]]
    talk: Sequence[TalkPart]
    talk_name: str

    @classmethod
    def load(cls, talk: Path | None) -> Data:
        """The examples of this repository, and talk from elsewhere if there is any."""
        examples = all_examples()
        gold = [one for one in examples if one.file.startswith(_GOLD)]
        lines = lines_of(talk) if talk else []
        name = talk.name if talk else ""
        if not lines:
            click.echo("No --talk given: false alarms on ordinary talk are not measured.")
        return cls(
            always=[one for one in examples if not one.file.startswith(_GOLD)],
            folds=_folds(gold),
            talk=[
                TalkPart(
                    list(ordinary_talk(part, name)),
                    list(ordinary_talk(part, name, everybody=Role.REP)),
                )
                for part in _parts(lines)
            ],
            talk_name=name,
        )

    @property
    def gold(self) -> list[Example]:
        """All folds, in order."""
        return [one for fold in self.folds for one in fold]

    @property
    def measured(self) -> list[Example]:
        """All talk as it is measured on, in order."""
        return [one for part in self.talk for one in part.measured]


def measure(plan: Plan, data: Data, work: Path) -> None:
    """Writes what models that have not seen them make of the gold data and of the talk."""
    gold, talk = cross_validate(plan, data.always, data.folds, data.talk, work, click.echo)
    gold.save(work / _HELD_GOLD)
    talk.save(work / _HELD_TALK)


def choose_and_write(plan: Plan, data: Data, work: Path, target: Path) -> None:
    """Chooses thresholds from what was measured; writes them and the figures."""
    gold = HeldOut.load(work / _HELD_GOLD, data.gold)
    talk = HeldOut.load(work / _HELD_TALK, data.measured)
    ruled = Ruled(_ruled(gold.examples), _ruled(talk.examples))
    # The rules were written with the gold data at hand: elsewhere they will find less. With half of
    # their finds hidden the model's thresholds are chosen to carry the rest.
    chance = np.random.default_rng(plan.seed).random(len(ruled.gold))
    hidden = np.less(chance, 0.5)
    halved = Ruled(ruled.gold & ~hidden[:, None], ruled.talk)
    chosen = choose(gold, talk, halved, plan.choice)
    target.mkdir(parents=True, exist_ok=True)
    _write_facts(target / FACTS, chosen)
    examples = len(data.always) + len(data.gold)
    text = figures(gold, talk, ruled, chosen, examples, data.talk_name)
    (target / FIGURES).write_text(text, encoding="utf-8")
    click.echo(text)


def _folds(gold: Sequence[Example]) -> list[list[Example]]:
    """The gold data by source file: each file of turns with a third of the calls and sessions."""
    folds: list[list[Example]] = [[] for _ in _FOLDS]
    whole = sorted({one.file for one in gold if not _is_turns(one.file)})
    for one in gold:
        place = _fold_of_turns(one.file) if _is_turns(one.file) else whole.index(one.file)
        folds[place % len(_FOLDS)].append(one)
    return folds


def _is_turns(file: str) -> bool:
    return file.endswith(".jsonl")


def _fold_of_turns(file: str) -> int:
    return next(number for number, name in enumerate(_FOLDS) if name in file)


def _parts(lines: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    """As many parts as folds, in one stretch each, so that hardly a meeting is in two."""
    size = -(-len(lines) // len(_FOLDS)) or 1
    return [lines[size * number : size * (number + 1)] for number in range(len(_FOLDS))]


def _ruled(examples: Sequence[Example]) -> npt.NDArray[np.bool_]:
    """Where the shipped playbook finds a label, of shape (examples, labels)."""
    nlp = blank_pipeline("en")
    finder = RuleFinder(nlp.vocab, playbook=load_playbook(None, "en"))
    found = np.zeros((len(examples), len(Label)), np.bool_)
    for row, example in enumerate(examples):
        said = example.turn.said
        marks = {one.label for one in finder.find(nlp.make_doc(said.text), role=said.role)}
        found[row] = [label in marks for label in Label]
    return found


def _write_facts(path: Path, chosen: Chosen) -> None:
    facts = {
        "languages": ["en"],
        "gate": round(chosen.gate, 4),
        "encoder_share": chosen.encoder_share,
        "fusion": {
            label: {"threshold": one.threshold, "bonus": one.bonus}
            for label, one in chosen.fusion.items()
        },
    }
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

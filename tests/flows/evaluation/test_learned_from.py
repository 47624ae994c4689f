"""Whoever evaluates on what was learned from is told so."""

from __future__ import annotations

from pathlib import Path

from calls.labels import Role
from calls.settings import LabelSettings
from flows.evaluation.cases import Case, single_turn_case
from flows.evaluation.learned_from import LearnedFrom
from flows.evaluation.records import SingleTurn
from models.turn_labels.training.examples import all_examples

NEW = "The grey heron by our loading dock has learned to open the lunch boxes."


def case(text: str) -> Case:
    given = SingleTurn(id="t", speaker=Role.REP, text=text, labels=())
    return single_turn_case(given, "a.jsonl", "t", 1)


def learned_text() -> str:
    return next(one.turn.said.text for one in all_examples() if len(one.turn.said.text.split()) > 8)


def test_turns_the_model_was_trained_on_are_counted() -> None:
    watch = LearnedFrom(LabelSettings())
    cases = [case(learned_text().upper()), case(NEW), case("Yes.")]
    assert list(watch.watched(cases)) == cases
    assert watch.sentence().startswith("1 of 2 turns")


def test_nothing_is_said_of_turns_that_are_new() -> None:
    watch = LearnedFrom(LabelSettings())
    list(watch.watched([case(NEW)]))
    assert watch.sentence() == ""


def test_nothing_is_said_where_the_shipped_model_does_not_read(tmp_path: Path) -> None:
    for settings in (LabelSettings(use_model=False), LabelSettings(model=tmp_path)):
        watch = LearnedFrom(settings)
        list(watch.watched([case(learned_text())]))
        assert watch.sentence() == ""

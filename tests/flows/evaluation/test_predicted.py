from __future__ import annotations

from pathlib import Path

import pytest

from calls.labels import Hint, Label, Role
from flows.evaluation.data import find_data
from flows.evaluation.evaluate import judge
from flows.evaluation.predicted import (
    in_order,
    is_sequence_complete,
    labels_by_turn,
    steps_in_order,
    turns_with,
)
from tests.flows.evaluation.readings import moment, perfect

H, C, R, S = Label.HYPOTHESIS, Label.CONFIRMATION, Label.REFRAME, Label.CLIENT_STORY


def test_labels_of_a_turn_are_those_of_all_its_moments_without_hints() -> None:
    moments = [moment(Label.CLAIM, 3), moment(Label.CLAIM_VAGUE, 3), moment(Label.CLAIM, 3)]
    moments += [moment(H, 5), moment(Hint.HABIT, 3), moment(Hint.HABIT, 7)]
    assert labels_by_turn(moments) == {3: {Label.CLAIM, Label.CLAIM_VAGUE}, 5: {H}}


@pytest.mark.parametrize(
    ("labels", "steps", "complete"),
    [
        ({}, (), False),
        ({1: [H], 2: [C], 3: [R], 4: [S]}, (H, C, R, S), True),
        ({4: [S], 3: [R], 2: [C], 1: [H]}, (H, C, R, S), True),
        ({1: [S], 2: [R], 3: [H], 4: [C]}, (S, R, H, C), False),
        ({1: [S], 2: [H], 3: [C], 4: [R], 9: [S]}, (S, H, C, R), True),
        ({1: [H, R], 2: [C], 3: [S]}, (H, R, C, S), False),
        ({1: [H, R], 2: [C], 3: [R, S]}, (H, R, C, S), False),
        ({1: [H, R], 2: [C], 3: [R, S], 4: [S]}, (H, R, C, S), True),
        ({1: [R, H]}, (H, R), False),
        ({1: [H], 2: [Label.REJECTION], 3: [H], 4: [C], 5: [R], 6: [S]}, (H, C, R, S), True),
        ({1: [H], 2: [Label.AHA, C]}, (H, C), False),
    ],
)
def test_steps_and_completeness(labels, steps, complete) -> None:
    assert steps_in_order(labels) == steps
    assert is_sequence_complete(labels) is complete


def test_turns_are_counted_once() -> None:
    labels = {1: {Label.CLICHE_QUESTION}, 2: {H}, 3: {Label.CLICHE_QUESTION, H}}
    assert turns_with(Label.CLICHE_QUESTION, labels) == 2


def test_labels_come_in_the_order_of_the_enum() -> None:
    assert in_order([Label.BUYER_CONCERN, Label.AHA, Label.CLICHE_QUESTION, Label.AHA]) == (
        Label.CLICHE_QUESTION,
        Label.AHA,
        Label.BUYER_CONCERN,
    )


def test_facts_from_labels_agree_with_what_people_say_of_the_calls(shared_gold: Path) -> None:
    calls = list(find_data(shared_gold / "calls").cases(Role.REP))
    assert len(calls) == 14
    read = perfect(calls)
    for case in calls:
        facts = judge(case, read).facts
        said = case.expected
        assert said is not None
        assert (facts.steps_in_order, facts.is_complete, facts.cliche_count) == (
            said.steps_in_order,
            said.is_complete,
            said.cliche_count,
        ), case.id


def test_facts_from_labels_agree_with_what_people_say_of_the_sessions(shared_gold: Path) -> None:
    sessions = list(find_data(shared_gold / "sessions").cases(Role.REP))
    read = perfect(sessions)
    for case in sessions:
        facts, said = judge(case, read).facts, case.expected
        assert case.is_session
        assert said is not None
        assert (facts.coaching_count, facts.spreadsheet_count) == (
            said.coaching_count,
            said.spreadsheet_count,
        ), case.id

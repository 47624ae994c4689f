from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from calls.call import AttributedCall
from calls.labels import Label, Role
from flows.evaluation.cases import (
    TALK_LEAD_IN,
    TALK_TURNS,
    Case,
    Kind,
    single_turn_case,
    talk_cases,
    whole_call_case,
)
from flows.evaluation.records import SingleTurn, TalkLine, WholeCall
from flows.evaluation.timing import backchannels, steady_times


def single(**given: Any) -> Case:
    record = {"speaker": "rep", "text": "So what hurts?", **given}
    return single_turn_case(SingleTurn.model_validate(record), "a.jsonl", "t1", 4)


def whole(**given: Any) -> Case:
    record = {"turns": [], **given}
    return whole_call_case(WholeCall.model_validate(record), "c.json", "c1", where="c.json")


def said(
    speaker: str, text: str, start: float | None = None, end: float | None = None, **more: Any
):
    times = {} if start is None else {"start": start, "end": end}
    return {"speaker": speaker, "text": text, **times, **more}


def talk(count: int) -> list[tuple[int, TalkLine]]:
    return [
        (n, TalkLine(speaker=f"Person {n % 3}", text=f"words of line {n}"))
        for n in range(1, count + 1)
    ]


def roles(call: AttributedCall) -> dict[str, Role]:
    return {one.speaker: one.role for one in call.speakers}


def test_a_single_turn_comes_after_its_context_and_alone_is_judged() -> None:
    case = single(
        context=[said("rep", "One."), said("customer", "Two.")],
        labels=["cliche_question"],
    )
    assert [(one.role, one.text) for one in case.call.turns] == [
        (Role.REP, "One."),
        (Role.CUSTOMER, "Two."),
        (Role.REP, "So what hurts?"),
    ]
    (judged,) = case.judged
    assert (judged.turn, judged.number, judged.where) == (2, 4, "t1")
    assert judged.labels == {Label.CLICHE_QUESTION}
    starts = [one.start_s for one in case.call.turns]
    assert starts == sorted(starts)
    assert len(set(starts)) == 3


@pytest.mark.parametrize(
    ("speaker", "call_type", "others"),
    [
        ("rep", None, Role.CUSTOMER),
        ("customer", None, Role.REP),
        ("manager", "coaching", Role.REP),
    ],
)
def test_an_excerpt_of_one_side_is_of_a_call_with_two(speaker, call_type, others) -> None:
    call = single(speaker=speaker).call
    assert call.recording.metadata.call_type == call_type
    assert set(roles(call).values()) == {Role(speaker), others}
    assert [one.role for one in call.turns] == [Role(speaker)]


def test_a_rep_who_answers_a_manager_is_in_a_coaching_session() -> None:
    case = single(context=[said("manager", "How did it go?")])
    assert case.call.recording.metadata.call_type == "coaching"
    assert set(roles(case.call).values()) == {Role.REP, Role.MANAGER}


def test_a_call_brings_all_that_is_known_beside_it() -> None:
    case = whole(
        date="2026-10-06",
        rep="Ann Lee, account executive, and Ravi Rao, consultant, Vendor",
        customer="Bo Ray, head of research and development; Cy Fox, buyer, Acme",
        account="Acme",
        outcome="demo booked",
        language="en-GB",
        opportunity_id="o-7",
        account_brief=[{"topic": "size", "fact": "14 hotels", "source": "web"}],
        turns=[
            said("rep", "Hello.", 0, 1, name="Ravi"),
            said("customer", "Hi.", 2, 3, name="Bo"),
            said("customer", "Hi too.", 4, 5, name="Dee"),
        ],
    )
    recording, metadata = case.call.recording, case.call.recording.metadata
    assert recording.started_at == datetime(2026, 10, 6, 12, tzinfo=UTC)
    assert (metadata.account, metadata.outcome, metadata.opportunity_id) == (
        "Acme",
        "demo booked",
        "o-7",
    )
    assert [(one.topic, one.fact) for one in metadata.account_brief] == [("size", "14 hotels")]
    assert [(one.name, one.role) for one in metadata.participants] == [
        ("Ann Lee", Role.REP),
        ("Ravi Rao", Role.REP),
        ("Bo Ray", Role.CUSTOMER),
        ("Cy Fox", Role.CUSTOMER),
    ]
    assert case.call.language == "en-GB"
    named = {one.speaker: one.name for one in case.call.speakers}
    assert named == {"Ravi": "Ravi Rao", "Bo": "Bo Ray", "Dee": None}


def test_the_only_voice_of_a_role_is_the_only_person_of_it() -> None:
    case = whole(
        session_id="s",
        manager="Mo Ott, manager",
        rep="Ann Lee, rep",
        turns=[said("manager", "So?"), said("rep", "Well.")],
    )
    assert [(one.speaker, one.name, one.participant_id) for one in case.call.speakers] == [
        ("manager", "Mo Ott", "Mo Ott"),
        ("rep", "Ann Lee", "Ann Lee"),
    ]


@pytest.mark.parametrize(
    ("given", "is_session"),
    [
        ({"session_id": "s"}, True),
        ({"session_labels": {}}, True),
        ({"call_id": "c", "turns": [said("manager", "Listening in.")]}, False),
        ({"turns": [said("manager", "So?")]}, True),
        ({"turns": [said("rep", "So.")]}, False),
    ],
)
def test_a_session_is_told_from_a_call(given: dict[str, Any], is_session: bool) -> None:
    case = whole(**given)
    assert case.is_session is is_session
    assert case.call.recording.metadata.call_type == ("coaching" if is_session else None)


def test_turns_are_numbered_by_their_start_and_keep_their_own_numbers() -> None:
    case = whole(
        turns=[
            said("rep", "later", 5, 6, i=10, labels=["hypothesis"]),
            said("customer", "first", 0, 1, i=11, labels=[]),
        ]
    )
    assert [one.text for one in case.call.turns] == ["first", "later"]
    assert [one.turn for one in case.call.turns] == [0, 1]
    assert [(one.turn, one.number) for one in case.judged] == [(1, 10), (0, 11)]
    assert case.judged[0].where == "c1 turn 10"


def test_what_people_say_of_a_call_goes_before_what_its_turns_say() -> None:
    turns = [said("rep", "x", labels=["cliche_question"])]
    derived = whole(turns=turns).expected
    assert derived is not None
    assert (derived.cliche_count, derived.is_complete) == (1, False)
    given = whole(turns=turns, call_labels={"cliche_count": 5}).expected
    assert given is not None
    assert (given.cliche_count, given.is_complete) == (5, False)


def test_of_a_call_with_unlabelled_turns_nothing_is_expected() -> None:
    turns = [said("rep", "x", labels=["cliche_question"]), said("customer", "y")]
    case = whole(turns=turns)
    assert case.expected is None
    assert [one.labels for one in case.judged] == [{Label.CLICHE_QUESTION}, None]


def test_talk_is_cut_into_pieces_that_know_what_came_before() -> None:
    count = 2 * TALK_TURNS + 7
    pieces = list(talk_cases(talk(count), "t.jsonl", Role.REP))
    assert [len(one.judged) for one in pieces] == [TALK_TURNS, TALK_TURNS, 7]
    lines = [one.number for piece in pieces for one in piece.judged]
    assert lines == list(range(1, count + 1))
    assert all(piece.kind is Kind.TALK for piece in pieces)
    second = pieces[1]
    assert len(second.call.turns) == TALK_TURNS + TALK_LEAD_IN
    assert second.call.turns[0].text == f"words of line {TALK_TURNS - TALK_LEAD_IN + 1}"
    for one in second.judged:
        assert second.call.turns[one.turn].text == f"words of line {one.number}"
    # The clock goes on: a turn that comes along again is said at the time it was said.
    assert second.call.turns[0].start_s == pytest.approx(
        pieces[0].call.turns[-TALK_LEAD_IN].start_s
    )


def test_talk_that_fills_its_pieces_makes_no_empty_one() -> None:
    pieces = list(talk_cases(talk(TALK_TURNS), "t.jsonl", Role.REP))
    assert [len(one.judged) for one in pieces] == [TALK_TURNS]


@pytest.mark.parametrize("role", [Role.REP, Role.CUSTOMER, Role.MANAGER])
def test_everybody_who_talks_has_the_role(role: Role) -> None:
    (piece,) = talk_cases(talk(9), "t.jsonl", role)
    spoken = {one.speaker: one.role for one in piece.call.turns}
    assert spoken == {f"Person {n}": role for n in range(3)}
    assert {one.role for one in piece.call.speakers} > {role}


def test_times_follow_each_other_at_an_even_pace() -> None:
    assert steady_times(["a b c d e", "", "a"], 10.0) == [
        (10.0, 12.0),
        (pytest.approx(12.3), pytest.approx(12.8)),
        (pytest.approx(13.1), pytest.approx(13.6)),
    ]


@pytest.mark.parametrize(
    ("spoken", "times", "expected"),
    [
        ([("a", "long"), ("b", "Mm.")], [(0, 9), (3, 3.5)], {1}),
        ([("a", "long"), ("b", "Mm.")], [(0, 3.2), (3, 3.5)], set()),
        ([("a", "long"), ("a", "Mm.")], [(0, 9), (3, 3.5)], set()),
        ([("a", "long"), ("b", "No way.")], [(0, 9), (3, 3.5)], set()),
        ([("a", "long"), ("b", "Right.")], [(0, 9), (3, 5.0)], set()),
        ([("b", "longer"), ("a", "long"), ("b", "Mm.")], [(0, 20), (1, 9), (3, 3.5)], {2}),
    ],
    ids=["inside", "at the end", "of one's own", "no word of assent", "too long", "both go on"],
)
def test_backchannels_are_short_assent_while_another_speaks(spoken, times, expected) -> None:
    assert backchannels(spoken, times) == expected

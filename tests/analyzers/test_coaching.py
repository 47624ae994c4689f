from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import spacy

from analyzers.annotated import AnnotatedCall
from analyzers.coaching import COACHING_MEASURES, coaching
from analyzers.found import Found
from calls.call import AttributedCall
from calls.labels import Hint, Label, Role
from calls.measures import Measure, State
from calls.metadata import CallMetadata
from calls.moment import FoundBy, Moment

MakeCall = Callable[..., AttributedCall]
ENGLISH = spacy.blank("en")
M, R, C, U = Role.MANAGER, Role.REP, Role.CUSTOMER, Role.UNKNOWN
BEHAVIOR, NUMBER = Label.COACHING_BEHAVIOR, Label.SPREADSHEET_COACHING
LOOKED_FOR = Measure("cliche_question_count", 0)
TALK = (
    (M, "What was in your head when she said okay great?"),
    (R, "The next question on my list."),
    (M, "Where is the forecast for this quarter now?"),
    (R, "At two hundred."),
)


def session(make_call: MakeCall, *said: tuple[Role, str]) -> AttributedCall:
    call = make_call(*said)
    metadata = CallMetadata(call_type="Coaching")
    return replace(call, recording=replace(call.recording, metadata=metadata))


def labelled(turn: int, label: Label, speaker: str = "manager") -> Moment:
    return Moment(label, turn, speaker, 0, 1, 0, 1, "x", 0.9, FoundBy.MODEL, (), "v", "why")


def read(
    call: AttributedCall, *moments: Moment, looked_for: bool = True
) -> tuple[dict[str, Measure], list[Moment]]:
    docs = tuple(ENGLISH.make_doc(turn.text) for turn in call.turns)
    found = Found(moments=moments, measures=(LOOKED_FOR,) if looked_for else ())
    rows = list(coaching(AnnotatedCall(call, docs), found))
    measures = {one.name: one for one in rows if isinstance(one, Measure)}
    assert tuple(measures) == COACHING_MEASURES
    return measures, [one for one in rows if isinstance(one, Moment)]


def test_shares_of_the_manager_s_talk(make_call: MakeCall) -> None:
    marks = (labelled(0, BEHAVIOR), labelled(2, NUMBER), labelled(1, BEHAVIOR, "rep"))
    measures, _ = read(session(make_call, *TALK), *marks)
    assert {one.state for one in measures.values()} == {State.OK}
    values = {name: one.value for name, one in measures.items()}
    # Turns of 10 and 8 words against 6 and 3: 4.9 + 3.9 s and 2.9 + 1.4 s.
    assert values["manager_talk_ratio"] == pytest.approx(8.8 / 13.1, abs=0.001)
    assert (values["coaching_behavior_count"], values["spreadsheet_coaching_count"]) == (1, 1)
    assert values["coaching_behavior_ratio"] == pytest.approx(4.9 / 8.8, abs=0.001)
    assert values["spreadsheet_coaching_ratio"] == pytest.approx(3.9 / 8.8, abs=0.001)


def test_a_turn_with_both_labels_counts_for_both(make_call: MakeCall) -> None:
    measures, _ = read(session(make_call, *TALK), labelled(0, BEHAVIOR), labelled(0, NUMBER))
    shares = [measures[f"{one}_ratio"].value for one in (BEHAVIOR, NUMBER)]
    assert shares[0] == shares[1] == pytest.approx(4.9 / 8.8, abs=0.001)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Go to minute nine, would you.", " at 9:00"),
        ("can you find nine minutes and forty seconds", " at 9:40"),
        ("It's about 25 minutes in.", " at 25:00"),
        ("at twenty two minutes fifteen she laughs", " at 22:15"),
        ("What did you feel when she said breakfast?", ""),
        ("That bit where he goes quiet.", ""),
        ("let me read you what you asked", ""),
    ],
)
def test_passages_of_a_call(make_call: MakeCall, text: str, where: str) -> None:
    measures, moments = read(session(make_call, (M, text), (R, "Hm.")))
    assert measures["moment_referred_count"].value == 1
    assert [one.label for one in moments] == [Hint.MOMENT_REFERRED]
    assert moments[0].reason.startswith(f"Refers to a passage of a call{where}: '")


@pytest.mark.parametrize(
    "text",
    [
        "Give me five minutes.",
        "How is the ankle?",
        "Put the close date in.",
        "We have ten minutes left for this.",
        "They say it is a good quarter.",
    ],
)
def test_what_points_to_no_passage(make_call: MakeCall, text: str) -> None:
    measures, moments = read(session(make_call, (M, text), (R, "Hm.")))
    assert measures["moment_referred_count"].value == 0
    assert moments == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            [(R, "I'll write one guess down before each call this week."), (M, "Deal.")],
            "said by the rep, agreed by the manager: 'Deal.'",
        ),
        (
            [(M, "So for your next three calls you'll wait two seconds."), (R, "Okay, I will.")],
            "said by the manager, agreed by the rep: 'Okay, I will.'",
        ),
        (
            [(M, "can you count your questions on thursday"), (R, "it feels odd")],
            "said by the manager, nobody has agreed yet",
        ),
    ],
)
def test_observable_practices(
    make_call: MakeCall, said: list[tuple[Role, str]], reason: str
) -> None:
    measures, (practice,) = read(session(make_call, *said))
    assert practice.label is Hint.PRACTICE_AGREED
    assert practice.reason.startswith("Practice, observable (")
    assert practice.reason.endswith(reason)
    assert measures["practice_agreed_count"].value == 1
    assert measures["practice_observable_count"].value == 1


def test_good_intentions_are_vague(make_call: MakeCall) -> None:
    measures, (practice,) = read(session(make_call, (R, "I'll try to be better."), (M, "Good.")))
    assert practice.reason.startswith("Practice, vague")
    assert measures["practice_agreed_count"].value == 1
    assert measures["practice_observable_count"].value == 0


def test_a_practice_that_is_being_settled_counts_once(make_call: MakeCall) -> None:
    said = (
        (R, "I'll try to slow down."),
        (M, "How would I see it?"),
        (R, "I'll put the pen down when they say a number, on both calls this week."),
        (M, "Agreed."),
    )
    measures, (practice,) = read(session(make_call, *said))
    assert practice.turn == 2
    assert measures["practice_agreed_count"].value == 1


@pytest.mark.parametrize("text", ["What will you write on Friday?", "Run it again, I'll be her."])
def test_what_is_no_practice(make_call: MakeCall, text: str) -> None:
    measures, _ = read(session(make_call, (M, text), (R, "Hm.")))
    assert measures["practice_agreed_count"].value == 0


def test_working_the_number_is_no_practice(make_call: MakeCall) -> None:
    said = (
        (M, "You'll send me fifteen new names by Wednesday."),
        (R, "I'll send them on Wednesday."),
    )
    without, _ = read(session(make_call, *said))
    assert without["practice_agreed_count"].value == 1
    measures, _ = read(session(make_call, *said), labelled(0, NUMBER))
    assert measures["practice_agreed_count"].value == 0


def test_what_can_not_be_measured(make_call: MakeCall) -> None:
    cases = {
        "not a coaching session": make_call((R, "Hello."), (C, "Hello.")),
        "no speech": session(make_call),
        "speaker roles unknown": session(make_call, (U, "Hello.")),
        "no manager on the call": session(make_call, (R, "Hello.")),
    }
    for reason, call in cases.items():
        measures, moments = read(call)
        assert {one.reason for one in measures.values()} == {reason}
        assert moments == []


def test_without_labels_only_labelled_talk_is_unknown(make_call: MakeCall) -> None:
    measures, _ = read(session(make_call, *TALK), looked_for=False)
    unknown = {name for name, one in measures.items() if one.state is State.NOT_MEASURABLE}
    assert unknown == {f"{one}_{unit}" for one in (BEHAVIOR, NUMBER) for unit in ("count", "ratio")}


def test_times_that_are_estimates_make_no_shares(make_call: MakeCall) -> None:
    call = session(make_call, *TALK)
    origin = replace(call.origin, options={"times": "estimated"})
    measures, _ = read(replace(call, origin=origin))
    unknown = {name for name, one in measures.items() if one.state is State.NOT_MEASURABLE}
    assert unknown == {name for name in COACHING_MEASURES if name.endswith("_ratio")}


def test_labelled_sessions_come_out_as_people_see_them(
    shared_gold: Path, make_call: MakeCall
) -> None:
    found: dict[str, float] = {}
    for path in sorted((shared_gold / "sessions").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        said = [(Role(turn["speaker"]), turn["text"]) for turn in data["turns"]]
        call = session(make_call, *said)
        turns = tuple(
            replace(turn, start_s=given["start"], end_s=max(given["start"], given["end"]), words=())
            for turn, given in zip(call.turns, data["turns"], strict=True)
        )
        marks = [
            labelled(turn["i"], Label(one)) for turn in data["turns"] for one in turn["labels"]
        ]
        measures, _ = read(replace(call, turns=turns), *marks)
        values = {name: one.value for name, one in measures.items()}
        people = data["session_labels"]
        assert values["manager_talk_ratio"] == pytest.approx(people["talk_ratio_manager"], abs=0.01)
        assert values["coaching_behavior_count"] == people["coaching_behavior_turns"]
        assert values["spreadsheet_coaching_count"] == people["spreadsheet_coaching_turns"]
        behavior, number = (values[f"{one}_ratio"] or 0.0 for one in (BEHAVIOR, NUMBER))
        focus = "mixed" if behavior and number else "behavior" if behavior else "spreadsheet"
        assert focus == people["focus"]
        found[data["session_id"]] = values["practice_observable_count"] or 0
        assert values["moment_referred_count"] or people["focus"] == "behavior"
    assert sum(found.values()) >= 3

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calls.call import AttributedCall, Reading
from calls.errors import UsageError
from calls.labels import Hint, Label, Role
from flows.evaluation.cases import Case, Kind, single_turn_case, talk_cases, whole_call_case
from flows.evaluation.data import find_data
from flows.evaluation.evaluate import evaluate
from flows.evaluation.predictions import PredictionFile
from flows.evaluation.records import SingleTurn, TalkLine, WholeCall
from flows.evaluation.summary import call_summary
from tests.flows.evaluation.readings import nothing, perfect, reading, says

ALL_FOUR = ["hypothesis", "confirmation", "reframe", "client_story"]


def turn(text: str, labels: list[str] | None, name: str = "t", **more: Any) -> Case:
    record = {"speaker": "rep", "text": text, "labels": labels, **more}
    return single_turn_case(SingleTurn.model_validate(record), "a.jsonl", name, 1)


def call(name: str, *labels: list[str] | None, **more: Any) -> Case:
    turns = [{"i": n, "speaker": "rep", "text": "x", "labels": one} for n, one in enumerate(labels)]
    record = WholeCall.model_validate({"call_id": name, "turns": turns, **more})
    return whole_call_case(record, f"{name}.json", name, where=f"{name}.json")


def talk(*texts: str) -> list[Case]:
    lines = [(n, TalkLine(speaker="A", text=text)) for n, text in enumerate(texts, start=1)]
    return list(talk_cases(lines, "t.jsonl", Role.REP))


def test_only_the_last_turn_of_a_single_turn_counts() -> None:
    case = turn("plain", [], context=[{"speaker": "rep", "text": "a cliche"}])
    found = evaluate([case], says(("cliche", Label.CLICHE_QUESTION)))
    assert found.scores[Kind.TURNS].micro.false_positives == 0
    case = turn("a cliche", [])
    found = evaluate([case], says(("cliche", Label.CLICHE_QUESTION)))
    assert found.scores[Kind.TURNS].micro.false_positives == 1


def test_hints_are_no_labels() -> None:
    found = evaluate([turn("x", [])], lambda _: reading({0: [Hint.HABIT]}))
    assert found.scores[Kind.TURNS].micro.false_positives == 0
    assert found.confusions == ()


def test_kinds_of_data_are_scored_apart() -> None:
    cases = [turn("x", ["aha"]), call("c", ["aha"], ["aha"]), *talk("x")]
    found = evaluate(cases, lambda one: reading({n: [Label.AHA] for n in range(len(one.turns))}))
    assert {kind: one.turn_count for kind, one in found.scores.items()} == {
        Kind.TURNS: 1,
        Kind.CALLS: 2,
    }
    assert found.scores[Kind.CALLS].by_label[Label.AHA].support == 2
    assert found.talk is not None
    assert found.talk.counts[Label.AHA] == 1
    assert found.turn_count == 4


def test_what_finds_what_people_found_is_right_in_everything(shared_gold: Path) -> None:
    cases = list(find_data(shared_gold).cases(Role.REP))
    found = evaluate(cases, perfect(cases))
    for scores in found.scores.values():
        assert scores.macro.labels == tuple(Label)
        assert scores.macro.f1 == scores.micro.f1 == 1.0
    assert found.confusions == ()
    assert found.scores[Kind.TURNS].turn_count == 4326
    assert found.scores[Kind.CALLS].unit_count == 19
    summary = call_summary(found)
    assert summary is not None
    assert (summary.call_count, summary.both_right_count, summary.cliche_error) == (14, 14, 0.0)


def test_confusions_are_counted_by_what_was_missed_and_found() -> None:
    cases = [turn("words", ["aha", "claim"], f"t{n}") for n in range(5)]
    cases += [turn("words", ["claim"], "u1"), turn("words", ["rejection", "claim"], "u2")]
    found = evaluate(cases, lambda _: reading({0: [Label.CLAIM, Label.REJECTION]}), quotes=2)
    first, second = found.confusions
    assert (first.missed, first.found, first.count) == ((Label.AHA,), (Label.REJECTION,), 5)
    assert [one.where for one in first.quotes] == ["t0", "t1"]
    assert (second.missed, second.found, second.count) == ((), (Label.REJECTION,), 1)


def test_the_ten_most_frequent_confusions_are_kept() -> None:
    cases = [turn("x", [label]) for n, label in enumerate(Label, start=1) for _ in range(n)]
    found = evaluate(cases, nothing)
    assert [one.count for one in found.confusions] == list(range(19, 9, -1))


def test_unlabelled_turns_are_read_but_not_scored() -> None:
    shown = []
    cases = [turn("x", None), call("c", ["aha"], None)]
    found = evaluate(cases, lambda _: reading({0: [Label.AHA]}), each=shown.append)
    assert found.unlabelled_count == 2
    assert list(found.scores) == [Kind.CALLS]
    assert found.scores[Kind.CALLS].turn_count == 1
    assert [one.found for one in shown] == [({Label.AHA},), ({Label.AHA}, frozenset())]
    assert found.calls == ()


def test_calls_are_compared_with_what_people_say_of_them() -> None:
    cases = [
        call("right", *[[one] for one in ALL_FOUR], ["cliche_question"]),
        call("no", *[[one] for one in ALL_FOUR], call_labels={"cliche_count": 3}),
    ]
    read = perfect(cases)
    found = evaluate(
        cases, lambda one: read(one) if one.recording.call_id == "right" else reading({})
    )
    right, wrong = found.calls
    assert (right.steps_right, right.complete_right, right.found.cliche_count) == (True, True, 1)
    assert (wrong.steps_right, wrong.complete_right, wrong.found.cliche_count) == (False, False, 0)
    summary = call_summary(found)
    assert summary is not None
    assert (summary.steps_right_count, summary.both_right_count) == (1, 1)
    assert summary.cliche_error == pytest.approx(1.5)


def test_sessions_are_no_calls() -> None:
    case = call("s", ["coaching_behavior"], ["spreadsheet_coaching"], session_id="s")
    found = evaluate([case], perfect([case]))
    (one,) = found.calls
    assert one.is_session
    assert (one.found.coaching_count, one.found.spreadsheet_count) == (1, 1)
    assert call_summary(found) is None


@pytest.mark.parametrize(("analyzers", "said"), [(("chains",), False), ((), None)])
def test_what_chains_say_is_told_beside(analyzers: tuple[str, ...], said: bool | None) -> None:
    case = call("c", *[[one] for one in ALL_FOUR])
    labels = {n: [Label(one)] for n, one in enumerate(ALL_FOUR)}
    found = evaluate([case], lambda _: reading(labels, analyzers=analyzers))
    assert found.calls[0].complete_right is True
    assert found.calls[0].has_complete_chain is said


def test_talk_counts_a_turn_once_per_label_and_keeps_the_first_quotes() -> None:
    texts = ["plain", "one hit", "a hit of hits", "plain", "hit"]

    def read(given: AttributedCall) -> Reading:
        labels = {
            one.turn: [Label.AHA] * one.text.count("hit")
            for one in given.turns
            if "hit" in one.text
        }
        return reading(labels)

    found = evaluate(talk(*texts), read, quotes=2).talk
    assert found is not None
    assert (found.turn_count, found.turns_with_any_label, found.counts[Label.AHA]) == (5, 3, 3)
    assert found.per_1000(Label.AHA) == pytest.approx(600)
    assert [one.where for one in found.hits[Label.AHA]] == ["t.jsonl:2", "t.jsonl:3"]
    assert found.counts[Label.CLAIM] == 0


def test_hits_in_the_lead_in_of_a_piece_are_not_counted_again() -> None:
    cases = talk(*["hit"] * 450)
    assert len(cases) == 3
    found = evaluate(cases, says(("hit", Label.AHA)), quotes=1000).talk
    assert found is not None
    assert found.counts[Label.AHA] == found.turn_count == 450
    lines = [int(one.where.split(":")[1]) for one in found.hits[Label.AHA]]
    assert lines == list(range(1, 451))


def test_turns_that_no_playbook_covers_are_told() -> None:
    found = evaluate([turn("x", ["aha"])], lambda _: reading({}, covered=False))
    assert found.uncovered_count == 1
    assert found.scores[Kind.TURNS].by_label[Label.AHA].recall == 0.0


def predictions(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_predictions_come_line_by_line_in_the_order_of_the_data(tmp_path: Path) -> None:
    cases = [
        turn("x", [], "t1"),
        call("c1", [], None, []),
        *talk("a", "b"),
        turn("x", None, "t2"),
    ]
    labels = [Label.CLIENT_STORY, Label.CLICHE_QUESTION]
    path = tmp_path / "out.jsonl"
    with PredictionFile(path) as written:
        evaluate(cases, lambda _: reading({0: labels}), each=written.write)
        assert not path.exists()
    in_order = ["cliche_question", "client_story"]
    assert predictions(path) == [
        {"id": "t1", "labels": in_order},
        {
            "call_id": "c1",
            "steps_in_order": ["client_story"],
            "insight_sequence_complete": False,
            "cliche_count": 1,
            "turns": [
                {"i": 0, "labels": in_order},
                {"i": 1, "labels": []},
                {"i": 2, "labels": []},
            ],
        },
        {"file": "t.jsonl", "line": 1, "labels": in_order},
        {"file": "t.jsonl", "line": 2, "labels": []},
        {"id": "t2", "labels": in_order},
    ]
    assert [one.name for one in tmp_path.iterdir()] == ["out.jsonl"]


def test_predictions_of_a_run_that_fails_leave_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")

    def fail(_: AttributedCall) -> Reading:
        raise KeyError("x")

    with pytest.raises(KeyError), PredictionFile(path) as written:
        evaluate([turn("x", [])], fail, each=written.write)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize("place", ["missing/out.jsonl", "."])
def test_a_place_for_predictions_that_can_not_be_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match=r"--predictions .*can't be written"):
        PredictionFile(tmp_path / place).__enter__()
    assert list(tmp_path.iterdir()) == []

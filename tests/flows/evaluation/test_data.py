from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calls.errors import UsageError
from calls.labels import Label, Role
from flows.evaluation.cases import Case, Kind
from flows.evaluation.data import find_data

TURN = {"id": "t1", "context": [], "speaker": "rep", "text": "Hm?", "labels": ["aha"], "why": "x"}
CALL = {
    "call_id": "c1",
    "turns": [{"i": 0, "speaker": "rep", "start": 0, "end": 2, "text": "Hello.", "labels": []}],
    "call_labels": {"steps_in_order": [], "insight_sequence_complete": False, "cliche_count": 0},
}
TALK = {"speaker": "Prof A", "text": "So."}


def without(record: dict[str, Any], *names: str, **changes: Any) -> dict[str, Any]:
    return {**{key: one for key, one in record.items() if key not in names}, **changes}


def write(path: Path, *records: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cases(path: Path) -> list[Case]:
    return list(find_data(path).cases(Role.REP))


def test_a_folder_is_walked_and_told_apart_by_content(tmp_path: Path) -> None:
    write(tmp_path / "moments.jsonl", TURN, TURN | {"id": "t2"})
    write(tmp_path / "calls" / "any-name.json", CALL)
    write(tmp_path / "deep" / "er" / "s.json", without(CALL, "call_id", session_id="s1"))
    write(tmp_path / "talk.jsonl", TALK, TALK, TALK)
    write(tmp_path / "notes.md", "# no data")
    write(tmp_path / "messaging.toml", "[x]")
    write(tmp_path / "vendor.json", {"results": []})
    write(tmp_path / "earlier-predictions.jsonl", {"id": "t1", "labels": []})
    write(tmp_path / ".hidden" / "moments.jsonl", "broken")
    data = find_data(tmp_path)
    assert [file.name for file in data.files] == [
        "moments.jsonl",
        "talk.jsonl",
        "calls/any-name.json",
        "deep/er/s.json",
    ]
    assert (data.name, data.turn_count, data.has_talk) == (tmp_path.name, 7, True)
    assert [(case.kind, case.id) for case in data.cases(Role.REP)] == [
        (Kind.TURNS, "t1"),
        (Kind.TURNS, "t2"),
        (Kind.TALK, "talk.jsonl:1"),
        (Kind.CALLS, "c1"),
        (Kind.CALLS, "s1"),
    ]
    (note,) = data.notes
    assert note == (
        "Left out, because they hold something else: 2 files, e.g. earlier-predictions.jsonl."
    )


def test_the_shared_set_is_read_whole(shared_gold: Path) -> None:
    found = cases(shared_gold)
    assert sum(case.kind is Kind.TURNS for case in found) == 4326
    assert sum(case.kind is Kind.CALLS and not case.is_session for case in found) == 14
    assert sum(case.is_session for case in found) == 5
    assert find_data(shared_gold).notes == ()


@pytest.mark.parametrize("ending", [".json", ".jsonl"])
def test_the_ending_does_not_decide(tmp_path: Path, ending: str) -> None:
    assert [one.kind for one in cases(write(tmp_path / f"a{ending}", TURN, TURN))] == [
        Kind.TURNS
    ] * 2
    assert [one.kind for one in cases(write(tmp_path / f"b{ending}", CALL))] == [Kind.CALLS]
    assert [one.kind for one in cases(write(tmp_path / f"c{ending}", TALK, TALK))] == [Kind.TALK]


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (without(TURN, "labels"), Kind.TURNS),
        (without(TURN, "context"), Kind.TURNS),
        (without(TURN, "labels", "context"), Kind.TURNS),
        (without(TURN, "labels", "context", "id"), Kind.TALK),
        (without(CALL, "call_labels"), Kind.CALLS),
    ],
    ids=["no labels", "no context", "only an id", "only speaker and text", "no call labels"],
)
def test_what_lacks_labels_is_still_what_it_is(tmp_path: Path, record: Any, kind: Kind) -> None:
    (case,) = cases(write(tmp_path / "a.jsonl", record))
    assert case.kind is kind


def test_labels_that_nobody_gave_are_not_the_same_as_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", without(TURN, "labels"), TURN | {"labels": []}, TURN)
    assert [case.judged[0].labels for case in cases(path)] == [None, frozenset(), {Label.AHA}]


def test_records_without_an_id_are_named_by_their_place(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", without(TURN, "id"), TURN)
    write(tmp_path / "x.json", without(CALL, "call_id"))
    assert [case.id for case in cases(tmp_path)] == ["a.jsonl:1", "t1", "x"]
    assert find_data(tmp_path).notes == ("Records without an id, named by file and line: 2.",)


def test_ids_used_twice_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", TURN, TURN, without(TURN, id="t2"))
    assert find_data(path).notes == ("Ids used more than once: 1, e.g. 't1'.",)


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", TURN)
    first = find_data(path).digest
    assert find_data(path).digest == first
    write(path, TURN, TURN)
    assert find_data(path).digest != first


def test_blank_lines_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(TURN).encode() + b"\r\n\r\n")
    assert [case.id for case in cases(path)] == ["t1"]


MALFORMED = {
    "no JSON": ([TURN, '{"id": "t2", '], r"a\.jsonl, line 2: no JSON"),
    "an unknown label": (
        [TURN, TURN | {"labels": ["aha", "cliche"]}],
        r"a\.jsonl, line 2: labels\.1: .*'cliche_question', 'homework_question'.*'cliche'",
    ),
    "an unknown speaker": (
        [TURN | {"speaker": "agent"}],
        r"a\.jsonl, line 1: speaker: .*'rep', 'customer', 'manager' or 'unknown'.*'agent'",
    ),
    "no text": ([without(TURN, "text")], r"a\.jsonl, line 1: text: is missing"),
    "no speaker": ([TURN, without(TURN, "speaker")], r"a\.jsonl, line 2: speaker: is missing"),
    "labels that are no list": (
        [TURN | {"labels": "aha"}],
        r"a\.jsonl, line 1: labels: must be a list",
    ),
    "a strange context": (
        [TURN | {"context": [{"text": "x"}]}],
        r"a\.jsonl, line 1: context\.0\.speaker: is missing",
    ),
    "a number among turns": ([TURN, 3], r"a\.jsonl, line 2: is neither a turn nor a call"),
    "talk among turns": ([TURN, TALK], r"a\.jsonl, line 2: has neither labels nor context"),
    "talk without text": ([TALK, without(TALK, "text")], r"a\.jsonl, line 2: text: is missing"),
    "a turn that ends before it begins": (
        [{**CALL, "turns": [CALL["turns"][0] | {"start": 3}]}],
        r"a\.jsonl, line 1: turns\.0: start 3 must not be after end 2",
    ),
    "a turn with half its times": (
        [{**CALL, "turns": [without(CALL["turns"][0], "end")]}],
        r"turns\.0: start and end must both be given, or neither",
    ),
    "two turns of one number": (
        [{**CALL, "turns": CALL["turns"] * 2}],
        r"a\.jsonl, line 1: .*two turns have the `i` 0",
    ),
    "a brief no sidecar may hold": (
        [{**CALL, "account_brief": [{"topic": "size", "fact": "x" * 501}]}],
        r"a\.jsonl, line 1: account_brief\.0\.fact|a\.jsonl, line 1: fact",
    ),
}


@pytest.mark.parametrize(("records", "message"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_data_is_named_with_file_and_line(
    tmp_path: Path, records: list[Any], message: str
) -> None:
    write(tmp_path / "a.jsonl", *records)
    with pytest.raises(UsageError, match=message):
        find_data(tmp_path)


def test_a_broken_document_is_named_with_line_and_column(tmp_path: Path) -> None:
    text = json.dumps(CALL, indent=1).replace('"end": 2,', '"end": 2')
    path = write(tmp_path / "c.json", text)
    with pytest.raises(UsageError, match=r"c\.json: line \d+, column \d+: no JSON"):
        find_data(path)


def test_text_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps(TURN).encode() + '\n{"text": "é"}'.encode("latin-1"))
    with pytest.raises(UsageError, match=r"a\.jsonl, line 2: is no UTF-8"):
        find_data(path)


@pytest.mark.parametrize("content", ["", "\n\n", "[]", "{}", "7", '{"turns": []}'])
def test_where_there_is_nothing_the_forms_are_told(tmp_path: Path, content: str) -> None:
    path = write(tmp_path / "a.json", content)
    for place in (path, tmp_path):
        with pytest.raises(UsageError, match=r"nothing .*Expected are single turns \(\.jsonl"):
            find_data(place)


def test_a_call_without_turns_is_read(tmp_path: Path) -> None:
    (case,) = cases(write(tmp_path / "a.json", {"call_id": "c1", "turns": []}))
    assert case.judged == ()
    assert case.call.turns == ()

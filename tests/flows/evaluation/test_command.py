"""`nightcall evaluate` as people use it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

import warehouse
from analyzers.reading import Reader
from calls.call import AttributedCall, Reading
from calls.errors import SettingsError, UsageError
from calls.labels import Label
from flows.cli.evaluate import evaluate
from flows.cli.tables import tables
from warehouse import Warehouse
from warehouse.schemas.evaluations import EVALUATIONS

CLICHE = "So tell me, what keeps you up at night?"
PLAIN = "We can hear you well."
TALK = [PLAIN, "It's [red] here.", CLICHE, PLAIN]


def turn(text: str, *labels: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "context": [],
        "speaker": "rep",
        "text": text,
        "labels": list(labels),
        **more,
    }


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without settings and warehouse of the developer's own."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """A small labelled set: the cliche is found, the other label can't be."""
    folder = tmp_path / "gold"
    (folder / "calls").mkdir(parents=True)
    turns = [
        turn(CLICHE, "cliche_question", name="t1"),
        turn("Zebra [red] crossing.", "aha", name="t2", speaker="customer"),
        turn(PLAIN, name="t3"),
    ]
    lines = "".join(f"{json.dumps(one)}\n" for one in turns)
    (folder / "moments.jsonl").write_text(lines, encoding="utf-8")
    call = {
        "call_id": "c1",
        "turns": [
            {"i": 0, "speaker": "rep", "text": CLICHE, "labels": ["cliche_question"]},
            {"i": 1, "speaker": "customer", "text": "Nothing much.", "labels": []},
        ],
    }
    session = {
        "session_id": "s1",
        "turns": [
            {"i": 0, "speaker": "manager", "text": "Zebra.", "labels": ["coaching_behavior"]}
        ],
    }
    (folder / "calls" / "c1.json").write_text(json.dumps(call))
    (folder / "calls" / "s1.json").write_text(json.dumps(session))
    return folder


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talk.jsonl"
    path.write_text("".join(json.dumps({"speaker": "A", "text": one}) + "\n" for one in TALK))
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(evaluate, [str(one) for one in arguments])


def test_labelled_data_gives_figures_and_confusions(gold: Path) -> None:
    done = run(gold)
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "cliche_question 1.000 1.000 1.000 - 1 1, 0, 0" in lines
    assert "aha - 0.000 0.000 - 1 0, 0, 1" in lines
    assert any(line.startswith("rejection - - - - - 0, 0, 0") for line in lines)
    assert "macro leaves out the 17 labels without support." in lines
    assert any("t2: Zebra [red] crossing." in line for line in lines)
    assert "c1 none no 1 -" in lines or "c1 none no 1 no" in lines
    assert any(line.startswith("s1 1 ≠ 0") for line in lines)
    assert "Nothing landed: there is no warehouse here. Name one with --warehouse." in done.stderr


def test_json_holds_everything(gold: Path, talk: Path, tmp_path: Path) -> None:
    talk.rename(gold / "talk.jsonl")
    done = run(gold, "--format", "json", "--quotes", "1")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["data"], found["n_turns"], found["as_role"]) == ("gold", 10, "rep")
    turns = found["scores"]["turns"]
    assert turns["labels"]["cliche_question"]["true_positives"] == 1
    assert turns["labels"]["aha"]["false_negatives"] == 1
    assert turns["macro"] == {
        "f1": 0.5,
        "f1_low": None,
        "f1_high": None,
        "labels": ["cliche_question", "aha"],
    }
    assert found["scores"]["calls"]["n_turns"] == 3
    confusions = {tuple(one["missed"]): one for one in found["confusions"]}
    assert confusions["aha",]["quotes"] == [{"where": "t2", "text": "Zebra [red] crossing."}]
    (call,) = found["calls"]["calls"]
    assert (call["steps_right"], call["complete_right"]) == (True, True)
    assert call["found"]["cliche_count"] == call["expected"]["cliche_count"] == 1
    assert found["sessions"] == [
        {
            "session_id": "s1",
            "expected": {"coaching_behavior_turns": 1, "spreadsheet_coaching_turns": 0},
            "found": {"coaching_behavior_turns": 0, "spreadsheet_coaching_turns": 0},
        }
    ]
    heard = found["talk"]["labels"]["cliche_question"]
    assert (found["talk"]["n_turns"], heard["hit_turns"], heard["per_1000_turns"]) == (4, 1, 250.0)
    (hit,) = heard["hits"]
    assert (hit["where"], hit["text"]) == ("talk.jsonl:3", CLICHE)
    assert hit["rule_ids"]
    assert found["versions"]["playbook"]


def test_talk_gives_hits_per_thousand_turns_with_quotes(talk: Path) -> None:
    done = run(talk)
    assert done.exit_code == 0, done.output
    assert "Talk: 4 turns, everybody taken for the rep" in done.stdout
    (line,) = [one for one in done.stdout.splitlines() if "cliche_question" in one]
    assert line.split()[:3] == ["cliche_question", "1", "250.00"]
    assert f"talk.jsonl:3: {CLICHE}" in line


def test_talk_of_another_role_carries_what_that_role_may_carry(talk: Path) -> None:
    done = run(talk, "--as-role", "customer", "--format", "json")
    found = json.loads(done.stdout)
    assert found["as_role"] == "customer"
    assert found["talk"]["labels"]["cliche_question"]["hit_turns"] == 0


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_rows_for_programs_are_those_of_the_table(gold: Path, format_: str, tmp_path: Path) -> None:
    output = tmp_path / f"out.{format_}"
    assert run(gold, "--format", format_, "--output", output).exit_code == 0
    if format_ == "parquet":
        frame = pl.read_parquet(output)
        assert frame.schema == EVALUATIONS.file_frame_schema
        rows = frame.rows(named=True)
    else:
        rows = list(csv.DictReader(io.StringIO(output.read_text())))
    assert list(rows[0]) == list(EVALUATIONS.names)
    labels = [*(str(one) for one in Label), "macro", "micro"]
    assert [(one["kind"], one["label"]) for one in rows] == [
        (kind, label) for kind in ("turns", "calls") for label in labels
    ]


def test_a_report_can_be_written_to_a_file(gold: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.txt"
    done = run(gold, "--output", output)
    assert done.stdout == ""
    assert "Single turns: 3" in output.read_text()


def test_figures_land_in_the_warehouse_that_is_named(
    gold: Path, talk: Path, tmp_path: Path
) -> None:
    talk.rename(gold / "talk.jsonl")
    folder = tmp_path / "made" / "warehouse"
    before = datetime.now(UTC)
    for _ in range(2):
        done = run(gold, "--warehouse", folder, "--format", "csv")
        assert done.exit_code == 0, done.output
        assert "Landed as evaluation" in done.stderr
    store = warehouse.open(folder)
    landed = store.evaluations.collect()
    assert landed["evaluation_id"].n_unique() == 2
    assert landed.height == 2 * (21 + 21 + 19)
    assert landed["started_at"].min() >= before
    of_cliches = landed.filter(label="cliche_question").select("kind", "f1", "hits_per_1000_turns")
    assert sorted(of_cliches.unique().rows(), key=str) == [
        ("calls", 1.0, None),
        ("talk", None, 250.0),
        ("turns", 1.0, None),
    ]
    assert landed.filter(kind="talk")["as_role"].unique().to_list() == ["rep"]
    assert landed.filter(pl.col("kind") != "talk")["as_role"].null_count() == 2 * 42
    assert landed["data"].unique().to_list() == ["gold"]
    written = b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    assert str(tmp_path).encode() not in written
    CliRunner().invoke(tables, ["rebuild", "--warehouse", str(folder)], catch_exceptions=False)
    assert store.evaluations.collect().sort(pl.all()).equals(landed.sort(pl.all()))


def test_figures_land_in_the_warehouse_of_the_settings_where_there_is_one(
    gold: Path, elsewhere: Path
) -> None:
    Warehouse.create(elsewhere / "warehouse")
    assert "Landed as evaluation" in run(gold).stderr
    assert warehouse.open(elsewhere / "warehouse").evaluations.collect().height == 42


def test_without_labels_there_are_predictions_only(gold: Path, tmp_path: Path) -> None:
    path = gold / "moments.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for one in lines:
        del one["labels"]
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    out = tmp_path / "out.jsonl"
    done = run(path, "--predictions", out, "--warehouse", tmp_path / "w")
    assert done.exit_code == 0, done.output
    assert "3 turns are not labelled" in done.stdout
    assert "Nothing landed: nothing is labelled" in done.stderr
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["id"] for one in found] == ["t1", "t2", "t3"]
    assert found[0]["labels"] == ["cliche_question"]
    assert found[1:] == [{"id": "t2", "labels": []}, {"id": "t3", "labels": []}]


def test_a_call_that_can_not_be_read_costs_only_itself(
    gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Reader.read

    def sometimes(self: Reader, call: AttributedCall) -> Reading:
        if call.recording.call_id == "t1":
            raise ZeroDivisionError("no pace")
        return read(self, call)

    monkeypatch.setattr(Reader, "read", sometimes)
    out = tmp_path / "out.jsonl"
    done = run(gold, "--predictions", out, "--format", "json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["unread"] == ["t1: ZeroDivisionError: no pace"]
    assert "Not read: t1: ZeroDivisionError: no pace" in done.stderr
    assert json.loads(out.read_text().splitlines()[0]) == {"id": "t1", "labels": []}
    assert len(out.read_text().splitlines()) == 5


def test_malformed_data_is_refused_before_anything_is_made(gold: Path, tmp_path: Path) -> None:
    with (gold / "moments.jsonl").open("a") as file:
        file.write(json.dumps(turn(PLAIN, "cliche", name="t4")))
    done = run(gold, "--warehouse", tmp_path / "w", "--predictions", tmp_path / "out.jsonl")
    assert isinstance(done.exception, UsageError)
    assert "moments.jsonl, line 4: labels.0" in str(done.exception)
    assert not (tmp_path / "w").exists()
    assert not (tmp_path / "out.jsonl").exists()


def test_a_wrong_setting_is_told_first(gold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTCALL_ANALYZERS", '["mood"]')
    done = run(gold)
    assert isinstance(done.exception, SettingsError)


def test_text_that_no_encoding_takes_is_read_as_far_as_it_is_text(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    odd = turn("", "aha", name="half")
    path.write_text(json.dumps(odd).replace('"text": ""', r'"text": "half \ud83d a sign"') + "\n")
    for format_ in ("table", "json", "csv"):
        out = tmp_path / "out.jsonl"
        done = run(path, "--format", format_, "--predictions", out)
        assert done.exit_code == 0, done.output
        assert json.loads(out.read_text()) == {"id": "half", "labels": []}

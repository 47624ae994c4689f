from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from calls.labels import Hint, Label, Role
from calls.moment import Severity
from calls.question import QuestionType
from calls.transcript import Engine, TranscriptOrigin
from reports.flagged import flagged
from tests.warehouse.a_quarter import (
    ADA,
    BEN,
    ROBIN,
    WEEKS,
    Talk,
    land_quarter,
    made_call,
    monday,
    talk_of,
)
from warehouse import CallRows, Warehouse
from warehouse.schemas import ALL_TABLES
from warehouse.sql import run_query
from warehouse.views import VIEWS, View, views_for_duckdb

DAY = date(2026, 9, 15)

each_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Warehouse.create(tmp_path_factory.mktemp("quarter") / "warehouse")
    land_quarter(store)
    return store.path


def rows(path: Path, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run_query(path, sql).to_pylist()
    return found


def landed(store: Warehouse, *calls: CallRows) -> Path:
    for one in calls:
        store.artifacts.save_reading(one)
    assert not store.publish([one.source_key for one in calls]).refused
    return store.path


@each_view
def test_a_view_has_the_declared_columns_in_order(quarter: Path, view: View) -> None:
    assert run_query(quarter, f"FROM {view.name}").column_names == list(view.columns)


@each_view
def test_a_view_says_what_it_is(view: View) -> None:
    assert view.name not in ALL_TABLES
    assert view.meaning.endswith(".")
    assert "|" not in view.one_row_per
    for name, meaning in view.columns.items():
        assert meaning.endswith("."), name
        assert "|" not in meaning, f"{name} would break its line of the dictionary"


KEYS = {
    "rep_calls": "call_id, rep_id",
    "rep_weeks": "week, rep_id",
    "flagged_moments": "moment_id",
    "flagged_calls": "call_id, rep_id",
    "hypotheses": "chain_id",
    "chain_steps": "chain_id, step_number",
    "claims_said": "claim_said_id",
    "replies": "call_id, turn",
}


@each_view
def test_a_view_has_rows_and_each_only_once(quarter: Path, view: View) -> None:
    (found,) = rows(
        quarter,
        f"SELECT count(*) AS all_rows, count(DISTINCT ({KEYS[view.name]})) AS keys "
        f"FROM {view.name}",
    )
    assert found["all_rows"] == found["keys"] > 0


@each_view
def test_numbers_are_not_wider_than_programs_can_take(quarter: Path, view: View) -> None:
    schema = run_query(quarter, f"FROM {view.name}").schema
    assert [one.name for one in schema if pa.types.is_decimal(one.type)] == []


def scans(plan: Any) -> Iterator[dict[str, Any]]:
    """Every reading of a table in a plan."""
    for node in plan if isinstance(plan, list) else [plan]:
        if "ARROW_SCAN" in node["name"].upper():
            yield node
        yield from scans(node["children"])


@pytest.mark.parametrize("name", [one for one in VIEWS if one != "rep_weeks"])
def test_a_condition_on_the_date_reaches_every_table(quarter: Path, name: str) -> None:
    sql = f"EXPLAIN (FORMAT json) FROM {name} WHERE call_date >= DATE '{DAY}'"
    ((plan,),) = [tuple(row.values())[1:] for row in rows(quarter, sql)]
    found = list(scans(json.loads(plan)))
    assert len(found) >= 3
    for scan in found:
        assert "call_date" in str(scan["extra_info"].get("Filters")), scan


@each_view
def test_a_duckdb_of_ones_own_gives_the_same_rows(
    quarter: Path, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(quarter)
    with duckdb.connect(":memory:") as connection:
        connection.execute(views_for_duckdb())
        mine = connection.sql(f"FROM {view.name} ORDER BY ALL").to_arrow_table()
    assert mine.equals(run_query(quarter, f"FROM {view.name} ORDER BY ALL"))


def test_a_duckdb_of_ones_own_has_every_table(
    quarter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(quarter)
    sql = views_for_duckdb()
    assert str(quarter) not in sql
    with duckdb.connect(":memory:") as connection:
        connection.execute(sql)
        for name in ALL_TABLES:
            mine = connection.sql(f"SELECT count(*) AS n FROM {name}").to_arrow_table()
            assert mine.to_pylist() == rows(quarter, f"SELECT count(*) AS n FROM {name}")


def test_what_was_not_measured_is_null_never_zero(quarter: Path) -> None:
    found = rows(quarter, f"FROM rep_calls WHERE rep = '{BEN.name}'")
    assert len(found) == len(WEEKS)
    counts = [name for name in found[0] if name.endswith("_count") and name != "question_count"]
    assert len(counts) == 9
    assert {row[name] for row in found for name in counts} == {None}
    assert {row["coachable"] for row in found} == {False}
    (week,) = rows(quarter, f"FROM rep_weeks WHERE rep = '{BEN.name}' LIMIT 1")
    assert (week["call_count"], week["coachable_call_count"]) == (1, 0)
    measured = [name for name in week if name.startswith(("cliche_", "hypothesis_", "complete_"))]
    assert len(measured) == 8
    assert {week[name] for name in measured} == {None}


def test_a_coachable_call_that_was_not_measured_is_in_no_denominator(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    measured = made_call(ROBIN, talk, day=DAY, deal="D-1")
    unmeasured = made_call(ROBIN, talk, day=DAY + timedelta(days=1), deal="D-2")
    (card,) = unmeasured["scorecards"]
    tables = {**unmeasured.tables, "scorecards": (replace(card, cliche_question_count=None),)}
    path = landed(store, measured, replace(unmeasured, tables=tables))
    (week,) = rows(path, "FROM rep_weeks")
    assert (week["coachable_call_count"], week["measured_call_count"]) == (2, 1)
    assert (week["measured_deal_count"], week["cliche_call_ratio"]) == (1, 0.0)


def test_each_of_two_reps_has_what_they_said_themselves(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    second = replace(talk_of(ADA).rep, speaker="ch2", channel=2)
    talk.small_talk(12)
    asked = talk.says(second)
    talk.mark(asked, Label.CLICHE_QUESTION, severity=Severity.HIGH)
    call = made_call(ROBIN, talk, day=DAY, deal="D-1", more=(second,))
    path = landed(store, call)
    found = rows(path, "SELECT rep, cliche_count FROM rep_calls ORDER BY rep")
    assert found == [
        {"rep": "Ada Voss", "cliche_count": 1},
        {"rep": "Robin Reed", "cliche_count": 0},
    ]
    assert [row["rep"] for row in rows(path, "FROM flagged_calls")] == ["Ada Voss"]
    assert rows(path, "SELECT rep FROM calls") == [{"rep": "Robin Reed"}]


def test_a_rep_on_two_voices_is_one(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    phone = replace(talk.rep, speaker="ch2", channel=2)
    talk.small_talk(12)
    talk.asks_cliche()
    talk.mark(talk.says(phone), Label.CLICHE_QUESTION, severity=Severity.LOW)
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None, more=(phone,)))
    assert rows(path, "SELECT rep, cliche_count FROM rep_calls") == [
        {"rep": "Robin Reed", "cliche_count": 2}
    ]
    (flagged_call,) = rows(path, "FROM flagged_calls")
    assert flagged_call["flagged_count"] == 2
    assert flagged_call["severity"] == "medium"


def test_a_turn_with_two_cliches_counts_once(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    turn = talk.asks_cliche()
    talk.mark(turn, Label.CLICHE_QUESTION, start_s=turn.start_s + 1, severity=Severity.LOW)
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None))
    assert rows(path, "SELECT cliche_count FROM rep_calls") == [{"cliche_count": 1}]
    assert rows(path, "SELECT flagged_count FROM flagged_calls") == [{"flagged_count": 2}]


def test_flagged_moments_are_those_of_the_command(store: Warehouse, quarter: Path) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    known = talk.asks()
    talk.mark(known, Label.HOMEWORK_QUESTION, severity=Severity.MEDIUM)
    talk.mark(known, Hint.ALREADY_KNOWN, severity=Severity.HIGH, known_answer="nine hotels")
    alone = talk.asks()
    talk.mark(alone, Label.HOMEWORK_QUESTION, severity=Severity.LOW)
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None))
    labels = rows(path, "SELECT label, known_answer FROM flagged_moments ORDER BY start_s")
    assert labels == [
        {"label": "already_known", "known_answer": "nine hotels"},
        {"label": "homework_question", "known_answer": None},
    ]
    for where in (path, quarter):
        listed = flagged(Warehouse(where, "UTC"), limit=None)
        shown = rows(where, "SELECT moment_id, rep, minute, why FROM flagged_moments")
        assert sorted(map(tuple, (row.values() for row in shown))) == sorted(
            listed.select("moment_id", "rep", "at", "why").rows()
        )


def test_minutes_beyond_an_hour_have_hours(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    turn = talk.says(talk.rep, after_s=4000.0)
    talk.mark(turn, Label.CLICHE_QUESTION, severity=Severity.LOW)
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None))
    listed = flagged(store, limit=None)["at"].to_list()
    assert [row["minute"] for row in rows(path, "FROM flagged_calls")] == listed == ["1:07:22"]


def test_a_reply_ends_where_somebody_else_takes_the_floor(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    talk.asks(QuestionType.IMPLICATION)
    talk.says(talk.customer, 1, backchannel=True)
    talk.says(talk.customer, 3, after_s=0.5)
    talk.says(talk.rep, 1, backchannel=True)
    talk.says(talk.customer, 4)
    talk.says(talk.rep, 5)
    talk.says(talk.customer, 30)
    talk.asks(QuestionType.SITUATION)
    talk.says(talk.rep, 5)  # nobody answers
    talk.says(talk.customer, 5)
    talk.asks(QuestionType.OTHER)  # courtesy
    talk.says(talk.customer, 5)
    talk.asks()
    talk.says(talk.customer, 5, after_s=-0.5)  # overlap
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None))
    found = rows(path, "SELECT kind, reply_word_count, reply_delay_s FROM replies ORDER BY start_s")
    assert [tuple(row.values()) for row in found] == [
        ("other", 7, 2.0),  # 1 s, the acknowledgement of 0.5 s, 0.5 s
        ("other", None, None),
        ("other", 5, None),
    ]


def test_a_reply_is_measured_as_the_analyzer_measures_it(quarter: Path) -> None:
    both = rows(
        quarter,
        "SELECT m.reply_word_count, r.reply_word_count AS words, "
        "m.reply_delay_s, r.reply_delay_s AS delay_s "
        "FROM moments m JOIN replies r USING (call_id, turn) "
        "WHERE m.label = 'cliche_question' AND m.reply_word_count IS NOT NULL",
    )
    assert len(both) == 13
    for row in both:
        assert row["reply_word_count"] == row["words"]
        assert row["reply_delay_s"] == row["delay_s"]


def test_where_times_are_guesses_nothing_is_said_of_delays(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    talk.asks()
    talk.says(talk.customer, 5)
    guessed = TranscriptOrigin(Engine.IMPORTED, "vcon", options={"times": "estimated"})
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None, origin=guessed))
    (reply,) = rows(path, "FROM replies")
    assert (reply["reply_word_count"], reply["reply_delay_s"]) == (5, None)


def test_a_chain_has_four_steps_whether_taken_or_not(quarter: Path) -> None:
    steps = "SELECT step, is_taken, minute, lag_s, quote FROM chain_steps"
    (ada,) = rows(quarter, f"SELECT max(call_id) AS id FROM hypotheses WHERE rep = '{ADA.name}'")
    complete = rows(quarter, f"{steps} WHERE call_id = '{ada['id']}' ORDER BY step_number")
    assert [row["step"] for row in complete] == [
        "hypothesis",
        "confirmation",
        "reframe",
        "client_story",
    ]
    assert [row["lag_s"] for row in complete] == [None, 2.0, 3.0, 7.0]
    assert all(row["is_taken"] and row["minute"] and row["quote"] for row in complete)
    stopped = rows(quarter, f"{steps} WHERE rep = 'Dev Roy' AND step_number > 1")
    assert len(stopped) == 3 * len(WEEKS)
    assert {tuple(row.values())[1:] for row in stopped} == {(False, None, None, None)}


def test_a_hypothesis_that_was_accepted_in_the_end_is_not_rejected(store: Warehouse) -> None:
    talk = talk_of(ADA)
    talk.small_talk(12)
    said = talk.mark(talk.says(talk.rep), Label.HYPOTHESIS)
    no = talk.mark(talk.says(talk.customer), Label.REJECTION)
    yes = talk.mark(talk.says(talk.customer), Label.CONFIRMATION)
    talk.chain(said, rejection=no, confirmation=yes)
    path = landed(store, made_call(ADA, talk, day=DAY, deal=None))
    (row,) = rows(path, "SELECT industry, is_confirmed, is_rejected FROM hypotheses")
    assert tuple(row.values()) == ("Food", True, False)


def test_two_publications_of_a_call_are_never_mixed(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    talk.asks_cliche()
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None))
    assert len(rows(path, "FROM flagged_moments")) == 1
    part = path / "tables" / "moments" / f"call_date={DAY}" / "part-0.parquet"
    moments = pq.ParquetFile(part).read()
    at = moments.schema.get_field_index("revision")
    newer = pc.add(moments["revision"], pa.scalar(1, pa.int32()))
    pq.write_table(moments.set_column(at, moments.schema.field(at), newer), part)
    assert rows(path, "FROM flagged_moments") == []


def test_a_rep_nobody_could_name_is_null(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    nobody = replace(talk.rep, name=None, participant_id=None)
    unnamed = Talk(nobody, talk.customer)
    unnamed.small_talk(12)
    unnamed.asks_cliche()
    path = landed(store, made_call(ROBIN, unnamed, day=DAY, deal=None))
    for view in ("rep_calls", "rep_weeks", "flagged_calls", "replies"):
        (row,) = rows(path, f"SELECT rep, rep_id FROM {view}")
        assert tuple(row.values()) == (None, None)


def test_a_rep_who_was_not_heard_has_no_calls(store: Warehouse) -> None:
    talk = talk_of(ROBIN)
    talk.small_talk(12)
    silent = replace(talk_of(ADA).rep, speaker="ch2", channel=2, heard=False)
    assert silent.role is Role.REP
    path = landed(store, made_call(ROBIN, talk, day=DAY, deal=None, more=(silent,)))
    assert [row["rep"] for row in rows(path, "FROM rep_calls")] == ["Robin Reed"]


def test_weeks_begin_on_monday(quarter: Path) -> None:
    weeks = [row["week"] for row in rows(quarter, "SELECT DISTINCT week FROM rep_weeks ORDER BY 1")]
    assert weeks == [monday(week) for week in WEEKS]


def test_the_columns_that_views_name_are_views_columns() -> None:
    for view in VIEWS.values():
        for meaning in view.columns.values():
            for name in re.findall(r"`(\w+_(?:count|ratio))`", meaning):
                assert name in view.columns, f"{view.name}: {name}"

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calls.errors import UsageError
from tests.warehouse.builders import START, land, rows_of
from warehouse import Warehouse
from warehouse import sql as sql_module
from warehouse.schemas import ALL_TABLES
from warehouse.sql import run_query
from warehouse.views import VIEWS


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Warehouse.create(tmp_path_factory.mktemp("sql") / "warehouse")
    land(store, rows_of("a"), rows_of("b", days=1), rows_of("c", days=1))
    return store.path


def answer(path: Path, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in run_query(path, sql).to_pylist()]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count(*) FROM turns", [(36,)]),
        ("SELECT count(*) FROM turns;", [(36,)]),
        ("-- a note\nSELECT 1 -- another", [(1,)]),
        ("FROM moments SELECT count(*)", [(6,)]),
        (
            "SELECT call_date, count(*) FROM calls GROUP BY ALL ORDER BY ALL",
            [(date(2026, 9, 14), 1), (date(2026, 9, 15), 2)],
        ),
        ("SELECT call_id FROM calls WHERE call_date = DATE '2026-09-14'", [("a",)]),
        ("SELECT count(*) FROM turns WHERE call_id = lower('A') AND turn < 3", [(3,)]),
        ("SELECT count(*) FROM calls WHERE started_at > '2026-09-14 12:00:00+00'", [(2,)]),
        (
            "WITH m AS (SELECT call_id, revision, count(*) n FROM moments GROUP BY ALL) "
            "SELECT call_id, n, rep FROM m JOIN calls USING (call_id, revision) ORDER BY call_id",
            [("a", 2, "Robin Reed"), ("b", 2, "Robin Reed"), ("c", 2, "Robin Reed")],
        ),
        ("SELECT call_id FROM calls WHERE call_id IN ('a', 'c') ORDER BY 1", [("a",), ("c",)]),
        ("SELECT count(*) FROM moments WHERE better_move LIKE 'Say%'", [(6,)]),
    ],
)
def test_questions_are_answered(path: Path, sql: str, rows: list[tuple[object, ...]]) -> None:
    assert answer(path, sql) == rows


def test_every_table_can_be_asked(path: Path) -> None:
    shown = {row[0] for row in answer(path, "SHOW TABLES")}
    assert shown == {*ALL_TABLES, *VIEWS}
    for name, spec in ALL_TABLES.items():
        found = run_query(path, f"SELECT * FROM {name}")
        assert found.column_names == list(spec.frame_schema)


def test_points_in_time_are_utc_whatever_the_machine_thinks(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    (found,) = answer(path, "SELECT started_at, started_at::VARCHAR FROM calls WHERE call_id = 'a'")
    assert found == (START, "2026-09-14 10:00:00+00")


def test_explain_shows_a_plan(path: Path) -> None:
    assert "ARROW" in str(answer(path, "EXPLAIN SELECT * FROM turns WHERE turn = 1")).upper()


def test_an_answer_too_large_for_memory_is_said_and_written_nowhere(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sql_module._CLOSED, "memory_limit", "20MB")
    sql = "SELECT a.range, random() AS r FROM range(2000000) a ORDER BY r"
    with pytest.raises(UsageError, match=r"does not fit into memory.*Ask for fewer dates"):
        run_query(path, sql)
    assert list(tmp_path.iterdir()) == []


def test_parameters_are_filled_in(path: Path) -> None:
    sql = "SELECT call_id FROM calls WHERE team = $team AND call_id > $id ORDER BY 1"
    found = run_query(path, sql, {"team": "North", "id": "a"}).to_pylist()
    assert found == [{"call_id": "b"}, {"call_id": "c"}]
    number = run_query(path, "EXPLAIN SELECT turn FROM turns LIMIT $n::INTEGER", {"n": "3"})
    assert number.num_rows == 1


def test_a_parameter_is_a_value_never_sql(path: Path) -> None:
    sql = "SELECT count(*) AS n FROM calls WHERE team = $team"
    for value in ("North' OR 'a' = 'a", "'; COPY calls TO 'x'; --", "$team", ""):
        assert run_query(path, sql, {"team": value}).to_pylist() == [{"n": 0}]


@pytest.mark.parametrize(
    ("given", "dates"),
    [
        ("2026-09-22", ("2026-09-22", "2026-09-21", "2026-09-14")),
        ("2026-09-21", ("2026-09-21", "2026-09-21", "2026-09-14")),
        ("2026-09-27", ("2026-09-27", "2026-09-21", "2026-09-14")),
        ("2026-01-01", ("2026-01-01", "2025-12-29", "2025-12-22")),
    ],
)
def test_weeks_follow_from_today(path: Path, given: str, dates: tuple[str, ...]) -> None:
    sql = "SELECT $today AS a, $this_week AS b, $last_week AS c"
    (row,) = run_query(path, sql, {"today": given}).to_pylist()
    assert tuple(row.values()) == tuple(map(date.fromisoformat, dates))


def test_today_is_today_where_the_warehouse_is(tmp_path: Path) -> None:
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):  # 26 hours apart: never the same day
        store = Warehouse.create(tmp_path / zone.replace("/", "-"), time_zone=zone)
        before = datetime.now(ZoneInfo(zone)).date()
        (row,) = run_query(store.path, "SELECT $today AS a").to_pylist()
        assert before <= row["a"] <= datetime.now(ZoneInfo(zone)).date()


def test_a_condition_on_a_parameter_skips_files_as_a_constant_does(path: Path) -> None:
    sql = "EXPLAIN SELECT * FROM turns WHERE call_date >= $last_week"
    (plan,) = run_query(path, sql, {"today": "2026-09-22"}).to_pylist()
    assert "\"call_date\" >= DATE '2026-09-14'" in plan["explain_value"]


@pytest.mark.parametrize(
    ("sql", "given", "message"),
    [
        ("SELECT $team", {}, r"needs a value for \$team: --param team=VALUE. .* in it: \$team"),
        ("SELECT $teem", {"team": "N"}, r"has no parameter \$team. Parameters in it: \$teem"),
        ("SELECT 1", {"a": "1"}, r"has no parameter \$a. Parameters in it: none"),
        ("SELECT ?", {}, r"needs a value for \$1"),
        ("SELECT $today", {"today": "yesterday"}, "today=yesterday: no date. .*YYYY-MM-DD"),
        ("SELECT $last_week", {"last_week": "1"}, "last_week=1: no date"),
    ],
)
def test_a_wrong_parameter_is_named(
    path: Path, sql: str, given: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run_query(path, sql, given)


def test_today_may_be_given_to_a_question_that_does_not_ask(path: Path) -> None:
    assert run_query(path, "SELECT 1 AS a", {"today": "2026-09-22"}).to_pylist() == [{"a": 1}]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT nothing FROM turns", 'column "nothing" not found'),
        ("SELECT * FROM mood", "mood does not exist"),
        ("SELECT 'a'::INTEGER", "Could not convert"),
    ],
)
def test_a_wrong_question_gets_duckdb_s_own_words(path: Path, sql: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"(?i){message}"):
        run_query(path, sql)


def test_without_a_warehouse_the_next_step_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no warehouse here"):
        run_query(tmp_path, "SELECT 1")

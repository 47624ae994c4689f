from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from calls.errors import QueryRefused, UsageError
from tests.warehouse.builders import START, land, rows_of
from warehouse import Warehouse
from warehouse.schemas import ALL_TABLES
from warehouse.sql import run_query


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
    assert shown == set(ALL_TABLES)
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


REFUSED = {
    "copy": "COPY turns TO '{out}'",
    "attach": "ATTACH '{out}'",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "set": "SET threads = 1",
    "reset": "RESET ALL",
    "pragma": "PRAGMA database_list",
    "two": "SELECT 1; SELECT 2",
    "hidden second": "SELECT 1; COPY turns TO '{out}'",
    "nothing": "",
    "only a note": "-- SELECT 1",
    "create": "CREATE TABLE mine AS SELECT 1",
    "insert": "INSERT INTO turns SELECT * FROM turns",
    "update": "UPDATE turns SET text = ''",
    "delete": "DELETE FROM turns",
    "drop": "DROP VIEW turns",
    "export": "EXPORT DATABASE '{out}'",
    "call": "CALL pragma_version()",
    "use": "USE memory",
    "prepare": "PREPARE q AS SELECT 1",
    "transaction": "BEGIN",
    "checkpoint": "CHECKPOINT",
    "read_text": "SELECT * FROM read_text('/etc/passwd')",
    "read_blob": "SELECT * FROM read_blob('/etc/passwd')",
    "read_csv": "SELECT * FROM read_csv('/etc/passwd')",
    "read_json": "SELECT * FROM read_json('/etc/passwd')",
    "read_parquet": "SELECT * FROM read_parquet('{part}')",
    "in a subquery": "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "in a string of SQL": "SELECT * FROM query('FROM read_text(''/etc/passwd'')')",
    "glob": "SELECT * FROM glob('/etc/*')",
    "sniff": "SELECT * FROM sniff_csv('/etc/passwd')",
    "explain analyze read": "EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')",
    "explain analyze copy": "EXPLAIN ANALYZE COPY turns TO '{out}'",
    "explain analyze over a table": "EXPLAIN ANALYZE COPY (SELECT 1) TO '{part}'",
    "explain analyze attach": "EXPLAIN ANALYZE ATTACH '{out}'",
    "network": "SELECT * FROM read_csv('http://localhost:1/a.csv')",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_is_not_one_question_to_the_tables_is_refused(
    path: Path, tmp_path: Path, sql: str
) -> None:
    part = path / "tables" / "turns" / f"call_date={START.date()}" / "part-0.parquet"
    before = part.read_bytes()
    out = tmp_path / "out"
    with pytest.raises(UsageError) as error:
        run_query(path, sql.format(out=out, part=part))
    assert "Allowed is one SELECT" in str(error.value) or "can be read" in str(error.value)
    assert not out.exists()
    assert part.read_bytes() == before


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("COPY turns TO 'x'", "^COPY is not allowed. Allowed is one SELECT"),
        ("SELECT 1; SELECT 2", "^2 statements were given. Allowed is one SELECT"),
        ("", "^0 statements were given"),
        (
            "SELECT * FROM read_text('/etc/passwd')",
            r"^The question reaches beyond the tables \(.*\)\.\nOnly the tables can be read: ",
        ),
    ],
)
def test_a_refusal_says_what_is_allowed(path: Path, sql: str, message: str) -> None:
    with pytest.raises(QueryRefused, match=message):
        run_query(path, sql)


@pytest.mark.parametrize("name", ["/etc/passwd", "mine.parquet", "warehouse", "spec"])
def test_neither_files_nor_our_own_variables_are_tables(path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"does not exist|reaches beyond the tables"):
        run_query(path, f"SELECT * FROM '{name}'")


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

"""`nightcall query` as people and programs use it."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from flows.cli import cli, main
from tests.warehouse.builders import land, rows_of
from tests.warehouse.test_sql_refused import REFUSED
from warehouse import Warehouse


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with two calls, one a day."""
    store = Warehouse.create(tmp_path_factory.mktemp("query") / "warehouse")
    land(store, rows_of("a"), rows_of("b", days=1))
    return store.path


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the developer's own."""
    monkeypatch.chdir(tmp_path)


def query(home: Path, *arguments: str, typed: bytes | None = None) -> Result:
    given = ["query", *arguments, "--warehouse", str(home)]
    return CliRunner().invoke(cli, given, input=typed)


def answer(home: Path, *arguments: str, typed: bytes | None = None) -> list[dict[str, Any]]:
    asked = query(home, *arguments, "--format", "json", typed=typed)
    assert asked.exit_code == 0, asked.exception
    found: list[dict[str, Any]] = json.loads(asked.stdout)
    return found


def test_a_question_may_be_typed_or_lie_in_a_file(home: Path, tmp_path: Path) -> None:
    sql = "SELECT count(*) AS n FROM calls -- wie viele Gespräche?\n;\n"
    assert answer(home, "-", typed=sql.encode()) == [{"n": 2}]
    file = tmp_path / "question.sql"
    for text in (sql.encode(), sql.encode("utf-8-sig")):
        file.write_bytes(text)
        assert answer(home, "--file", str(file)) == [{"n": 2}]


def test_parameters_are_named_on_the_command_line(home: Path) -> None:
    sql = "SELECT $team AS team, $today AS today, $last_week AS week"
    given = ("--param", "team=a=b", "--param", "today=2026-09-22")
    assert answer(home, sql, *given) == [
        {"team": "a=b", "today": "2026-09-22", "week": "2026-09-14"}
    ]


def test_views_are_printed_for_a_duckdb_of_ones_own(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = CliRunner().invoke(cli, ["query", "--views"])
    assert printed.exit_code == 0
    kept = tmp_path / "views.sql"
    CliRunner().invoke(cli, ["query", "--views", "--output", str(kept)])
    assert kept.read_text(encoding="utf-8") == printed.stdout
    monkeypatch.chdir(home)
    with duckdb.connect(":memory:") as connection:
        connection.execute(printed.stdout)
        found = connection.sql("SELECT count(*) AS n FROM flagged_moments").to_arrow_table()
    assert found.to_pylist() == answer(home, "SELECT count(*) AS n FROM flagged_moments")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give one question"),
        (["SELECT 1", "--views"], "Give one question"),
        (["SELECT 1", "--file", "x.sql"], "Give one question"),
        (["--file", "x.sql"], "--file x.sql: can't be read (No such file"),
        (["--file", "latin.sql"], "--file latin.sql: not UTF-8 (byte 8). Save it as UTF-8."),
        (["SELECT $a", "--param", "a"], "--param a: no NAME=VALUE. Write e.g."),
        (["SELECT $a", "--param", "=a"], "--param =a: no NAME=VALUE. Write e.g."),
        (["SELECT $a", "--param", "a=1", "--param", "a=2"], "--param a is given twice."),
        (["SELECT $team"], "The question needs a value for $team: --param team=VALUE."),
        (["SELECT 1", "--param", "a=1"], "The question has no parameter $a."),
        (["SELECT $today", "--param", "today=x"], "--param today=x: no date."),
        (["SELECT nothing FROM turns"], 'column "nothing" not found'),
        (["SELECT DATE '290309-12-22 (BC)'"], "can't be shown"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_to_do(
    home: Path,
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("latin.sql").write_bytes("SELECT '\xe9'".encode("latin-1"))
    monkeypatch.setattr(sys, "argv", ["nightcall", "query", *arguments, "--warehouse", str(home)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


# tests/warehouse/test_sql_refused.py tries all of them.
SOME_REFUSED = ("copy to", "two", "nothing", "with copy", "read_text", "a url", "explain drop")


@pytest.mark.parametrize("sql", [REFUSED[name] for name in SOME_REFUSED], ids=SOME_REFUSED)
def test_what_is_refused_exits_with_2_in_one_clear_sentence(
    home: Path, sql: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sql = sql.format(out="out", part=home / "tables" / "calls" / "x.parquet")
    monkeypatch.setattr(sys, "argv", ["nightcall", "query", sql, "--warehouse", str(home)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Error: ")
    assert "Traceback" not in shown.err
    assert list(Path().iterdir()) == []


TYPES: dict[str, tuple[str, Any, str]] = {
    "null": ("NULL", None, ""),
    "true/false": ("true", True, "True"),
    "whole number": ("9007199254740993::BIGINT", 9007199254740993, "9007199254740993"),
    "sum of whole numbers": ("(SELECT sum(x) FROM range(5) AS t(x))", 10, "10"),
    "wide number": (
        "170141183460469231731687303715884105727::HUGEINT",
        2**127 - 1,
        f"{2**127 - 1}",
    ),
    "decimal": ("1.50", 1.5, "1.50"),
    "float": ("0.1::DOUBLE", 0.1, "0.1"),
    "not a number": ("'nan'::DOUBLE", None, "nan"),
    "infinity": ("'-inf'::DOUBLE", None, "-inf"),
    "text": ("'ä \"x\", [red]'", 'ä "x", [red]', 'ä "x", [red]'),
    "date": ("DATE '2026-09-14'", "2026-09-14", "2026-09-14"),
    "time": ("TIME '10:00:01'", "10:00:01", "10:00:01"),
    "timestamp": (
        "TIMESTAMP '2026-09-14 10:00:01.5'",
        "2026-09-14T10:00:01.500000",
        "2026-09-14 10:00:01.500000",
    ),
    "instant": (
        "TIMESTAMPTZ '2026-09-14 10:00:00+02'",
        "2026-09-14T08:00:00+00:00",
        "2026-09-14 08:00:00+00:00",
    ),
    "interval": ("INTERVAL '1 month 2 days 3.5 seconds'", "P1M2DT3.5S", "P1M2DT3.5S"),
    "blob": ("'\\x00a'::BLOB", "0061", "0061"),
    "uuid": (
        "'00000000-0000-0000-0000-00000000000a'::UUID",
        "00000000-0000-0000-0000-00000000000a",
        "00000000-0000-0000-0000-00000000000a",
    ),
    "enum": ("'b'::ENUM('a', 'b')", "b", "b"),
    "empty list": ("[]::INTEGER[]", [], "[]"),
    "list": ("[1.5::DOUBLE, NULL, 'nan']", [1.5, None, None], "[1.5, null, null]"),
    "list of dates": ("[DATE '2026-09-14']", ["2026-09-14"], '["2026-09-14"]'),
    "array": ("[1, 2]::INTEGER[2]", [1, 2], "[1, 2]"),
    "struct": (
        "{'a': 1, 'b': {'c': ['ä']}}",
        {"a": 1, "b": {"c": ["ä"]}},
        '{"a": 1, "b": {"c": ["ä"]}}',
    ),
    "map": ("MAP {'a': 1}", [["a", 1]], '[["a", 1]]'),
    "union": ("union_value(n := 5)", 5, "5"),
}
each_type = pytest.mark.parametrize("kind", TYPES)
# Parquet has no such types.
NOT_IN_PARQUET = {"interval", "union"}


@each_type
def test_json_has_every_type(home: Path, kind: str) -> None:
    sql, expected, _ = TYPES[kind]
    asked = query(home, f"SELECT {sql} AS a", "--format", "json")
    found = json.loads(asked.stdout, parse_constant=lambda name: pytest.fail(name))
    assert found == [{"a": expected}]


@each_type
def test_csv_has_every_type(home: Path, kind: str) -> None:
    sql, _, expected = TYPES[kind]
    asked = query(home, f"SELECT {sql} AS a, 1 AS b", "--format", "csv")
    assert list(csv.reader(io.StringIO(asked.stdout))) == [["a", "b"], [expected, "1"]]


@each_type
def test_parquet_has_every_type_or_says_which_to_cast(
    home: Path, kind: str, tmp_path: Path
) -> None:
    sql, _, _ = TYPES[kind]
    path = tmp_path / "out.parquet"
    asked = query(home, f"SELECT {sql} AS a", "--format", "parquet", "--output", str(path))
    if kind in NOT_IN_PARQUET:
        assert "Cast the column" in str(asked.exception)
        assert not path.exists()
        return
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        kept = connection.sql(f"SELECT a::VARCHAR AS a FROM read_parquet('{path}')")
        assert kept.to_arrow_table().to_pylist() == answer(home, f"SELECT ({sql})::VARCHAR AS a")


@each_type
def test_people_see_every_type(home: Path, kind: str) -> None:
    sql, _, as_csv = TYPES[kind]
    asked = query(home, f"SELECT {sql} AS a")
    assert asked.exit_code == 0
    shown = asked.stdout.splitlines()[3].strip()
    if kind not in ("float", "not a number", "infinity", "wide number"):
        assert shown == as_csv


@pytest.mark.parametrize("format_", ["table", "json", "csv", "parquet"])
def test_columns_of_one_name_are_told_apart(home: Path, format_: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    sql = "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a"
    asked = query(home, sql, "--format", format_, "--output", str(path))
    assert asked.exit_code == 0
    if format_ == "parquet":
        names = pq.read_schema(path).names
    elif format_ == "json":
        names = list(json.loads(path.read_text())[0])
    elif format_ == "csv":
        names = path.read_text().splitlines()[0].split(",")
    else:
        names = path.read_text().splitlines()[1].split()
    assert names == ["a", "a_2", "a_2_2", "a_3"]


@pytest.mark.parametrize(("value", "shown"), [("12345.6", "12346"), ("0.12345", "0.123")])
def test_people_see_round_numbers(home: Path, value: str, shown: str) -> None:
    assert shown in query(home, f"SELECT {value}::DOUBLE AS a").stdout.split()


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_every_table_and_view_can_be_handed_on(home: Path, format_: str) -> None:
    for row in answer(home, "SHOW TABLES"):
        asked = query(home, f"FROM {row['name']}", "--format", format_)
        assert asked.exit_code == 0, row["name"]

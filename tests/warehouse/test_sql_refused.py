"""Every way we know to get more out of a question than an answer."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from calls.errors import QueryRefused, UsageError
from tests.warehouse.builders import START, land, rows_of
from warehouse import Warehouse, sql_statement
from warehouse import sql as sql_module
from warehouse.sql import run_query


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Warehouse.create(tmp_path_factory.mktemp("refused") / "warehouse")
    land(store, rows_of("a"), rows_of("b", days=1))
    return store.path


def snapshot_of(path: Path) -> dict[str, bytes]:
    """Every file of the warehouse with its bytes."""
    return {str(one): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()}


REFUSED = {
    "copy to": "COPY turns TO '{out}'",
    "copy from": "COPY turns FROM '{out}'",
    "copy a question": "COPY (SELECT 1) TO '{part}'",
    "copy to the terminal": "COPY turns TO '/dev/stdout'",
    "copy database": "COPY FROM DATABASE memory TO temp",
    "attach": "ATTACH '{out}'",
    "attach a url": "ATTACH 'https://localhost:1/a.duckdb' AS a",
    "detach": "DETACH memory",
    "install": "INSTALL httpfs",
    "force install": "FORCE INSTALL httpfs",
    "load": "LOAD httpfs",
    "load a file": "LOAD '{out}'",
    "update extensions": "UPDATE EXTENSIONS",
    "set": "SET threads = 1",
    "set external access": "SET enable_external_access = true",
    "set global": "SET GLOBAL lock_configuration = false",
    "set variable": "SET VARIABLE a = 1",
    "reset": "RESET ALL",
    "pragma": "PRAGMA database_list",
    "pragma with a value": "PRAGMA enable_profiling = 'json'",
    "two": "SELECT 1; SELECT 2",
    "hidden second": "SELECT 1; COPY turns TO '{out}'",
    "nothing": "",
    "only a note": "-- SELECT 1",
    "create": "CREATE TABLE mine AS SELECT 1",
    "create a view": "CREATE OR REPLACE VIEW turns AS SELECT 1",
    "create a macro": "CREATE MACRO turns() AS TABLE SELECT 1",
    "create a secret": "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "insert": "INSERT INTO turns SELECT * FROM turns",
    "update": "UPDATE turns SET text = ''",
    "delete": "DELETE FROM turns",
    "truncate": "TRUNCATE turns",
    "merge": "MERGE INTO turns USING turns AS t ON true WHEN MATCHED THEN DELETE",
    "drop": "DROP VIEW turns",
    "alter": "ALTER VIEW turns RENAME TO mine",
    "comment": "COMMENT ON VIEW turns IS 'mine'",
    "export": "EXPORT DATABASE '{out}'",
    "import": "IMPORT DATABASE '{out}'",
    "call": "CALL pragma_version()",
    "use": "USE memory",
    "prepare": "PREPARE q AS SELECT 1",
    "execute": "EXECUTE q",
    "deallocate": "DEALLOCATE q",
    "transaction": "BEGIN",
    "checkpoint": "CHECKPOINT",
    "vacuum": "VACUUM",
    "with copy": "WITH x AS (COPY turns TO '{out}') SELECT 1",
    "with copy over a table": "WITH x AS (COPY (SELECT 1) TO '{part}') SELECT 1",
    "with insert": "WITH x AS (INSERT INTO turns SELECT * FROM turns RETURNING *) FROM x",
    "with delete": "WITH x AS (DELETE FROM turns RETURNING *) FROM x",
    "with update": "WITH x AS (UPDATE turns SET turn = 1 RETURNING *) FROM x",
    "with delete within": "(WITH x AS (DELETE FROM turns RETURNING *) FROM x) LIMIT 1",
    "read_text": "SELECT * FROM read_text('/etc/passwd')",
    "read_blob": "SELECT * FROM read_blob('/etc/passwd')",
    "read_csv": "SELECT * FROM read_csv('/etc/passwd')",
    "read_csv_auto": "SELECT * FROM read_csv_auto('/etc/passwd')",
    "read_json": "SELECT * FROM read_json('/etc/passwd')",
    "read_ndjson_objects": "SELECT * FROM read_ndjson_objects('/etc/passwd')",
    "read_parquet": "SELECT * FROM read_parquet('{part}')",
    "parquet_scan": "SELECT * FROM parquet_scan('{part}')",
    "parquet_schema": "SELECT * FROM parquet_schema('{part}')",
    "parquet_kv_metadata": "SELECT * FROM parquet_kv_metadata('{part}')",
    "read_duckdb": "SELECT * FROM read_duckdb('{out}')",
    "qualified": "SELECT * FROM system.main.read_text('/etc/passwd')",
    "quoted, in capitals": "SELECT * FROM \"READ_TEXT\"('/etc/passwd')",
    "in a subquery": "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "in a condition": "FROM turns WHERE EXISTS (FROM glob('*'))",
    "in a limit": "FROM turns LIMIT (SELECT 1 FROM glob('*'))",
    "in an order": "FROM turns ORDER BY (SELECT 1 FROM glob('*'))",
    "in a window": "SELECT sum(turn) OVER (ORDER BY (SELECT 1 FROM glob('*'))) FROM turns",
    "in a list": "SELECT [(SELECT file FROM glob('*'))]",
    "in a lambda": "SELECT list_transform([1], lambda x: (SELECT 1 FROM glob('*')))",
    "in a union": "SELECT 'a' UNION ALL FROM glob('*')",
    "in a recursion": "WITH RECURSIVE a AS (FROM glob('*') UNION ALL FROM a) FROM a",
    "in a pivot": "PIVOT (FROM glob('*')) ON file IN ('a') USING count(*)",
    "in a lateral join": "FROM turns, LATERAL (SELECT * FROM read_text(turns.text))",
    "described": "DESCRIBE FROM read_text('/etc/passwd')",
    "summarised": "SUMMARIZE FROM read_text('/etc/passwd')",
    "in a string of SQL": "SELECT * FROM query('FROM read_text(''/etc/passwd'')')",
    "by name": "SELECT * FROM query_table('/etc/passwd')",
    "as JSON": "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "glob": "SELECT * FROM glob('/etc/*')",
    "sniff": "SELECT * FROM sniff_csv('/etc/passwd')",
    "a file": "FROM '{part}'",
    "a file in double quotes": 'FROM "{part}"',
    "files": "FROM '/etc/*.csv'",
    "a file summarised": "SUMMARIZE '{part}'",
    "memory": "SELECT * FROM arrow_scan(1::POINTER, 2::POINTER, 3::POINTER)",
    "another frame": "SELECT * FROM pandas_scan(1::POINTER)",
    "environment": "SELECT getenv('HOME')",
    "environment, as a method": "SELECT 'HOME'.getenv()",
    "settings": "SELECT * FROM duckdb_settings()",
    "one setting": "SELECT current_setting('secret_directory')",
    "secrets": "SELECT * FROM duckdb_secrets()",
    "which secret": "SELECT * FROM which_secret('s3://bucket', 's3')",
    "extensions": "SELECT * FROM duckdb_extensions()",
    "temporary files": "SELECT * FROM duckdb_temporary_files()",
    "logging": "SELECT * FROM enable_logging(storage := 'file', storage_path := '{out}')",
    "write a log": "SELECT write_log('a')",
    "profiling": "SELECT * FROM enable_profiling(save_location := '{out}')",
    "checkpoint as a function": "SELECT * FROM checkpoint()",
    "explain analyze read": "EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')",
    "explain analyze copy": "EXPLAIN ANALYZE COPY turns TO '{out}'",
    "explain analyze over a table": "EXPLAIN ANALYZE COPY (SELECT 1) TO '{part}'",
    "explain with options": "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '{part}'",
    "explain with notes": "EXPLAIN /* a */ ANALYZE -- b\n COPY turns TO '{out}'",
    "explain analyze with copy": "EXPLAIN ANALYZE WITH x AS (COPY turns TO '{out}') SELECT 1",
    "explain analyze attach": "EXPLAIN ANALYZE ATTACH '{out}'",
    "explain analyze create": "EXPLAIN ANALYZE CREATE TABLE mine AS SELECT 1",
    "explain drop": "EXPLAIN DROP VIEW turns",
    "network": "SELECT * FROM read_csv('http://localhost:1/a.csv')",
    "a url": "FROM 'https://localhost:1/a.parquet'",
    "a bucket": "FROM 's3://bucket/a.parquet'",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_is_not_one_question_to_the_tables_is_refused(
    path: Path, tmp_path: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    part = path / "tables" / "turns" / f"call_date={START.date()}" / "part-0.parquet"
    before = snapshot_of(path)
    with pytest.raises(UsageError) as error:
        run_query(path, sql.format(out=tmp_path / "out", part=part))
    assert "Allowed is one SELECT" in str(error.value) or "can be read" in str(error.value)
    assert list(tmp_path.iterdir()) == []
    assert snapshot_of(path) == before


@pytest.mark.parametrize(
    "sql",
    [
        "WITH x AS (COPY turns TO '.tmp/x.csv') SELECT 1",
        "EXPLAIN ANALYZE COPY turns TO '.tmp/x.csv'",
        "FROM '.tmp/kept.csv'",
    ],
)
def test_the_folder_for_unfinished_sorts_is_out_of_reach_too(
    path: Path, tmp_path: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "kept.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QueryRefused):
        run_query(path, sql)
    assert [one.name for one in (tmp_path / ".tmp").iterdir()] == ["kept.csv"]


@pytest.mark.parametrize(
    "sql", ["FROM '.tmp/kept.csv'", "WITH x AS (COPY turns TO '.tmp/x.csv') SELECT 1"]
)
def test_each_of_the_two_locks_holds_alone(
    path: Path, tmp_path: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the check of the statement would overlook, DuckDB itself must still refuse."""
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "kept.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sql_statement, "_require_reading", lambda statement: None)
    with pytest.raises(QueryRefused, match="reaches beyond the tables"):
        run_query(path, sql)
    assert [one.name for one in (tmp_path / ".tmp").iterdir()] == ["kept.csv"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("COPY turns TO 'x'", "^COPY is not allowed. Allowed is one SELECT"),
        ("SELECT 1; SELECT 2", "^2 statements were given. Allowed is one SELECT"),
        ("", "^0 statements were given"),
        ("WITH x AS (DELETE FROM turns RETURNING *) FROM x", "^DELETE within WITH is not allowed"),
        ("EXPLAIN DROP VIEW turns", "^The statement is more than a question"),
        (
            "SELECT * FROM read_text('/etc/passwd')",
            r"^read_text\(\) is not allowed: only the tables and views can be read, and generate_",
        ),
        (
            "FROM '/etc/passwd.csv'",
            r"^The question reaches beyond the tables \(.*\)\.\nOnly the tables and views can be "
            r"read\. Tables: .*turns.*\nViews: .*rep_weeks",
        ),
        ("PIVOT moments ON label USING count(*)", "^PIVOT must name the values .* IN \\('claim'"),
        (
            f"SELECT {'+'.join(['1'] * 700)}",
            "^The question is nested too deeply to be checked. .* IN \\(…\\) instead of",
        ),
        ("SELECT '\ud800'", "^The statement is not UTF-8"),
    ],
)
def test_a_refusal_says_what_is_allowed(path: Path, sql: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run_query(path, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "EXPLAIN ANALYZE SELECT count(*) FROM turns",
        "EXPLAIN (FORMAT json) SELECT 1",
        "EXPLAIN ANALYZE (FORMAT json) FROM turns",
        "EXPLAIN (SELECT 1)",
        "EXPLAIN -- why?\n SELECT 1",
        "DESCRIBE turns",
        "DESCRIBE rep_weeks",
        "SUMMARIZE turns",
        "TABLE turns",
        "VALUES (1), (2)",
        "FROM range(3)",
        "SELECT unnest([1, 2])",
        "FROM turns, json_each('[1]')",
        "FROM information_schema.columns",
        "PIVOT moments ON label IN ('claim', 'aha') USING count(*)",
        "UNPIVOT (SELECT talk_ratio, silence_ratio FROM scorecards) ON *",
        "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n WHERE a < 3) FROM n",
        "SELECT 'read_text(''/etc/passwd'')', 'COPY turns TO ''x''; DROP VIEW turns' AS getenv",
        "SELECT text AS read_csv FROM turns -- COPY turns TO 'x'",
    ],
)
def test_a_harmless_question_is_not_refused(path: Path, sql: str) -> None:
    assert run_query(path, sql).num_rows > 0


def test_a_variable_of_whoever_asks_is_no_table(path: Path) -> None:
    mine = pl.DataFrame({"a": [1]})
    theirs = pd.DataFrame({"a": [1]})
    arrow = mine.to_arrow()
    assert mine.height == len(theirs) == arrow.num_rows
    for name in ("mine", "theirs", "arrow", "A_GLOBAL_FRAME", "path", "name"):
        with pytest.raises(UsageError, match="does not exist"):
            run_query(path, f"SELECT * FROM {name}")


A_GLOBAL_FRAME = pl.DataFrame({"a": [1]})


def test_variables_are_no_tables_even_where_files_may_be_read() -> None:
    mine = pl.DataFrame({"a": [1]})
    with duckdb.connect(":memory:") as connection:
        assert connection.sql("SELECT a FROM mine").to_arrow_table()["a"].to_pylist() == [1]
    with duckdb.connect(":memory:", config=sql_module._CLOSED) as connection:
        assert mine.height == 1
        with pytest.raises(duckdb.CatalogException, match="does not exist"):
            connection.sql("SELECT a FROM mine")


def test_a_variable_of_the_asking_module_is_no_table(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_module, "planted", pl.DataFrame({"a": [1]}), raising=False)
    for name in ("planted", "statement", "values", "connection"):
        with pytest.raises(UsageError, match="does not exist"):
            run_query(path, f"SELECT * FROM {name}")


@pytest.mark.parametrize("name", ["/etc/passwd", "mine.parquet", "warehouse", "spec"])
def test_neither_files_nor_our_own_variables_are_tables(path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"does not exist|reaches beyond the tables"):
        run_query(path, f"SELECT * FROM '{name}'")

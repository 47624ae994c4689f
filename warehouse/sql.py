"""One read-only SQL question to all tables, with DuckDB shut off from everything else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from calls.errors import QueryRefused, UsageError
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.store import Warehouse, open_warehouse

_ALLOWED = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_REMEDY = "Allowed is one SELECT (or WITH … SELECT, FROM …, DESCRIBE, SHOW TABLES) or EXPLAIN."


def run_query(path: str | Path, sql: str) -> pa.Table:
    """The answer to one read-only question over the tables of that warehouse.

    Every table can be named as it is: `SELECT label, count(*) FROM moments GROUP BY label`.

    Raises:
        QueryRefused: if `sql` is not exactly one question, or reaches for anything but the tables.
        UsageError: with DuckDB's own words, if the question is wrong.
    """
    warehouse = open_warehouse(path)
    statement = _one_question(sql)
    with warehouse.reading(), duckdb.connect(":memory:", config=_CLOSED) as connection:
        _offer_tables(connection, warehouse)
        try:
            relation = connection.sql(statement)
            if relation is None:
                raise QueryRefused(f"The statement answers nothing. {_REMEDY}")
            return relation.to_arrow_table()
        except duckdb.PermissionException as error:
            raise QueryRefused(
                f"The question reaches beyond the tables ({_text(error).splitlines()[0]}).\n"
                f"Only the tables can be read: {', '.join(ALL_TABLES)}."
            ) from error
        except duckdb.Error as error:
            raise UsageError(f"{_text(error)}\nTables: {', '.join(ALL_TABLES)}.") from error


_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def _offer_tables(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse) -> None:
    """Returns when every table can be asked for by name, and nothing else can be reached.

    The tables are Arrow datasets, which DuckDB reads without touching the file system itself, so
    that file access can be off altogether. Views over the files would need `allowed_directories`,
    and with that DuckDB 2.0 lets `EXPLAIN ANALYZE COPY … TO` overwrite the very tables.
    """
    for spec in ALL_TABLES.values():
        connection.register(spec.name, _dataset(warehouse, spec))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _dataset(warehouse: Warehouse, spec: TableSpec) -> ds.Dataset:
    """The files of a table, read by name of column with filters pushed down."""
    in_path = [pa.field(spec.partition, pa.date32())] if spec.partition else []
    return ds.dataset(
        (warehouse.path / "tables" / spec.name).resolve(),  # else a colon reads as a URL scheme
        schema=spec.folder_schema,
        format="parquet",
        partitioning=ds.partitioning(pa.schema(in_path), flavor="hive"),
    )


def _one_question(sql: str) -> str:
    """The statement, when there is exactly one and it only reads."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"{_text(error)}\n{_REMEDY}") from error
    if len(statements) != 1:
        raise QueryRefused(f"{len(statements)} statements were given. {_REMEDY}")
    (statement,) = statements
    if statement.type not in _ALLOWED:
        raise QueryRefused(f"{statement.type.name} is not allowed. {_REMEDY}")
    return statement.query


def _text(error: Exception) -> str:
    return str(error).strip()

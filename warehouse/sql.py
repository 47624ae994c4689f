"""One read-only SQL question to all tables and views, with DuckDB shut off from everything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from calls.errors import QueryRefused, UsageError
from warehouse.schemas import ALL_TABLES
from warehouse.sql_statement import one_statement
from warehouse.store import Warehouse, open_warehouse
from warehouse.versions import dataset
from warehouse.views import VIEWS, create_view

TODAY, THIS_WEEK, LAST_WEEK = "today", "this_week", "last_week"
DATES = (TODAY, THIS_WEEK, LAST_WEEK)
"""Parameters that every question knows: today, the Monday of its week, the Monday before."""


def run_query(path: str | Path, sql: str, parameters: Mapping[str, str] | None = None) -> pa.Table:
    """The answer to one read-only question over the tables and views of that warehouse.

    Each can be named as it is: `SELECT label, count(*) FROM moments GROUP BY label`.

    Args:
        path: the warehouse folder.
        sql: the question.
        parameters: values for `$name` in the question, as text. `$today`, `$this_week` and
            `$last_week` are dates and need not be given; today is today in the warehouse's time
            zone, and a `today` that is given moves the other two along.

    Raises:
        QueryRefused: if `sql` is not exactly one question, or reaches for anything but the tables.
        UsageError: with DuckDB's own words, if the question is wrong; or naming the parameter that
            is missing, too many or no date.
    """
    warehouse = open_warehouse(path)
    statement = one_statement(sql)
    values = _values(statement.parameters, parameters or {}, ZoneInfo(warehouse.time_zone))
    with warehouse.reading(), duckdb.connect(":memory:", config=_CLOSED) as connection:
        _offer_tables(connection, warehouse)
        try:
            return connection.sql(statement.text, params=values).to_arrow_table()
        except duckdb.PermissionException as error:
            raise QueryRefused(
                f"The question reaches beyond the tables ({_text(error).splitlines()[0]}).\n"
                f"Only the tables and views can be read. {_known()}"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise UsageError(
                "The answer does not fit into memory, and nothing is written to disk meanwhile. "
                "Ask for fewer dates (WHERE call_date >= …) or fewer columns."
            ) from error
        except duckdb.Error as error:
            raise UsageError(f"{_text(error)}\n{_known()}") from error


_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false",
    # Else a variable of this module could be asked for as if it were a table.
    "python_enable_replacements": "false",
    # Else DuckDB may read and write its folder for unfinished sorts, `.tmp` where one happens to
    # be, also while file access is off; and what was said would lie there.
    "temp_directory": "",
}


def _offer_tables(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse) -> None:
    """Returns when every table and view can be asked for by name, and nothing else can be reached.

    The tables are Arrow datasets, which DuckDB reads without touching the file system itself, so
    that file access can be off altogether. Views over the files would need `allowed_directories`,
    and with that DuckDB 2.0 lets `EXPLAIN ANALYZE COPY … TO` overwrite the very tables.
    """
    for spec in ALL_TABLES.values():
        connection.register(spec.name, dataset(warehouse.path, spec))
    for view in VIEWS.values():
        connection.execute(create_view(view, temporary=True))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _values(
    wanted: frozenset[str], given: Mapping[str, str], zone: ZoneInfo
) -> dict[str, str | date]:
    """A value for every parameter of the question.

    Raises:
        UsageError: if one is missing, too many or no date.
    """
    asked = ", ".join(f"${name}" for name in sorted(wanted)) or "none"
    if strangers := sorted(set(given) - wanted - {TODAY}):
        raise UsageError(
            f"The question has no parameter ${strangers[0]}. Parameters in it: {asked}."
        )
    known = {**_dates(given, zone), **{name: given[name] for name in given if name not in DATES}}
    if missing := sorted(wanted - set(known)):
        raise UsageError(
            f"The question needs a value for ${missing[0]}: --param {missing[0]}=VALUE. "
            f"Parameters in it: {asked}. Known without being given: "
            f"{', '.join(f'${name}' for name in DATES)}."
        )
    return {name: known[name] for name in wanted}


def _dates(given: Mapping[str, str], zone: ZoneInfo) -> dict[str, str | date]:
    """The dates that every question knows, as given or as they follow from today."""
    found = {name: _date(name, given[name]) for name in DATES if name in given}
    today = found.get(TODAY) or datetime.now(zone).date()
    monday = today - timedelta(days=today.weekday())
    return {TODAY: today, THIS_WEEK: monday, LAST_WEEK: monday - timedelta(days=7), **found}


def _date(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise UsageError(
            f"--param {name}={value}: no date. Write it as YYYY-MM-DD, e.g. {name}=2026-09-22."
        ) from error


def _known() -> str:
    """What can be asked, for the end of an error."""
    return f"Tables: {', '.join(ALL_TABLES)}.\nViews: {', '.join(VIEWS)}."


def _text(error: Exception) -> str:
    return str(error).strip()

"""Tables of earlier schema versions brought up to date: what they lack is null, and says so.

A column that a later version brought (`Column.since`) is added with nulls. Where it is a measure,
`measure_states` gets the reason for each null, until the call is read again. What a version before
`TableSpec.readable_from` wrote can't be brought up to date: its calls must be read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from calls.errors import WarehouseDamaged
from calls.measures import State
from warehouse.arrow import require_schema
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.spec import TABLE_KEY, VERSION_KEY, TableSpec

STATES = "measure_states"
"""The table that says why a measure is null."""

OLDER_VERSION = (
    "older version: read before this measure existed; the next nightcall run reads the call again"
)

USE_NEWER = "Use the version of Nightcall that wrote it, or a newer one."


def named_in(metadata: Mapping[bytes, bytes] | None) -> tuple[str, int] | None:
    """The table and the schema version that a file or an Arrow table names; None if it does not."""
    try:
        found = dict(metadata or {})
        return found[TABLE_KEY].decode(), int(found[VERSION_KEY])
    except (KeyError, ValueError):
        return None


def misfit(spec: TableSpec, version: int) -> str:
    """Why rows of that version can't be brought up to date; empty when they can."""
    if version > spec.version:
        return (
            f"written by a newer Nightcall (schema version {version} of table {spec.name}; this "
            f"one knows version {spec.version}). {USE_NEWER}"
        )
    if version < spec.readable_from:
        return (
            f"written at schema version {version} of table {spec.name}; it can be read from "
            f"version {spec.readable_from} on. Read the calls again: nightcall run"
        )
    return ""


def misfits(specs: Mapping[str, TableSpec], versions: Mapping[str, int]) -> str:
    """Why rows of several tables can't be brought up to date; empty when they can.

    A table without a version was not known yet when the rows were written: it has none.
    """
    problems = (misfit(spec, versions[name]) for name, spec in specs.items() if name in versions)
    return next(filter(None, problems), "")


def upgrade(spec: TableSpec, table: pa.Table, where: str) -> pa.Table:
    """The rows of a table under its declared schema; columns that they lack are null.

    Raises:
        WarehouseDamaged: naming where, and why they can't be brought up to date.
    """
    name, version = named_in(table.schema.metadata) or ("", 0)
    if name != spec.name or version == spec.version:
        return require_schema(spec, table, where)
    if problem := misfit(spec, version):
        raise WarehouseDamaged(f"{where}: {problem}")
    older = spec.schema_at(version)
    if not table.schema.equals(older, check_metadata=True):
        raise WarehouseDamaged(
            f"{where}: not what schema version {version} of table {spec.name} declares. "
            "Run: nightcall tables rebuild"
        )
    added = [
        pa.nulls(table.num_rows, column.type) for column in spec.columns if column.since > version
    ]
    return pa.Table.from_arrays([*table.columns, *added], schema=spec.schema)


def upgrade_all(tables: Iterable[pa.Table], where: str) -> dict[str, pa.Table]:
    """The rows of one call, by table, each under its declared schema.

    A table that Nightcall did not know when the call was read is empty.

    Raises:
        WarehouseDamaged: naming where, and what can't be brought up to date.
    """
    found: dict[str, tuple[int, pa.Table]] = {}
    for table in tables:
        name, version = named_in(table.schema.metadata) or ("", 0)
        if not name or name in found:
            raise WarehouseDamaged(
                f"{where}: holds {f'table {name} twice' if name else 'a table without a name'}. "
                "Remove the file; the next night makes it again."
            )
        found[name] = version, table
    upgraded = {
        name: upgrade(spec, found[name][1], where) if name in found else spec.schema.empty_table()
        for name, spec in CALL_TABLES.items()
    }
    versions = {name: version for name, (version, _) in found.items()}
    upgraded[STATES] = with_older_states(upgraded[STATES], upgraded, versions)
    return upgraded


def with_older_states(
    states: pa.Table, tables: Mapping[str, pa.Table], versions: Mapping[str, int]
) -> pa.Table:
    """The rows of `measure_states`, with one for each null that an earlier version left.

    Args:
        states: the rows there are, up to date.
        tables: the tables that hold measures, up to date; others are passed over.
        versions: the versions at which those tables were.
    """
    added = [
        _states_of(tables[name], measure)
        for name, spec in CALL_TABLES.items()
        if name in tables and name in versions
        for measure in _newer_measures(spec, versions[name])
    ]
    return pa.concat_tables([states, *added])


def _newer_measures(spec: TableSpec, version: int) -> list[str]:
    """The measures of that table that versions after that one brought."""
    newer = {column.name for column in spec.columns if column.since > version}
    return [name for name in spec.measures if name in newer]


def _states_of(table: pa.Table, measure: str) -> pa.Table:
    """A row of `measure_states` for each row of a table: it was read before the measure existed."""
    spec = CALL_TABLES[STATES]
    facts: dict[str, Any] = {
        "measure": measure,
        "state": str(State.NOT_MEASURABLE),
        "reason": OLDER_VERSION,
    }
    arrays = [
        pa.repeat(pa.scalar(facts[column.name], column.type), table.num_rows)
        if column.name in facts
        else table[column.name]
        if column.name in table.column_names
        else pa.nulls(table.num_rows, column.type)
        for column in spec.columns
    ]
    return pa.Table.from_arrays(arrays, schema=spec.schema)


def filled(spec: TableSpec, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a row on record, with None for the columns that later versions brought."""
    return {**{column.name: None for column in spec.columns if column.since > 1}, **facts}

"""Words of an erased call in the readings of others: what later calls had known from it.

The homework test says of a question that its answer was known from an earlier call of the same
customer, and quotes it (`Column.quotes_others`). Those values are cleared, and the mark of what the
reading was made from is changed, so that the next night reads the call again without the erased
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import polars as pl

from calls.errors import WarehouseDamaged
from warehouse.artifacts import ArtifactStore
from warehouse.erasure.clearing import cleared_value
from warehouse.erasure.target import Targets
from warehouse.rows import CallRows
from warehouse.schemas import CALL_TABLES, Row
from warehouse.schemas.spec import Column, TableSpec
from warehouse.store import Warehouse

READ_WITHOUT = "erased-earlier"
"""Begins `made_from` of a reading from which an erased call was cleared: no night makes such."""

QUOTING = frozenset(
    column.name for spec in CALL_TABLES.values() for column in spec.columns if column.quotes_others
)
"""The columns in which a reading may quote another call."""

# How a quotation names the call it is from (`analyzers.known_answers.asked_before`).
_IN_PARENTHESES = re.compile(r"\(([A-Za-z0-9][A-Za-z0-9._:@+-]*)\)")


def quoting_calls(warehouse: Warehouse, targets: Targets, outside: Iterable[str]) -> list[str]:
    """The source keys of calls whose reading quotes an erased one.

    Args:
        warehouse: the warehouse.
        targets: the calls to erase.
        outside: source keys of calls that are in no table.

    Raises:
        WarehouseDamaged: a reading that quotes one was made by an older version, and can't be
            cleared before it is made anew.
    """
    found = set(_in_tables(warehouse, targets))
    for key in outside:
        rows = _reading(warehouse.artifacts, key)
        if rows is not None and _quotes(rows, targets):
            found.add(key)
    quoting = sorted(found - targets.keys)
    outdated = [key for key in quoting if _reading(warehouse.artifacts, key) is None]
    if outdated:
        raise WarehouseDamaged(
            f"Calls that quote one that is to be erased: {len(outdated)} have a reading that can't "
            f"be changed, e.g. {outdated[0][:12]}…. Have them read again first: nightcall analyze"
        )
    return quoting


def clear_quotes(artifacts: ArtifactStore, key: str, targets: Targets) -> bool:
    """True when the reading of that call quoted an erased one; now it does not."""
    rows = _reading(artifacts, key)
    if rows is None or not _quotes(rows, targets):
        return False
    revision = rows.revision + 1
    _, _, own = rows.made_from.partition(".")
    made_from = f"{READ_WITHOUT}.{own or rows.made_from}"
    tables = {
        name: tuple(_cleared(spec, row, targets, revision, made_from) for row in rows.tables[name])
        for name, spec in CALL_TABLES.items()
    }
    artifacts.save_reading(replace(rows, revision=revision, made_from=made_from, tables=tables))
    return True


def quoted_ids(artifacts: ArtifactStore, key: str) -> set[str]:
    """The ids of the calls that the reading of a call quotes, as far as it can be read."""
    rows = _reading(artifacts, key)
    if rows is None:
        return set()
    return {
        name
        for table, spec in CALL_TABLES.items()
        if _quoting(spec)
        for row in rows.tables[table]
        for name in _named(spec, row)
    }


def _in_tables(warehouse: Warehouse, targets: Targets) -> Iterator[str]:
    with warehouse.reading():
        for name, spec in CALL_TABLES.items():
            columns = [column.name for column in _quoting(spec)]
            if not columns:
                continue
            marks = [f"({call_id})" for call_id in targets.ids]
            holds = pl.any_horizontal(pl.col(one).str.contains_any(marks) for one in columns)
            yield from warehouse.table(name).filter(holds).collect()["source_key"].unique()


def _quotes(rows: CallRows, targets: Targets) -> bool:
    return any(
        _is_quotation(spec, row, targets)
        for name, spec in CALL_TABLES.items()
        if _quoting(spec)
        for row in rows.tables[name]
    )


def _is_quotation(spec: TableSpec, row: Row, targets: Targets) -> bool:
    return any(targets.of_id(name) is not None for name in _named(spec, row))


def _named(spec: TableSpec, row: Row) -> Iterator[str]:
    """Whatever stands in parentheses where a row quotes: the ids of calls among it."""
    for column in _quoting(spec):
        yield from _IN_PARENTHESES.findall(getattr(row, column.name) or "")


def _quoting(spec: TableSpec) -> list[Column]:
    return [column for column in spec.columns if column.quotes_others]


def _cleared(spec: TableSpec, row: Row, targets: Targets, revision: int, made_from: str) -> Row:
    changed: dict[str, Any] = {"revision": revision}
    if "made_from" in spec.names:
        changed["made_from"] = made_from
    if _quoting(spec) and _is_quotation(spec, row, targets):
        changed |= {column.name: cleared_value(spec, column) for column in _quoting(spec)}
    return replace(row, **changed)


def _reading(artifacts: ArtifactStore, key: str) -> CallRows | None:
    """Every row of the call; None if there is no reading, or none that can be used now."""
    try:
        return artifacts.load_reading(key)
    except WarehouseDamaged:
        return None

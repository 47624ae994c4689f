"""A newer Nightcall: the same, but with tables that have changed since the files were written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
import pyarrow as pa

from tests.warehouse.builders import (
    evaluation_row,
    land,
    night_row,
    recording_row,
    review_row,
    rows_of,
)
from warehouse import CallRows, Warehouse, schemas
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

FAMILIES = (
    schemas.CALL_TABLES,
    schemas.NIGHT_TABLES,
    schemas.EVALUATION_TABLES,
    schemas.ENTRY_TABLES,
)


def with_columns(
    spec: TableSpec, *columns: Column, measures: Sequence[str] = (), **changes: Any
) -> TableSpec:
    """The next version of a table, with those columns behind the others."""
    version = spec.version + 1
    added = tuple(dataclasses.replace(one, since=version) for one in columns)
    row_type = dataclasses.make_dataclass(
        spec.row_type.__name__,
        [(one.name, Any, dataclasses.field(default=None)) for one in added],
        bases=(spec.row_type,),
        frozen=True,
        slots=True,
    )
    return dataclasses.replace(
        spec,
        version=version,
        row_type=row_type,
        columns=(*spec.columns, *added),
        measures=(*spec.measures, *measures),
        **changes,
    )


def without_column(spec: TableSpec, name: str) -> TableSpec:
    """The next version of a table, which lacks a column: no earlier file can be brought to it."""
    kept = tuple(one for one in spec.columns if one.name != name)
    row_type = dataclasses.make_dataclass(
        spec.row_type.__name__, [(one.name, Any) for one in kept], frozen=True, slots=True
    )
    version = spec.version + 1
    return dataclasses.replace(
        spec, version=version, readable_from=version, row_type=row_type, columns=kept
    )


def _new_table(name: str, columns: tuple[Column, ...], **facts: Any) -> TableSpec:
    row_type = dataclasses.make_dataclass(
        f"{name}_row", [(one.name, Any) for one in columns], frozen=True, slots=True
    )
    return TableSpec(
        name=name, version=1, row_type=row_type, columns=columns, one_row_per=name, **facts
    )


OBJECTIONS = _new_table(
    "objections",
    (*CALL_COLUMNS, Column("objection", pa.string(), "What was objected.")),
    key=("call_id", "objection"),
    sort=("call_id", "source_key", "objection"),
    partition="call_date",
)
PLEDGES = _new_table(
    "pledges",
    (Column("pledge_id", pa.string(), "Names it."),),
    key=("pledge_id",),
    sort=("pledge_id",),
    partition=None,
    owner="pledge_id",
)

MOOD = Column("mood", pa.string(), "How it was said.", nullable=True)
LAUGHS = Column("laugh_count", pa.int32(), "Times somebody laughed.", "times", nullable=True)
SIGHS = Column("sigh_count", pa.int32(), "Times somebody sighed.", "times", nullable=True)
TONE = Column("tone", pa.string(), "Its tone.", nullable=True)
WARMTH = Column("warmth_ratio", pa.float64(), "How warm it was.", "0 to 1", nullable=True)
GROWN = {
    "turns": with_columns(ALL_TABLES["turns"], MOOD),
    "scorecards": with_columns(ALL_TABLES["scorecards"], LAUGHS, measures=["laugh_count"]),
    "participants": with_columns(ALL_TABLES["participants"], WARMTH, measures=["warmth_ratio"]),
    "objections": OBJECTIONS,
    "pledges": PLEDGES,
}
"""A nullable column, a measure of the call, one of each speaker, and two new tables."""


@contextmanager
def newer_nightcall(tables: Mapping[str, TableSpec] = GROWN) -> Iterator[None]:
    """While this lasts, the declared tables are those."""
    declared = (*FAMILIES, ALL_TABLES, schemas.SCHEMA_VERSIONS)
    before = [dict(one) for one in declared]
    for family in FAMILIES:
        for name in family.keys() & tables.keys():
            family[name] = tables[name]
    for name, spec in tables.items():
        if name not in ALL_TABLES:
            family = schemas.CALL_TABLES if spec.partition else schemas.ENTRY_TABLES
            family[name] = spec
    calls = schemas.CALL_TABLES.pop("calls")
    schemas.CALL_TABLES["calls"] = calls  # stays the last
    ALL_TABLES.clear()
    for family in FAMILIES:
        ALL_TABLES.update(family)
    schemas.SCHEMA_VERSIONS.clear()
    schemas.SCHEMA_VERSIONS.update({name: spec.version for name, spec in ALL_TABLES.items()})
    try:
        yield
    finally:
        for one, content in zip(declared, before, strict=True):
            one.clear()
            one.update(content)  # type: ignore[arg-type]


def read_again(rows: CallRows, **values: Any) -> CallRows:
    """Those rows as a newer Nightcall has them, with values for its columns (else None)."""
    tables = {}
    for name, spec in schemas.CALL_TABLES.items():
        old = rows.tables.get(name, ())
        tables[name] = tuple(
            spec.row_type(*(values.get(one, getattr(row, one, None)) for one in spec.names))
            for row in old
        )
    return dataclasses.replace(rows, tables=tables)


def fill(store: Warehouse) -> None:
    """Four calls on three dates, a night, an evaluation and a review."""
    land(store, rows_of("a"), rows_of("b", days=1), rows_of("c", days=1), rows_of("d", days=2))
    store.ledger.append([recording_row("a.wav")])
    store.ledger.end(night_row())
    store.publish_nights()
    store.evaluation_record.add([evaluation_row()])
    store.publish_evaluations()
    store.entries("reviews").add([review_row()])
    store.publish_entries()


def older_states(store: Warehouse, measure: str) -> list[tuple[object, ...]]:
    """Call, speaker and person of each row that says the measure is newer than the reading."""
    rows = store.measure_states.filter(pl.col("measure") == measure).collect()
    assert all("older version" in reason for reason in rows["reason"])
    assert set(rows["state"]) <= {"not_measurable"}
    return sorted(rows.select("call_id", "speaker", "participant_id").rows())

"""A warehouse with something of everything, and ways to damage its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from calls.call import AudioFacts, ChannelLayout, Listening
from calls.transcript import Engine, Transcript, TranscriptOrigin
from tests.warehouse.builders import (
    coaching_row,
    evaluation_row,
    key_of,
    land,
    night_row,
    night_start,
    recording,
    recording_row,
    review_row,
    rows_of,
)
from warehouse import Warehouse, layout
from warehouse.schemas import ALL_TABLES

FIRST, SECOND = date(2026, 9, 14), date(2026, 9, 15)
HEARD = Listening(
    AudioFacts(600.0, 2, ChannelLayout.SEPARATE),
    Transcript((), TranscriptOrigin(Engine.WHISPER, "base.en"), "en", "detected"),
    "these bytes",
)


def fill(store: Warehouse) -> None:
    """Calls `a` and `b` on the first date, `c` on the second; a night, an evaluation, entries."""
    for name, days in (("a", 0), ("b", 0), ("c", 1)):
        rows = rows_of(name, days=days)
        store.artifacts.save_source(recording(name))
        store.artifacts.save_listening(key_of(name), HEARD)
        land(store, rows)
    store.ledger.begin(night_start())
    store.ledger.append([recording_row("a.wav"), recording_row("b.wav")])
    store.ledger.end(night_row())
    store.publish_nights()
    store.evaluation_record.add([evaluation_row()])
    store.publish_evaluations()
    store.entries("reviews").add([review_row()])
    store.entries("coaching").add([coaching_row()])
    store.publish_entries()


def path_of(store: Warehouse, table: str, day: date | None = FIRST) -> Path:
    """The file of that table and date."""
    return store.path / layout.part(ALL_TABLES[table], day)


def write(path: Path, rows: pa.Table) -> None:
    """Writes a table file as nobody should: in its place."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    pq.write_table(rows, path)
    path.chmod(0o600)


def change_arrow(
    store: Warehouse, table: str, change: Callable[[pa.Table], pa.Table], day: date | None = FIRST
) -> None:
    """Writes the file of that table and date again, changed."""
    path = path_of(store, table, day)
    write(path, change(pq.ParquetFile(path).read()))


def change(
    store: Warehouse,
    table: str,
    *expressions: pl.Expr,
    where: pl.Expr | None = None,
    day: date | None = FIRST,
) -> None:
    """Puts other values into some rows (None: all) of that table and date."""
    is_meant = pl.lit(True) if where is None else where

    def changed(rows: pa.Table) -> pa.Table:
        frame = pl.from_arrow(rows)
        assert isinstance(frame, pl.DataFrame)
        frame = frame.with_columns(
            pl.when(is_meant).then(one).otherwise(pl.col(one.meta.output_name()))
            for one in expressions
        )
        return _as_declared(rows.schema, frame)

    change_arrow(store, table, changed, day)


def keep(
    store: Warehouse,
    table: str,
    kept: Callable[[pl.DataFrame], pl.DataFrame],
    day: date | None = FIRST,
) -> None:
    """Puts other rows into that table and date."""

    def changed(rows: pa.Table) -> pa.Table:
        frame = pl.from_arrow(rows)
        assert isinstance(frame, pl.DataFrame)
        return _as_declared(rows.schema, kept(frame))

    change_arrow(store, table, changed, day)


def _as_declared(schema: pa.Schema, frame: pl.DataFrame) -> pa.Table:
    """The rows under that schema; a column that has a null may have one."""
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    fields = [
        field.with_nullable(field.nullable or arrow[field.name].null_count > 0) for field in schema
    ]
    return arrow.cast(pa.schema(fields, metadata=schema.metadata))

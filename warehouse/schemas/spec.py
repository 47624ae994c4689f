"""How a table is declared: its columns with their meaning, its key, its partition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl
import pyarrow as pa

Partition = Literal["call_date", "night_date", "run_date"]
Owner = Literal["source_key", "night_id", "evaluation_id", "review_id", "coaching_id", "erasure_id"]
OnErasure = Literal["row_removed", "cleared", "kept"]

INSTANT = pa.timestamp("us", tz="UTC")
"""Every point in time is stored in this type."""

TABLE_KEY = b"nightcall.table"
VERSION_KEY = b"nightcall.schema_version"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Arrow type and what it means.

    `on_erasure` says what happens to the value when its call is erased: the whole row goes, the
    value alone is cleared, or it is kept because it says nothing about the call.
    """

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    nullable: bool = False
    on_erasure: OnErasure = "row_removed"


@dataclass(frozen=True)
class TableSpec:
    """One table, declared once. Schemas, frames, views and the dictionary derive from it.

    `key` names a row within the table. `sort` orders the rows of a file, so that publishing the
    same rows twice writes the same file. `partition` is the date that files are kept apart by; None
    for a table that is one file. `owner` is the column that says whose rows are replaced together:
    a call's (`source_key`), a night's (`night_id`), an evaluation's, or a single entry's.
    """

    name: str
    version: int
    row_type: type
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sort: tuple[str, ...]
    partition: Partition | None
    one_row_per: str
    owner: Owner = "source_key"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names, in file order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of a file; the partition column is in the path only."""
        return pa.schema(
            [pa.field(one.name, one.type, nullable=one.nullable) for one in self.columns],
            metadata={TABLE_KEY: self.name.encode(), VERSION_KEY: str(self.version).encode()},
        )

    @cached_property
    def folder_schema(self) -> pa.Schema:
        """The Arrow schema of the whole folder: a file's columns, then the partition column."""
        if self.partition is None:
            return self.schema
        return self.schema.append(pa.field(self.partition, pa.date32(), nullable=False))

    @cached_property
    def frame_schema(self) -> pl.Schema:
        """The polars schema of the whole folder."""
        return pl.Schema({**self.file_frame_schema, **self.hive_schema})

    @cached_property
    def hive_schema(self) -> dict[str, pl.DataType]:
        """The polars schema of what is in the path only."""
        return {self.partition: pl.Date()} if self.partition else {}

    @cached_property
    def file_frame_schema(self) -> pl.Schema:
        """The polars schema of a file."""
        empty = pl.from_arrow(self.schema.empty_table())
        assert isinstance(empty, pl.DataFrame)
        return empty.schema


CALL_COLUMNS = (
    Column(
        "call_id",
        pa.string(),
        "The call as people name it: the sidecar's id, else `rec-` and 16 hex digits.",
    ),
    Column(
        "source_key",
        pa.string(),
        "SHA-256 of what was heard or read. It stays when a sidecar comes, changes or leaves.",
    ),
    Column(
        "revision",
        pa.int32(),
        "Grows with each publication of the call. Join tables on call_id and revision.",
    ),
)
"""How every table about calls begins."""

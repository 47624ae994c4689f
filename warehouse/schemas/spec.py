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
    value alone is cleared, or it is kept because it says nothing about the call. `since` is the
    schema version of its table that brought it: it is null in rows of earlier versions.
    `quotes_others` is True where the value may repeat what was said in an earlier call of the same
    customer: it is cleared when that one is erased.
    """

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    nullable: bool = False
    on_erasure: OnErasure = "row_removed"
    since: int = 1
    quotes_others: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One table, declared once. Schemas, frames, views and the dictionary derive from it.

    `key` names a row within the table. `sort` orders the rows of a file, so that publishing the
    same rows twice writes the same file. `partition` is the date that files are kept apart by; None
    for a table that is one file. `owner` is the column that says whose rows are replaced together:
    a call's (`source_key`), a night's (`night_id`), an evaluation's, or a single entry's.

    `version` grows whenever the columns change. A change that only adds columns puts them last,
    nullable and with `since`: then files and artifacts of earlier versions are brought up to date
    (`warehouse.evolution`). Any other change, of `sort` too, also raises `readable_from`, the
    earliest version with which that can be done: what is older must be read again. `measures` names
    the columns that hold measures; `measure_states` says why one of them is null.
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
    readable_from: int = 1
    measures: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names, in file order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of a file; the partition column is in the path only."""
        return self.schema_at(self.version)

    def schema_at(self, version: int) -> pa.Schema:
        """The Arrow schema of a file of that version, from `readable_from` on."""
        columns = [one for one in self.columns if one.since <= version]
        return pa.schema(
            [pa.field(one.name, one.type, nullable=one.nullable) for one in columns],
            metadata={TABLE_KEY: self.name.encode(), VERSION_KEY: str(version).encode()},
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

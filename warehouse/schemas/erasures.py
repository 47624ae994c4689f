"""Table `erasures`: that calls were erased, without saying which to anybody who does not know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from warehouse.schemas.spec import INSTANT, Column, TableSpec

SCHEMA_VERSION = 1

FILE_HASHES_BETWEEN = ", "
"""Stands between the hashes of `file_hashes`."""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One erased call."""

    erasure_id: str
    erased_at: datetime
    source_key_hash: str | None
    call_id_hash: str
    file_hashes: str | None
    scope: str
    reason: str | None
    erased_by: str | None
    row_count: int
    file_count: int
    recording_removed_count: int
    recording_left_count: int
    searched_file_count: int | None


def _kept(name: str, kind: pa.DataType, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit, on_erasure="kept")


ERASURES = TableSpec(
    name="erasures",
    version=SCHEMA_VERSION,
    row_type=ErasureRow,
    columns=(
        _kept("erasure_id", pa.string(), "Names the erasure of this call for ever."),
        _kept("erased_at", INSTANT, "When it was erased.", "UTC"),
        Column(
            "source_key_hash",
            pa.string(),
            "HMAC-SHA-256 of the call's source key with a key that lies in the warehouse only: "
            "discovery refuses whatever has it. Null where the bytes were never read.",
            nullable=True,
            on_erasure="kept",
        ),
        _kept("call_id_hash", pa.string(), "The same of its call id."),
        Column(
            "file_hashes",
            pa.string(),
            "The same of the SHA-256 of its other files and of recordings it had replaced, joined "
            "by `, `.",
            nullable=True,
            on_erasure="kept",
        ),
        _kept(
            "scope",
            pa.string(),
            "What was asked for: `call`, `participant`, `account` or `expired`.",
        ),
        Column(
            "reason",
            pa.string(),
            "Why, as whoever erased it said.",
            nullable=True,
            on_erasure="kept",
        ),
        Column("erased_by", pa.string(), "Who erased it.", nullable=True, on_erasure="kept"),
        _kept("row_count", pa.int64(), "Rows that left the tables, or were cleared.", "rows"),
        _kept(
            "file_count", pa.int32(), "Artifacts and records that went, or were cleared.", "files"
        ),
        _kept(
            "recording_removed_count",
            pa.int32(),
            "Recordings, transcripts and sidecars removed from their location.",
            "files",
        ),
        _kept(
            "recording_left_count",
            pa.int32(),
            "Such files that lay there still when the call was erased.",
            "files",
        ),
        Column(
            "searched_file_count",
            pa.int32(),
            "Files of the warehouse that were searched afterwards for what had been said and "
            "known, and hold none of it. Null where that was not done, or something was found.",
            "files",
            nullable=True,
            on_erasure="kept",
        ),
    ),
    key=("erasure_id",),
    sort=("erased_at", "erasure_id"),
    partition=None,
    one_row_per="erased call",
    owner="erasure_id",
)

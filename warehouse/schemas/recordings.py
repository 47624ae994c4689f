"""Table `recordings`: what happened to which recording in which night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from warehouse.schemas.spec import INSTANT, Column, TableSpec

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One recording in one night."""

    night_id: str
    recording: str
    source_key: str | None
    call_id: str | None
    status: str
    error_class: str | None
    message: str | None
    attempts: int
    size_bytes: int | None
    duration_s: float | None
    engine: str | None
    happened_at: datetime


RECORDINGS = TableSpec(
    name="recordings",
    version=SCHEMA_VERSION,
    row_type=RecordingRow,
    columns=(
        Column("night_id", pa.string(), "The night, as in `nights`.", on_erasure="kept"),
        Column(
            "recording",
            pa.string(),
            "File name relative to the recordings location; bytes that are no UTF-8 as `\\xe9`. Of "
            "an erased call `erased-` and 12 hex digits.",
            on_erasure="cleared",
        ),
        Column(
            "source_key",
            pa.string(),
            "SHA-256 of what was heard or read, once known.",
            nullable=True,
            on_erasure="cleared",
        ),
        Column(
            "call_id",
            pa.string(),
            "The call it belongs to, once known.",
            nullable=True,
            on_erasure="cleared",
        ),
        Column(
            "status",
            pa.string(),
            "`discovered`, `awaiting_transcription`, `transcribed`, `analysed`, `landed`, "
            "`duplicate`, `no_speech`, `quarantined`, `erased` (its call was) or `refused` (it is "
            "of an erased call).",
            on_erasure="cleared",
        ),
        Column(
            "error_class",
            pa.string(),
            "Name of the error, if there was one.",
            nullable=True,
            on_erasure="kept",
        ),
        Column(
            "message",
            pa.string(),
            "What went wrong and what to do, in words for people.",
            nullable=True,
            on_erasure="cleared",
        ),
        Column("attempts", pa.int32(), "Tries so far.", "tries", on_erasure="kept"),
        Column(
            "size_bytes",
            pa.int64(),
            "Size of the file.",
            "bytes",
            nullable=True,
            on_erasure="cleared",
        ),
        Column(
            "duration_s",
            pa.float64(),
            "Length of the recording.",
            "s",
            nullable=True,
            on_erasure="cleared",
        ),
        Column(
            "engine", pa.string(), "Speech engine or importer.", nullable=True, on_erasure="kept"
        ),
        Column(
            "happened_at",
            INSTANT,
            "When it happened.",
            "UTC",
            on_erasure="kept",
        ),
    ),
    # A file replaced under its own name is another call; before hashing a call has no key.
    key=("night_id", "recording", "source_key"),
    sort=("night_id", "recording", "source_key", "happened_at"),
    partition="night_date",
    one_row_per="recording and night in which something happened to it",
    owner="night_id",
    readable_from=2,
)

"""Table `nights`: one run of the nightly flow, in counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from warehouse.schemas.spec import INSTANT, Column, TableSpec

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class NightRow:
    """One night."""

    night_id: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    discovered_count: int | None
    landed_count: int
    no_speech_count: int
    duplicate_count: int
    quarantined_count: int
    awaiting_count: int
    unchanged_count: int | None
    left_for_next_run_count: int | None
    ignored_file_count: int | None
    standing_quarantine_count: int | None
    audio_s: float | None
    wall_s: float | None
    compute_s: float | None
    engine: str | None
    model: str | None
    nightcall_version: str
    listen_version: str
    attribution_version: str
    read_version: str
    playbook_version: str
    refused_count: int | None = None


def _count(
    name: str,
    meaning: str,
    unit: str = "recordings",
    *,
    nullable: bool = False,
    since: int = 1,
) -> Column:
    return Column(name, pa.int32(), meaning, unit, nullable, "kept", since)


def _kept(name: str, kind: pa.DataType, meaning: str, unit: str = "", *, null: bool) -> Column:
    return Column(name, kind, meaning, unit, null, "kept")


NIGHTS = TableSpec(
    name="nights",
    version=SCHEMA_VERSION,
    row_type=NightRow,
    columns=(
        _kept("night_id", pa.string(), "Names the night.", null=False),
        _kept(
            "status",
            pa.string(),
            "`complete`, `failed`, or `cut_off` when the run was killed.",
            null=False,
        ),
        _kept("started_at", INSTANT, "When the run began.", "UTC", null=False),
        _kept(
            "ended_at",
            INSTANT,
            "When the run ended. Cut off: the last thing known to have happened.",
            "UTC",
            null=True,
        ),
        _count("discovered_count", "Recordings found. Null when cut off.", nullable=True),
        _count("landed_count", "Recordings whose call landed in the tables."),
        _count("no_speech_count", "Recordings in which nobody speaks."),
        _count("duplicate_count", "Recordings with the bytes of another."),
        _count("quarantined_count", "Recordings set aside in this night, with a reason."),
        _count("awaiting_count", "Recordings that wait for a speech model."),
        _count(
            "unchanged_count",
            "Recordings that had landed before. Null when cut off.",
            nullable=True,
        ),
        _count(
            "left_for_next_run_count",
            "Recordings too fresh to be read. Null when cut off.",
            nullable=True,
        ),
        _count(
            "ignored_file_count",
            "Files that are no recordings. Null when cut off.",
            "files",
            nullable=True,
        ),
        _count(
            "standing_quarantine_count",
            "Recordings in quarantine from earlier nights. Null when cut off.",
            nullable=True,
        ),
        _kept("audio_s", pa.float64(), "Audio listened to.", "s", null=True),
        _kept("wall_s", pa.float64(), "Time the night took.", "s", null=True),
        _kept("compute_s", pa.float64(), "Processor time used.", "s", null=True),
        _kept("engine", pa.string(), "Speech engine asked for.", null=True),
        _kept("model", pa.string(), "Speech model asked for.", null=True),
        _kept("nightcall_version", pa.string(), "Version of Nightcall.", null=False),
        _kept("listen_version", pa.string(), "Version of the listening step.", null=False),
        _kept("attribution_version", pa.string(), "Version of who is who.", null=False),
        _kept("read_version", pa.string(), "Version of the analyzers.", null=False),
        _kept("playbook_version", pa.string(), "Digest of the playbook.", null=False),
        _count(
            "refused_count",
            "Recordings that lie there although their call was erased. Null when cut off.",
            nullable=True,
            since=2,
        ),
    ),
    key=("night_id",),
    sort=("started_at", "night_id"),
    partition="night_date",
    one_row_per="night",
    owner="night_id",
)

"""Every table's schema, declared once: one module per table, collected in `ALL_TABLES`."""

from __future__ import annotations

import hashlib

from warehouse.schemas.calls import CALLS, CallRow
from warehouse.schemas.measure_states import MEASURE_STATES, MeasureStateRow
from warehouse.schemas.moments import MOMENTS, MomentRow
from warehouse.schemas.nights import NIGHTS, NightRow
from warehouse.schemas.participants import PARTICIPANTS, ParticipantRow
from warehouse.schemas.recordings import RECORDINGS, RecordingRow
from warehouse.schemas.scorecards import SCORECARDS, ScorecardRow
from warehouse.schemas.spec import Column, TableSpec
from warehouse.schemas.turns import TURNS, TurnRow

Row = (
    CallRow
    | ParticipantRow
    | TurnRow
    | MomentRow
    | ScorecardRow
    | MeasureStateRow
    | RecordingRow
    | NightRow
)

# `calls` comes last among the call tables: it is published last, as the commit marker.
CALL_TABLES: dict[str, TableSpec] = {
    spec.name: spec for spec in (PARTICIPANTS, TURNS, MOMENTS, SCORECARDS, MEASURE_STATES, CALLS)
}
NIGHT_TABLES: dict[str, TableSpec] = {spec.name: spec for spec in (RECORDINGS, NIGHTS)}
ALL_TABLES: dict[str, TableSpec] = {**CALL_TABLES, **NIGHT_TABLES}

SCHEMA_VERSIONS: dict[str, int] = {name: spec.version for name, spec in ALL_TABLES.items()}

SCHEMA_FINGERPRINT: str = hashlib.sha256(
    ",".join(f"{name}={spec.version}" for name, spec in CALL_TABLES.items()).encode()
).hexdigest()[:12]
"""Changes with the schema of a call table. As part of `made_from` it has every call read again."""

__all__ = [
    "ALL_TABLES",
    "CALL_TABLES",
    "NIGHT_TABLES",
    "SCHEMA_FINGERPRINT",
    "SCHEMA_VERSIONS",
    "CallRow",
    "Column",
    "MeasureStateRow",
    "MomentRow",
    "NightRow",
    "ParticipantRow",
    "RecordingRow",
    "Row",
    "ScorecardRow",
    "TableSpec",
    "TurnRow",
]

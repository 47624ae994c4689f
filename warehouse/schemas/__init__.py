"""Every table's schema, declared once: one module per table, collected in `ALL_TABLES`."""

from __future__ import annotations

import hashlib

from warehouse.schemas.calls import CALLS, CallRow
from warehouse.schemas.chains import CHAINS, ChainRow
from warehouse.schemas.claims import CLAIMS, ClaimRow
from warehouse.schemas.coaching import COACHING, CoachingRow
from warehouse.schemas.erasures import ERASURES, ErasureRow
from warehouse.schemas.evaluations import EVALUATIONS, EvaluationRow
from warehouse.schemas.measure_states import MEASURE_STATES, MeasureStateRow
from warehouse.schemas.moments import MOMENTS, MomentRow
from warehouse.schemas.nights import NIGHTS, NightRow
from warehouse.schemas.participants import PARTICIPANTS, ParticipantRow
from warehouse.schemas.questions import QUESTIONS, QuestionRow
from warehouse.schemas.recordings import RECORDINGS, RecordingRow
from warehouse.schemas.reviews import REVIEWS, ReviewRow
from warehouse.schemas.scorecards import SCORECARDS, ScorecardRow
from warehouse.schemas.spec import Column, TableSpec
from warehouse.schemas.turns import TURNS, TurnRow
from warehouse.schemas.words import WORDS, WordRow

Row = (
    CallRow
    | ParticipantRow
    | TurnRow
    | WordRow
    | MomentRow
    | ChainRow
    | ClaimRow
    | QuestionRow
    | ScorecardRow
    | MeasureStateRow
    | RecordingRow
    | NightRow
    | EvaluationRow
    | ReviewRow
    | CoachingRow
    | ErasureRow
)

# `calls` comes last among the call tables: it is published last, as the commit marker.
CALL_TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        PARTICIPANTS,
        TURNS,
        WORDS,
        MOMENTS,
        CHAINS,
        CLAIMS,
        QUESTIONS,
        SCORECARDS,
        MEASURE_STATES,
        CALLS,
    )
}
NIGHT_TABLES: dict[str, TableSpec] = {spec.name: spec for spec in (RECORDINGS, NIGHTS)}
EVALUATION_TABLES: dict[str, TableSpec] = {EVALUATIONS.name: EVALUATIONS}
ENTRY_TABLES: dict[str, TableSpec] = {spec.name: spec for spec in (REVIEWS, COACHING, ERASURES)}
"""What people put on record; each is one file."""
ALL_TABLES: dict[str, TableSpec] = {
    **CALL_TABLES,
    **NIGHT_TABLES,
    **EVALUATION_TABLES,
    **ENTRY_TABLES,
}

SCHEMA_VERSIONS: dict[str, int] = {name: spec.version for name, spec in ALL_TABLES.items()}

SCHEMA_FINGERPRINT: str = hashlib.sha256(
    ",".join(f"{name}={spec.version}" for name, spec in CALL_TABLES.items()).encode()
).hexdigest()[:12]
"""Changes with the schema of a call table. As part of `made_from` it has every call read again."""

__all__ = [
    "ALL_TABLES",
    "CALL_TABLES",
    "ENTRY_TABLES",
    "EVALUATION_TABLES",
    "NIGHT_TABLES",
    "SCHEMA_FINGERPRINT",
    "SCHEMA_VERSIONS",
    "CallRow",
    "ChainRow",
    "ClaimRow",
    "CoachingRow",
    "Column",
    "ErasureRow",
    "EvaluationRow",
    "MeasureStateRow",
    "MomentRow",
    "NightRow",
    "ParticipantRow",
    "QuestionRow",
    "RecordingRow",
    "ReviewRow",
    "Row",
    "ScorecardRow",
    "TableSpec",
    "TurnRow",
    "WordRow",
]

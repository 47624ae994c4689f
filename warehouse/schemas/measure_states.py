"""Table `measure_states`: every measure that is not plainly ok, and why."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class MeasureStateRow:
    """One measure of one call or participant that is not ok."""

    call_id: str
    source_key: str
    revision: int
    speaker: str | None
    participant_id: str | None
    measure: str
    state: str
    reason: str


MEASURE_STATES = TableSpec(
    name="measure_states",
    version=SCHEMA_VERSION,
    row_type=MeasureStateRow,
    columns=(
        *CALL_COLUMNS,
        Column(
            "speaker",
            pa.string(),
            "The voice, as in `participants`; null when the measure is the call's.",
            nullable=True,
        ),
        Column("participant_id", pa.string(), "The person, as in `participants`.", nullable=True),
        Column("measure", pa.string(), "A column of `participants` or `scorecards`."),
        Column(
            "state",
            pa.string(),
            "`low_confidence`, or `not_measurable`: then the measure is null.",
        ),
        Column("reason", pa.string(), "Why, in words for people."),
    ),
    key=("call_id", "speaker", "measure"),
    sort=("call_id", "source_key", "speaker", "measure"),
    partition="call_date",
    one_row_per="call, participant (null for the call) and measure that is not ok",
)

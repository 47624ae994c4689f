"""Table `scorecards`: one typed column per measure of a whole call."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class ScorecardRow:
    """The measures of one call."""

    call_id: str
    source_key: str
    revision: int
    rep_talk_s: float | None
    customer_talk_s: float | None
    talk_ratio: float | None
    silence_s: float | None
    silence_ratio: float | None
    overlap_s: float | None
    turn_count: int | None
    question_count: int | None
    longest_monologue_s: float | None
    switches_per_min: float | None
    cliche_question_count: int | None
    homework_question_count: int | None
    vague_next_step_count: int | None
    claim_count: int | None
    habit_count: int | None


CALL_MEASURES = (
    Column("rep_talk_s", pa.float64(), "Talk time of all reps together.", "s", nullable=True),
    Column(
        "customer_talk_s", pa.float64(), "Talk time of all customers together.", "s", nullable=True
    ),
    Column(
        "talk_ratio",
        pa.float64(),
        "Rep's talk time / (rep's + customer's); overlap counts for both.",
        "0 to 1",
        nullable=True,
    ),
    Column("silence_s", pa.float64(), "Time in which nobody talks.", "s", nullable=True),
    Column(
        "silence_ratio", pa.float64(), "Silence / duration of the call.", "0 to 1", nullable=True
    ),
    Column("overlap_s", pa.float64(), "Time in which more than one talks.", "s", nullable=True),
    Column("turn_count", pa.int32(), "Turns on the call.", "turns", nullable=True),
    Column("question_count", pa.int32(), "Questions the rep asked.", "questions", nullable=True),
    Column(
        "longest_monologue_s",
        pa.float64(),
        "Longest stretch in which the rep held the floor.",
        "s",
        nullable=True,
    ),
    Column(
        "switches_per_min", pa.float64(), "Changes of speaker per minute.", "1/min", nullable=True
    ),
    Column(
        "cliche_question_count", pa.int32(), "Moments `cliche_question`.", "moments", nullable=True
    ),
    Column(
        "homework_question_count",
        pa.int32(),
        "Moments `homework_question`.",
        "moments",
        nullable=True,
    ),
    Column(
        "vague_next_step_count", pa.int32(), "Moments `vague_next_step`.", "moments", nullable=True
    ),
    Column("claim_count", pa.int32(), "Moments with a claim label.", "moments", nullable=True),
    Column("habit_count", pa.int32(), "Moments `habit`.", "moments", nullable=True),
)

SCORECARDS = TableSpec(
    name="scorecards",
    version=SCHEMA_VERSION,
    row_type=ScorecardRow,
    columns=(*CALL_COLUMNS, *CALL_MEASURES),
    key=("call_id",),
    sort=("call_id", "source_key"),
    partition="call_date",
    one_row_per="call",
)

"""Table `questions`: every question or request that anybody asked."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question of one call."""

    call_id: str
    source_key: str
    revision: int
    turn: int
    speaker: str
    participant_id: str | None
    role: str
    start_s: float
    end_s: float
    start_char: int
    end_char: int
    text: str
    form: str
    spin_type: str | None
    is_follow_up: bool
    is_stacked: bool
    survey_run: int | None
    why: str | None
    state: str
    state_reason: str | None


QUESTIONS = TableSpec(
    name="questions",
    version=SCHEMA_VERSION,
    row_type=QuestionRow,
    columns=(
        *CALL_COLUMNS,
        Column("turn", pa.int32(), "The turn it lies in."),
        Column("speaker", pa.string(), "Who asked, as in `participants`."),
        Column("participant_id", pa.string(), "The same person's id.", nullable=True),
        Column("role", pa.string(), "`rep`, `customer`, `manager` or `unknown`."),
        Column("start_s", pa.float64(), "Start, from the start of the recording.", "s"),
        Column("end_s", pa.float64(), "End, from the start of the recording.", "s"),
        Column("start_char", pa.int32(), "First character in the turn's text, from 0."),
        Column("end_char", pa.int32(), "Character after the last in the turn's text."),
        Column(
            "text",
            pa.string(),
            "What was asked. Without punctuation a statement may trail behind.",
        ),
        Column(
            "form",
            pa.string(),
            "By what it was known: `question mark`, `question word`, `turned verb and subject`, "
            "`tag`, `fragment`, `supposition` or `request`.",
        ),
        Column(
            "spin_type",
            pa.string(),
            "`situation`, `problem`, `implication`, `need_payoff` or `other` (courtesy, checking "
            "back, logistics, the buying process); null for anybody but a rep who sells.",
            nullable=True,
        ),
        Column(
            "is_follow_up", pa.bool_(), "True when it takes up what the other side has just said."
        ),
        Column(
            "is_stacked",
            pa.bool_(),
            "True when it was asked in one breath with another, before anybody could answer.",
        ),
        Column(
            "survey_run",
            pa.int32(),
            "Number, from 1, of the run of situation questions it is part of, none of which takes "
            "up the answer before; null when it is in none.",
            nullable=True,
        ),
        Column("why", pa.string(), "The words that decided type and follow-up.", nullable=True),
        Column(
            "state",
            pa.string(),
            "`ok`, or `low_confidence` where the words or the roles it rests on are doubtful.",
        ),
        Column("state_reason", pa.string(), "Why the state is not `ok`.", nullable=True),
    ),
    key=("call_id", "turn", "start_char"),
    sort=("call_id", "source_key", "turn", "start_char"),
    partition="call_date",
    one_row_per="question or request",
)

"""Table `turns`: who said what, when."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn of one call."""

    call_id: str
    source_key: str
    revision: int
    turn: int
    speaker: str
    participant_id: str | None
    role: str
    channel: int | None
    start_s: float
    end_s: float
    text: str
    word_count: int
    confidence: float | None
    is_backchannel: bool
    doubt: str | None


TURNS = TableSpec(
    name="turns",
    version=SCHEMA_VERSION,
    row_type=TurnRow,
    columns=(
        *CALL_COLUMNS,
        Column("turn", pa.int32(), "Position in the call, counted from 0 by start time."),
        Column("speaker", pa.string(), "The voice, as in `participants`."),
        Column("participant_id", pa.string(), "The person, as in `participants`.", nullable=True),
        Column("role", pa.string(), "`rep`, `customer`, `manager` or `unknown`."),
        Column("channel", pa.int32(), "Audio channel, counted from 0.", nullable=True),
        Column("start_s", pa.float64(), "Start, from the start of the recording.", "s"),
        Column("end_s", pa.float64(), "End, from the start of the recording.", "s"),
        Column("text", pa.string(), "What was said, as heard."),
        Column("word_count", pa.int32(), "Words in the turn.", "words"),
        Column(
            "confidence",
            pa.float64(),
            "Mean word probability; null where the source gives none.",
            "0 to 1",
            nullable=True,
        ),
        Column(
            "is_backchannel",
            pa.bool_(),
            "True for a short acknowledgement that does not take the floor.",
        ),
        Column(
            "doubt",
            pa.string(),
            "Why some of the words are not to be relied on; null where none is known.",
            nullable=True,
        ),
    ),
    key=("call_id", "turn"),
    sort=("call_id", "source_key", "turn"),
    partition="call_date",
    one_row_per="turn",
    readable_from=2,
)

"""Table `words`: every word with its times. Empty unless the setting `publish_words` is on."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class WordRow:
    """One word of one turn."""

    call_id: str
    source_key: str
    revision: int
    turn: int
    word: int
    speaker: str
    channel: int | None
    start_s: float
    end_s: float
    text: str
    probability: float | None


WORDS = TableSpec(
    name="words",
    version=SCHEMA_VERSION,
    row_type=WordRow,
    columns=(
        *CALL_COLUMNS,
        Column("turn", pa.int32(), "The turn it belongs to, as in `turns`."),
        Column("word", pa.int32(), "Position in the turn, counted from 0."),
        Column("speaker", pa.string(), "The voice, as in `participants`."),
        Column("channel", pa.int32(), "Audio channel, counted from 0.", nullable=True),
        Column("start_s", pa.float64(), "Start, from the start of the recording.", "s"),
        Column("end_s", pa.float64(), "End, from the start of the recording.", "s"),
        Column("text", pa.string(), "The word as heard, masked where the turn is."),
        Column(
            "probability",
            pa.float64(),
            "The engine's own confidence; null where the source gives none.",
            "0 to 1",
            nullable=True,
        ),
    ),
    key=("call_id", "turn", "word"),
    sort=("call_id", "source_key", "turn", "word"),
    partition="call_date",
    one_row_per="word with times, if `publish_words` is on",
)

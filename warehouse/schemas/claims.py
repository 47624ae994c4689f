"""Table `claims`: every claim a rep said, held against the agreed messaging."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim said on one call."""

    call_id: str
    source_key: str
    revision: int
    claim_said_id: str
    moment_id: str | None
    turn: int
    speaker: str
    participant_id: str | None
    start_s: float
    end_s: float
    start_char: int
    end_char: int
    quote: str
    claim_id: str | None
    verdict: str
    similarity: float
    reason: str
    approved_wording: str | None
    is_unique: bool | None
    is_credible: bool | None
    is_deliverable: bool | None
    is_defensible: bool | None
    registry_version: str
    state: str
    state_reason: str | None


def _answer(question: str, meaning: str) -> Column:
    return Column(
        f"is_{question}",
        pa.bool_(),
        f"{meaning} As the messaging answers for that entry; null without entry or answer.",
        nullable=True,
    )


CLAIMS = TableSpec(
    name="claims",
    version=SCHEMA_VERSION,
    row_type=ClaimRow,
    columns=(
        *CALL_COLUMNS,
        Column(
            "claim_said_id",
            pa.string(),
            "Names the claim said for ever: 16 hex digits of source key, times and entry.",
        ),
        Column(
            "moment_id",
            pa.string(),
            "The claim moment it rests on, as in `moments`; null where only its nearness to the "
            "messaging gave it away.",
            nullable=True,
        ),
        Column("turn", pa.int32(), "The turn it lies in."),
        Column("speaker", pa.string(), "The rep, as in `participants`."),
        Column("participant_id", pa.string(), "The same person's id.", nullable=True),
        Column("start_s", pa.float64(), "Start, from the start of the recording.", "s"),
        Column("end_s", pa.float64(), "End, from the start of the recording.", "s"),
        Column("start_char", pa.int32(), "First character in the turn's text, from 0."),
        Column("end_char", pa.int32(), "Character after the last in the turn's text."),
        Column("quote", pa.string(), "What was said."),
        Column(
            "claim_id",
            pa.string(),
            "The entry of the messaging it is nearest to; null where none is near.",
            nullable=True,
        ),
        Column(
            "verdict",
            pa.string(),
            "The first that fits: `forbidden`, `unapproved` (an approval is missing, or the call "
            "was before it), `expired`, `drifted` (another figure, scope or absoluteness than "
            "agreed), `approved`; `unknown` where no entry is near.",
        ),
        Column(
            "similarity",
            pa.float64(),
            "How near the words are to the nearest entry, also of an `unknown` claim.",
            "0 to 1",
        ),
        Column("reason", pa.string(), "What differs, or why it may not be said, in words."),
        Column(
            "approved_wording",
            pa.string(),
            "The entry's agreed wording; null without one.",
            nullable=True,
        ),
        _answer("unique", "Only this vendor can say so."),
        _answer("credible", "A buyer can see that it is so."),
        _answer("deliverable", "The product does it."),
        _answer("defensible", "It stands up to somebody who doubts it."),
        Column(
            "registry_version",
            pa.string(),
            "The messaging's own version, else a digest of the file.",
        ),
        Column(
            "state",
            pa.string(),
            "`ok`, or `low_confidence` where the words or the roles it rests on are doubtful.",
        ),
        Column("state_reason", pa.string(), "Why the state is not `ok`.", nullable=True),
    ),
    key=("claim_said_id",),
    sort=("call_id", "source_key", "start_s", "claim_said_id"),
    partition="call_date",
    one_row_per="claim said",
)

"""Table `moments`: the labelled spans a manager listens to and an analyst counts."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from calls.labels import Hint
from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 3

_HINTS = ", ".join(f"`{one}`" for one in Hint)


@dataclass(frozen=True, slots=True)
class MomentRow:
    """One labelled span of one turn."""

    call_id: str
    source_key: str
    revision: int
    moment_id: str
    label: str
    turn: int
    speaker: str
    participant_id: str | None
    role: str
    start_s: float
    end_s: float
    start_char: int
    end_char: int
    quote: str
    score: float
    found_by: str
    rule_ids: str | None
    version: str
    reason: str
    severity: str | None
    better_move: str | None
    state: str
    state_reason: str | None
    severity_reason: str | None
    reply_word_count: int | None
    reply_delay_s: float | None
    reply_is_deflection: bool | None
    known_answer: str | None
    known_source: str | None


MOMENTS = TableSpec(
    name="moments",
    version=SCHEMA_VERSION,
    row_type=MomentRow,
    columns=(
        *CALL_COLUMNS,
        Column(
            "moment_id",
            pa.string(),
            "Names the moment for ever: 16 hex digits of source key, label, start and end.",
        ),
        Column(
            "label",
            pa.string(),
            f"One of the labels, or a hint: {_HINTS}; see docs/labels.md.",
        ),
        Column("turn", pa.int32(), "The turn it lies in."),
        Column("speaker", pa.string(), "The voice, as in `participants`."),
        Column("participant_id", pa.string(), "The person, as in `participants`.", nullable=True),
        Column("role", pa.string(), "`rep`, `customer`, `manager` or `unknown`."),
        Column("start_s", pa.float64(), "Start, from the start of the recording.", "s"),
        Column("end_s", pa.float64(), "End, from the start of the recording.", "s"),
        Column("start_char", pa.int32(), "First character in the turn's text, from 0."),
        Column("end_char", pa.int32(), "Character after the last in the turn's text."),
        Column("quote", pa.string(), "The sentence around the span."),
        Column("score", pa.float64(), "How sure the finder is.", "0 to 1"),
        Column("found_by", pa.string(), "`rule`, `model` or `both`."),
        Column(
            "rule_ids",
            pa.string(),
            "Every playbook rule that matched, joined by `, `; null when none did.",
            nullable=True,
        ),
        Column("version", pa.string(), "Version of the rules or model that found it."),
        Column(
            "reason",
            pa.string(),
            "Why it was marked, in words for people.",
            quotes_others=True,
        ),
        Column(
            "severity",
            pa.string(),
            "What it costs in this call: `high`, `medium` or `low`; null for what costs nothing.",
            nullable=True,
        ),
        Column("better_move", pa.string(), "What would have served better.", nullable=True),
        Column(
            "state",
            pa.string(),
            "`ok`, or `low_confidence` where the words or the roles it rests on are doubtful.",
        ),
        Column("state_reason", pa.string(), "Why the state is not `ok`.", nullable=True),
        Column(
            "severity_reason",
            pa.string(),
            "What in the call bears on the severity, e.g. `opener`, `earned`, and how it moved it; "
            "null where nothing does.",
            nullable=True,
        ),
        Column(
            "reply_word_count",
            pa.int32(),
            "Of a cliche or homework question: words of the customer's answer, until somebody else "
            "takes the floor. Null where the customer is not the next to speak.",
            "words",
            nullable=True,
        ),
        Column(
            "reply_delay_s",
            pa.float64(),
            "Seconds from the end of the rep's turn to that answer; null where they overlap or the "
            "times are not known.",
            "s",
            nullable=True,
        ),
        Column(
            "reply_is_deflection",
            pa.bool_(),
            "True when that answer is one in form only: nothing, all is well, it depends, handed "
            "back or declined. Found with a word list.",
            nullable=True,
        ),
        Column(
            "known_answer",
            pa.string(),
            "Of a question marked `already_known`: what was known before it was asked.",
            nullable=True,
            quotes_others=True,
        ),
        Column(
            "known_source",
            pa.string(),
            "Where that stood: the account brief, the sidecar, or which earlier call and minute.",
            nullable=True,
            quotes_others=True,
        ),
    ),
    key=("moment_id",),
    sort=("call_id", "source_key", "start_s", "moment_id"),
    partition="call_date",
    one_row_per="labelled span",
    readable_from=3,
)

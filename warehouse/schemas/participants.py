"""Table `participants`: one voice (or one person who could not be heard) per call."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.question_columns import question_columns
from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """One participant of one call."""

    call_id: str
    source_key: str
    revision: int
    speaker: str
    participant_id: str | None
    name: str | None
    email: str | None
    role: str
    channel: int | None
    is_heard: bool
    talk_s: float | None
    listen_s: float | None
    word_count: int | None
    words_per_min: float | None
    turn_count: int | None
    question_count: int | None
    longest_monologue_s: float | None
    interruptions_made_count: int | None
    interruptions_suffered_count: int | None
    reply_gap_s: float | None
    after_question_gap_s: float | None
    pace_deviation_per_min: float | None
    filler_count: int | None
    fillers_per_min: float | None
    situation_question_count: int | None
    problem_question_count: int | None
    implication_question_count: int | None
    need_payoff_question_count: int | None
    other_question_count: int | None
    follow_up_question_count: int | None
    follow_up_ratio: float | None
    stacked_question_count: int | None
    survey_run_count: int | None
    question_spread_ratio: float | None


PARTICIPANT_MEASURES = (
    Column(
        "talk_s",
        pa.float64(),
        "Union of the participant's words, with own gaps up to 1.5 s closed.",
        "s",
        nullable=True,
    ),
    Column(
        "listen_s", pa.float64(), "Time others talked and this one did not.", "s", nullable=True
    ),
    Column("word_count", pa.int32(), "Words said.", "words", nullable=True),
    Column(
        "words_per_min", pa.float64(), "Pace: words per minute of own talk.", "1/min", nullable=True
    ),
    Column("turn_count", pa.int32(), "Turns taken.", "turns", nullable=True),
    Column("question_count", pa.int32(), "Questions and requests.", "questions", nullable=True),
    Column(
        "longest_monologue_s",
        pa.float64(),
        "Longest stretch of holding the floor; backchannels of others do not end it.",
        "s",
        nullable=True,
    ),
    Column(
        "interruptions_made_count",
        pa.int32(),
        "Times this one cut another off.",
        "interruptions",
        nullable=True,
    ),
    Column(
        "interruptions_suffered_count",
        pa.int32(),
        "Times another cut this one off.",
        "interruptions",
        nullable=True,
    ),
    Column(
        "reply_gap_s",
        pa.float64(),
        "Typical pause before this one answers another (median).",
        "s",
        nullable=True,
    ),
    Column(
        "after_question_gap_s",
        pa.float64(),
        "Typical pause after an own question, until anybody speaks (median).",
        "s",
        nullable=True,
    ),
    Column(
        "pace_deviation_per_min",
        pa.float64(),
        "How much the pace varies from turn to turn: standard deviation of words per minute.",
        "1/min",
        nullable=True,
    ),
    Column(
        "filler_count",
        pa.int32(),
        "Fillers said, as far as the transcript holds them.",
        "fillers",
        nullable=True,
    ),
    Column(
        "fillers_per_min", pa.float64(), "Fillers per minute of own talk.", "1/min", nullable=True
    ),
    *question_columns("the rep", "Null for anybody but a rep."),
)

PARTICIPANTS = TableSpec(
    name="participants",
    version=SCHEMA_VERSION,
    row_type=ParticipantRow,
    columns=(
        *CALL_COLUMNS,
        Column("speaker", pa.string(), "Names the voice within the call: `ch0`, or a label."),
        Column(
            "participant_id",
            pa.string(),
            "The key of trends: sidecar id, else lower-cased e-mail, else name; a customer's name "
            "within the account.",
            nullable=True,
        ),
        Column("name", pa.string(), "The person's name.", nullable=True),
        Column("email", pa.string(), "The person's e-mail address.", nullable=True),
        Column("role", pa.string(), "`rep`, `customer`, `manager` or `unknown`."),
        Column("channel", pa.int32(), "Audio channel, counted from 0.", nullable=True),
        Column("is_heard", pa.bool_(), "False when this side could not be heard at all."),
        *PARTICIPANT_MEASURES,
    ),
    key=("call_id", "speaker"),
    sort=("call_id", "source_key", "speaker"),
    partition="call_date",
    one_row_per="call and participant",
    readable_from=2,
    measures=tuple(one.name for one in PARTICIPANT_MEASURES),
)

"""Table `calls`: what is known about each call, and how it was heard and read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, INSTANT, Column, TableSpec

SCHEMA_VERSION = 3


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call."""

    call_id: str
    source_key: str
    revision: int
    status: str
    recording: str
    started_at: datetime
    started_at_source: str
    time_zone: str
    duration_s: float
    call_type: str | None
    direction: str | None
    account: str | None
    opportunity_id: str | None
    stage: str | None
    team: str | None
    manager: str | None
    rep: str | None
    rep_id: str | None
    language: str | None
    language_source: str
    outcome: str | None
    channel_count: int
    channel_layout: str
    sample_rate_hz: int | None
    codec: str | None
    container: str | None
    is_truncated: bool
    engine: str
    engine_model: str
    engine_revision: str | None
    engine_compute_type: str | None
    engine_options: str
    transcript_state: str
    transcript_reason: str | None
    mean_word_probability: float | None
    speech_s: float | None
    turn_count: int
    word_count: int
    role_source: str
    coachable: bool
    coachable_reason: str | None
    made_from: str
    listen_version: str
    attribution_version: str
    read_version: str
    playbook_version: str
    model_version: str | None
    notes: str | None
    coverage_ratio: float | None
    chunk_count: int | None
    retried_chunk_count: int | None
    suspicious_chunk_count: int | None
    suspicions: str | None
    redacted: str | None


_WHAT_IS_KNOWN = (
    Column("status", pa.string(), "`landed`, or `no_speech` when nothing was said."),
    Column(
        "recording",
        pa.string(),
        "The file a person would open to hear or read the call, relative to the recordings.",
    ),
    Column("started_at", INSTANT, "When the call began.", "UTC"),
    Column(
        "started_at_source",
        pa.string(),
        "Where the start was found: `sidecar`, `file_name`, `container` or `file_time`.",
    ),
    Column(
        "time_zone",
        pa.string(),
        "The zone in which `started_at` gives the call date.",
        "IANA name",
    ),
    Column("duration_s", pa.float64(), "Length of the recording.", "s"),
    Column("call_type", pa.string(), "Kind of call, as the sidecar says.", nullable=True),
    Column("direction", pa.string(), "`inbound` or `outbound`.", nullable=True),
    Column("account", pa.string(), "The customer's company.", nullable=True),
    Column("opportunity_id", pa.string(), "The deal, as the CRM names it.", nullable=True),
    Column("stage", pa.string(), "Stage of the deal at the time of the call.", nullable=True),
    Column("team", pa.string(), "The rep's team.", nullable=True),
    Column("manager", pa.string(), "The rep's manager.", nullable=True),
    Column(
        "rep",
        pa.string(),
        "Name of the rep, else the rep's id. Of several reps, the one who said most.",
        nullable=True,
    ),
    Column("rep_id", pa.string(), "The rep's `participant_id`.", nullable=True),
    Column("language", pa.string(), "Language spoken.", "BCP 47", nullable=True),
    Column(
        "language_source",
        pa.string(),
        "Who said so: `sidecar`, `given` (by the settings), `detected`, `engine`, `transcript` or "
        "`unknown`.",
    ),
    Column("outcome", pa.string(), "What came of the call, as the sidecar says.", nullable=True),
)

_HOW_IT_SOUNDED = (
    Column("channel_count", pa.int32(), "Channels in the recording; 0 without audio.", "channels"),
    Column(
        "channel_layout",
        pa.string(),
        "How the channels relate, as measured: `none`, `mono`, `dual_mono`, `separate`, "
        "`cross_talk`, `one_dead` or `files`.",
    ),
    Column("sample_rate_hz", pa.int32(), "Sample rate of the recording.", "Hz", nullable=True),
    Column("codec", pa.string(), "Audio codec.", nullable=True),
    Column("container", pa.string(), "Audio container.", nullable=True),
    Column("is_truncated", pa.bool_(), "True when the file ends before the call does."),
    Column("engine", pa.string(), "Speech engine or importer that made the transcript."),
    Column("engine_model", pa.string(), "The engine's model."),
    Column("engine_revision", pa.string(), "Revision of the model's weights.", nullable=True),
    Column("engine_compute_type", pa.string(), "Number format of the weights.", nullable=True),
    Column("engine_options", pa.string(), "The engine's options.", "JSON"),
    Column(
        "transcript_state",
        pa.string(),
        "How far to trust the words: `ok`, `low_confidence` or `not_measurable`.",
    ),
    Column("transcript_reason", pa.string(), "Why the state is not `ok`.", nullable=True),
    Column(
        "mean_word_probability",
        pa.float64(),
        "The engine's own confidence in its words, on average.",
        "0 to 1",
        nullable=True,
    ),
    Column(
        "speech_s",
        pa.float64(),
        "Speech detected in the audio, summed over channels.",
        "s",
        nullable=True,
    ),
    Column("turn_count", pa.int32(), "Turns in table `turns`, backchannels included.", "turns"),
    Column("word_count", pa.int32(), "Words in all turns.", "words"),
)

_HOW_IT_WAS_READ = (
    Column(
        "role_source",
        pa.string(),
        "Why we believe who is who: `corrected`, `sidecar`, `vendor`, `channel`, `wording` or "
        "`unknown`.",
    ),
    Column(
        "coachable",
        pa.bool_(),
        "True when rep and customer are known and heard, the language is covered and there are "
        "at least 10 turns. The denominator of every rate.",
    ),
    Column("coachable_reason", pa.string(), "Why the call is not coachable.", nullable=True),
    Column(
        "made_from",
        pa.string(),
        "Fingerprint of everything these rows depend on. Equal means nothing to do.",
    ),
    Column("listen_version", pa.string(), "Version of the listening step."),
    Column("attribution_version", pa.string(), "Version of the step that says who is who."),
    Column("read_version", pa.string(), "Version of the analyzers."),
    Column("playbook_version", pa.string(), "Digest of the playbook read with."),
    Column(
        "model_version",
        pa.string(),
        "Digest of the learned layer read with; null where rules alone found the labels.",
        nullable=True,
    ),
    Column("notes", pa.string(), "What was odd about the call, joined by `; `.", nullable=True),
)

_HOW_WELL_IT_WAS_HEARD = (
    Column(
        "coverage_ratio",
        pa.float64(),
        "Share of the detected speech that words cover; null for a ready transcript.",
        "0 to 1",
        nullable=True,
    ),
    Column(
        "chunk_count",
        pa.int32(),
        "Chunks of up to 30 s of speech the call was decoded in.",
        "chunks",
        nullable=True,
    ),
    Column(
        "retried_chunk_count",
        pa.int32(),
        "Chunks decoded a second time because their words looked wrong.",
        "chunks",
        nullable=True,
    ),
    Column(
        "suspicious_chunk_count",
        pa.int32(),
        "Chunks whose words still look wrong; `turns.doubt` says which and why.",
        "chunks",
        nullable=True,
    ),
    Column(
        "suspicions",
        pa.string(),
        "What looks wrong, counted by kind.",
        "JSON",
        nullable=True,
    ),
    Column(
        "redacted",
        pa.string(),
        "Things masked in words and speaker labels, counted by kind: a number said over several "
        "turns counts once though each turn has a mask; null where nothing was looked for.",
        "JSON",
        nullable=True,
    ),
)

CALLS = TableSpec(
    name="calls",
    version=SCHEMA_VERSION,
    row_type=CallRow,
    columns=(
        *CALL_COLUMNS,
        *_WHAT_IS_KNOWN,
        *_HOW_IT_SOUNDED,
        *_HOW_IT_WAS_READ,
        *_HOW_WELL_IT_WAS_HEARD,
    ),
    key=("call_id",),
    sort=("started_at", "call_id", "source_key"),
    partition="call_date",
    one_row_per="call",
    readable_from=3,
)

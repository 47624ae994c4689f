"""Table `chains`: every attempted insight chain, how far it came and why it stopped."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One attempted chain of one call."""

    call_id: str
    source_key: str
    revision: int
    chain_id: str
    attempt: int
    speaker: str
    participant_id: str | None
    start_s: float
    end_s: float
    hypothesis_text: str
    segment: str | None
    step_count: int
    is_complete: bool
    stop_reason: str
    is_new: bool
    recovered_from: str | None
    restated_count: int
    hypothesis_moment_id: str
    confirmation_moment_id: str | None
    rejection_moment_id: str | None
    reframe_moment_id: str | None
    aha_moment_id: str | None
    story_moment_id: str | None
    early_reframe_moment_id: str | None
    early_story_moment_id: str | None
    confirmation_lag_s: float | None
    reframe_lag_s: float | None
    story_lag_s: float | None
    state: str
    state_reason: str | None


def _step(name: str, meaning: str) -> Column:
    return Column(f"{name}_moment_id", pa.string(), meaning, nullable=True)


_STEPS = (
    Column(
        "hypothesis_moment_id",
        pa.string(),
        "The hypothesis, as in `moments`. Where it was restated, the first statement.",
    ),
    _step("confirmation", "The customer's confirmation."),
    _step("rejection", "The customer's rejection; beside a confirmation, one of them was revised."),
    _step("reframe", "The reframe, on a later turn than the confirmation."),
    _step("aha", "The first sign that the customer learned something from what was said last."),
    _step("story", "The client story, on a later turn than the reframe."),
    _step("early_reframe", "A reframe that came before its turn and does not count as a step."),
    _step("early_story", "A client story that came before its turn and does not count as a step."),
)

_LAGS = (
    Column(
        "confirmation_lag_s",
        pa.float64(),
        "From the last statement of the hypothesis to its confirmation; 0 where they overlap. All "
        "three lags are null where the transcript has no times.",
        "s",
        nullable=True,
    ),
    Column("reframe_lag_s", pa.float64(), "From confirmation to reframe.", "s", nullable=True),
    Column("story_lag_s", pa.float64(), "From reframe to client story.", "s", nullable=True),
)

CHAINS = TableSpec(
    name="chains",
    version=SCHEMA_VERSION,
    row_type=ChainRow,
    columns=(
        *CALL_COLUMNS,
        Column(
            "chain_id",
            pa.string(),
            "Names the attempt for ever: 16 hex digits of source key and the hypothesis' times.",
        ),
        Column("attempt", pa.int32(), "Which attempt of the call, from 1."),
        Column("speaker", pa.string(), "Who stated the hypothesis, as in `participants`."),
        Column("participant_id", pa.string(), "The same person's id.", nullable=True),
        Column("start_s", pa.float64(), "Start of the hypothesis.", "s"),
        Column("end_s", pa.float64(), "End of the last step taken.", "s"),
        Column(
            "hypothesis_text",
            pa.string(),
            "What was supposed, in the rep's words; `[…]` where others were said between.",
        ),
        Column(
            "segment",
            pa.string(),
            "The customer's industry, as the account brief says; null without one.",
            nullable=True,
        ),
        Column("step_count", pa.int32(), "Steps taken, of four.", "steps"),
        Column("is_complete", pa.bool_(), "True when all four steps were taken in time."),
        Column(
            "stop_reason",
            pa.string(),
            "`complete`, `not_confirmed`, `rejected`, `not_reframed`, `no_story`, `too_late` (the "
            "next step came after the limit) or `replaced` (by another hypothesis, unanswered).",
        ),
        Column(
            "is_new", pa.bool_(), "True when the customer showed to have learned something by it."
        ),
        Column(
            "recovered_from",
            pa.string(),
            "The `chain_id` of the rejected attempt that this confirmed one made good.",
            nullable=True,
        ),
        Column(
            "restated_count",
            pa.int32(),
            "Times the hypothesis was said again before any answer.",
            "statements",
        ),
        *_STEPS,
        *_LAGS,
        Column(
            "state",
            pa.string(),
            "`ok`, or `low_confidence` where the words or the roles it rests on are doubtful.",
        ),
        Column("state_reason", pa.string(), "Why the state is not `ok`.", nullable=True),
    ),
    key=("chain_id",),
    sort=("call_id", "source_key", "start_s", "chain_id"),
    partition="call_date",
    one_row_per="attempted insight chain",
)

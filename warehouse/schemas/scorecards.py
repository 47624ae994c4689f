"""Table `scorecards`: one typed column per measure of a whole call."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from warehouse.schemas.coaching_columns import COACHING_COLUMNS
from warehouse.schemas.question_columns import question_columns
from warehouse.schemas.spec import CALL_COLUMNS, Column, TableSpec
from warehouse.schemas.talk_columns import TALK_COLUMNS

SCHEMA_VERSION = 2


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
    talk_of_call_ratio: float | None
    questions_per_30_min: float | None
    customer_question_count: int | None
    monologue_count: int | None
    longest_customer_story_s: float | None
    reply_gap_s: float | None
    after_question_gap_s: float | None
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
    cliche_question_count: int | None
    homework_question_count: int | None
    vague_next_step_count: int | None
    claim_count: int | None
    habit_count: int | None
    filler_agreement_per_30_min: float | None
    already_known_question_count: int | None
    claims_approved_count: int | None
    claims_drifted_count: int | None
    claims_expired_count: int | None
    claims_unapproved_count: int | None
    claims_forbidden_count: int | None
    claims_unknown_count: int | None
    chain_count: int | None
    chain_complete_count: int | None
    insight_sequence_complete: bool | None
    furthest_step_count: int | None
    hypothesis_count: int | None
    hypothesis_confirmed_count: int | None
    hypothesis_rejected_count: int | None
    hypothesis_confirmed_ratio: float | None
    hypothesis_recovered_count: int | None
    insight_new_count: int | None
    insight_score: float | None
    insight_hypothesis_points: float | None
    insight_confirmation_points: float | None
    insight_reframe_points: float | None
    insight_aha_points: float | None
    insight_story_points: float | None
    insight_next_step_points: float | None
    insight_cliche_points: float | None
    insight_homework_points: float | None
    manager_talk_ratio: float | None
    coaching_behavior_count: int | None
    spreadsheet_coaching_count: int | None
    coaching_behavior_ratio: float | None
    spreadsheet_coaching_ratio: float | None
    moment_referred_count: int | None
    practice_agreed_count: int | None
    practice_observable_count: int | None


def _points(part: str, meaning: str) -> Column:
    return Column(
        f"insight_{part}_points",
        pa.float64(),
        f"Part of `insight_score`. {meaning}",
        "points",
        nullable=True,
    )


def _turns_marked(mark: str) -> Column:
    return Column(
        f"{mark}_count",
        pa.int32(),
        f"Turns of the rep with moments `{mark}`; a turn with two counts once.",
        "turns",
        nullable=True,
    )


_VERDICTS = ("approved", "drifted", "expired", "unapproved", "forbidden", "unknown")


def _claims(verdict: str) -> Column:
    return Column(
        f"claims_{verdict}_count",
        pa.int32(),
        f"Claims said with verdict `{verdict}`, as in `claims`.",
        "claims",
        nullable=True,
    )


CALL_MEASURES = (
    *TALK_COLUMNS,
    *question_columns("the reps", ""),
    _turns_marked("cliche_question"),
    _turns_marked("homework_question"),
    _turns_marked("vague_next_step"),
    _turns_marked("claim"),
    _turns_marked("habit"),
    Column(
        "filler_agreement_per_30_min",
        pa.float64(),
        "Empty agreement of the reps ('absolutely', 'awesome', 'great question') per half hour in "
        "which anybody talks.",
        "1/30 min",
        nullable=True,
    ),
    Column(
        "already_known_question_count",
        pa.int32(),
        "Questions whose answer stood in the account brief, the sidecar or an earlier call.",
        "questions",
        nullable=True,
    ),
    *(_claims(verdict) for verdict in _VERDICTS),
    Column("chain_count", pa.int32(), "Attempted insight chains.", "chains", nullable=True),
    Column(
        "chain_complete_count",
        pa.int32(),
        "Chains with all four steps, each within its time limit.",
        "chains",
        nullable=True,
    ),
    Column(
        "insight_sequence_complete",
        pa.bool_(),
        "True when hypothesis, confirmation, reframe and client story occur in this order, each on "
        "a later turn, without time limits.",
        nullable=True,
    ),
    Column(
        "furthest_step_count",
        pa.int32(),
        "Steps of the chain that came furthest, of four.",
        "steps",
        nullable=True,
    ),
    Column(
        "hypothesis_count", pa.int32(), "Turns that state a hypothesis.", "turns", nullable=True
    ),
    Column(
        "hypothesis_confirmed_count",
        pa.int32(),
        "Chains whose hypothesis the customer confirmed.",
        "chains",
        nullable=True,
    ),
    Column(
        "hypothesis_rejected_count",
        pa.int32(),
        "Chains whose hypothesis the customer rejected and did not accept later.",
        "chains",
        nullable=True,
    ),
    Column(
        "hypothesis_confirmed_ratio",
        pa.float64(),
        "Confirmed chains / all chains.",
        "0 to 1",
        nullable=True,
    ),
    Column(
        "hypothesis_recovered_count",
        pa.int32(),
        "Confirmed chains that came after a rejected one.",
        "chains",
        nullable=True,
    ),
    Column(
        "insight_new_count",
        pa.int32(),
        "Chains that taught the customer something.",
        "chains",
        nullable=True,
    ),
    Column(
        "insight_score",
        pa.float64(),
        "How much of an insight conversation the call was: the sum of the points below.",
        "0 to 100",
        nullable=True,
    ),
    _points("hypothesis", "A hypothesis was stated."),
    _points("confirmation", "A hypothesis was confirmed."),
    _points("reframe", "A chain was reframed; a share where a reframe came out of order."),
    _points("aha", "A chain taught the customer something; a share where something else did."),
    _points("story", "A chain came to a client story; a share where one came out of order."),
    _points("next_step", "A next step was agreed."),
    _points("cliche", "Lost by cliche questions, by severity; 0 or below."),
    _points("homework", "Lost by homework questions; 0 or below."),
    *COACHING_COLUMNS,
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
    readable_from=2,
    measures=tuple(one.name for one in CALL_MEASURES),
)

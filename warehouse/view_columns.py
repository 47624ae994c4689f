"""What the columns of each view mean; where a table has the same column, in the table's words."""

from __future__ import annotations

from warehouse.schemas import ALL_TABLES


def _as_in(table: str, *names: str) -> dict[str, str]:
    """The meanings that those columns have in a table."""
    meanings = {column.name: column.meaning for column in ALL_TABLES[table].columns}
    return {name: meanings[name] for name in names}


_DATE = {
    "call_date": "Date on which the call began, in the warehouse's time zone. A condition on it "
    "reads only the files of those dates; one on `week` reads them all.",
    "week": "The Monday of the week in which the call began.",
}
_REP = {
    "rep": "The rep who spoke: name, else id; null where neither is known.",
    "rep_id": "The rep's `participant_id`.",
}
_COACHABLE = {"coachable": "True when the call may count towards a rate, as in `calls`."}
_WHERE = {
    "start_s": "Where to listen, in seconds from the start of the recording.",
    "minute": "The same as a player shows it: mm:ss, from an hour on h:mm:ss.",
}

_ABOUT_THE_CALL: dict[str, str] = {
    **_as_in("calls", "call_id", "revision"),
    **_DATE,
    **_as_in("calls", "team", "manager"),
    **_REP,
    **_as_in("calls", "account", "opportunity_id", "recording"),
    **_COACHABLE,
}

REP_CALLS_COLUMNS: dict[str, str] = {
    **_as_in("calls", "call_id", "revision"),
    **_DATE,
    **_as_in("calls", "started_at", "team", "manager"),
    **_REP,
    **_as_in("calls", "account", "opportunity_id", "stage", "call_type", "recording"),
    **_COACHABLE,
    **_as_in("calls", "coachable_reason"),
    "talk_s": "How long the rep talked, in seconds.",
    "question_count": "Questions and requests of the rep.",
    "cliche_count": "Turns in which the rep asked a cliche; null where it was not measured.",
    "homework_count": "Turns in which the rep asked what anybody can look up; null as above.",
    "already_known_count": "Turns in which the rep asked what was known already; null as above.",
    "hypothesis_count": "Hypotheses of the rep; null where chains were not measured.",
    "confirmed_count": "Those that the customer confirmed.",
    "reframed_count": "Those that were confirmed and reframed.",
    "complete_chain_count": "Those that were reframed and told how others solved it.",
    "claim_count": "Claims of the rep; null where they were not held against a messaging.",
    "drifted_claim_count": "Those that drifted from what was agreed.",
}

REP_WEEKS_COLUMNS: dict[str, str] = {
    "week": "The Monday of the week.",
    "team": "The rep's team, as of the last call of the week.",
    **_REP,
    "call_count": "Calls on which the rep was heard.",
    "coachable_call_count": "Those that may count towards a rate.",
    "measured_call_count": "Coachable calls in which cliches were looked for.",
    "cliche_call_count": "Those with a cliche of the rep; null without any measured.",
    "cliche_call_ratio": "`cliche_call_count` / `measured_call_count`.",
    "measured_deal_count": "Deals (`opportunity_id`) that the measured calls belong to.",
    "cliche_deal_count": "Those with a cliche of the rep in the week; null without any measured.",
    "cliche_deal_ratio": "`cliche_deal_count` / `measured_deal_count`.",
    "chain_measured_call_count": "Coachable calls in which chains were looked for.",
    "hypothesis_call_count": "Those in which the rep stated a hypothesis; null without any.",
    "hypothesis_call_ratio": "`hypothesis_call_count` / `chain_measured_call_count`.",
    "complete_chain_call_count": "Those in which the rep took all four steps; null without any.",
    "complete_chain_call_ratio": "Calls with all four steps / `chain_measured_call_count`.",
}

FLAGGED_MOMENTS_COLUMNS: dict[str, str] = {
    **_ABOUT_THE_CALL,
    **_as_in("moments", "moment_id", "turn"),
    **_WHERE,
    "label": "`cliche_question`, `homework_question` or `already_known`.",
    **_as_in("moments", "severity", "severity_reason", "quote"),
    "why": "Why it was marked, in words for people.",
    **_as_in(
        "moments",
        "better_move",
        "known_answer",
        "known_source",
        "reply_word_count",
        "reply_delay_s",
        "reply_is_deflection",
        "score",
        "state",
        "state_reason",
    ),
}

FLAGGED_CALLS_COLUMNS: dict[str, str] = {
    **_ABOUT_THE_CALL,
    "flagged_count": "Flagged moments of the rep on the call.",
    "high_count": "Those of severity `high`.",
    "label": "What the gravest is: `cliche_question`, `homework_question` or `already_known`.",
    "severity": "How grave it is: `high`, `medium` or `low`.",
    "minute": "Where to listen: mm:ss, from an hour on h:mm:ss.",
    "quote": "The sentence around it.",
    "why": "Why it was marked, in words for people.",
    **_as_in("moments", "better_move", "moment_id"),
}

HYPOTHESES_COLUMNS: dict[str, str] = {
    **_ABOUT_THE_CALL,
    **_as_in("chains", "chain_id", "attempt"),
    **_WHERE,
    "hypothesis": "What was supposed, in the rep's words; `[…]` where others were said between.",
    "industry": "The customer's industry, as the account brief says; null without one.",
    "is_confirmed": "True when the customer confirmed it, be it after a rejection.",
    "is_rejected": "True when the customer rejected it and did not accept it later.",
    "is_reframed": "True when a reframe followed the confirmation.",
    **_as_in(
        "chains", "is_complete", "is_new", "step_count", "stop_reason", "state", "state_reason"
    ),
}

CHAIN_STEPS_COLUMNS: dict[str, str] = {
    **_ABOUT_THE_CALL,
    **_as_in("chains", "chain_id", "attempt"),
    "step_number": "1 to 4.",
    "step": "`hypothesis`, `confirmation`, `reframe` or `client_story`.",
    "is_taken": "True when the chain came as far as this step.",
    "start_s": "Where to listen, in seconds from the start; null where the step was not taken.",
    "minute": "The same as a player shows it.",
    "lag_s": "Seconds since the step before; null for the first, or where times are not known.",
    "quote": "The sentence around the step.",
    **_as_in("chains", "stop_reason"),
}

CLAIMS_SAID_COLUMNS: dict[str, str] = {
    **_ABOUT_THE_CALL,
    **_as_in("claims", "claim_said_id", "turn"),
    **_WHERE,
    **_as_in("claims", "verdict", "quote"),
    "why": "What differs, or why it may not be said, in words.",
    **_as_in(
        "claims",
        "approved_wording",
        "claim_id",
        "similarity",
        "registry_version",
        "state",
        "state_reason",
    ),
}

REPLIES_COLUMNS: dict[str, str] = {
    **_ABOUT_THE_CALL,
    "turn": "The turn that asks.",
    **_WHERE,
    "kind": "`cliche_question`, `homework_question` or `other`; a turn that is both is a cliche.",
    "question": "What was asked; of several in one turn the flagged one, else the first.",
    "reply_word_count": "Words of the customer's answer, until somebody else takes the floor. Null "
    "where the customer is not the next to speak.",
    "reply_delay_s": "Seconds from the end of the rep's turn to that answer; null where they "
    "overlap or the times are not known.",
    "reply_is_deflection": "True when that answer is one in form only. It is told of cliches and "
    "homework questions only: null for other questions.",
}

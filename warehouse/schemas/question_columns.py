"""Columns of the question portfolio, which stand in `participants` and in `scorecards`."""

from __future__ import annotations

import pyarrow as pa

from warehouse.schemas.spec import Column

_TYPES = {
    "situation": "facts about how things are",
    "problem": "difficulties and worries",
    "implication": "what follows from a problem",
    "need_payoff": "what a solution would be worth, and what is wanted",
    "other": "courtesy, checking back, logistics and the buying process",
}


def question_columns(who: str, note: str) -> tuple[Column, ...]:
    """The columns for the questions of `who`; `note` ends each meaning."""
    return (
        *(
            Column(
                f"{name}_question_count",
                pa.int32(),
                f"Questions of {who} that ask for {meaning} (SPIN). {note}".strip(),
                "questions",
                nullable=True,
            )
            for name, meaning in _TYPES.items()
        ),
        Column(
            "follow_up_question_count",
            pa.int32(),
            f"Questions of {who} that take up the other side's last turn. {note}".strip(),
            "questions",
            nullable=True,
        ),
        Column(
            "follow_up_ratio",
            pa.float64(),
            f"Follow-ups / all questions of {who}. {note}".strip(),
            "0 to 1",
            nullable=True,
        ),
        Column(
            "stacked_question_count",
            pa.int32(),
            f"Questions of {who} asked in one breath with another. {note}".strip(),
            "questions",
            nullable=True,
        ),
        Column(
            "survey_run_count",
            pa.int32(),
            f"Runs of situation questions of {who} that ignore the answers. {note}".strip(),
            "runs",
            nullable=True,
        ),
        Column(
            "question_spread_ratio",
            pa.float64(),
            f"How evenly the questions of {who} lie over the quarters of the talk: 0 all in one, "
            f"1 as many in each (Pielou's evenness). {note}".strip(),
            "0 to 1",
            nullable=True,
        ),
    )

"""Columns of `scorecards` about who talked, for how long and how the floor changed hands."""

from __future__ import annotations

import pyarrow as pa

from warehouse.schemas.spec import Column

TALK_COLUMNS = (
    Column("rep_talk_s", pa.float64(), "Talk time of all reps together.", "s", nullable=True),
    Column(
        "customer_talk_s", pa.float64(), "Talk time of all customers together.", "s", nullable=True
    ),
    Column(
        "talk_ratio",
        pa.float64(),
        "Rep's talk time / (rep's + customer's); overlap counts for both.",
        "0 to 1",
        nullable=True,
    ),
    Column("silence_s", pa.float64(), "Time in which nobody talks.", "s", nullable=True),
    Column(
        "silence_ratio", pa.float64(), "Silence / duration of the call.", "0 to 1", nullable=True
    ),
    Column("overlap_s", pa.float64(), "Time in which more than one talks.", "s", nullable=True),
    Column("turn_count", pa.int32(), "Turns on the call.", "turns", nullable=True),
    Column("question_count", pa.int32(), "Questions the rep asked.", "questions", nullable=True),
    Column(
        "longest_monologue_s",
        pa.float64(),
        "Longest stretch in which the rep held the floor.",
        "s",
        nullable=True,
    ),
    Column(
        "switches_per_min", pa.float64(), "Changes of speaker per minute.", "1/min", nullable=True
    ),
    Column(
        "talk_of_call_ratio",
        pa.float64(),
        "Rep's talk time / duration of the call.",
        "0 to 1",
        nullable=True,
    ),
    Column(
        "questions_per_30_min",
        pa.float64(),
        "Questions the rep asked per half hour of call.",
        "1/30 min",
        nullable=True,
    ),
    Column(
        "customer_question_count",
        pa.int32(),
        "Questions the customer asked.",
        "questions",
        nullable=True,
    ),
    Column(
        "monologue_count",
        pa.int32(),
        "Stretches of two minutes or more in which the rep held the floor.",
        "stretches",
        nullable=True,
    ),
    Column(
        "longest_customer_story_s",
        pa.float64(),
        "Longest stretch in which the customer held the floor.",
        "s",
        nullable=True,
    ),
    Column(
        "reply_gap_s",
        pa.float64(),
        "Patience: the rep's typical pause before answering another (median).",
        "s",
        nullable=True,
    ),
    Column(
        "after_question_gap_s",
        pa.float64(),
        "Patience: typical pause after a question of the rep, until anybody speaks (median).",
        "s",
        nullable=True,
    ),
)

"""Columns of `scorecards` about coaching sessions; null on every other call."""

from __future__ import annotations

import pyarrow as pa

from warehouse.schemas.spec import Column

COACHING_COLUMNS = (
    Column(
        "manager_talk_ratio",
        pa.float64(),
        "Manager's talk time / (manager's + rep's); overlap counts for both.",
        "0 to 1",
        nullable=True,
    ),
    Column(
        "coaching_behavior_count",
        pa.int32(),
        "The manager's turns labelled `coaching_behavior`.",
        "turns",
        nullable=True,
    ),
    Column(
        "spreadsheet_coaching_count",
        pa.int32(),
        "The manager's turns labelled `spreadsheet_coaching`.",
        "turns",
        nullable=True,
    ),
    Column(
        "coaching_behavior_ratio",
        pa.float64(),
        "Talk time of those `coaching_behavior` turns / manager's talk time.",
        "0 to 1",
        nullable=True,
    ),
    Column(
        "spreadsheet_coaching_ratio",
        pa.float64(),
        "Talk time of those `spreadsheet_coaching` turns / manager's talk time.",
        "0 to 1",
        nullable=True,
    ),
    Column(
        "moment_referred_count",
        pa.int32(),
        "Turns of either that point to a passage of a call.",
        "turns",
        nullable=True,
    ),
    Column(
        "practice_agreed_count",
        pa.int32(),
        "What manager or rep says will be done from now on.",
        "practices",
        nullable=True,
    ),
    Column(
        "practice_observable_count",
        pa.int32(),
        "Practices with an occasion and an action, so that another could see them done.",
        "practices",
        nullable=True,
    ),
)

"""Table `coaching`: what manager and rep agreed to work on, so that its effect can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from warehouse.schemas.spec import INSTANT, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class CoachingRow:
    """One thing agreed between manager and rep."""

    coaching_id: str
    coached_on: date
    rep: str
    rep_id: str | None
    manager: str
    behaviour: str
    goal: str
    practice: str
    call_id: str | None
    source_key: str | None
    moment_id: str | None
    entered_at: datetime


def _reference(name: str, meaning: str) -> Column:
    return Column(name, pa.string(), meaning, nullable=True, on_erasure="cleared")


COACHING = TableSpec(
    name="coaching",
    version=SCHEMA_VERSION,
    row_type=CoachingRow,
    columns=(
        Column("coaching_id", pa.string(), "Names the entry for ever.", on_erasure="kept"),
        Column(
            "coached_on",
            pa.date32(),
            "The day it was agreed: calls before it and after it can be compared.",
            on_erasure="kept",
        ),
        Column("rep", pa.string(), "The rep, as in `calls.rep`.", on_erasure="kept"),
        Column(
            "rep_id",
            pa.string(),
            "The rep, as in `calls.rep_id`.",
            nullable=True,
            on_erasure="kept",
        ),
        Column("manager", pa.string(), "Who coached.", on_erasure="kept"),
        Column(
            "behaviour",
            pa.string(),
            "What is to change: a label, as in `moments.label`, or a measure, named as its column "
            "in `scorecards` or `participants`.",
            on_erasure="kept",
        ),
        Column("goal", pa.string(), "`less` or `more` of it.", on_erasure="kept"),
        Column(
            "practice", pa.string(), "What the rep will do, in their own words.", on_erasure="kept"
        ),
        _reference("call_id", "The call it was seen in; null where there is none."),
        _reference("source_key", "The same call, as in `calls.source_key`."),
        _reference("moment_id", "The moment it was seen in, as in `moments`."),
        Column("entered_at", INSTANT, "When it was written down.", "UTC", on_erasure="kept"),
    ),
    key=("coaching_id",),
    sort=("coached_on", "coaching_id"),
    partition=None,
    one_row_per="thing agreed between manager and rep",
    owner="coaching_id",
)

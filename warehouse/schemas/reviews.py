"""Table `reviews`: what managers said about the moments that were found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from warehouse.schemas.spec import INSTANT, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One verdict on one moment."""

    review_id: str
    call_id: str
    source_key: str
    moment_id: str
    label: str
    verdict: str
    comment: str | None
    reviewer: str
    reviewed_at: datetime
    moment_version: str


REVIEWS = TableSpec(
    name="reviews",
    version=SCHEMA_VERSION,
    row_type=ReviewRow,
    columns=(
        Column("review_id", pa.string(), "Names the verdict for ever."),
        Column("call_id", pa.string(), "The call, as people named it at the time."),
        Column("source_key", pa.string(), "The call, as in `calls`."),
        Column(
            "moment_id",
            pa.string(),
            "The moment, as in `moments`; it may be gone there, where newer rules find it no more.",
        ),
        Column("label", pa.string(), "The label that was judged."),
        Column("verdict", pa.string(), "`agree`, `disagree` or `comment`."),
        Column("comment", pa.string(), "What the reviewer wrote.", nullable=True),
        Column("reviewer", pa.string(), "Who judged."),
        Column("reviewed_at", INSTANT, "When it was judged.", "UTC"),
        Column(
            "moment_version",
            pa.string(),
            "The rule's or model's version that had found the moment, as in `moments.version`.",
        ),
    ),
    key=("review_id",),
    sort=("reviewed_at", "review_id"),
    partition=None,
    one_row_per="manager's verdict on a moment",
    owner="review_id",
)

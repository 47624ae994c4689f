"""What must be unique over all dates: calls by both their names, and everything with an id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from warehouse import layout
from warehouse.check.finding import REBUILD, Findings
from warehouse.check.parts import open_part
from warehouse.check.scan import Hashes, hashed, repeated
from warehouse.open_files import held_open
from warehouse.schemas import CALL_TABLES

UNIQUE = (
    ("calls", "call_id"),
    ("calls", "source_key"),
    ("moments", "moment_id"),
    ("chains", "chain_id"),
    ("claims", "claim_said_id"),
)
"""Tables and columns. All other keys begin with the call, and so are unique where calls are."""

Ids = Mapping[tuple[str, str], Hashes]
"""The ids of one date as hashes, by table and column."""


def check_across(root: Path, ids: Mapping[date, Ids], findings: Findings) -> None:
    """Adds what is on two dates at once.

    Args:
        root: the warehouse folder.
        ids: what was found on each date.
        findings: where to add to.
    """
    for table, column in UNIQUE:
        by_day = {
            day: np.unique(one[table, column]) for day, one in ids.items() if (table, column) in one
        }
        twice = np.unique(repeated(list(by_day.values())))
        if twice.size:
            days = [day for day, one in by_day.items() if np.isin(one, twice).any()]
            _confirm(root, table, column, twice, days, findings)


def _confirm(
    root: Path,
    table: str,
    column: str,
    twice: Hashes,
    days: Sequence[date],
    findings: Findings,
) -> None:
    """Adds ids that are on two dates in one and the same state of the tables.

    The dates were read one after the other: a call that was moved in between was met twice.
    """
    spec = CALL_TABLES[table]
    found: list[pl.DataFrame] = []
    with held_open(root, [(spec, day) for day in days], as_is=True) as files:
        for (_, day), file in files.items():
            part = open_part(spec, day, file, Findings())
            if part is not None:
                found += [_among(frame, column, twice, day) for frame in part.frames([column])]
    if not found:
        return
    doubled = (
        pl.concat(found)
        .group_by(column, maintain_order=True)
        .agg(pl.col("_day").unique().sort())
        .filter(pl.col("_day").list.len() > 1)
    )
    if doubled.height:
        value, on = doubled.row(0)
        findings.add(
            "on_two_dates",
            layout.part(spec, on[-1]).as_posix(),
            f"{doubled.height:,} values of {column} are on another date too, the first of them in "
            f"{layout.part(spec, on[0]).as_posix()}",
            REBUILD,
            rows=doubled.height,
            example=f"{column} {value!r}",
        )


def _among(frame: pl.DataFrame, column: str, hashes: Hashes, day: layout.Day) -> pl.DataFrame:
    """The ids with one of those hashes, and their date."""
    is_among = pl.Series(np.isin(hashed(frame, [column]), hashes))
    return frame.filter(is_among).with_columns(pl.lit(day).alias("_day"))

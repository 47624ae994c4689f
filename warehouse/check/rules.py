"""What no row of a table may be, derived from how the table is declared.

A rule is an expression that is true in rows that break it, so that a batch of rows is checked at
once. Rules about times and references need what `calls` says of the row's call beside it
(`with_call`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from calls.measures import State
from calls.transcript import Engine
from warehouse.check.finding import REBUILD, REBUILD_OR_READ, Level
from warehouse.check.values import values_of
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.spec import Column, TableSpec

TIME_TOLERANCE_S = 0.1
"""Vendors round times and lengths apart, some to a tenth of a second."""

CALL_FACTS = ("source_key", "revision", "duration_s", "engine")
"""What is looked up in `calls` for the rows of other tables."""

_RANGES = {"0 to 1": (0.0, 1.0), "0 to 100": (0.0, 100.0)}
_ROUNDING = 1e-9
_SHORT_IDS = frozenset({"moment_id", "chain_id", "claim_said_id"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that no row may be. `problem` follows "3 of 12 rows: "."""

    check: str
    broken: pl.Expr
    problem: str
    next_step: str = REBUILD_OR_READ
    level: Level = Level.ERROR

    @property
    def needs_call(self) -> bool:
        """True when it looks at what `with_call` puts beside a row."""
        return any(name.startswith("call.") for name in self.broken.meta.root_names())


def with_call(frame: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """The rows with what `calls` says of each one's call, as `call.source_key` and so on.

    Args:
        frame: rows of any table about calls.
        calls: `call_id` (each once) and the columns `CALL_FACTS`.
    """
    facts = calls.select("call_id", *(pl.col(name).alias(f"call.{name}") for name in CALL_FACTS))
    return frame.join(facts, on="call_id", how="left", maintain_order="left")


def rules_for(spec: TableSpec, *, day: date | None = None, time_zone: str = "UTC") -> list[Rule]:
    """Every rule of that table.

    Args:
        spec: the table.
        day: the date of the file; None for a table that is one file.
        time_zone: the warehouse's.
    """
    found = [*_of_columns(spec), *_of_values(spec), *_of_spans(spec), *_of_states(spec)]
    if spec.partition == "call_date":
        found += _of_calls(day, time_zone) if spec.name == "calls" else _of_heads(spec)
    if spec.name == "nights":
        found.append(_misplaced("night_date", day, time_zone))
    if spec.name == "measure_states":
        found.append(_unknown_measure())
    return found


def _of_columns(spec: TableSpec) -> Iterator[Rule]:
    measures = spec.measures
    for column in spec.columns:
        name, own = column.name, pl.col(column.name)
        if not column.nullable:
            yield Rule("null", own.is_null(), f"{name} has no value", REBUILD)
        if column.type in ("float", "double"):
            yield Rule(
                "not_finite", ~own.is_finite(), f"{name} is NaN or infinite; unknown is null"
            )
        yield from _of_range(column, is_measure=name in measures)


def _of_range(column: Column, *, is_measure: bool) -> Iterator[Rule]:
    name, own = column.name, pl.col(column.name)
    if name.endswith("_count"):
        yield Rule("out_of_range", own < 0, f"{name} is below 0")
    if column.unit in _RANGES:
        low, high = _RANGES[column.unit]
        # What overlaps is counted for each speaker, so sums may pass 1 where two talk at once.
        yield Rule(
            "out_of_range",
            (own < low - _ROUNDING) | (own > high + _ROUNDING),
            f"{name} is not in {column.unit.replace(' to ', '…')}",
            level=Level.NOTE if is_measure else Level.ERROR,
        )


def _of_values(spec: TableSpec) -> Iterator[Rule]:
    for name, allowed in values_of(spec.name).items():
        yield Rule(
            "unknown_value",
            ~pl.col(name).is_in(allowed),
            f"{name} is none of {', '.join(allowed)}",
        )
    for name in spec.names:
        digits = 16 if name in _SHORT_IDS else 64 if name == "source_key" else 0
        if digits:
            pattern = f"^[0-9a-f]{{{digits}}}$"
            yield Rule(
                "malformed_id",
                ~pl.col(name).str.contains(pattern),
                f"{name} is not {digits} hex digits",
            )


def _of_spans(spec: TableSpec) -> Iterator[Rule]:
    if {"start_s", "end_s"} <= set(spec.names):
        start, end = pl.col("start_s"), pl.col("end_s")
        yield Rule(
            "times_out_of_order", (start < 0) | (end < start), "start_s and end_s are out of order"
        )
        late = end > pl.col("call.duration_s") + TIME_TOLERANCE_S
        imported = pl.col("call.engine") == Engine.IMPORTED
        yield Rule("beyond_end", late & ~imported, "end_s lies after the end of the recording")
        yield Rule(
            "beyond_end",
            late & imported,
            "end_s lies after the end of the recording beside which the transcript lay",
            "Look whether the transcript is one of that recording.",
            Level.NOTE,
        )
    if {"start_char", "end_char"} <= set(spec.names):
        first, after = pl.col("start_char"), pl.col("end_char")
        yield Rule(
            "characters_out_of_order",
            (first < 0) | (after <= first),
            "start_char and end_char are out of order",
        )


def _of_states(spec: TableSpec) -> Iterator[Rule]:
    """A state that is not ok has a reason, and one that is has none."""
    for state, reason in (("state", "state_reason"), ("transcript_state", "transcript_reason")):
        if {state, reason} <= set(spec.names):
            ok = pl.col(state) == State.OK
            yield Rule(
                "state_without_reason",
                ok == pl.col(reason).is_not_null(),
                f"{state} and {reason} contradict each other",
            )
    if spec.name == "chains":
        complete = pl.col("is_complete")
        four = (pl.col("stop_reason") == "complete") & (pl.col("step_count") == 4)
        yield Rule(
            "contradiction",
            (complete != four) | ~pl.col("step_count").is_between(1, 4),
            "is_complete, stop_reason and step_count contradict each other",
        )


def _of_calls(day: date | None, time_zone: str) -> Iterator[Rule]:
    yield _misplaced("call_date", day, time_zone)
    yield Rule(
        "time_zone",
        pl.col("time_zone") != time_zone,
        f"time_zone is not the warehouse's, {time_zone}",
    )
    yield Rule(
        "state_without_reason",
        pl.col("coachable") == pl.col("coachable_reason").is_not_null(),
        "coachable and coachable_reason contradict each other",
    )


def _of_heads(spec: TableSpec) -> Iterator[Rule]:
    """A row belongs to a call of the same date, and to the same publication of it."""
    is_there = pl.col("call.source_key").is_not_null()
    yield Rule(
        f"{spec.name}_without_call",
        ~is_there,
        "their call is not in calls on that date",
        REBUILD,
    )
    yield Rule(
        "other_source_key",
        is_there & (pl.col("source_key") != pl.col("call.source_key")),
        "source_key is not that of the call in calls",
        REBUILD,
    )
    yield Rule(
        "other_revision",
        is_there & (pl.col("revision") != pl.col("call.revision")),
        "revision is not that of the call in calls",
        REBUILD,
    )


def _misplaced(partition: str, day: date | None, time_zone: str) -> Rule:
    began = pl.col("started_at").dt.convert_time_zone(time_zone).dt.date()
    return Rule(
        "wrong_date",
        began != pl.lit(day, pl.Date),
        f"started_at is not on that {partition} in {time_zone}",
        REBUILD,
    )


def _unknown_measure() -> Rule:
    measure, of_call = pl.col("measure"), pl.col("speaker").is_null()
    known = {name: list(spec.measures) for name, spec in CALL_TABLES.items()}
    return Rule(
        "unknown_measure",
        pl.when(of_call)
        .then(~measure.is_in(known["scorecards"]))
        .otherwise(~measure.is_in(known["participants"])),
        "measure is no column of scorecards or, with a speaker, of participants",
    )

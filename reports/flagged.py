"""The queue of flagged calls: the moments worth hearing, newest call first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from calls.errors import UsageError
from calls.labels import Hint, Label, Mark
from warehouse import Warehouse

DEFAULT_LABELS: tuple[Mark, ...] = (
    Label.CLICHE_QUESTION,
    Label.HOMEWORK_QUESTION,
    Hint.ALREADY_KNOWN,
)
"""Questions that cost the seller trust: what a manager looks at first."""

COLUMNS = (
    "call_date",
    "rep",
    "team",
    "account",
    "call_id",
    "recording",
    "at",
    "start_s",
    "label",
    "severity",
    "severity_reason",
    "quote",
    "why",
    "better_move",
    "known_answer",
    "known_source",
    "reply_word_count",
    "reply_delay_s",
    "reply_is_deflection",
    "score",
    "state",
    "state_reason",
    "moment_id",
)


def flagged(
    warehouse: Warehouse,
    *,
    rep: str | None = None,
    team: str | None = None,
    since: date | None = None,
    labels: Sequence[str] = DEFAULT_LABELS,
    limit: int | None = 20,
) -> pl.DataFrame:
    """The flagged moments a manager should hear: newest call first, then in order of time.

    A question that is both a homework question and known already is one row, the one that names the
    answer, if both labels are asked for.

    Args:
        warehouse: where the calls landed.
        rep: only calls of that rep, by name or id, in any case of letters.
        team: only calls of that team, in any case of letters.
        since: only calls of that date or later.
        labels: which labels to show.
        limit: at most so many rows; None for all.

    Raises:
        UsageError: for a label that does not exist, or a limit below 1.
    """
    _require_known(labels)
    if limit is not None and limit < 1:
        raise UsageError(f"limit is {limit}; it must be at least 1.")
    with warehouse.reading():
        moments = _once(
            warehouse.moments.filter(pl.col("label").is_in([str(one) for one in labels]))
        )
        found = moments.drop("call_date").join(
            _calls(warehouse, team=team, since=since), on=("call_id", "revision")
        )
        found = _with_rep(found, warehouse)
        if rep is not None:
            found = found.filter(_is(rep, "rep") | _is(rep, "rep_id"))
        found = (
            found.sort(
                ["started_at", "call_id", "start_s", "moment_id"],
                descending=[True, False, False, False],
            )
            .with_columns(clock("start_s").alias("at"), pl.col("reason").alias("why"))
            .select(COLUMNS)
        )
        return (found if limit is None else found.head(limit)).collect()


def known_reps(warehouse: Warehouse) -> list[str]:
    """Every rep on a call in the tables, by name where known, in order."""
    with warehouse.reading():
        reps = warehouse.participants.filter(pl.col("role") == "rep").select(
            rep=pl.coalesce("name", "participant_id")
        )
        return _distinct(reps, "rep")


def known_teams(warehouse: Warehouse) -> list[str]:
    """Every team with a call in the tables, in order."""
    with warehouse.reading():
        return _distinct(warehouse.calls, "team")


def clock(column: str) -> pl.Expr:
    """Seconds as a player shows them: `mm:ss`, from an hour on `h:mm:ss`."""
    seconds = pl.col(column).floor().cast(pl.Int64)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    tail = pl.format("{}:{}", _two_digits(minutes), _two_digits(seconds % 60))
    return pl.when(hours > 0).then(pl.format("{}:{}", hours, tail)).otherwise(tail)


def _two_digits(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.zfill(2)


def _once(moments: pl.LazyFrame) -> pl.LazyFrame:
    """Leaves out homework questions that overlap a row with the answer that was known."""
    turn = ("call_id", "revision", "turn")
    answered = moments.filter(pl.col("label") == Hint.ALREADY_KNOWN).select(
        *turn, pl.col("start_char").alias("known_start"), pl.col("end_char").alias("known_end")
    )
    twice = (
        moments.filter(pl.col("label") == Label.HOMEWORK_QUESTION)
        .join(answered, on=turn)
        .filter(
            (pl.col("start_char") < pl.col("known_end"))
            & (pl.col("known_start") < pl.col("end_char"))
        )
        .select("call_id", "revision", "moment_id")
    )
    return moments.join(twice, on=("call_id", "revision", "moment_id"), how="anti")


def _calls(warehouse: Warehouse, *, team: str | None, since: date | None) -> pl.LazyFrame:
    """The calls asked for, with what the queue says about each."""
    calls = warehouse.calls
    if since is not None:
        calls = calls.filter(pl.col("call_date") >= since)
    if team is not None:
        calls = calls.filter(_is(team, "team"))
    return calls.select(
        "call_id",
        "revision",
        "call_date",
        "started_at",
        "rep",
        "rep_id",
        "team",
        "account",
        "recording",
    )


def _with_rep(moments: pl.LazyFrame, warehouse: Warehouse) -> pl.LazyFrame:
    """The moments with the rep they belong to: the one who spoke, else the call's.

    A call with two reps is listed under the one who said most, but its moments are each rep's own.
    """
    on = ("call_id", "revision", "speaker")
    said_by = pl.col("role") == "rep"
    return moments.join(warehouse.participants.select(*on, "name"), on=on, how="left").with_columns(
        pl.when(said_by)
        .then(pl.coalesce("name", "participant_id", "rep"))
        .otherwise("rep")
        .alias("rep"),
        pl.when(said_by)
        .then(pl.coalesce("participant_id", "rep_id"))
        .otherwise("rep_id")
        .alias("rep_id"),
    )


def _is(wanted: str, column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase() == wanted.strip().lower()


def _require_known(labels: Sequence[str]) -> None:
    allowed = [str(one) for one in (*Label, *Hint)]
    for one in labels:
        if one not in allowed:
            raise UsageError(f"Unknown label {str(one)!r}. Allowed: {', '.join(allowed)}.")
    if not labels:
        raise UsageError(f"No label given. Allowed: {', '.join(allowed)}.")


def _distinct(frame: pl.LazyFrame, column: str) -> list[str]:
    return frame.select(pl.col(column).drop_nulls().unique().sort()).collect()[column].to_list()

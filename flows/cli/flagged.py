"""`nightcall flagged`: the moments worth hearing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, format_options, warehouse_folder, warehouse_option

if TYPE_CHECKING:
    import polars as pl

    from warehouse.store import Warehouse


@click.command(epilog="Example: nightcall flagged --rep 'Dana Reyes' --since 2026-09-01 --limit 5")
@warehouse_option
@config_option
@click.option("--rep", help="Only this rep: name or id.")
@click.option("--team", help="Only this team.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only calls of this date or later."
)
@click.option(
    "--label",
    "labels",
    multiple=True,
    help="Which label; may be given several times. Default: cliche_question, homework_question, "
    "already_known.",
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@format_options
def flagged(
    warehouse: Path | None,
    config: Path | None,
    rep: str | None,
    team: str | None,
    since: datetime | None,
    labels: tuple[str, ...],
    limit: int,
    format_: str,
    output: Path | None,
) -> None:
    """List flagged moments, newest call first: who, which recording, when to hear it, and why."""
    from flows.cli.output import show_frame
    from reports.flagged import DEFAULT_LABELS
    from reports.flagged import flagged as find
    from warehouse.store import open_warehouse

    store = open_warehouse(warehouse_folder(warehouse, config))
    frame = find(
        store,
        rep=rep,
        team=team,
        since=since.date() if since else None,
        labels=labels or DEFAULT_LABELS,
        limit=limit + 1,  # one more, to know whether there are more
    )
    more, frame = frame.height > limit, frame.head(limit)
    if frame.is_empty() and format_ == "table":
        click.echo(_nothing(store, rep, team))
        return
    show_frame(for_people(frame) if format_ == "table" else frame, format_, output)
    if more:
        # On standard error: data for programs stays data.
        click.echo(f"Only the first {limit} are listed; there are more (--limit).", err=True)


def _nothing(store: Warehouse, rep: str | None, team: str | None) -> str:
    """Why there may be nothing to show: a name nobody has is said, not hidden."""
    from reports.flagged import known_reps, known_teams

    for asked, kind, known in ((rep, "rep", known_reps(store)), (team, "team", known_teams(store))):
        if asked and asked.strip().lower() not in {one.lower() for one in known}:
            return f"No {kind} {asked!r} in this warehouse. Known: {', '.join(known) or 'none'}."
    return "No flagged moments match."


def for_people(frame: pl.DataFrame) -> pl.DataFrame:
    """What a manager needs to listen and to coach: who, when, what, why, and what instead."""
    import polars as pl

    return frame.select(
        "rep",
        pl.format("{}\n{}", "call_id", "recording").alias("call, recording"),
        pl.concat_str("at", "severity", separator="\n", ignore_nulls=True).alias("minute"),
        "quote",
        pl.concat_str(
            "why", pl.format("→ {}", "better_move"), separator="\n", ignore_nulls=True
        ).alias("why, → and a better move"),
    )

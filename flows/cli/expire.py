"""`nightcall expire`: calls that are older than calls are to be kept."""

from __future__ import annotations

from pathlib import Path

import click

from calls.errors import UsageError
from flows.cli.erasing import erasing_options, run_erasure
from flows.cli.options import config_option, user, warehouse_option


@click.command(epilog="Example: nightcall expire --older-than 400d --dry-run")
@click.option(
    "--older-than",
    metavar="AGE",
    help="400d (days), 52w (weeks), 13m (calendar months) or 2y (calendar years), counted from "
    "today in the warehouse's time zone. Default: retention_days of the settings.",
)
@erasing_options
@warehouse_option
@config_option
def expire(
    older_than: str | None,
    reason: str | None,
    by: str | None,
    dry_run: bool,
    yes: bool,
    delete_recording: bool,
    despite_hold: bool,
    no_proof: bool,
    recordings: str | None,
    warehouse: Path | None,
    config: Path | None,
) -> None:
    """Erase calls that were held longer ago than that, as `nightcall erase` does.

    Calls that are held back (`nightcall hold`) stay, and are named. No night does this by itself.
    """
    from calls.settings import load_settings
    from flows.erasing.ages import day_before, today_in
    from flows.erasing.wanted import Request
    from warehouse.store import open_warehouse

    settings = load_settings(config, {"warehouse": warehouse, "recordings": recordings})
    age = older_than or (f"{settings.retention_days}d" if settings.retention_days else None)
    if age is None:
        raise UsageError(
            "Say how old with --older-than, e.g. 400d, or set retention_days in nightcall.toml."
        )
    before = day_before(age, today_in(open_warehouse(settings.warehouse)))
    click.echo(f"Calls before {before}:")
    request = Request(
        before=before,
        reason=reason,
        by=by or user(),
        delete_recordings=delete_recording,
        despite_hold=despite_hold,
        prove=not no_proof,
    )
    run_erasure(settings, request, dry_run=dry_run, yes=yes)

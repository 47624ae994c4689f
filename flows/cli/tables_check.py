"""`nightcall tables check`: is the warehouse what it should be?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, format_options, warehouse_folder, warehouse_option
from flows.exit_codes import ExitCode

if TYPE_CHECKING:
    import polars as pl

    from warehouse.check import Checked, Finding
    from warehouse.check.checking import Each

SHOWN = 50
"""Findings shown to people; programs get all of them."""


@click.command(epilog="Example: nightcall tables check --warehouse warehouse/")
@click.option(
    "--artifacts",
    is_flag=True,
    help="Also compare every row with what was read of the calls; takes longer.",
)
@warehouse_option
@config_option
@format_options
def check(
    artifacts: bool,
    warehouse: Path | None,
    config: Path | None,
    format_: str,
    output: Path | None,
) -> None:
    """Verify every table file against its schema, the other tables, the records and artifacts.

    Says what is wrong, where, and what to do. Exits with 1 if anything has to be put right; a note
    is only worth knowing. Nothing is changed, and a night may run meanwhile.
    """
    from flows.cli.output import show_frame, show_parts
    from warehouse.check import check as check_warehouse
    from warehouse.store import open_warehouse

    store = open_warehouse(warehouse_folder(warehouse, config))
    with _progress() as each:
        checked = check_warehouse(store, artifacts=artifacts, each=each)
    if format_ == "table":
        show_parts(_for_people(checked), output)
    else:
        show_frame(_frame(checked), format_, output)
    sys.exit(ExitCode.FAILED if checked.errors else ExitCode.DONE)


@contextmanager
def _progress() -> Iterator[Each | None]:
    """Hears how far the check has come; a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=0, label="dates", file=sys.stderr) as bar:

        def each(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield each


def _for_people(checked: Checked) -> Iterator[str]:
    for one in checked.findings[:SHOWN]:
        yield _sentences(one)
    left_out = len(checked.findings) - SHOWN
    if left_out > 0:
        yield f"… and {left_out:,} more; --format csv lists all of them."
    notes = len(checked.findings) - checked.errors
    yield (
        f"Rows: {checked.rows:,}. Dates: {checked.dates:,}. "
        f"To be put right: {checked.errors:,}. Notes: {notes:,}."
    )


def _sentences(one: Finding) -> str:
    example = f", e.g. {one.example}" if one.example else ""
    return f"{one.level:<5}  {one.where}\n       {one.problem}{example}\n       → {one.next_step}"


def _frame(checked: Checked) -> pl.DataFrame:
    import polars as pl

    schema = {
        "level": pl.String,
        "check": pl.String,
        "where": pl.String,
        "problem": pl.String,
        "rows": pl.Int64,
        "example": pl.String,
        "next_step": pl.String,
    }
    rows = [
        {name: getattr(one, name) for name in schema} | {"level": str(one.level)}
        for one in checked.findings
    ]
    return pl.DataFrame(rows, schema=schema)

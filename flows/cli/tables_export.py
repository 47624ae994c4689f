"""`nightcall tables export`: tables for people and for programs that do not read the warehouse."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from flows.cli.options import config_option, warehouse_folder, warehouse_option

FORMATS = ("csv", "excel", "parquet")
"""The names in `warehouse.export.FORMATS`, which is slow to import."""

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    epilog="Example: nightcall tables export for-marketing/ --format excel --tables calls,claims "
    "--since 2026-09-01"
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="CSV that Excel opens, one Excel workbook, or one Parquet file per table for BI tools.",
)
@click.option("--tables", "names", help="Only these tables, separated by commas. Default: all.")
@click.option("--since", type=_DAY, help="Only rows of this date or later.")
@click.option("--until", type=_DAY, help="Only rows of this date or earlier.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier export in DIR.")
@warehouse_option
@config_option
def export(
    folder: Path,
    format_: str,
    names: str | None,
    since: datetime | None,
    until: datetime | None,
    overwrite: bool,
    warehouse: Path | None,
    config: Path | None,
) -> None:
    """Write tables into the new folder DIR, with a README.md that says what their columns mean.

    An export holds what was said on calls, and names of people: give it only to those who may hear
    the calls. It is a copy: a call that is erased later stays in it. All tables are of one state,
    and a night may run meanwhile.
    """
    from calls.errors import UsageError
    from warehouse.export import Asked
    from warehouse.export import export as export_tables
    from warehouse.store import open_warehouse

    if since and until and since > until:
        raise UsageError(f"--since {since:%Y-%m-%d} is after --until {until:%Y-%m-%d}.")
    asked = Asked(
        tuple(name.strip() for name in names.split(",")) if names else (),
        since.date() if since else None,
        until.date() if until else None,
    )
    store = open_warehouse(warehouse_folder(warehouse, config))
    done = export_tables(store, folder, format_=format_, asked=asked, overwrite=overwrite)
    for note in done.notes:
        click.echo(note)
    rows = sum(done.rows.values())
    click.echo(f"Tables: {len(done.rows)}. Rows: {rows:,}. Written to {folder}.")

"""`nightcall tables`: what there is to query."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import config_option, format_options, warehouse_folder, warehouse_option

if TYPE_CHECKING:
    import polars as pl

    from warehouse.store import Warehouse

REBUILD = "rebuild"


@click.command(epilog="Example: nightcall tables moments --warehouse nightcall-demo/warehouse")
@click.argument("name", required=False)
@warehouse_option
@config_option
@format_options
def tables(
    name: str | None,
    warehouse: Path | None,
    config: Path | None,
    format_: str,
    output: Path | None,
) -> None:
    """List the tables, describe the table NAME with an example row, or `rebuild` them all.

    Rebuilding makes every table anew from the artifacts of the calls.
    """
    from flows.cli.output import show_frame
    from warehouse.store import open_warehouse

    store = open_warehouse(warehouse_folder(warehouse, config))
    if name == REBUILD:
        with store.night_lock():
            done = store.rebuild()
        click.echo(f"Calls: {done.calls}. Dates: {len(done.dates)}. Files written: {done.files}.")
    elif name is None:
        show_frame(_overview(store), format_, output)
    else:
        show_frame(_description(store, name), format_, output)


def _overview(store: Warehouse) -> pl.DataFrame:
    import polars as pl

    from warehouse.schemas import ALL_TABLES

    rows = []
    with store.reading():
        for spec in ALL_TABLES.values():
            files = list((store.path / "tables" / spec.name).rglob("*.parquet"))
            rows.append(
                {
                    "table": spec.name,
                    "one row per": spec.one_row_per,
                    "rows": store.table(spec.name).select(pl.len()).collect().item(),
                    "files": len(files),
                    "MB": round(sum(file.stat().st_size for file in files) / 1e6, 2),
                }
            )
    return pl.DataFrame(rows)


def _description(store: Warehouse, name: str) -> pl.DataFrame:
    import polars as pl

    from warehouse.dictionary import describe

    columns = describe(name)
    with store.reading():
        example = store.table(name).head(1).collect()
    row = example.row(0, named=True) if example.height else {}
    return pl.DataFrame(
        [{**asdict(column), "example": _shortened(row.get(column.column))} for column in columns]
    ).drop("on_erasure")


def _shortened(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"

"""`nightcall tables`: what there is to query, and keeping it in order."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.lazy_group import LazyGroup
from flows.cli.options import config_option, format_options, warehouse_folder, warehouse_option

if TYPE_CHECKING:
    import polars as pl

    from warehouse.store import Warehouse

COMMANDS = {
    "check": "flows.cli.tables_check:check",
    "compact": "flows.cli.tables_compact:compact",
    "export": "flows.cli.tables_export:export",
    "mirror": "flows.cli.tables_mirror:mirror",
    "rebuild": "flows.cli.tables:rebuild",
}
"""What can be done with the tables besides looking at them, and where it lives."""


class _TablesGroup(LazyGroup):
    """A group whose first argument may also be the name of a table."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        return super().get_command(ctx, cmd_name) or _describing(cmd_name)


@click.group(
    cls=_TablesGroup,
    places=COMMANDS,
    invoke_without_command=True,
    subcommand_metavar="[NAME | COMMAND] [ARGS]...",
    epilog="Example: nightcall tables moments --warehouse nightcall-demo/warehouse",
)
@warehouse_option
@config_option
@format_options
@click.pass_context
def tables(
    ctx: click.Context,
    warehouse: Path | None,
    config: Path | None,
    format_: str,
    output: Path | None,
) -> None:
    """List the tables, or describe the table NAME with an example row; or keep them in order."""
    if ctx.invoked_subcommand is not None:
        return
    from flows.cli.output import show_frame
    from warehouse.store import open_warehouse

    show_frame(_overview(open_warehouse(warehouse_folder(warehouse, config))), format_, output)


def _describing(name: str) -> click.Command:
    """The command that describes one table."""

    @click.command(name=name)
    @click.option("--json-schema", is_flag=True, help="Its JSON Schema, for other programs.")
    @warehouse_option
    @config_option
    @format_options
    def describe_table(
        json_schema: bool,
        warehouse: Path | None,
        config: Path | None,
        format_: str,
        output: Path | None,
    ) -> None:
        """Describe the columns of a table, with an example row."""
        from flows.cli.output import show_frame, write_out
        from warehouse.dictionary import json_schema as schema_of
        from warehouse.files import to_json
        from warehouse.store import open_warehouse

        if json_schema:
            write_out(to_json(schema_of(name), indent=1) + b"\n", output)
            return
        store = open_warehouse(warehouse_folder(warehouse, config))
        described = _description(store, name)
        # A terminal has no room for it; the data dictionary and the other formats have.
        show_frame(
            described.drop("on_erasure") if format_ == "table" else described, format_, output
        )

    return describe_table


@click.command(epilog="Example: nightcall tables rebuild --warehouse warehouse/")
@warehouse_option
@config_option
def rebuild(warehouse: Path | None, config: Path | None) -> None:
    """Make every table anew from the artifacts of the calls and from what is on record."""
    from warehouse.store import open_warehouse

    store = open_warehouse(warehouse_folder(warehouse, config))
    with store.night_lock(as_is=True):
        done = store.rebuild()
    click.echo(f"Calls: {done.calls}. Dates: {len(done.dates)}. Files written: {done.files}.")
    for key, problem in done.refused.items():
        click.echo(f"left out: call {key[:12]}…: {problem}", err=True)


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
    )


def _shortened(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"

"""`nightcall query`: SQL over all tables."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.options import config_option, format_options, warehouse_folder, warehouse_option


@click.command(
    epilog='Example: nightcall query "SELECT rep, count(*) FROM calls JOIN moments '
    "USING (call_id, revision) WHERE label = 'cliche_question' GROUP BY rep\""
)
@click.argument("sql")
@warehouse_option
@config_option
@format_options
def query(
    sql: str, warehouse: Path | None, config: Path | None, format_: str, output: Path | None
) -> None:
    """Run one SELECT (or EXPLAIN) in DuckDB over views of all tables.

    Read-only: no files, no network, no extensions. `nightcall tables` lists the tables.
    """
    from flows.cli.output import show
    from warehouse.sql import run_query

    show(run_query(warehouse_folder(warehouse, config), sql), format_, output)

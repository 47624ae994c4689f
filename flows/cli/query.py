"""`nightcall query`: SQL over all tables and views."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from calls.errors import UsageError
from flows.cli.options import config_option, format_options, warehouse_folder, warehouse_option


@click.command(
    epilog='Example: nightcall query "SELECT rep, week, cliche_call_ratio FROM rep_weeks". '
    "docs/questions.md has ready questions."
)
@click.argument("sql", required=False)
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the question from a file. `nightcall query -` reads it from standard input.",
)
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value for $NAME in the question, as text; may be given several times. $today, "
    "$this_week and $last_week (Mondays) are known; --param today=2026-09-22 moves all three.",
)
@click.option(
    "--views",
    is_flag=True,
    help="Print SQL that makes all tables and views in a DuckDB of your own, and ask nothing.",
)
@warehouse_option
@config_option
@format_options
def query(
    sql: str | None,
    file: Path | None,
    parameters: tuple[str, ...],
    views: bool,
    warehouse: Path | None,
    config: Path | None,
    format_: str,
    output: Path | None,
) -> None:
    """Run one SELECT (or EXPLAIN) in DuckDB over all tables and views.

    Read-only: no files, no network, no extensions. `nightcall tables` lists the tables,
    `nightcall query "SHOW TABLES"` the views too, `nightcall query "DESCRIBE rep_calls"` their
    columns.
    """
    from flows.cli.output import show, write_out
    from warehouse.sql import run_query
    from warehouse.views import views_for_duckdb

    if (sql is not None) + (file is not None) + views != 1:
        raise UsageError(
            "Give one question: as text, in a file (--file), or on standard input (-). Or ask for "
            "the views (--views)."
        )
    if views:
        write_out(views_for_duckdb().encode(), output)
        return
    question = _from_file(file) if file is not None else _from_stdin() if sql == "-" else sql
    assert question is not None
    folder = warehouse_folder(warehouse, config)
    show(run_query(folder, question, _named(parameters)), format_, output)


def _from_file(file: Path) -> str:
    try:
        return _decoded(file.read_bytes(), f"--file {file}")
    except OSError as error:
        raise UsageError(f"--file {file}: can't be read ({error.strerror}).") from error


def _from_stdin() -> str:
    return _decoded(sys.stdin.buffer.read(), "standard input")


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8 (byte {error.start}). Save it as UTF-8.") from error


def _named(parameters: tuple[str, ...]) -> dict[str, str]:
    """The values of `--param`, by name."""
    named: dict[str, str] = {}
    for one in parameters:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise UsageError(f"--param {one}: no NAME=VALUE. Write e.g. --param team=North.")
        if name in named:
            raise UsageError(f"--param {name} is given twice.")
        named[name] = value
    return named

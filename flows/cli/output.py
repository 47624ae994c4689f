"""Frames for people (a table) and for programs (JSON, CSV, Parquet)."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from calls.errors import UsageError

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

# What a table is laid out for where there is no terminal to measure.
PLAIN_WIDTH = 140


def console() -> Console:
    """A console on standard output: as wide as the terminal, else `PLAIN_WIDTH`."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def show(
    frame: pl.DataFrame,
    format_: str,
    output: Path | None = None,
) -> None:
    """Writes a frame.

    Args:
        frame: what to show.
        format_: "table", "json", "csv" or "parquet".
        output: a file; None is standard output.

    Raises:
        UsageError: Parquet was to be written to a terminal.
    """
    if format_ == "table":
        _show_table(frame, output)
        return
    if format_ == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("Parquet is no text: name a file with --output, or redirect to one.")
    data = _encode(frame, format_)
    if output is not None:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def _encode(frame: pl.DataFrame, format_: str) -> bytes:
    buffer = io.BytesIO()
    if format_ == "json":
        return f"{frame.write_json()}\n".encode()
    if format_ == "csv":
        frame.write_csv(buffer)
    else:
        frame.write_parquet(buffer)
    return buffer.getvalue()


def _show_table(frame: pl.DataFrame, output: Path | None) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for name, kind in frame.schema.items():
        numeric = kind.is_numeric()
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in frame.iter_rows():
        # Text, not markup: what was said may hold square brackets.
        table.add_row(*(Text("" if value is None else _text(value)) for value in row))
    if output is None:
        console().print(table)
    else:
        with output.open("w", encoding="utf-8") as stream:
            Console(file=stream, width=PLAIN_WIDTH).print(table)


def _text(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)

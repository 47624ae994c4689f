"""Tables for people and for programs (JSON, CSV, Parquet)."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calls.errors import UsageError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    from rich.console import Console

# What a table is laid out for where there is no terminal to measure.
PLAIN_WIDTH = 140


def console() -> Console:
    """A console on standard output: as wide as the terminal, else `PLAIN_WIDTH`."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def show_frame(frame: pl.DataFrame, format_: str, output: Path | None = None) -> None:
    """Writes a polars frame; see `show`."""
    import polars as pl

    show(frame.to_arrow(compat_level=pl.CompatLevel.oldest()), format_, output)


def show(table: pa.Table, format_: str, output: Path | None = None) -> None:
    """Writes a table.

    Args:
        table: what to show. Columns of one name are told apart by a number.
        format_: "table", "json", "csv" or "parquet".
        output: a file; None is standard output.

    Raises:
        UsageError: Parquet was to be written to a terminal, or the file can't be written.
    """
    table = table.rename_columns(_distinct(table.column_names))
    if format_ == "table" and output is None:
        console().print(_for_people(table))
        return
    if format_ == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("Parquet is no text: name a file with --output, or redirect to one.")
    write_out(_encode(table, format_), output)


def show_parts(parts: Iterable[str | pl.DataFrame], output: Path | None = None) -> None:
    """Writes sentences and tables for people, one below the other.

    Args:
        parts: what to show, in order.
        output: a file; None is standard output.

    Raises:
        UsageError: the file can't be written.
    """
    import polars as pl
    from rich.console import Console
    from rich.text import Text

    text = io.StringIO()
    shown = console() if output is None else Console(file=text, width=PLAIN_WIDTH)
    for part in parts:
        if isinstance(part, pl.DataFrame):
            shown.print(_for_people(part.to_arrow(compat_level=pl.CompatLevel.oldest())))
        else:
            shown.print(Text(part))  # not markup: what was said may hold square brackets
    if output is not None:
        write_out(text.getvalue().encode(), output)


def write_out(data: bytes, output: Path | None) -> None:
    """Returns when a file holds the bytes, or standard output has got them.

    Raises:
        UsageError: the file can't be written.
    """
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise UsageError(f"--output {output}: can't be written ({error.strerror}).") from error


def _distinct(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        number = 1
        unique = name
        while unique in found:
            number += 1
            unique = f"{name}_{number}"
        found.append(unique)
    return found


def _encode(table: pa.Table, format_: str) -> bytes:
    if format_ == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = io.BytesIO()
        try:
            pq.write_table(table, sink)
        except pa.ArrowNotImplementedError as error:
            raise UsageError(f"Parquet has no such type: {error}. Cast the column.") from error
        return sink.getvalue()
    text = io.StringIO()
    if format_ == "json":
        rows = [{key: _json(value) for key, value in row.items()} for row in table.to_pylist()]
        json.dump(rows, text, ensure_ascii=False, default=str)
        text.write("\n")
    elif format_ == "csv":
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows(row.values() for row in table.to_pylist())
    else:
        from rich.console import Console

        Console(file=text, width=PLAIN_WIDTH).print(_for_people(table))
    return text.getvalue().encode()


def _json(value: Any) -> Any:
    """JSON knows no NaN, no infinity, no dates and no points in time: those are ISO 8601."""
    if isinstance(value, date | time):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _for_people(table: pa.Table) -> Any:
    import pyarrow as pa
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for field in table.schema:
        is_number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        shown.add_column(field.name, justify="right" if is_number else "left", overflow="fold")
    for row in table.to_pylist():
        # Text, not markup: what was said may hold square brackets.
        shown.add_row(*(Text(_text(value)) for value in row.values()))
    return shown


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if isinstance(value, float) else str(value)

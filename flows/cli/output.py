"""Tables for people and for programs (JSON, CSV, Parquet)."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
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
        json.dump(_json(_rows(table)), text, ensure_ascii=False)
        text.write("\n")
    elif format_ == "csv":
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows(map(_cell, row.values()) for row in _rows(table))
    else:
        from rich.console import Console

        Console(file=text, width=PLAIN_WIDTH).print(_for_people(table))
    return text.getvalue().encode()


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows as Python values.

    Raises:
        UsageError: a date or time lies beyond what Python can hold.
    """
    try:
        rows: list[dict[str, Any]] = table.to_pylist()
    except (OverflowError, ValueError) as error:
        raise UsageError(
            f"A date or time can't be shown ({error}). Cast the column: col::VARCHAR, or for "
            "fractions below a microsecond col::TIMESTAMP. --format parquet takes any."
        ) from error
    return rows


def _json(value: Any) -> Any:
    """The value in JSON's few types: dates and times as ISO 8601, bytes in hexadecimal digits.

    JSON knows no NaN and no infinity: they are null.
    """
    if isinstance(value, dict):
        return {str(key): _json(one) for key, one in value.items()}
    if _is_interval(value):  # neither months nor days are so many seconds
        return f"P{value.months}M{value.days}DT{value.nanoseconds / 1e9:g}S"
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):  # also a sum of whole numbers, which DuckDB makes this wide
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def _is_interval(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(value, "nanoseconds")


def _cell(value: Any) -> Any:
    """The value as CSV holds it: what has parts is JSON."""
    if isinstance(value, bytes) or _is_interval(value):
        return _json(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(_json(value), ensure_ascii=False)
    return value


def _for_people(table: pa.Table) -> Any:
    import pyarrow.types as pat
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for field in table.schema:
        kind = field.type
        is_number = any(is_a(kind) for is_a in (pat.is_integer, pat.is_floating, pat.is_decimal))
        shown.add_column(field.name, justify="right" if is_number else "left", overflow="fold")
    for row in _rows(table):
        # Text, not markup: what was said may hold square brackets.
        shown.add_row(*(Text(_text(value)) for value in row.values()))
    return shown


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if 999.5 <= abs(value) < 1e15 else f"{value:.3g}"
    return str(_cell(value))

"""Tables as one Excel workbook: a sheet per table, typed cells, each column with its meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from warehouse.dictionary import ColumnDescription, describe
from warehouse.export.source import Source

WORKBOOK = "nightcall.xlsx"

MOST_ROWS = 1_048_575
"""Rows that a sheet of Excel holds below the header; more go on in a second sheet."""

LONGEST_TEXT = 32_767
"""UTF-16 units that a cell of Excel holds; a longer text is cut, and says so."""

NOTES = (
    "Cells are typed; no text is ever a formula or a link. Empty is null.",
    f"A sheet holds {MOST_ROWS:,} rows; a table with more goes on in `name (2)`.",
    f"A cell holds {LONGEST_TEXT:,} characters; a longer text is cut and ends with `[cut: …]`.",
    "Points in time are UTC. The note on a column's head says what the column means.",
)
"""What readers of the file must know."""

_WIDTHS = {"text": 18, "true/false": 8, "date": 11, "timestamp": 19}
_NARROW, _WIDE = 10, 60
_SPOKEN = frozenset({"text", "quote", "hypothesis_text", "better_move", "reason", "comment"})


@dataclass(slots=True)
class Workbook:
    """What went into the workbook: rows by table, and what could not go in as it is."""

    rows: dict[str, int] = field(default_factory=dict)
    cut_count: int = 0
    split: list[str] = field(default_factory=list)


def write_excel(sources: Sequence[Source], path: Path, about: Sequence[str]) -> Workbook:
    """What went into a new workbook.

    Rows go to disk one by one, beside the workbook until it is whole.

    Args:
        sources: the tables, in the order of the sheets.
        path: the file.
        about: lines for the first sheet.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_urls": False,
        "strings_to_formulas": False,
        "nan_inf_to_errors": True,
    }
    done = Workbook()
    with xlsxwriter.Workbook(str(path), options) as book:
        formats = _Formats.of(book)
        _write_about(book.add_worksheet("about"), about)
        for source in sources:
            _Sheets(book, source, formats, done).write()
    return done


@dataclass(frozen=True, slots=True)
class _Formats:
    head: Format
    date: Format
    instant: Format

    @classmethod
    def of(cls, book: xlsxwriter.Workbook) -> _Formats:
        return cls(
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )


def _write_about(sheet: Worksheet, lines: Sequence[str]) -> None:
    sheet.set_column(0, 0, 120)
    for number, line in enumerate(lines):
        sheet.write_string(number, 0, line)


class _Sheets:
    """The sheets of one table."""

    def __init__(
        self, book: xlsxwriter.Workbook, source: Source, formats: _Formats, done: Workbook
    ) -> None:
        self._book, self._source, self._formats, self._done = book, source, formats, done
        self._columns = describe(source.spec.name)
        self._number = 0

    def write(self) -> None:
        sheet, row = self._new_sheet(), 0
        writers = self._writers(sheet)
        count = 0
        for batch in self._source.batches():
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            for values in frame.iter_rows():
                if row == MOST_ROWS:
                    sheet.autofilter(0, 0, row, len(self._columns) - 1)
                    sheet, row = self._new_sheet(), 0
                    writers = self._writers(sheet)
                row += 1
                for column, (write, value) in enumerate(zip(writers, values, strict=True)):
                    if value is not None:
                        write(row, column, value)
            count += frame.height
        sheet.autofilter(0, 0, row, len(self._columns) - 1)
        self._done.rows[self._source.spec.name] = count

    def _new_sheet(self) -> Worksheet:
        self._number += 1
        name = self._source.spec.name
        if self._number == 2:
            self._done.split.append(name)
        sheet = self._book.add_worksheet(name if self._number == 1 else f"{name} ({self._number})")
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(self._columns):
            sheet.set_column(number, number, _width(column))
            sheet.write_string(0, number, column.column, self._formats.head)
            unit = f" ({column.unit})" if column.unit else ""
            sheet.write_comment(0, number, f"{column.meaning}{unit}", {"width": 320, "height": 90})
        return sheet

    def _writers(self, sheet: Worksheet) -> list[Callable[[int, int, Any], object]]:
        """How each column's values are written."""

        def text(row: int, column: int, value: str) -> None:
            sheet.write_string(row, column, self._shortened(value))

        def day(row: int, column: int, value: date) -> None:
            sheet.write_datetime(row, column, value, self._formats.date)

        def instant(row: int, column: int, value: datetime) -> None:
            sheet.write_datetime(row, column, value.replace(tzinfo=None), self._formats.instant)

        by_type: dict[str, Callable[[int, int, Any], object]] = {
            "text": text,
            "true/false": sheet.write_boolean,
            "date": day,
            "timestamp": instant,
        }
        return [by_type.get(column.type, sheet.write_number) for column in self._columns]

    def _shortened(self, text: str) -> str:
        """The text, cut if no cell of Excel holds it."""
        if 2 * len(text) <= LONGEST_TEXT:
            return text
        units = text.encode("utf-16-le")
        if len(units) <= 2 * LONGEST_TEXT:
            return text
        self._done.cut_count += 1
        ending = f" [cut: {len(text):,} characters]"
        kept = units[: 2 * (LONGEST_TEXT - len(ending))].decode("utf-16-le", "ignore")
        return f"{kept}{ending}"


def _width(column: ColumnDescription) -> int:
    """The width of a column, in characters: wide where something is said, else by its type."""
    own = _WIDE if column.column in _SPOKEN else _WIDTHS.get(column.type, _NARROW)
    return max(own, min(len(column.column) + 3, 30))

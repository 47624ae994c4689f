"""A table as CSV that Excel opens as it is meant: UTF-8 with a mark, and no text as a formula."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from warehouse.export.source import Source

_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""How a text begins that a spreadsheet takes for a formula (OWASP, CSV injection)."""

NOTES = (
    "UTF-8 with a byte order mark, so that Excel reads all letters; fields are separated by commas "
    "and lines by CR LF (RFC 4180).",
    "An empty field is null; an empty text is two quotation marks.",
    "A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab "
    "or a line break) has an apostrophe in front. Numbers have none.",
    "Points in time are UTC.",
)
"""What readers of the files must know."""


def write_csv(source: Source, path: Path) -> int:
    """How many rows were written to a new file."""
    rows = 0
    with path.open("xb") as file:
        pl.DataFrame(schema=source.spec.frame_schema).write_csv(
            file, include_bom=True, line_terminator="\r\n"
        )
        for batch in source.batches():
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            # Nothing of the text is lost: an apostrophe in front makes it one.
            frame.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'${0}")).write_csv(
                file,
                include_header=False,
                line_terminator="\r\n",
                datetime_format="%Y-%m-%d %H:%M:%S%.f",
            )
            rows += frame.height
    return rows

"""One Parquet file of a table, written as its rows come: how it is laid out, and why.

What was measured is in benchmarks/README.md (`python -m benchmarks.parquet_layout`).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from warehouse.files import PRIVATE_FILE
from warehouse.schemas.spec import TableSpec

ROW_GROUP_ROWS = 32_768
"""What a reader skips or reads as a whole: the turns of some 160 calls.

Files of half or of twice as many differ by less than 0.5 % in size. With twice as many
`nightcall query` takes half as long again to find one call, with four times as many three times as
long; with half as many DuckDB takes a quarter longer to count a rep's moments.
"""

COMPRESSION_LEVEL = 1
"""Of Zstandard. Level 3 makes files 12 % smaller, takes 60 % longer to write, and reads alike."""

# A dictionary of these would hold every one of them; on top it would make files a tenth larger, and
# a question about quotes three times as slow in polars.
_NEVER_TWICE = frozenset({"text", "quote", "hypothesis_text"})


def write_options(spec: TableSpec) -> dict[str, Any]:
    """How pyarrow shall write a file of that table."""
    return {
        "compression": "zstd",
        "compression_level": COMPRESSION_LEVEL,
        "use_dictionary": [name for name in spec.names if _repeats(spec, name)],
        "write_statistics": [name for name in spec.names if _may_have_statistics(spec, name)],
    }


def _repeats(spec: TableSpec, name: str) -> bool:
    """True when a dictionary of the values pays: they come back, and are no fractions."""
    if name in _NEVER_TWICE or spec.key == (name,):
        return False
    return not pa.types.is_floating(spec.schema.field(name).type)


def _may_have_statistics(spec: TableSpec, name: str) -> bool:
    """True for numbers, dates and truths, and for the texts that the file is sorted by.

    The least and the greatest of other texts let no reader skip anything, and would repeat a name
    or what was said in the footer of every file.
    """
    return name in spec.sort or not pa.types.is_string(spec.schema.field(name).type)


def unreadable(where: Path | str, error: Exception) -> WarehouseDamaged:
    """What to raise where a table file can't be read; `where` is relative to the warehouse."""
    return WarehouseDamaged(
        f"{where}: can't be read ({type(error).__name__}). Run: nightcall tables rebuild"
    )


class TableFile:
    """A new file of a table. Its rows come in order; every row group but the last is full.

    Args:
        path: where it shall be; there must be nothing yet.
        spec: the table.
    """

    def __init__(self, path: Path, spec: TableSpec) -> None:
        self.path = path
        self._spec = spec
        self._waiting: list[pa.Table] = []
        self._rows_waiting = 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        self._file = os.fdopen(descriptor, "wb")
        self._writer = pq.ParquetWriter(self._file, spec.schema, **write_options(spec))

    def __enter__(self) -> TableFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Lets go of the file; one that was not finished is of no use."""
        with suppress(pa.ArrowException, OSError):
            self._writer.close()
        self._file.close()

    def write(self, rows: pa.Table) -> None:
        """Returns when those rows are in the file, or wait until a row group is full."""
        self._waiting.append(rows)
        self._rows_waiting += rows.num_rows
        if self._rows_waiting < ROW_GROUP_ROWS:
            return
        waiting = pa.concat_tables(self._waiting)
        full = waiting.num_rows - waiting.num_rows % ROW_GROUP_ROWS
        self._writer.write_table(waiting.slice(0, full), row_group_size=ROW_GROUP_ROWS)
        # What is left is copied: a slice would keep the rows before it in memory.
        left = waiting.slice(full).combine_chunks()
        self._waiting, self._rows_waiting = [left], left.num_rows

    def finish(self) -> None:
        """Returns when the whole file is on disk."""
        rest = pa.concat_tables([self._spec.schema.empty_table(), *self._waiting])
        self._writer.write_table(rest, row_group_size=ROW_GROUP_ROWS)
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

"""The rows of one table that go out, date by date, with the date as a column of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.evolution import upgrade
from warehouse.schemas.spec import TableSpec

BATCH_ROWS = 65_536
"""Rows in memory at once."""


@dataclass(frozen=True, slots=True)
class Source:
    """One table, and its files of one state of the warehouse, in the order of their dates."""

    spec: TableSpec
    files: tuple[tuple[layout.Day, pa.NativeFile], ...]

    def batches(self) -> Iterator[pa.Table]:
        """The rows, some at a time, under the schema of the whole folder.

        Raises:
            WarehouseDamaged: naming the file that can't be read.
        """
        for day, file in self.files:
            where = layout.part(self.spec, day).as_posix()
            try:
                for batch in pq.ParquetFile(file).iter_batches(BATCH_ROWS):
                    rows = upgrade(self.spec, pa.Table.from_batches([batch]), where)
                    yield _with_date(self.spec, rows, day)
            except (pa.ArrowException, OSError) as error:
                raise WarehouseDamaged(
                    f"{where}: can't be read ({type(error).__name__}). Run: nightcall tables "
                    "rebuild. `nightcall tables check` looks for more of the kind."
                ) from error


def _with_date(spec: TableSpec, rows: pa.Table, day: date | None) -> pa.Table:
    if day is None:
        return rows
    dates = pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows)
    return pa.Table.from_arrays([*rows.columns, dates], schema=spec.folder_schema)

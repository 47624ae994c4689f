"""The rows a table file holds now, read a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.arrow import require_schema
from warehouse.native_files import open_native
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import unreadable


class OldRows:
    """The file of a table about calls, in order of call id.

    Args:
        root: the warehouse folder.
        spec: the table.
        day: the date; there may be no file of it.
        must_fit: False takes a file that can't be read, or has other columns, for one that ends
            there.

    Raises:
        WarehouseDamaged: from here and from every method, if `must_fit` and the file does not.
    """

    def __init__(self, root: Path, spec: TableSpec, day: layout.Day, *, must_fit: bool) -> None:
        self._spec = spec
        self._must_fit = must_fit
        self._part = layout.part(spec, day)
        self._file: pa.NativeFile | None = None
        self._parquet: pq.ParquetFile | None = None
        self._next_group = 0
        self._is_damaged = False
        self._rest = spec.schema.empty_table()
        self._open(root / self._part)

    def __enter__(self) -> OldRows:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def is_there(self) -> bool:
        """True when there is a file with the table's columns."""
        return self._parquet is not None

    @property
    def is_damaged(self) -> bool:
        """True when a file was found whose rows can't be read, or not all of them."""
        return self._is_damaged

    def up_to(self, last: str | None) -> Iterator[pa.Table]:
        """The next rows, up to those of that call id (None: all that are left), piece by piece.

        A piece holds all rows of its calls, though a row group may end amid a call.
        """
        while complete := self._complete():
            rows = self._rest.slice(0, complete)
            count = complete if last is None else _count(pc.less_equal(rows["call_id"], last))
            if count:
                self._rest = self._rest.slice(count)
                yield rows.slice(0, count)
            if count < complete:
                return

    def first(self, count: int) -> Iterator[pa.Table]:
        """The first rows once more, wherever `up_to` has come."""
        group = 0
        while count > 0:
            rows = self._group(group)
            assert rows is not None  # it was read before
            yield rows.slice(0, count)
            count -= rows.num_rows
            group += 1

    def _open(self, path: Path) -> None:
        try:
            self._file = open_native(path)
            self._parquet = pq.ParquetFile(self._file)
            columns = self._parquet.schema_arrow.empty_table()
            require_schema(self._spec, columns, self._part.as_posix())
        except FileNotFoundError:
            return
        except (WarehouseDamaged, pa.ArrowException, OSError) as error:
            self._parquet = None
            self._give_up(error)

    def _complete(self) -> int:
        """How many rows are at hand of calls that end here; more are read when there are none."""
        while self._has_more():
            if self._rest.num_rows:
                ids = self._rest["call_id"]
                if complete := _count(pc.less(ids, ids[-1])):
                    return complete
            rows = self._group(self._next_group)
            if rows is None:
                break
            self._next_group += 1
            self._rest = pa.concat_tables([self._rest, rows])
        return int(self._rest.num_rows)

    def _has_more(self) -> bool:
        if self._parquet is None or self._is_damaged:
            return False
        return bool(self._next_group < self._parquet.num_row_groups)

    def _group(self, number: int) -> pa.Table | None:
        assert self._parquet is not None
        try:
            return self._parquet.read_row_group(number)
        except (pa.ArrowException, OSError) as error:
            self._give_up(error)
            return None

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _give_up(self, error: Exception) -> None:
        self._is_damaged = True
        if not self._must_fit:
            return
        self._close()
        if isinstance(error, WarehouseDamaged):
            raise error
        raise unreadable(self._part, error) from error


def _count(matches: pa.ChunkedArray) -> int:
    """How many are true."""
    return int(pc.sum(matches).as_py() or 0)

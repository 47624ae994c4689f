"""One date of the tables about calls, put together a few hundred calls at a time.

A night may have ten thousand calls, and their rows take more memory than there is. But what was
there and what arrives are both in order of call id: old files are read a row group at a time, new
calls come in windows, and each file is written as its rows come by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from warehouse import layout
from warehouse.merge import in_order, merge, without
from warehouse.old_rows import OldRows
from warehouse.publication import Publication
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import TableFile


@dataclass(frozen=True, slots=True)
class Window:
    """The rows of some calls that arrive, by table; windows come in order of call id.

    Args:
        last: the greatest call id of the window. None: no window comes after this one.
        tables: their rows.
    """

    last: str | None
    tables: Mapping[str, Sequence[pa.Table]]


def merge_calls(
    publication: Publication,
    day: layout.Day,
    arriving: Iterable[Window],
    leaving: set[str] | None,
    *,
    goes_first: bool | None = None,
) -> None:
    """Stages the files of one date: old rows, minus those leaving (None: all), plus fresh ones.

    Args:
        publication: where they are staged; files that stay the same are not.
        day: the date.
        arriving: the calls that come, or come back changed.
        leaving: the source keys of the calls whose old rows go.
        goes_first: whether the files are swapped in before those of other dates. None: those that
            lose calls are.

    Raises:
        WarehouseDamaged: if an old file is not what its schema says; not if all old rows go.
    """
    # All but `calls`, which is in order of time.
    by_call = {name: spec for name, spec in CALL_TABLES.items() if spec.sort[0] == "call_id"}
    others: dict[str, list[pa.Table]] = {name: [] for name in CALL_TABLES if name not in by_call}
    with ExitStack() as open_files:
        merged = {
            name: _MergedFile(publication, spec, day, leaving, open_files)
            for name, spec in by_call.items()
        }
        for window in arriving:
            for name, one in merged.items():
                one.add(window.tables.get(name, ()), window.last)
            for name, gathered in others.items():
                gathered.append(_together(CALL_TABLES[name], window.tables.get(name, ())))
        for one in merged.values():
            one.stage(goes_first)
    rest = {name: CALL_TABLES[name] for name in others}
    merge(publication, rest, day, others, leaving, goes_first=goes_first)


class _MergedFile:
    """A file in the making, if it turns out that there is anything to change."""

    def __init__(
        self,
        publication: Publication,
        spec: TableSpec,
        day: layout.Day,
        leaving: set[str] | None,
        open_files: ExitStack,
    ) -> None:
        self._publication, self._spec, self._day = publication, spec, day
        self._leaving = leaving
        self._open_files = open_files
        old = OldRows(publication.root, spec, day, must_fit=leaving is not None)
        self._old = open_files.enter_context(old)
        self._unchanged_rows = 0
        self._gone: set[str] = set()
        self._come: set[str] = set()
        self._file: TableFile | None = None
        if not self._old.is_there:
            self._begin()

    def add(self, fresh: Sequence[pa.Table], last: str | None) -> None:
        """Returns when all rows up to that call id are merged (None: all rows)."""
        rows = in_order(self._spec, _together(self._spec, fresh))
        self._come.update(pc.unique(rows[self._spec.owner]).to_pylist())
        for old in self._old.up_to(last):
            mine, rows = _split(rows, old["call_id"][-1].as_py())
            self._put(self._merged(old, mine), old)
        if rows.num_rows:
            self._put(rows, None)

    def stage(self, goes_first: bool | None) -> None:
        """Returns when the file is staged, if it differs from what is there."""
        self.add((), None)
        if self._file is None and self._old.is_damaged:
            self._begin()
        if self._file is not None:
            first = bool(self._gone - self._come) if goes_first is None else goes_first
            self._publication.add(self._spec, self._day, self._file, loses_calls=first)

    def _merged(self, old: pa.Table, fresh: pa.Table) -> pa.Table:
        kept = without(self._spec, old, self._leaving)
        if kept.num_rows == old.num_rows and not fresh.num_rows:
            return old
        gone = pc.unique(old[self._spec.owner]).to_pylist()
        self._gone.update(gone if self._leaving is None else self._leaving.intersection(gone))
        return in_order(self._spec, pa.concat_tables([kept, fresh]).combine_chunks())

    def _put(self, rows: pa.Table, old: pa.Table | None) -> None:
        """Takes rows into the file; as long as they are the old ones, there is no file."""
        if self._file is None and old is not None and rows.equals(old):
            self._unchanged_rows += old.num_rows
            return
        if self._file is None:
            self._begin()
        assert self._file is not None
        self._file.write(rows)

    def _begin(self) -> None:
        self._file = self._open_files.enter_context(self._publication.new_file(self._spec))
        for rows in self._old.first(self._unchanged_rows):
            self._file.write(rows)


def _together(spec: TableSpec, tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables([spec.schema.empty_table(), *tables]).combine_chunks()


def _split(rows: pa.Table, last: str) -> tuple[pa.Table, pa.Table]:
    """The rows up to that call id, and those behind it."""
    count = pc.sum(pc.less_equal(rows["call_id"], last)).as_py() or 0
    return rows.slice(0, count), rows.slice(count)

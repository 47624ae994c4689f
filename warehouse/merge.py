"""One date of some tables: what was there, minus what leaves, plus what arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.arrow import require_schema
from warehouse.native_files import open_native
from warehouse.publication import Publication
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import unreadable


def merge(
    publication: Publication,
    specs: Mapping[str, TableSpec],
    day: layout.Day,
    fresh: Mapping[str, Sequence[pa.Table]],
    leaving: set[str] | None,
    *,
    goes_first: bool | None = None,
) -> None:
    """Stages the files of one date: old rows, minus those leaving (None: all), plus fresh ones.

    `goes_first` says whether they are swapped in before those of other dates; None: where they lose
    somebody's rows.
    """
    for spec in specs.values():
        if (spec.partition is None) != (day is None):
            continue
        old = _read(publication.root, spec, day, must_fit=leaving is not None)
        kept = spec.schema.empty_table() if old is None else without(spec, old, leaving)
        new = in_order(spec, pa.concat_tables([kept, *fresh.get(spec.name, ())]).combine_chunks())
        if old is None or not new.equals(old):
            first = _loses(spec, old, new) if goes_first is None else goes_first
            publication.stage(spec, day, new, loses_calls=first)


def without(spec: TableSpec, rows: pa.Table, leaving: set[str] | None) -> pa.Table:
    """Those rows of a table whose owners are not leaving (None: all leave)."""
    if leaving is None:
        return rows.slice(0, 0)
    owners = pa.array(sorted(leaving), pa.string())
    leaves = pc.is_in(rows[spec.owner], value_set=owners)
    return rows.filter(pc.invert(leaves)) if pc.any(leaves).as_py() else rows


def in_order(spec: TableSpec, rows: pa.Table) -> pa.Table:
    """The rows in the order of the table's files."""
    if _is_in_order(rows, spec.sort):  # as most are; looking is faster than sorting
        return rows
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in spec.sort])
    return rows.take(order).combine_chunks()


def _is_in_order(rows: pa.Table, names: Sequence[str]) -> bool:
    """True when no row must go before the one before it; False too where a null is in doubt."""
    tied: pa.Array | None = None  # pairs of neighbours that the columns so far leave undecided
    for name in names:
        column = rows[name]
        if column.null_count:
            return False
        before, after = column.slice(0, max(0, len(column) - 1)), column.slice(1)
        is_wrong, is_equal = pc.greater(before, after), pc.equal(before, after)
        if tied is not None:
            is_wrong, is_equal = pc.and_(tied, is_wrong), pc.and_(tied, is_equal)
        if pc.any(is_wrong).as_py():
            return False
        if not pc.any(is_equal).as_py():
            return True
        tied = is_equal
    return True


def _loses(spec: TableSpec, old: pa.Table | None, new: pa.Table) -> bool:
    if old is None:
        return False
    still_there = pc.is_in(pc.unique(old[spec.owner]), value_set=pc.unique(new[spec.owner]))
    return not pc.all(still_there).as_py()


def _read(root: Path, spec: TableSpec, day: layout.Day, *, must_fit: bool) -> pa.Table | None:
    """The rows of a table file; None when there is none (or, if allowed, none that fits)."""
    part = layout.part(spec, day)
    try:
        with open_native(root / part) as file:
            return require_schema(spec, pq.ParquetFile(file).read(), part.as_posix())
    except FileNotFoundError:
        return None
    except WarehouseDamaged:
        if must_fit:
            raise
    except (pa.ArrowException, OSError) as error:
        if must_fit:
            raise unreadable(part, error) from error
    return None

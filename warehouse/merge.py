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
from warehouse.publication import Publication
from warehouse.schemas.spec import TableSpec


def merge(
    publication: Publication,
    specs: Mapping[str, TableSpec],
    day: layout.Day,
    fresh: Mapping[str, Sequence[pa.Table]],
    leaving: set[str] | None,
) -> None:
    """Stages the files of one date: old rows, minus those leaving (None: all), plus fresh ones."""
    for spec in specs.values():
        if (spec.partition is None) != (day is None):
            continue
        path = publication.root / layout.part(spec, day)
        old = _read(spec, path, must_fit=leaving is not None)
        kept = spec.schema.empty_table()
        if old is not None and leaving is not None:
            owner = pa.array(sorted(leaving), pa.string())
            kept = old.filter(pc.invert(pc.is_in(old[spec.owner], value_set=owner)))
        new = _sorted(spec, pa.concat_tables([kept, *fresh.get(spec.name, ())]))
        if old is None or not new.equals(old):
            publication.stage(spec, day, new, loses_calls=_loses(spec, old, new))


def _sorted(spec: TableSpec, table: pa.Table) -> pa.Table:
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in spec.sort])
    return table.take(order).combine_chunks()


def _loses(spec: TableSpec, old: pa.Table | None, new: pa.Table) -> bool:
    if old is None:
        return False
    still_there = pc.is_in(pc.unique(old[spec.owner]), value_set=pc.unique(new[spec.owner]))
    return not pc.all(still_there).as_py()


def _read(spec: TableSpec, path: Path, *, must_fit: bool) -> pa.Table | None:
    """The rows of a table file; None when there is none (or, if allowed, none that fits)."""
    where = path.as_posix().rpartition("/tables/")[2]
    where = f"tables/{where}"
    try:
        with path.open("rb") as file:
            return require_schema(spec, pq.ParquetFile(file).read(), where)
    except FileNotFoundError:
        return None
    except WarehouseDamaged:
        if must_fit:
            raise
    except (pa.ArrowException, OSError) as error:
        if must_fit:
            raise WarehouseDamaged(
                f"{where}: can't be read ({type(error).__name__}). Run: nightcall tables rebuild"
            ) from error
    return None

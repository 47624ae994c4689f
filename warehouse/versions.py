"""At which schema version each file of a table is, and reading a table whose files differ in it.

They differ after an update of Nightcall, until the next night has brought all of them up to date
(`warehouse.republish`). Files of earlier versions are read with nulls in the columns they lack.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.about import read_settings
from warehouse.evolution import misfit, named_in
from warehouse.native_files import open_native
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import unreadable
from warehouse.tables import scan_table


def file_version(root: Path, spec: TableSpec, day: layout.Day) -> int | None:
    """The schema version at which that file was written; None if there is no file.

    Raises:
        WarehouseDamaged: if it can't be read, or says it is of another table.
    """
    part = layout.part(spec, day)
    try:
        with open_native(root / part) as file:
            named = named_in(pq.read_metadata(file).metadata)
    except FileNotFoundError:
        return None
    except (pa.ArrowException, OSError) as error:
        raise unreadable(part, error) from error
    if named is None or named[0] != spec.name:
        raise WarehouseDamaged(
            f"{part}: does not say that it is table {spec.name}. Run: nightcall tables rebuild"
        )
    return named[1]


def too_old(root: Path, specs: Mapping[str, TableSpec], day: layout.Day) -> bool:
    """True when a file of that date was written by a version too early to be brought up to date.

    Raises:
        WarehouseDamaged: if a file can't be read.
    """
    versions = ((spec, file_version(root, spec, day)) for spec in specs.values())
    return any(version is not None and version < spec.readable_from for spec, version in versions)


def scan(root: Path, spec: TableSpec) -> pl.LazyFrame:
    """A lazy frame over a table, whatever readable versions its files are of.

    Dates that must be read again first are left out, with a warning that counts them.

    Raises:
        WarehouseDamaged: if that is so for every date.
    """
    folder = root / "tables" / spec.name
    if _stored(root, spec) == spec.version:
        return scan_table(spec, folder, is_current=True)
    days = _readable_days(root, spec)
    if days is None:
        return scan_table(spec, folder)
    if not days and _days(root, spec):
        raise WarehouseDamaged(
            f"Table {spec.name} was written by an earlier version of Nightcall, and its columns "
            "can't be brought up to date. Read the calls again: nightcall run"
        )
    _warn_of_others(root, spec, days)
    # Not as a list of files: polars would take any `name=value` above the warehouse for a column.
    empty = pl.LazyFrame(schema=spec.frame_schema)
    return pl.concat([empty, *(_scan_file(root, spec, day) for day in days)])


def dataset(root: Path, spec: TableSpec) -> ds.Dataset:
    """The same as an Arrow dataset, read by name of column with filters pushed down.

    It has no rows if every date must be read again first: questions about other tables go on.
    """
    # Resolved, or a colon in the path reads as a URL scheme.
    folder = (root / "tables" / spec.name).resolve()
    days = None if _stored(root, spec) == spec.version else _readable_days(root, spec)
    if days is not None:
        _warn_of_others(root, spec, days)
    if days is not None and not days:
        return ds.dataset(spec.folder_schema.empty_table())
    files = [str(root.resolve() / layout.part(spec, day)) for day in days or ()]
    in_path = [pa.field(spec.partition, pa.date32())] if spec.partition else []
    return ds.dataset(
        files or folder,
        schema=spec.folder_schema,
        format="parquet",
        partitioning=ds.partitioning(pa.schema(in_path), flavor="hive"),
        partition_base_dir=str(folder),
    )


def _stored(root: Path, spec: TableSpec) -> int | None:
    """The version that every file of the table has at least; None if it was not known then."""
    schemas: dict[str, int] = read_settings(root)["schemas"]
    return schemas.get(spec.name)


def _readable_days(root: Path, spec: TableSpec) -> list[layout.Day] | None:
    """The dates whose file can be brought up to date, in order; None if that is all of them.

    The empty file that every table keeps is left out; a new table has no file at all.
    """
    stored = _stored(root, spec)
    if layout.has_file(root, spec) and (stored is None or not misfit(spec, stored)):
        return None
    return layout.in_order(day for day in _days(root, spec) if not _misfit(root, spec, day))


def _days(root: Path, spec: TableSpec) -> set[layout.Day]:
    """The dates that the table has a file with rows for."""
    if spec.partition is None:
        return {None} if layout.has_file(root, spec) else set()
    return {day for day in layout.dates(root, spec) if day != layout.NO_DATE}


def _warn_of_others(root: Path, spec: TableSpec, readable: list[layout.Day]) -> None:
    days = _days(root, spec)
    if left_out := len(days) - len(readable):
        warnings.warn(
            f"Table {spec.name}: {left_out} of {len(days)} dates are left out, because their calls "
            "must be read again first. Run: nightcall run",
            stacklevel=4,
        )


def _misfit(root: Path, spec: TableSpec, day: layout.Day) -> bool:
    version = file_version(root, spec, day)
    return version is not None and misfit(spec, version) != ""


def _scan_file(root: Path, spec: TableSpec, day: layout.Day) -> pl.LazyFrame:
    frame = pl.scan_parquet(
        root / layout.part(spec, day),
        hive_partitioning=False,
        schema=spec.file_frame_schema,
        missing_columns="insert",
    )
    if spec.partition is None:
        return frame
    return frame.with_columns(pl.lit(day, pl.Date).alias(spec.partition))

"""What the table `calls` says of each call, whatever versions its files are of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from calls.names import original_name
from warehouse import layout
from warehouse.native_files import open_native
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.calls import CALLS
from warehouse.table_file import unreadable


@dataclass(frozen=True, slots=True)
class Landed:
    """What the tables hold of one call, as far as deciding what to do needs it."""

    call_id: str
    made_from: str
    engine: str
    status: str
    recording: str
    is_truncated: bool
    account: str | None = None
    opportunity_id: str | None = None
    started_at: datetime | None = None


def scan_calls(root: Path, *columns: str) -> pl.LazyFrame:
    """Those columns of every published call; whatever other columns the files have."""
    spec = CALL_TABLES[CALLS.name]
    schema = spec.file_frame_schema
    return pl.scan_parquet(
        root / "tables" / spec.name,
        hive_partitioning=True,
        hive_schema=spec.hive_schema,
        schema={name: schema[name] for name in columns if name in schema},
        missing_columns="insert",
        extra_columns="ignore",
    ).select(columns)


def landed(root: Path) -> dict[str, Landed]:
    """What the tables hold, by source key. The caller holds off publications."""
    frame = scan_calls(root, "source_key", *Landed.__slots__).collect()
    found = {key: Landed(*facts) for key, *facts in frame.iter_rows()}
    return {key: replace(one, recording=original_name(one.recording)) for key, one in found.items()}


def landed_on(root: Path, day: date) -> list[tuple[str, str]]:
    """The source key and call id of each call that is published under that date.

    Raises:
        WarehouseDamaged: if the file that says it can't be read.
    """
    part = layout.part(CALLS, day)
    try:
        with open_native(root / part) as file:
            table = pq.ParquetFile(file).read(["source_key", "call_id"])
    except FileNotFoundError as error:
        if day == layout.NO_DATE:
            return []
        raise WarehouseDamaged(f"{part}: is gone. Run: nightcall tables rebuild") from error
    except (pa.ArrowException, OSError) as error:
        raise unreadable(part, error) from error
    return list(zip(table["source_key"].to_pylist(), table["call_id"].to_pylist(), strict=True))

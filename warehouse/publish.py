"""From artifacts to tables: one file per table and date, merged and swapped in together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.artifacts import ArtifactStore, ReadingHeader
from warehouse.files import locked
from warehouse.merge import merge
from warehouse.publication import Publication, finish
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.calls import CALLS
from warehouse.schemas.spec import TableSpec


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did.

    `refused` holds the calls that could not be published, each with its reason; their earlier
    rows, if any, stay as they were.
    """

    calls: int
    retired: int
    files: int
    dates: tuple[date, ...]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a published call lies now."""

    call_id: str
    day: date


@dataclass(slots=True)
class _Plan:
    """Which calls go where."""

    arriving: dict[date, list[str]] = field(default_factory=dict)
    leaving: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


def publish(store: ArtifactStore, changed: Sequence[str], retired: Sequence[str] = ()) -> Published:
    """What was done to bring the tables in line with the readings of some calls.

    Files whose rows stay the same are not touched.

    Args:
        store: the artifacts.
        changed: source keys that have a new reading.
        retired: source keys that leave the tables; their readings go too, so that a rebuild does
            not bring them back.

    Raises:
        WarehouseDamaged: if a table file is not what its schema says.
    """
    with locked(layout.publish_lock(store.root)):
        finish(store.root)
        placed = _placed(store.root)
        refused: dict[str, str] = {}
        while True:
            plan = _plan(store, placed, changed, retired, refused)
            publication = Publication(store.root)
            touched = set(plan.arriving) | {
                placed[key].day for key in plan.leaving if key in placed
            }
            damaged: dict[str, str] = {}
            for day in sorted(touched):
                fresh = load_rows(store, plan.arriving.get(day, ()), damaged)
                if not damaged:
                    merge(publication, CALL_TABLES, day, fresh, plan.leaving)
            if not damaged:
                break
            # A call that can't be read must keep its earlier rows, wherever they lie: once more.
            publication.discard()
            refused.update(damaged)
        files = len(publication.renames)
        publication.commit(retired)
    return Published(
        calls=sum(map(len, plan.arriving.values())),
        retired=sum(key in placed for key in retired),
        files=files,
        dates=tuple(sorted(touched)),
        refused=plan.refused,
    )


def publish_record(
    root: Path, specs: Mapping[str, TableSpec], record: Mapping[layout.Day, Mapping[str, pa.Table]]
) -> int:
    """How many files changed to bring those tables in line with a record kept under `work/`.

    Args:
        root: the warehouse folder.
        specs: the tables.
        record: new rows by date and table; those of the same owners that are there are replaced.
    """
    with locked(layout.publish_lock(root)):
        finish(root)
        publication = Publication(root)
        for day in layout.in_order(record):
            tables = record[day]
            fresh = {name: [table] for name, table in tables.items()}
            owners = {
                owner
                for name, table in tables.items()
                for owner in table[specs[name].owner].unique().to_pylist()
            }
            merge(publication, specs, day, fresh, owners)
        files = len(publication.renames)
        publication.commit()
    return files


def _plan(
    store: ArtifactStore,
    placed: Mapping[str, _Placed],
    changed: Sequence[str],
    retired: Sequence[str],
    damaged: Mapping[str, str],
) -> _Plan:
    """Where each changed call goes, and which can't."""
    gone = set(retired)
    plan = _Plan(leaving=set(gone), refused=dict(damaged))
    mine = set(changed)
    taken = {one.call_id: key for key, one in placed.items() if key not in mine | gone}
    for key in dict.fromkeys(changed):
        if key in gone or key in plan.refused:
            continue
        header = current_header(store, key, plan.refused)
        if header is None:
            continue
        holder = taken.setdefault(header.call_id, key)
        if holder != key:
            plan.refused[key] = (
                f"call id {header.call_id!r} belongs to the call with source key {holder[:12]}…; "
                "retire that one first"
            )
            continue
        plan.arriving.setdefault(header.call_date, []).append(key)
        plan.leaving.add(key)
    return plan


def current_header(store: ArtifactStore, key: str, refused: dict[str, str]) -> ReadingHeader | None:
    """What the reading of that call was made from; if it can't be published, `refused` says why."""
    try:
        header = store.reading_header(key)
    except WarehouseDamaged as error:
        refused[key] = str(error)
        return None
    if header is None:
        refused[key] = "it has no reading; run: nightcall run"
        return None
    if not header.is_current:
        refused[key] = "it was read under other table schemas; read it again: nightcall run"
        return None
    return header


def load_rows(
    store: ArtifactStore, keys: Iterable[str], damaged: dict[str, str]
) -> dict[str, list[pa.Table]]:
    """The rows of those calls, by table; calls that can't be read are named in `damaged`."""
    fresh: dict[str, list[pa.Table]] = {name: [] for name in CALL_TABLES}
    for key in keys:
        try:
            tables = store.load_tables(key)
        except WarehouseDamaged as error:
            damaged[key] = str(error)
            continue
        for name, table in tables.items():
            fresh[name].append(table)
    return fresh


def _placed(root: Path) -> dict[str, _Placed]:
    """Where every published call lies, by source key."""
    if not layout.dates(root, CALLS):
        return {}
    columns = ("source_key", "call_id", "call_date")
    try:
        frame = (
            pl.scan_parquet(
                root / "tables" / CALLS.name,
                hive_partitioning=True,
                hive_schema=CALLS.hive_schema,
            )
            .select(columns)
            .collect()
        )
    except pl.exceptions.PolarsError as error:
        raise WarehouseDamaged(
            f"tables/calls: can't be read ({type(error).__name__}). Run: nightcall tables rebuild"
        ) from error
    return {key: _Placed(call_id, day) for key, call_id, day in frame.iter_rows()}

"""From artifacts to tables: one file per table and date, merged and swapped in together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.artifacts import ArtifactStore, ReadingHeader
from warehouse.call_merge import Window, merge_calls
from warehouse.files import locked
from warehouse.landed import landed_on, scan_calls
from warehouse.merge import merge
from warehouse.publication import Publication, finish
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.calls import CALLS
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import unreadable
from warehouse.versions import too_old

_WINDOW_ROWS = 65_536
"""How many rows, of all tables together, are in memory before they are merged."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did.

    `refused` holds the calls that could not be published, each with its reason; their earlier
    rows, if any, stay as they were, unless they are too old to be brought up to date.
    """

    calls: int
    retired: int
    files: int
    dates: tuple[date, ...]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a published call lies now."""

    call_id: str
    day: date


@dataclass(slots=True)
class _Plan:
    """Which calls go where; `arriving` has their call ids and source keys."""

    arriving: dict[date, list[tuple[str, str]]] = field(default_factory=dict)
    leaving: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    def moving_out(self, day: date, placed: Mapping[str, Placed]) -> set[str]:
        """The calls of that date that arrive on another one."""
        moved = {key for to, calls in self.arriving.items() if to != day for _, key in calls}
        return {key for key in moved if key in placed and placed[key].day == day}


def publish(store: ArtifactStore, changed: Sequence[str], retired: Sequence[str] = ()) -> Published:
    """What was done to bring the tables in line with the readings of some calls.

    Files whose rows stay the same are not touched. Where files are too old to be brought up to
    date, all calls of the date come from their artifacts; those that were not read again since are
    refused, and leave the tables.

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
        refused: dict[str, str] = {}
        headers = _headers(store, changed, retired, refused)
        ids = {one.call_id for one in headers}
        placed = placed_calls(store.root, {*changed, *retired}, ids)
        while True:
            plan = _plan(headers, placed, retired, refused)
            publication = Publication(store.root)
            touched = set(plan.arriving) | {
                placed[key].day for key in plan.leaving if key in placed
            }
            damaged: dict[str, str] = {}
            for day in sorted(touched):
                calls = plan.arriving.get(day, [])
                leaving: set[str] | None = plan.leaving
                is_too_old = too_old(store.root, CALL_TABLES, day)
                if is_too_old:
                    standing = standing_calls(store, day, plan.refused, without=plan.leaving)
                    calls, leaving = [*calls, *standing], None
                takes_in = any(placed[key].day != day for _, key in calls if key in placed)
                if takes_in and not is_too_old:
                    # Calls that move out go before calls that move in, or two that change places
                    # would be seen twice.
                    moving = plan.moving_out(day, placed)
                    merge_calls(publication, day, (), moving, goes_first=True)
                arriving = windows(store, calls, damaged)
                merge_calls(publication, day, arriving, leaving, goes_first=not takes_in)
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


def _headers(
    store: ArtifactStore, changed: Sequence[str], retired: Sequence[str], refused: dict[str, str]
) -> list[ReadingHeader]:
    """What the readings of the changed calls were made from; `refused` names those without one."""
    gone = set(retired)
    keys = (key for key in dict.fromkeys(changed) if key not in gone)
    found = (current_header(store, key, refused) for key in keys)
    return [header for header in found if header is not None]


def _plan(
    headers: Sequence[ReadingHeader],
    placed: Mapping[str, Placed],
    retired: Sequence[str],
    refused: Mapping[str, str],
) -> _Plan:
    """Where each changed call goes, and which can't.

    A call that can't be published keeps its earlier rows, and with them its call id.
    """
    gone = set(retired)
    problems = dict(refused)
    while True:
        coming = [one for one in headers if one.source_key not in problems]
        moving = {one.source_key for one in coming} | gone
        taken = {one.call_id: key for key, one in placed.items() if key not in moving}
        new = clashes(((one.call_id, one.source_key) for one in coming), taken)
        if not new:
            break
        problems.update(new)  # their ids are taken too: once more
    plan = _Plan(leaving=moving, refused=problems)
    for header in coming:
        call = (header.call_id, header.source_key)
        plan.arriving.setdefault(header.call_date, []).append(call)
    return plan


def clashes(calls: Iterable[tuple[str, str]], taken: Mapping[str, str]) -> dict[str, str]:
    """The source keys of calls whose call id another call has, with the reason.

    Args:
        calls: id and source key of those that come; of two with one id the first gets it.
        taken: the ids of calls that stay, with their source keys.
    """
    holders = dict(taken)
    found = {}
    for call_id, key in calls:
        holder = holders.setdefault(call_id, key)
        if holder != key:
            found[key] = (
                f"call id {call_id!r} belongs to the call with source key {holder[:12]}…; "
                "retire that one first"
            )
    return found


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
    if problem := header.misfit:
        refused[key] = problem
        return None
    return header


def standing_calls(
    store: ArtifactStore,
    day: date,
    lost: dict[str, str],
    *,
    without: Collection[str] = (),
) -> Iterator[tuple[str, str]]:
    """The call id and source key of each call of a date whose rows its artifacts can give.

    Args:
        store: the artifacts.
        day: the date.
        lost: takes the other calls, with the reason; those in it are passed over.
        without: source keys that are passed over too.

    Raises:
        WarehouseDamaged: if the published calls of that date can't be read.
    """
    for key, call_id in landed_on(store.root, day):
        if key in without or key in lost:
            continue
        header = current_header(store, key, lost)
        if header is not None and (header.call_date, header.call_id) != (day, call_id):
            lost[key] = "it was read again, but not published yet; run: nightcall run"
        elif header is not None:
            yield call_id, key


def windows(
    store: ArtifactStore, calls: Iterable[tuple[str, str]], damaged: dict[str, str]
) -> Iterator[Window]:
    """The rows of those calls, some hundred calls at a time, in order of call id.

    Args:
        store: the artifacts.
        calls: the call id and source key of each.
        damaged: takes the calls that can't be read, with the reason.
    """
    fresh: dict[str, list[pa.Table]] = {name: [] for name in CALL_TABLES}
    rows = 0
    for call_id, key in sorted(calls):
        try:
            tables = store.load_tables(key)
        except WarehouseDamaged as error:
            damaged[key] = str(error)
            continue
        for name, table in tables.items():
            fresh[name].append(table)
            rows += table.num_rows
        if rows >= _WINDOW_ROWS:
            yield Window(call_id, fresh)
            fresh, rows = {name: [] for name in CALL_TABLES}, 0
    yield Window(None, fresh)


def placed_calls(root: Path, keys: set[str], ids: set[str]) -> dict[str, Placed]:
    """Where calls with those source keys, or with those call ids, lie now; by source key."""
    if not layout.dates(root, CALLS):
        return {}
    wanted = pl.col("source_key").is_in(sorted(keys)) | pl.col("call_id").is_in(sorted(ids))
    try:
        calls = scan_calls(root, "source_key", "call_id", "call_date")
        frame = calls.filter(wanted).collect()
    except pl.exceptions.PolarsError as error:
        raise unreadable(f"tables/{CALLS.name}", error) from error
    return {key: Placed(call_id, day) for key, call_id, day in frame.iter_rows()}

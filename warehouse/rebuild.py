"""Tables made anew from artifacts and records alone, whatever lies there now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.about import note_becoming, note_current
from warehouse.artifacts import ArtifactStore
from warehouse.call_merge import merge_calls
from warehouse.files import locked
from warehouse.merge import merge
from warehouse.publication import Publication, finish
from warehouse.publish import Published, clashes, current_header, placed_calls, windows
from warehouse.schemas import ALL_TABLES, CALL_TABLES
from warehouse.schemas.spec import TableSpec

Record = tuple[Mapping[str, TableSpec], Mapping[layout.Day, Mapping[str, pa.Table]]]
"""Some tables, and their rows by date."""

Records = Sequence[Record]
"""What is on record besides calls: nights, evaluations, entries of people."""


def rebuild(store: ArtifactStore, read_records: Callable[[], Records]) -> Published:
    """What was done to make every table anew.

    Of several calls with one id, the one that has it in the tables keeps it (if nobody has, the
    earliest); `refused` names the others.

    Args:
        store: the artifacts.
        read_records: gives what is on record. Asked with the lock held, or a publication in between
            would be undone.

    Raises:
        WarehouseDamaged: if a call would be left out, because its reading can't be read or it must
            be read again; then no table is touched.
    """
    with locked(layout.publish_lock(store.root)):
        finish(store.root)
        refused: dict[str, str] = {}
        by_day = _readings_by_day(store, refused)
        calls = [call for day in layout.in_order(by_day) for call in by_day[day]]
        clashing = clashes(calls, _holders(store.root, calls))
        if clashing:
            by_day = _without(by_day, clashing)
        publication = Publication(store.root)
        for day in layout.in_order(layout.days(store.root, CALL_TABLES.values()) | set(by_day)):
            if not refused:
                merge_calls(publication, day, windows(store, by_day.get(day, ()), refused), None)
        if refused:
            publication.discard()
            raise WarehouseDamaged(_counted(refused))
        _stage_records(publication, read_records())
        files = len(publication.renames)
        note_becoming(store.root, ALL_TABLES)
        publication.commit()
        note_current(store.root, ALL_TABLES)
    return Published(
        calls=sum(map(len, by_day.values())),
        retired=0,
        files=files,
        dates=tuple(day for day in layout.in_order(by_day) if day),
        refused=clashing,
    )


def rebuild_records(root: Path, read_records: Callable[[], Records]) -> int:
    """How many files changed to make the tables of those records anew; argument as of `rebuild`."""
    with locked(layout.publish_lock(root)):
        finish(root)
        publication = Publication(root)
        _stage_records(publication, read_records())
        files = len(publication.renames)
        publication.commit()
    return files


def _stage_records(publication: Publication, records: Records) -> None:
    for specs, by_day in records:
        for day in layout.in_order(layout.days(publication.root, specs.values()) | set(by_day)):
            fresh = {name: [table] for name, table in by_day.get(day, {}).items()}
            merge(publication, specs, day, fresh, None)


def _readings_by_day(
    store: ArtifactStore, refused: dict[str, str]
) -> dict[layout.Day, list[tuple[str, str]]]:
    """Every call that has a reading, by call date; if it can't be published, `refused` says why."""
    by_day: dict[layout.Day, list[tuple[str, str]]] = {}
    for key in store.known_keys():
        if not store.has_reading(key):
            continue  # a call that is heard, but not read yet, is in no table either
        header = current_header(store, key, refused)
        if header is not None:
            by_day.setdefault(header.call_date, []).append((header.call_id, key))
    return by_day


def _without(
    by_day: Mapping[layout.Day, list[tuple[str, str]]], keys: Collection[str]
) -> dict[layout.Day, list[tuple[str, str]]]:
    """The calls by date but those with such source keys; a date that has no other is left out."""
    left = {day: [one for one in calls if one[1] not in keys] for day, calls in by_day.items()}
    return {day: calls for day, calls in left.items() if calls}


def _holders(root: Path, calls: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Of the call ids that several calls have, who has them in the tables, by source key."""
    counts = Counter(call_id for call_id, _ in calls)
    contested = {call_id for call_id, count in counts.items() if count > 1}
    if not contested:
        return {}
    try:
        placed = placed_calls(root, set(), contested)
    except WarehouseDamaged:
        return {}  # what is made anew may be damaged
    return {
        call_id: key for call_id, key in calls if key in placed and placed[key].call_id == call_id
    }


def _counted(problems: Mapping[str, str]) -> str:
    key, problem = next(iter(problems.items()))
    return (
        f"{len(problems)} calls can't be published, e.g. {key[:12]}…: {problem}. "
        "No table was changed."
    )

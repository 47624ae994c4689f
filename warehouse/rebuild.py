"""Tables made anew from artifacts and records alone, whatever lies there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from warehouse.publish import Published, current_header, windows
from warehouse.schemas import ALL_TABLES, CALL_TABLES
from warehouse.schemas.spec import TableSpec

Record = tuple[Mapping[str, TableSpec], Mapping[layout.Day, Mapping[str, pa.Table]]]
"""Some tables, and their rows by date."""

Records = Sequence[Record]
"""What is on record besides calls: nights, evaluations, entries of people."""


def rebuild(store: ArtifactStore, records: Records) -> Published:
    """What was done to make every table anew.

    Raises:
        WarehouseDamaged: if a call would be left out, because its reading can't be read or it must
            be read again; then no table is touched.
    """
    with locked(layout.publish_lock(store.root)):
        finish(store.root)
        refused: dict[str, str] = {}
        by_day = _readings_by_day(store, refused)
        publication = Publication(store.root)
        for day in layout.in_order(layout.days(store.root, CALL_TABLES.values()) | set(by_day)):
            if not refused:
                merge_calls(publication, day, windows(store, by_day.get(day, ()), refused), None)
        if refused:
            publication.discard()
            raise WarehouseDamaged(_counted(refused))
        _stage_records(publication, records)
        files = len(publication.renames)
        note_becoming(store.root, ALL_TABLES)
        publication.commit()
        note_current(store.root, ALL_TABLES)
    return Published(
        calls=sum(map(len, by_day.values())),
        retired=0,
        files=files,
        dates=tuple(day for day in layout.in_order(by_day) if day),
        refused={},
    )


def rebuild_records(root: Path, records: Records) -> int:
    """How many files changed to make the tables of those records anew."""
    with locked(layout.publish_lock(root)):
        finish(root)
        publication = Publication(root)
        _stage_records(publication, records)
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


def _counted(problems: Mapping[str, str]) -> str:
    key, problem = next(iter(problems.items()))
    return (
        f"{len(problems)} calls can't be published, e.g. {key[:12]}…: {problem}. "
        "No table was changed."
    )

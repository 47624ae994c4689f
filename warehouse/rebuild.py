"""Tables made anew from artifacts and records alone, whatever lies there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.artifacts import ArtifactStore
from warehouse.files import locked
from warehouse.merge import merge
from warehouse.publication import Publication, finish
from warehouse.publish import Published, current_header, load_rows
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.spec import TableSpec

Record = tuple[Mapping[str, TableSpec], Mapping[layout.Day, Mapping[str, pa.Table]]]
"""Some tables, and their rows by date."""

Records = Sequence[Record]
"""What is on record besides calls: nights, evaluations, entries of people."""


def rebuild(
    store: ArtifactStore, records: Records, retired: tuple[str, ...] = (), *, strict: bool = True
) -> Published:
    """What was done to make every table anew.

    Args:
        store: the artifacts.
        records: what is on record besides calls.
        retired: source keys that leave the tables, and lose their readings.
        strict: True refuses to lose a call. False leaves out the calls whose reading can't be read
            or was made under other schemas, and names them in `Published.refused`.

    Raises:
        WarehouseDamaged: if `strict` and a call would be left out; then no table is touched.
    """
    with locked(layout.publish_lock(store.root)):
        finish(store.root)
        refused: dict[str, str] = {}
        by_day = _readings_by_day(store, refused, without=set(retired))
        publication = Publication(store.root)
        for day in layout.in_order(layout.days(store.root, CALL_TABLES.values()) | set(by_day)):
            fresh = load_rows(store, by_day.get(day, ()), refused)
            if not (strict and refused):
                merge(publication, CALL_TABLES, day, fresh, None)
        if strict and refused:
            publication.discard()
            raise WarehouseDamaged(_counted(refused))
        _stage_records(publication, records)
        files = len(publication.renames)
        publication.commit(retired)
    read = {key for keys in by_day.values() for key in keys}
    return Published(
        calls=len(read - refused.keys()),
        retired=len(retired),
        files=files,
        dates=tuple(day for day in layout.in_order(by_day) if day),
        refused=refused,
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
    store: ArtifactStore, refused: dict[str, str], *, without: set[str]
) -> dict[layout.Day, list[str]]:
    """Every call that has a reading, by call date; if it can't be published, `refused` says why."""
    by_day: dict[layout.Day, list[str]] = {}
    for key in store.known_keys():
        # A call that is heard, but not read yet, is in no table either.
        if key in without or not store.has_reading(key):
            continue
        header = current_header(store, key, refused)
        if header is not None:
            by_day.setdefault(header.call_date, []).append(key)
    return by_day


def _counted(problems: Mapping[str, str]) -> str:
    key, problem = next(iter(problems.items()))
    return (
        f"{len(problems)} calls can't be published, e.g. {key[:12]}…: {problem}. "
        "No table was changed."
    )

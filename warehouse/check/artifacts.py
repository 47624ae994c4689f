"""The artifacts against the tables: nothing is in one that the other knows nothing of."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from calls.errors import WarehouseDamaged
from warehouse.artifacts import LISTENING, READING, SOURCE, ArtifactStore
from warehouse.check.finding import REBUILD, Findings, Level

_NEEDED = (SOURCE, LISTENING, READING)
_HEAR_AGAIN = "The next night hears the call again, if its recording is still there: nightcall run"
_READ_AGAIN = "Run: nightcall analyze --all CALL_ID"
_NEXT_NIGHT = "The next night reads the call again: nightcall run"
_OTHER_ID = (
    "Give it another call_id in its sidecar, or erase one of the two: nightcall erase CALL_ID"
)

LISTED = 20
"""Calls named one by one. Where the artifacts are gone as a whole, the first say it all."""


def check_artifacts(
    store: ArtifactStore, calls: pl.DataFrame, findings: Findings, *, is_quiet: bool
) -> None:
    """Adds calls whose artifacts are missing, and readings that are in no table without a reason.

    Args:
        store: the artifacts.
        calls: `call_id` and `source_key` of every call in the tables.
        findings: where to add to.
        is_quiet: False when a run is or was under way meanwhile: it may not have published yet
            what it read, or have retired calls that were in the tables before.
    """
    held = _Held(findings, set(calls["call_id"]), Level.ERROR if is_quiet else Level.NOTE)
    shelves = calls.with_columns(pl.col("source_key").str.slice(0, 2).alias("_shelf"))
    by_shelf = shelves.partition_by("_shelf", as_dict=True, include_key=False)
    known = {str(name[0]): frame for name, frame in by_shelf.items()}
    there = {path.name: path for path in (store.root / "work" / "calls").glob("[0-9a-f]" * 2)}
    for shelf in sorted(known.keys() | there.keys()):
        found = dict(_folders(there[shelf])) if shelf in there else {}
        landed = known.get(shelf, calls.clear())
        keys = dict(landed.select("source_key", "call_id").iter_rows())
        for key, call_id in sorted(keys.items()):
            lacking = [name for name in _NEEDED if name not in found.get(key, set())]
            if lacking:
                held.missing(where(store, key), call_id, lacking)
        for key in sorted(found.keys() - keys.keys()):
            if READING in found[key]:
                held.unpublished(store, key)
    held.summarise()


def where(store: ArtifactStore, key: str, name: str = "") -> str:
    """The path of an artifact below the warehouse."""
    return (store.folder(key) / name).relative_to(store.root).as_posix()


def _folders(shelf: Path) -> Iterator[tuple[str, set[str]]]:
    """The names of the artifacts of each call on a shelf, by source key."""
    with os.scandir(shelf) as entries:
        keys = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    for key in keys:
        if len(key) == 64:
            with os.scandir(shelf / key) as entries:
                yield key, {entry.name for entry in entries}


class _Held:
    """Calls held against the tables: the first of each kind one by one, all others as a number."""

    def __init__(self, findings: Findings, ids: set[str], level: Level) -> None:
        self._findings = findings
        self._ids = ids
        self._level = level
        self._count: Counter[str] = Counter()

    def missing(self, place: str, call_id: str, lacking: Sequence[str]) -> None:
        """Adds a call in the tables of which an artifact is missing."""
        verb = "is" if len(lacking) == 1 else "are"
        self._add(
            "missing_artifact",
            place,
            f"the call is in the tables, but {', '.join(lacking)} {verb} missing: "
            "a rebuild would lose it",
            _READ_AGAIN if lacking == [READING] else _HEAR_AGAIN,
            self._level,
            call_id,
        )

    def unpublished(self, store: ArtifactStore, key: str) -> None:
        """Adds a reading that is in no table, with the reason where there is one."""
        place = where(store, key, READING)
        try:
            header = store.reading_header(key)
        except WarehouseDamaged as error:
            self._findings.add_damage(error, place)
            return
        if header is None:
            return  # it went while we looked
        if header.misfit:
            problem = "the call is in no table: it was read under other table schemas"
            self._add("not_published", place, problem, _NEXT_NIGHT, Level.NOTE, header.call_id)
        elif header.call_id in self._ids:
            problem = "the call is in no table: its id belongs to another call that is"
            self._add("not_published", place, problem, _OTHER_ID, self._level, header.call_id)
        else:
            problem = "the call was read, but is in no table"
            self._add("not_published", place, problem, REBUILD, self._level, header.call_id)

    def summarise(self) -> None:
        """Adds how many more there are of each kind."""
        for check, count in self._count.items():
            if count > LISTED:
                self._findings.add(
                    check,
                    "work/calls",
                    f"so it is with {count - LISTED:,} more calls",
                    "Put right what is said of the others, then check again.",
                    level=self._level,
                    rows=count - LISTED,
                )

    def _add(
        self, check: str, place: str, problem: str, next_step: str, level: Level, call_id: str
    ) -> None:
        self._count[check] += 1
        if self._count[check] <= LISTED:
            self._findings.add(
                check, place, problem, next_step, level=level, example=f"call_id {call_id!r}"
            )

"""Tables brought up to date after an update of Nightcall: date by date, the newest first.

Each date is a publication of its own, with all its tables together. Nothing is read again: rows of
earlier versions get the columns that they lack, as nulls (`warehouse.evolution`). Where that can't
be done, the date is made anew from its source: the artifacts of its calls, or what is on record.

Killed at any point, the next call goes on: a date whose files are of the present version is passed
over. Until the last date is done Nightcall reads both versions (`warehouse.versions`). Whoever
reads files by other means may find both, and a column that only the newer dates have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.about import is_current, note_becoming, note_current, read_settings
from warehouse.artifacts import ArtifactStore
from warehouse.call_merge import merge_calls
from warehouse.evolution import STATES, upgrade, with_older_states
from warehouse.files import locked
from warehouse.merge import in_order
from warehouse.native_files import open_native
from warehouse.publication import Publication, finish
from warehouse.publish import standing_calls, windows
from warehouse.schemas.spec import TableSpec
from warehouse.versions import file_version


class Remake(Protocol):
    """Stages the files of one date from their source, whatever lies there now."""

    def __call__(
        self, publication: Publication, day: layout.Day, *, lose_calls: bool
    ) -> Mapping[str, str]:
        """The calls that would be lost, with the reason.

        If there are any and `lose_calls` is False, what is staged is of no use.
        """


@dataclass(slots=True)
class Republished:
    """What it came to: dates and files written, and what could not be.

    `refused` holds the calls that left the tables until they are read again, with the reason;
    `held_back` the dates that were left as they are, because calls would have been lost.
    """

    dates: int = 0
    files: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    held_back: list[layout.Day] = field(default_factory=list)


def republish(
    root: Path, specs: Mapping[str, TableSpec], remake: Remake, *, lose_calls: bool = False
) -> Republished:
    """What was done to bring those tables to the schema versions that this Nightcall declares.

    Args:
        root: the warehouse folder.
        specs: tables that are published together.
        remake: makes a date of them anew.
        lose_calls: False leaves a date as it is rather than lose a call there.

    Raises:
        WarehouseDamaged: if `lose_calls` and what is published for a date can't be read.
    """
    done = Republished()
    if is_current(root, specs):
        return done
    with locked(layout.publish_lock(root)):
        finish(root)
        note_becoming(root, specs)
    known = read_settings(root)["schemas"].keys() & specs.keys()
    for day in reversed(layout.in_order(layout.days(root, specs.values()))):
        with locked(layout.publish_lock(root)):
            finish(root)
            publication = Publication(root)
            try:
                lost = _stage(publication, specs, day, known, remake, lose_calls=lose_calls)
            except WarehouseDamaged:
                if lose_calls:
                    raise
                lost = None
            if lost is None or (lost and not lose_calls):
                publication.discard()
                done.held_back.append(day)
                continue
            done.refused.update(lost)
            done.files += len(publication.renames)
            done.dates += bool(publication.renames)
            publication.commit()
    if not done.held_back:
        with locked(layout.publish_lock(root)):
            note_current(root, specs)
    return done


def remake_calls(store: ArtifactStore) -> Remake:
    """Makes a date of the tables about calls anew, from the artifacts of the calls it has now."""

    def remake(publication: Publication, day: layout.Day, *, lose_calls: bool) -> Mapping[str, str]:
        assert day is not None  # every table about calls has one
        lost: dict[str, str] = {}
        calls = []
        for one in standing_calls(store, day, lost):
            if lost and not lose_calls:
                return lost
            calls.append(one)
        if not lost or lose_calls:
            merge_calls(publication, day, windows(store, calls, lost), None)
        return lost

    return remake


def _stage(
    publication: Publication,
    specs: Mapping[str, TableSpec],
    day: layout.Day,
    known: set[str],
    remake: Remake,
    *,
    lose_calls: bool,
) -> Mapping[str, str]:
    """The calls that are lost with the files of a date that are staged now, with the reason."""
    mine = {name: spec for name, spec in specs.items() if (spec.partition is None) == (day is None)}
    try:
        _stage_upgraded(publication, mine, day, known)
        return {}
    except WarehouseDamaged:
        publication.discard()
    return remake(publication, day, lose_calls=lose_calls)


def _stage_upgraded(
    publication: Publication, specs: Mapping[str, TableSpec], day: layout.Day, known: set[str]
) -> None:
    """Stages the files of a date that are of earlier versions, brought up to date.

    Args:
        publication: where they are staged.
        specs: the tables.
        day: the date.
        known: the tables that had files before; another one is new, and has no rows yet.

    Raises:
        WarehouseDamaged: if one of them is missing or can't be brought up to date.
    """
    root = publication.root
    found = {name: file_version(root, spec, day) for name, spec in specs.items()}
    if missing := [name for name in known if name in specs and found[name] is None]:
        raise WarehouseDamaged(f"{layout.part(specs[missing[0]], day)}: is gone.")
    outdated = [name for name, version in found.items() if version != specs[name].version]
    states = _older_states(root, specs, day, {name: found[name] or 0 for name in outdated})
    for name in outdated:
        if states is not None and name == STATES:
            continue
        with publication.new_file(specs[name]) as file:
            for rows in _rows(root, specs[name], day):
                file.write(rows)
            publication.add(specs[name], day, file, loses_calls=False)
    if states is not None:
        publication.stage(specs[STATES], day, states, loses_calls=False)


def _older_states(
    root: Path, specs: Mapping[str, TableSpec], day: layout.Day, outdated: Mapping[str, int]
) -> pa.Table | None:
    """All rows of `measure_states` for a date, if new measures add some; else None."""
    tables = {name: _table(root, specs[name], day) for name in outdated if specs[name].measures}
    if not tables:
        return None
    before = _table(root, specs[STATES], day)
    states = with_older_states(before, tables, outdated)
    if states.num_rows == before.num_rows:
        return None
    return in_order(specs[STATES], states.combine_chunks())


def _table(root: Path, spec: TableSpec, day: layout.Day) -> pa.Table:
    return pa.concat_tables([spec.schema.empty_table(), *_rows(root, spec, day)])


def _rows(root: Path, spec: TableSpec, day: layout.Day) -> Iterator[pa.Table]:
    """The rows of a file, brought up to date, a row group at a time; none where there is no file.

    Raises:
        WarehouseDamaged: if they can't be read or brought up to date.
    """
    part = layout.part(spec, day)
    try:
        with open_native(root / part) as file:
            parquet = pq.ParquetFile(file)
            for group in range(parquet.num_row_groups):
                yield upgrade(spec, parquet.read_row_group(group), part.as_posix())
    except FileNotFoundError:
        return
    except (pa.ArrowException, OSError) as error:
        raise WarehouseDamaged(f"{part}: can't be read ({type(error).__name__}).") from error

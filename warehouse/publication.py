"""Swapping table files in: all of them, or (after a crash) all of them a little later.

1. Every new file is written to `state/publishing/` and synced.
2. `state/publishing.json` lists the renames to come; from here on the publication will happen.
3. Under the exclusive table lock the files are renamed, `calls` last.
4. The journal goes away.

Killed before 2, the next publication sweeps the leftovers; killed after, it finishes the renames.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.artifacts import ArtifactStore
from warehouse.files import (
    locked,
    make_folder,
    staging_name,
    sweep,
    sync_folder,
    write_whole,
)
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.table_file import TableFile


@dataclass(frozen=True, slots=True)
class _Rename:
    """One table file to swap in."""

    new: str
    final: str
    rank: tuple[bool, bool, int, date]


@dataclass(slots=True)
class Publication:
    """Table files on their way in. The caller holds the publish lock."""

    root: Path
    renames: list[_Rename] = field(default_factory=list)

    def stage(
        self, spec: TableSpec, day: layout.Day, table: pa.Table, *, loses_calls: bool
    ) -> None:
        """Returns when the new file of that table and date is on disk, still out of sight.

        Args:
            spec: the table.
            day: the partition.
            table: all rows of the file.
            loses_calls: True when a call leaves this date: then the file goes first, so that a
                call that moves to another date is never seen twice.
        """
        with self.new_file(spec) as file:
            file.write(table)
            self.add(spec, day, file, loses_calls=loses_calls)

    def new_file(self, spec: TableSpec) -> TableFile:
        """A file of that table in the making, out of sight."""
        staging = layout.staging(self.root)
        make_folder(staging)
        return TableFile(staging / staging_name(), spec)

    def add(self, spec: TableSpec, day: layout.Day, file: TableFile, *, loses_calls: bool) -> None:
        """Returns when that file has all its rows and is staged; arguments as of `stage`."""
        file.finish()
        # Tables other than `calls` go first: a call counts as published when its row is there.
        rank = (
            spec.name == "calls",
            not loses_calls,
            list(ALL_TABLES).index(spec.name),
            day or layout.NO_DATE,
        )
        self.renames.append(
            _Rename(_relative(self.root, file.path), layout.part(spec, day).as_posix(), rank)
        )

    def discard(self) -> None:
        """Returns when the staged files are gone."""
        self.renames.clear()
        sweep(layout.staging(self.root))

    def commit(self, retired: Sequence[str] = ()) -> None:
        """Returns when every staged file is in its place and retired readings are gone."""
        if not self.renames and not retired:
            return
        in_order = sorted(self.renames, key=lambda one: one.rank)
        steps = {
            "renames": [[one.new, one.final] for one in in_order],
            "retired": sorted(retired),
        }
        for folder in {(self.root / one.final).parent for one in in_order}:
            make_folder(folder)
        staging = layout.staging(self.root)
        make_folder(staging)
        # Before the journal: a file that it names and that is missing passes for swapped in.
        sync_folder(staging)
        write_whole(layout.journal(self.root), json.dumps(steps).encode(), staging=staging)
        self.renames.clear()
        finish(self.root)


def finish(root: Path) -> bool:
    """True when a publication was under way; now it is done. The caller holds the publish lock."""
    journal = layout.journal(root)
    steps = _steps(root)
    if steps is None:
        sweep(layout.staging(root))
        return False
    renames, retired = steps
    with locked(layout.table_lock(root)):
        for new, final in renames:
            if new.exists():  # else an earlier try came this far
                make_folder(final.parent)
                new.replace(final)
    for folder in {final.parent for _, final in renames}:
        sync_folder(folder)
    for key in retired:
        ArtifactStore(root).remove_reading(key)
    journal.unlink()
    sync_folder(journal.parent)
    sweep(layout.staging(root))
    return True


@contextmanager
def one_state(root: Path) -> Iterator[None]:
    """Nothing; while inside, nobody swaps files, and all tables are of one publication.

    One whose process died amid its swaps is finished first.
    """
    while True:
        with locked(layout.table_lock(root), shared=True):
            if not _is_half_done(root):
                yield
                return
        with locked(layout.publish_lock(root)):
            finish(root)


def _is_half_done(root: Path) -> bool:
    """True when some files of a publication are in their places already, and others are not.

    With the table lock held, this is nobody's work in progress: whoever did it has died.
    """
    steps = _steps(root)
    waiting = [new.exists() for new, _ in steps[0]] if steps is not None else []
    return any(waiting) and not all(waiting)


def _steps(root: Path) -> tuple[list[tuple[Path, Path]], list[str]] | None:
    """What the publication under way renames, and which readings it retires; None if there is none.

    Raises:
        WarehouseDamaged: if the journal can't be read.
    """
    try:
        steps = json.loads(layout.journal(root).read_bytes())
        renames = [(root / new, root / final) for new, final in steps["renames"]]
        return renames, list(steps["retired"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise WarehouseDamaged(
            "state/publishing.json: can't be read. Remove it, then run: nightcall tables rebuild"
        ) from error


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()

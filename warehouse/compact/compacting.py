"""Everything that keeps a warehouse small, one after the other, with the night kept away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from warehouse import layout
from warehouse.compact.empty_dates import remove_empty_dates
from warehouse.compact.files import rewrite_files
from warehouse.compact.orphans import calls_without_use, remove_empty_folders, sweep_leftovers
from warehouse.compact.step import Deed, Step
from warehouse.night_lock import night_lock
from warehouse.store import Warehouse

Each = Callable[[Step], None]
"""Hears what was done, as it is done."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done, or would be."""

    steps: tuple[Step, ...]

    @property
    def files(self) -> int:
        """How many files were removed."""
        return sum(one.files for one in self.steps if one.deed is Deed.REMOVED)

    @property
    def freed_bytes(self) -> int:
        """What was freed, in bytes."""
        return sum(one.size_bytes for one in self.steps if one.deed is not Deed.KEPT)


def compact(store: Warehouse, *, dry_run: bool = False, each: Each | None = None) -> Compacted:
    """What was done to make the warehouse smaller, without changing what its tables say.

    Killed at any point, the next call goes on where this one was.

    Args:
        store: the warehouse.
        dry_run: True only says what would be done, and keeps no run away.
        each: hears every step.

    Raises:
        WarehouseBusy: naming the run that holds the warehouse.
    """
    steps: list[Step] = []
    with ExitStack() as stack:
        lock = layout.night_lock_file(store.path)
        if not dry_run:
            stack.enter_context(night_lock(lock))
        for step in _steps(store, mine=() if dry_run else (lock,), dry_run=dry_run):
            steps.append(step)
            if each:
                each(step)
    return Compacted(tuple(steps))


def _steps(store: Warehouse, *, mine: tuple[Path, ...], dry_run: bool) -> Iterator[Step]:
    root = store.path
    yield from sweep_leftovers(root, mine=mine, dry_run=dry_run)
    if not dry_run:
        store.recover()
    yield from remove_empty_dates(root, dry_run=dry_run)
    yield from _brought_up_to_date(store, dry_run=dry_run)
    yield from rewrite_files(root, dry_run=dry_run)
    yield from remove_empty_folders(root, dry_run=dry_run)
    yield from calls_without_use(store.artifacts, store.landed().keys())


def _brought_up_to_date(store: Warehouse, *, dry_run: bool) -> Iterator[Step]:
    """What was done about files of earlier schema versions."""
    if store.is_current():
        return
    if dry_run:
        yield Step(Deed.REWRITTEN, "tables", "files of an earlier schema version", 0, 0)
        return
    done = store.bring_up_to_date()
    what = f"files of {done.dates:,} dates brought to the present schema version"
    if done.held_back:
        what += f"; {len(done.held_back):,} dates wait until their calls are read again"
    yield Step(Deed.REWRITTEN, "tables", what, done.files, 0)

"""Bringing a mirror in line with the tables, following an erasure there, and ending it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calls.errors import MirrorUnreachable, UsageError
from calls.mirror_url import is_url, mirror_url
from warehouse import layout
from warehouse.files import locked, sweep
from warehouse.mirror import record as records
from warehouse.mirror.record import MirrorRecord
from warehouse.mirror.remote import MARKER, TABLE_FILE, Remote
from warehouse.mirror.snapshot import Snapshot, snapshot
from warehouse.mirror.steps import Plan, Put, Removal, Step, carry_out, plan
from warehouse.store import Warehouse

SAVE_EVERY_S = 1.0
"""A killed run puts again at most what it put in this time."""

Each = Callable[[int, int], None]
"""Hears after each file how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What was done to bring a mirror in line: numbers of files."""

    place: str
    put: int
    removed: int
    unchanged: int


def mirror(warehouse: Warehouse, place: str, *, each: Each | None = None) -> Mirrored:
    """What was done to bring the mirror in that place in line with the tables.

    Cut off, the next call finishes. The first call remembers the place, for `follow`.

    Args:
        warehouse: the warehouse.
        place: a URL (`s3://bucket/prefix`), or a folder that exists.
        each: hears how far it has come.

    Raises:
        UsageError: the place can't be a mirror of this warehouse, or it has one elsewhere.
        MirrorUnreachable: naming the place; what was put until then counts.
    """
    root = warehouse.path
    place = _checked(place, root)
    with locked(layout.mirror_lock(root)):
        sweep(layout.mirroring(root))  # a killed run may have left what has been erased since
        record = _record(root, place)
        remote = Remote(place)
        there = remote.sizes()
        marker = _claimed(warehouse, record, remote, there)
        warehouse.recover()
        with snapshot(root, record.files, there) as now:
            steps = plan(now, record.files, there, remote)
            record.files.update(steps.same)
            record.keeps_versions = remote.keeps_versions()
            if steps.groups or not _is_in_line(marker, now):
                _bring_in_line(warehouse, record, remote, now, steps, each)
            record.save(root)
    puts = sum(isinstance(step, Put) for step in steps.steps)
    return Mirrored(
        place=place,
        put=puts,
        removed=len(steps.steps) - puts,
        unchanged=len(now.unchanged) + len(steps.same),
    )


def follow(warehouse: Warehouse) -> bool:
    """True when the warehouse has a mirror, which is now in line; False when it has none.

    Raises:
        MirrorUnreachable: naming the place; it still holds what was removed here.
    """
    place = place_of(warehouse)
    if place is None:
        return False
    mirror(warehouse, place)
    return True


def end(warehouse: Warehouse) -> int:
    """How many files were removed from the mirror; the warehouse has none any more.

    Raises:
        UsageError: there is no mirror.
        MirrorUnreachable: naming the place; the mirror is still remembered.
    """
    root = warehouse.path
    with locked(layout.mirror_lock(root)):
        sweep(layout.mirroring(root))
        record = records.load(root)
        if record is None:
            raise UsageError(
                "This warehouse has no mirror. Make one with: nightcall tables mirror URL"
            )
        remote = Remote(records.from_record(record.place, root))
        there = remote.sizes()
        _claimed(warehouse, record, remote, there)
        # Without files on record, a mirror whose marker has gone can be ended once more.
        record.files.clear()
        record.save(root)
        gone = [Removal(name) for name in there if TABLE_FILE.fullmatch(name)]
        carry_out([gone], remote)
        remote.remove(MARKER)
        layout.mirror_record(root).unlink()
    return len(gone)


def place_of(warehouse: Warehouse) -> str | None:
    """The URL or folder of the warehouse's mirror; None if it has none."""
    record = records.load(warehouse.path)
    return records.from_record(record.place, warehouse.path) if record else None


def caution(warehouse: Warehouse) -> str:
    """What whoever erases has to know of the mirror, as a sentence; "" if nothing."""
    record = records.load(warehouse.path)
    if record is None or not record.keeps_versions:
        return ""
    return (
        f"{record.place}: the bucket keeps old versions, so what was erased can still be read in "
        "those. Remove them there; docs/object_stores.md says how."
    )


def _checked(place: str, root: Path) -> str:
    """The place as it can be opened, when a mirror may lie there."""
    try:
        place = mirror_url(place)
    except ValueError as error:
        raise UsageError(f"The place of a mirror {error}.") from None
    if is_url(place):
        return place
    folder, home = Path(place).resolve(), root.resolve()
    if folder == home or folder in home.parents or home in folder.parents:
        raise UsageError(
            f"{place}: a mirror can't lie inside the warehouse, nor around it. Name another folder."
        )
    return str(folder)


def _record(root: Path, place: str) -> MirrorRecord:
    """The record of the warehouse's one mirror."""
    record = records.load(root)
    if record is None:
        return MirrorRecord(records.to_record(place, root))
    known = records.from_record(record.place, root)
    if known != place:
        raise UsageError(
            f"This warehouse is mirrored to {known}, and erasures reach one mirror only: not a "
            f"second one at {place}. Remove the first with: nightcall tables mirror --end"
        )
    return record


def _claimed(
    warehouse: Warehouse, record: MirrorRecord, remote: Remote, there: Mapping[str, int]
) -> Mapping[str, Any] | None:
    """The marker of the place, which is our mirror; None if it became that just now."""
    marker = remote.marker() if MARKER in there else None
    if marker is not None:
        if marker["id"] != record.id:
            raise UsageError(
                f"{remote.place}: holds the mirror of another warehouse (or of this one, before "
                "state/mirror.json was lost). Name another prefix, or empty this one."
            )
        return marker
    if record.files:
        # A share that is not mounted looks like this.
        raise MirrorUnreachable(
            remote.place,
            f"{MARKER} is missing there; if somebody removed the mirror, remove state/mirror.json "
            "from the warehouse too",
        )
    if there:
        raise UsageError(
            f"{remote.place}: is no mirror and holds other files, e.g. {min(there)!r}. "
            "Name a prefix or folder that is empty."
        )
    record.save(warehouse.path)
    remote.mark(record.id, warehouse.time_zone, {}, whole=False)
    return None


def _is_in_line(marker: Mapping[str, Any] | None, now: Snapshot) -> bool:
    """True when the last run came to its end, and nothing has to be told anew."""
    return marker is not None and bool(marker["in_line_at"]) and marker["schemas"] == now.schemas


def _bring_in_line(
    warehouse: Warehouse,
    record: MirrorRecord,
    remote: Remote,
    now: Snapshot,
    todo: Plan,
    each: Each | None,
) -> None:
    """Returns when every step is done and the mirror says that it is in line."""
    keeping = _Keeping(warehouse.path, record, len(todo.steps), each)
    # From here on the mirror may hold something else than what is on record of these files.
    for step in todo.steps:
        record.files.pop(step.name, None)
    record.save(warehouse.path)
    schemas = dict(now.schemas)
    remote.mark(record.id, warehouse.time_zone, schemas, whole=False)
    try:
        carry_out(todo.groups, remote, keeping.done)
    finally:
        record.save(warehouse.path)
    remote.mark(record.id, warehouse.time_zone, schemas, whole=True)


@dataclass(slots=True)
class _Keeping:
    """Puts on record what is done, and says how far it has come."""

    root: Path
    record: MirrorRecord
    total: int
    each: Each | None
    count: int = 0
    saved_at: float = field(default_factory=time.monotonic)

    def done(self, step: Step) -> None:
        if isinstance(step, Put):
            self.record.files[step.name] = step.stamp
        self.count += 1
        if time.monotonic() - self.saved_at > SAVE_EVERY_S:
            self.record.save(self.root)
            self.saved_at = time.monotonic()
        if self.each is not None:
            self.each(self.count, self.total)

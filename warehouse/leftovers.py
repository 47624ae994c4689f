"""What runs that were killed have left half written, and whether anybody is still writing it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from warehouse import layout
from warehouse.files import locked


@dataclass(frozen=True, slots=True)
class LeftoverPlace:
    """A place where files lie until they are whole, or for as long as a run works on them.

    Whoever writes there holds the lock. While there is a file `wanted_by`, it names what lies here.
    """

    folder: Path
    pattern: str
    lock: Path
    what: str
    wanted_by: Path | None = None

    def found(self) -> list[Path]:
        """What lies there now and is not wanted, in order."""
        if self.wanted_by is not None and self.wanted_by.exists():
            return []
        return sorted(self.folder.glob(self.pattern))


def leftover_places(root: Path) -> tuple[LeftoverPlace, ...]:
    """Every such place of a warehouse."""
    night = layout.night_lock_file(root)
    batches = root / "work" / "nights"
    return (
        LeftoverPlace(
            layout.staging(root),
            "*.tmp",
            layout.publish_lock(root),
            "unfinished table files",
            layout.journal(root),
        ),
        LeftoverPlace(layout.unfinished(root), "*", night, "unfinished artifacts"),
        LeftoverPlace(batches, "*/batches/*", night, "batches of runs that were killed"),
        LeftoverPlace(root / "work", "*.tmp", layout.entries_lock(root), "unfinished records"),
        LeftoverPlace(
            layout.mirroring(root), "*.tmp", layout.mirror_lock(root), "unfinished copies"
        ),
    )


def leftovers(root: Path) -> Iterator[tuple[LeftoverPlace, list[Path]]]:
    """What nobody is writing any more, by place."""
    for place in leftover_places(root):
        found = place.found()
        if found and is_free(place.lock):
            yield place, found


@contextmanager
def unless_in_use(lock: Path, *, mine: Collection[Path] = ()) -> Iterator[bool]:
    """True inside, while nobody else holds that lock or gets it; False when somebody has it.

    Args:
        lock: the lock.
        mine: locks that the caller holds already.
    """
    with ExitStack() as stack:
        is_ours = True
        if lock not in mine:
            try:
                stack.enter_context(locked(lock, wait=False))
            except BlockingIOError:
                is_ours = False
        yield is_ours


def is_free(lock: Path) -> bool:
    """True when nobody holds that lock now."""
    if not lock.exists():
        return True
    try:
        with locked(lock, shared=True, wait=False):
            return True
    except BlockingIOError:
        return False

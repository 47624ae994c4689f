"""What nobody needs any more: leftovers of killed runs, empty folders, artifacts without a call.

Only what can be had again for nothing is removed. What was heard of a call is never removed, since
listening is dear and the recording may be gone: it is named, and people decide.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.artifacts import LISTENING, ArtifactStore
from warehouse.compact.step import Deed, Step
from warehouse.files import locked
from warehouse.leftovers import leftover_places, unless_in_use
from warehouse.seen import SeenFiles


def sweep_leftovers(root: Path, *, mine: Collection[Path], dry_run: bool) -> Iterator[Step]:
    """What was done about leftovers, by place.

    Args:
        root: the warehouse folder.
        mine: locks that the caller holds.
        dry_run: True only says what would be done.
    """
    for place in leftover_places(root):
        if not place.found():
            continue
        with unless_in_use(place.lock, mine=mine) as is_ours:
            found = place.found() if is_ours else []
            files, size = 0, 0
            for path in found:
                count, taken = _size(path)
                files, size = files + count, size + taken
                if not dry_run:
                    _remove(path)
                    if path.parent != place.folder:
                        _remove_if_empty(path.parent)
        if found:
            where = place.folder.relative_to(root).as_posix()
            yield Step(Deed.REMOVED, where, place.what, files, size)


def remove_empty_folders(root: Path, *, dry_run: bool) -> Iterator[Step]:
    """What was done about folders of artifacts or tables in which nothing lies."""
    empty: list[Path] = []
    for place in (root / "work" / "calls", root / "tables"):
        for folder in sorted(place.glob("*/*"), reverse=True):
            if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
                empty.append(folder)
    gone = set(empty)
    shelves = (root / "work" / "calls").glob("[0-9a-f][0-9a-f]")
    empty += [one for one in sorted(shelves) if all(path in gone for path in one.iterdir())]
    if empty and not dry_run:
        with locked(layout.publish_lock(root)), locked(layout.table_lock(root)):
            for folder in empty:
                _remove_if_empty(folder)
    if empty:
        where = empty[0].relative_to(root).as_posix()
        what = "empty folder" if len(empty) == 1 else f"empty folder, and {len(empty) - 1:,} more"
        yield Step(Deed.REMOVED, where, what, 0, 0)


def calls_without_use(store: ArtifactStore, landed: Collection[str]) -> Iterator[Step]:
    """Artifacts of calls that are in no table and whose recordings discovery sees no longer.

    Such are recordings that were replaced under their name, and calls that were never read before
    their recording left.

    Args:
        store: the artifacts.
        landed: the source keys of the calls in the tables.
    """
    seen = SeenFiles(store.root).load().values()
    present = {one.source_key for one in seen} | {one.sha256 for one in seen}
    for key in store.known_keys():
        if key in landed or key in present or store.has_reading(key):
            continue
        folder = store.folder(key)
        files, size = _size(folder)
        if files and not _is_present(store, key, present):
            yield Step(
                Deed.KEPT,
                folder.relative_to(store.root).as_posix(),
                _named(store, key),
                files,
                size,
            )


def _is_present(store: ArtifactStore, key: str, present: Collection[str | None]) -> bool:
    """True when a file of that call still lies in the recordings location."""
    try:
        source = store.load_source(key)
    except WarehouseDamaged:
        return False
    return source is not None and any(one.sha256 in present for one in source.sources)


def _named(store: ArtifactStore, key: str) -> str:
    heard = "what was heard" if (store.folder(key) / LISTENING).is_file() else "what was known"
    with suppress(WarehouseDamaged):
        source = store.load_source(key)
        if source is not None:
            return (
                f"{heard} of call {source.call_id!r}, which is in no table and whose recording has "
                f"gone; to remove it: nightcall erase {source.call_id}"
            )
    return f"{heard} of a call that is in no table and that nothing says more of"


def _size(path: Path) -> tuple[int, int]:
    """How many files lie there, and what they take in bytes."""
    if not path.is_dir() or path.is_symlink():
        return 1, path.lstat().st_size
    sizes = [one.lstat().st_size for one in path.rglob("*") if not one.is_dir()]
    return len(sizes), sum(sizes)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # somebody has just put something there
        folder.rmdir()

"""What lies in the warehouse folder: strangers among the tables, leftovers, who may read it all."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.check.finding import REBUILD, Findings
from warehouse.leftovers import is_free, leftovers
from warehouse.publication import one_state
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

_REMOVE = "Look what it is, then remove it: readers of the folder may take it for a table file."
_COMPACT = "Run: nightcall tables compact"
_DATE = r"\d{4}-\d\d-\d\d"

OTHERS = frozenset({"state/prefect"})
"""Folders that another program keeps in its own way."""


def check_places(root: Path, findings: Findings) -> None:
    """Adds what lies where it should not, what is missing, and what others may read."""
    _strangers(root, findings)
    for spec in layout.missing_tables(root):
        findings.add(
            "missing_file",
            f"tables/{spec.name}",
            "the table has no file, not even an empty one",
            REBUILD,
        )
    _leftovers(root, findings)
    _modes(root, findings)


def strangers(root: Path) -> Iterator[str]:
    """Whatever lies below `tables/` and is no table file, as paths below the warehouse.

    Of a folder that is a stranger itself, only the folder.
    """
    tables = root / "tables"
    for entry in _entries(tables):
        spec = ALL_TABLES.get(entry.name)
        if spec is None or not entry.is_dir(follow_symlinks=False):
            yield f"tables/{entry.name}"
        elif spec.partition is None:
            yield from _but_for_part(tables / entry.name, f"tables/{entry.name}")
        else:
            yield from _in_dates(spec, tables / entry.name)


def time_of_last_run(root: Path) -> int | None:
    """When the last run began, in nanoseconds; 0 before the first, None while one is under way."""
    lock = layout.night_lock_file(root)
    if not lock.exists():
        return 0
    return lock.stat().st_mtime_ns if is_free(lock) else None


def _strangers(root: Path, findings: Findings) -> None:
    for where in strangers(root):
        findings.add("stranger", where, "is no file of a table", _REMOVE)


def _in_dates(spec: TableSpec, folder: Path) -> Iterator[str]:
    name = re.compile(rf"{spec.partition}={_DATE}")
    for entry in _entries(folder):
        where = f"tables/{spec.name}/{entry.name}"
        if name.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
            yield from _but_for_part(folder / entry.name, where)
        else:
            yield where


def _but_for_part(folder: Path, where: str) -> Iterator[str]:
    """What lies in a folder besides its one file; the folder itself where it is empty."""
    entries = _entries(folder)
    if not entries:
        yield where
    for entry in entries:
        if entry.name != layout.PART or not entry.is_file(follow_symlinks=False):
            yield f"{where}/{entry.name}"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def _leftovers(root: Path, findings: Findings) -> None:
    if layout.journal(root).exists() and is_free(layout.publish_lock(root)):
        _cut_off(root, findings)
    for place, found in leftovers(root):
        for path in found:
            findings.add(
                "leftover",
                path.relative_to(root).as_posix(),
                f"is one of {len(found):,} {place.what}, and may hold what was said",
                _COMPACT,
            )


def _cut_off(root: Path, findings: Findings) -> None:
    """Adds that a publication was cut off: before its first file was in its place, or who knows."""
    where = layout.journal(root).relative_to(root).as_posix()
    try:
        with one_state(root):
            pass
    except WarehouseDamaged as error:
        findings.add_damage(error)
        return
    findings.add(
        "cut_off_publication",
        where,
        "a publication was cut off before its first file was in its place",
        "The next night finishes it. Or run: nightcall tables compact",
    )


def _modes(root: Path, findings: Findings) -> None:
    """Adds, for each room, how much of it others may look at."""
    open_to_others: dict[str, list[str]] = {}
    for path, mode in _with_modes(root):
        if mode & 0o077:
            where = path.relative_to(root).as_posix()
            room = where.split("/", maxsplit=1)[0]
            open_to_others.setdefault(room, []).append(where)
    for room, found in open_to_others.items():
        findings.add(
            "readable_by_others",
            found[0],
            "other users of this machine may look at it"
            if len(found) == 1
            else f"other users of this machine may look at this and {len(found) - 1:,} more "
            f"in {room}/",
            f"Run: chmod -R go= {room}",
        )


def _with_modes(folder: Path, *, root: Path | None = None) -> Iterator[tuple[Path, int]]:
    """Every file and folder of ours with its mode, the folder itself first."""
    root = root or folder
    if folder == root:
        yield folder, folder.stat().st_mode
    for entry in _entries(folder):
        path = folder / entry.name
        if entry.is_symlink() or path.relative_to(root).as_posix() in OTHERS:
            continue
        mode = entry.stat(follow_symlinks=False).st_mode
        yield path, mode
        if stat.S_ISDIR(mode):
            yield from _with_modes(path, root=root)

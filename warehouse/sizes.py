"""What a warehouse takes on disk, room by room."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse import layout
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.calls import CALLS

MEASURED_FILES = 50_000
"""Artifacts that are looked at one by one; with more, shelves stand for each other."""


@dataclass(frozen=True, slots=True)
class Size:
    """So many files, and the bytes in them. `is_estimate` is True where not all were looked at."""

    files: int = 0
    size_bytes: int = 0
    is_estimate: bool = False

    def __add__(self, other: Size) -> Size:
        return Size(
            self.files + other.files,
            self.size_bytes + other.size_bytes,
            self.is_estimate or other.is_estimate,
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    """A warehouse on disk.

    `tables` has a size for each table. `records` is what lies under `work/` besides artifacts,
    `state` what a run needs to work, Prefect's own database included. `call_dates` counts the dates
    that have calls or had some.
    """

    tables: Mapping[str, Size]
    artifacts: Size
    records: Size
    state: Size
    call_dates: int

    @property
    def all_tables(self) -> Size:
        """All tables together."""
        return sum(self.tables.values(), start=Size())

    @property
    def largest(self) -> str:
        """The name of the table that takes most."""
        return max(self.tables, key=lambda name: self.tables[name].size_bytes)


def measure(root: Path) -> Sizes:
    """What that warehouse takes on disk now."""
    calls = root / "work" / "calls"
    return Sizes(
        tables={name: _size(root / "tables" / name) for name in ALL_TABLES},
        artifacts=_artifacts(calls),
        records=_size(root / "work", without=calls),
        state=_size(root / "state"),
        call_dates=len(layout.dates(root, CALLS) - {layout.NO_DATE}),
    )


def _artifacts(folder: Path) -> Size:
    """The size of all artifacts.

    They lie on shelves by the first digits of a hash, and so are spread evenly: the first shelves
    stand for all.
    """
    shelves = sorted(folder.glob("[0-9a-f][0-9a-f]"))
    measured = Size()
    for number, shelf in enumerate(shelves, start=1):
        measured += _size(shelf)
        if measured.files >= MEASURED_FILES and number < len(shelves):
            files, size = measured.files, measured.size_bytes
            return Size(files * len(shelves) // number, size * len(shelves) // number, True)
    return measured


def _size(folder: Path, *, without: Path | None = None) -> Size:
    files, size = 0, 0
    for entry in _files(folder, without):
        with suppress(FileNotFoundError):  # a night at work has just removed it
            size += entry.stat(follow_symlinks=False).st_size
            files += 1
    return Size(files, size)


def _files(folder: Path, without: Path | None) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except FileNotFoundError:
        return
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            if without is None or Path(entry.path) != without:
                yield from _files(Path(entry.path), without)
        else:
            yield entry

"""The table files of one moment, kept readable while they are copied out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from warehouse import layout
from warehouse.about import read_settings
from warehouse.files import make_folder, staging_name, sweep
from warehouse.mirror.record import Stamp
from warehouse.mirror.remote import TABLE_FILE
from warehouse.publication import one_state


@dataclass(frozen=True, slots=True)
class Part:
    """A table file that may have changed since it was last put; `link` stays what it was."""

    name: str
    link: Path
    size_bytes: int
    mtime_ns: int

    def stamp(self) -> Stamp:
        """What tells this version of the file from others; reads the whole file."""
        with self.link.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Stamp(self.size_bytes, self.mtime_ns, digest)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every table file of one publication: those that may differ from the mirror, and the rest."""

    parts: tuple[Part, ...]
    unchanged: frozenset[str]
    schemas: Mapping[str, int]

    @property
    def names(self) -> set[str]:
        """The name of every table file."""
        return {*self.unchanged, *(part.name for part in self.parts)}


def table_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Every table file of a warehouse, with its name in a mirror; strangers are left out."""
    for path in (root / "tables").rglob("*.parquet"):
        name = path.relative_to(root / "tables").as_posix()
        if TABLE_FILE.fullmatch(name):
            yield name, path


@contextmanager
def snapshot(
    root: Path, known: Mapping[str, Stamp], there: Mapping[str, int]
) -> Iterator[Snapshot]:
    """The table files as they are now, readable until the end whatever is published meanwhile.

    A second name in `state/mirroring/` keeps a file that a publication replaces: the table lock is
    held for as long as making names takes, not for as long as an upload does.

    Args:
        root: the warehouse folder.
        known: what was last put, by name.
        there: the sizes of what is in the mirror, by name.
    """
    links = layout.mirroring(root)
    make_folder(links)
    parts: list[Part] = []
    unchanged: set[str] = set()
    try:
        with one_state(root):
            schemas = read_settings(root)["schemas"]
            for name, path in sorted(table_files(root)):
                facts = path.stat()
                size, mtime = facts.st_size, facts.st_mtime_ns
                stamp = known.get(name)
                if stamp and (stamp.size_bytes, stamp.mtime_ns, there.get(name)) == (
                    size,
                    mtime,
                    size,
                ):
                    unchanged.add(name)
                    continue
                link = links / staging_name()
                os.link(path, link)
                parts.append(Part(name, link, size, mtime))
        yield Snapshot(tuple(parts), frozenset(unchanged), schemas)
    finally:
        sweep(links)

"""Swapping table files in: all of them, or (after a crash) all of them a little later.

1. Every new file is written to `state/publishing/` and synced.
2. `state/publishing.json` lists the renames to come; from here on the publication will happen.
3. Under the exclusive table lock the files are renamed, `calls` last.
4. The journal goes away.

Killed before 2, the next publication sweeps the leftovers; killed after, it finishes the renames.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.artifacts import READING, ArtifactStore
from warehouse.files import (
    PRIVATE_FILE,
    locked,
    make_folder,
    staging_name,
    sweep,
    sync_folder,
    write_whole,
)
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

ROW_GROUP_ROWS = 65_536
"""Small enough to skip most of a day for one call, large enough to compress well."""

# Least and greatest sentence help no reader skip anything, and would repeat what was said in the
# footer of every file.
_NO_STATISTICS = frozenset({"text", "quote", "reason", "better_move", "message", "notes"})


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
        staging = layout.staging(self.root)
        make_folder(staging)
        new = staging / staging_name()
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            pq.write_table(
                table,
                file,
                compression="zstd",
                row_group_size=ROW_GROUP_ROWS,
                write_statistics=[name for name in spec.names if name not in _NO_STATISTICS],
            )
            file.flush()
            os.fsync(file.fileno())
        # Tables other than `calls` go first: a call counts as published when its row is there.
        rank = (
            spec.name == "calls",
            not loses_calls,
            list(ALL_TABLES).index(spec.name),
            day or layout.NO_DATE,
        )
        self.renames.append(
            _Rename(_relative(self.root, new), layout.part(spec, day).as_posix(), rank)
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
        write_whole(
            layout.journal(self.root), json.dumps(steps).encode(), staging=layout.staging(self.root)
        )
        self.renames.clear()
        finish(self.root)


def finish(root: Path) -> bool:
    """True when a publication was under way; now it is done. The caller holds the publish lock."""
    journal = layout.journal(root)
    try:
        steps = json.loads(journal.read_bytes())
        renames = [(root / new, root / final) for new, final in steps["renames"]]
        retired = list(steps["retired"])
    except FileNotFoundError:
        sweep(layout.staging(root))
        return False
    except (ValueError, KeyError, TypeError) as error:
        raise WarehouseDamaged(
            "state/publishing.json: can't be read. Remove it, then run: nightcall tables rebuild"
        ) from error
    with locked(layout.table_lock(root)):
        for new, final in renames:
            if new.exists():  # else an earlier try came this far
                make_folder(final.parent)
                new.replace(final)
    for folder in {final.parent for _, final in renames}:
        sync_folder(folder)
    for key in retired:
        (ArtifactStore(root).folder(key) / READING).unlink(missing_ok=True)
    journal.unlink()
    sync_folder(journal.parent)
    sweep(layout.staging(root))
    return True


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()

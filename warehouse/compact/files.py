"""Table files that would be laid out otherwise if they were written now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import layout
from warehouse.compact.step import Deed, Step
from warehouse.file_layout import is_laid_out_as_now
from warehouse.files import locked
from warehouse.native_files import open_native
from warehouse.publication import Publication, finish
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

BATCH_ROWS = 65_536


def rewrite_files(root: Path, *, dry_run: bool) -> Iterator[Step]:
    """What was done about files that are not laid out as now, by table; no row is changed.

    Each is a publication of its own, so that a run that is killed leaves the old file or the new.
    Files that can't be read, or whose columns are not the declared ones, are left to the check and
    to `tables rebuild`.

    Args:
        root: the warehouse folder.
        dry_run: True only says what would be done.
    """
    for spec in ALL_TABLES.values():
        rewritten: list[tuple[Path, int]] = []
        for day in layout.in_order(layout.days(root, [spec])):
            freed = _rewritten(root, spec, day, dry_run=dry_run)
            if freed is not None:
                rewritten.append((layout.part(spec, day), freed))
        if rewritten:
            yield _step(spec, rewritten)


def _step(spec: TableSpec, rewritten: list[tuple[Path, int]]) -> Step:
    where = f"tables/{spec.name}" if len(rewritten) > 1 else rewritten[0][0].as_posix()
    what = "laid out otherwise than it would be now"
    if len(rewritten) > 1:
        what = f"{len(rewritten):,} files laid out otherwise than they would be now"
    freed = sum(freed for _, freed in rewritten)
    return Step(Deed.REWRITTEN, where, what, len(rewritten), freed)


def _rewritten(root: Path, spec: TableSpec, day: layout.Day, *, dry_run: bool) -> int | None:
    """The bytes freed by writing that file anew; None where that is not to be done."""
    path = root / layout.part(spec, day)
    with nullcontext() if dry_run else locked(layout.publish_lock(root)):
        if not dry_run:
            finish(root)  # before the file is opened: this may put another in its place
        try:
            with open_native(path) as source:
                file = pq.ParquetFile(source)
                is_ours = file.schema_arrow.equals(spec.schema, check_metadata=True)
                if not is_ours or is_laid_out_as_now(spec, file):
                    return None
                before = path.stat().st_size
                if not dry_run:
                    _publish(root, spec, day, file)
        except (FileNotFoundError, pa.ArrowException):
            return None
    return before - path.stat().st_size


def _publish(root: Path, spec: TableSpec, day: layout.Day, file: pq.ParquetFile) -> None:
    """Returns when a new file with the same rows is in its place."""
    publication = Publication(root)
    with publication.new_file(spec) as new:
        for batch in file.iter_batches(BATCH_ROWS):
            new.write(pa.Table.from_batches([batch], spec.schema))
        publication.add(spec, day, new, loses_calls=False)
    publication.commit()

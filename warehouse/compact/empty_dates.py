"""Dates on which no table has a row any more: erased, expired, or moved to another date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import layout
from warehouse.compact.step import Deed, Step
from warehouse.files import locked, sync_folder
from warehouse.schemas import CALL_TABLES, EVALUATION_TABLES, NIGHT_TABLES
from warehouse.schemas.spec import TableSpec

TOGETHER: tuple[Mapping[str, TableSpec], ...] = (CALL_TABLES, NIGHT_TABLES, EVALUATION_TABLES)
"""Tables that have a file for the same dates; of those about calls, `calls` comes last."""


def remove_empty_dates(root: Path, *, dry_run: bool) -> Iterator[Step]:
    """What was done about each date without a row.

    The files hold nothing, so it makes no difference to a reader which of them are gone already: a
    run that is killed amid it leaves nothing to be put right.

    Args:
        root: the warehouse folder.
        dry_run: True only says what would be done.
    """
    # Nobody may put a row there between the look and the removal.
    with nullcontext() if dry_run else locked(layout.publish_lock(root)):
        for specs in TOGETHER:
            for day in layout.in_order(layout.days(root, specs.values())):
                if day not in (None, layout.NO_DATE) and _is_empty(root, specs, day):
                    yield _removed(root, specs, day, dry_run=dry_run)


def _is_empty(root: Path, specs: Mapping[str, TableSpec], day: layout.Day) -> bool:
    """True when no file of that date has a row; False too when one can't be read."""
    for spec in specs.values():
        try:
            if pq.read_metadata(root / layout.part(spec, day)).num_rows:
                return False
        except FileNotFoundError:
            continue
        except (pa.ArrowException, OSError):
            return False
    return True


def _removed(root: Path, specs: Mapping[str, TableSpec], day: layout.Day, *, dry_run: bool) -> Step:
    assert isinstance(day, date)
    paths = [root / layout.part(spec, day) for spec in specs.values()]
    there = [path for path in paths if path.exists()]
    size = sum(path.stat().st_size for path in there)
    if not dry_run:
        with locked(layout.table_lock(root)):
            for path in there:
                path.unlink()
                with suppress(OSError):  # a stranger lies there, which is for people to look at
                    path.parent.rmdir()
        for path in there:
            sync_folder(path.parent.parent)
    last = list(specs.values())[-1]
    where = layout.part(last, day).parent.as_posix().replace(f"/{last.name}/", "/*/")
    return Step(Deed.REMOVED, where, "no table has a row of that date", len(there), size)

"""Every place of a warehouse that holds something about a call, and how a call is removed from it.

Whatever keeps more about calls adds a `Place` to `PLACES`: what it is called, a function that says
what lies there of some calls (for `--dry-run` and the counts in `erasures`), and one that removes
it. Removing must be repeatable: a run that was killed is begun again at the first place, and finds
some of them empty. The proof at the end searches every file below the warehouse folder, those of a
place nobody registered too, and fails if it finds anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.erasure.clearing import erased_row
from warehouse.erasure.journal import Erasing
from warehouse.erasure.key import make_key
from warehouse.erasure.mentions import Mentions
from warehouse.erasure.nights import NightRecords, publish_cleared
from warehouse.erasure.quotes import clear_quotes
from warehouse.erasure.target import Target, Targets
from warehouse.files import locked, sweep
from warehouse.quarantine import QuarantineRecord
from warehouse.schemas import CALL_TABLES, Row
from warehouse.schemas.coaching import COACHING, CoachingRow
from warehouse.schemas.reviews import REVIEWS, ReviewRow
from warehouse.schemas.spec import TableSpec
from warehouse.seen import SeenFile
from warehouse.store import Warehouse

_RECORDED = (REVIEWS, COACHING)


@dataclass(frozen=True, slots=True)
class Trace:
    """What lies in one place of one call: `what` names it for people."""

    erasure_id: str
    what: str
    rows: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `remove` is told the whole erasure: see `warehouse.erasure.journal`."""

    name: str
    count: Callable[[Warehouse, Targets], Iterator[Trace]]
    remove: Callable[[Warehouse, Erasing], None]


def _count_rows(warehouse: Warehouse, targets: Targets) -> Iterator[Trace]:
    days = sorted({one.call_date for one in targets.all if one.call_date is not None})
    keys = pl.Series(sorted(targets.keys), dtype=pl.String)
    with warehouse.reading():
        for name in CALL_TABLES:
            frame = warehouse.table(name).filter(
                pl.col("call_date").is_in(days), pl.col("source_key").is_in(keys.implode())
            )
            counts = frame.group_by("source_key").len().sort("source_key").collect()
            for key, count in counts.iter_rows():
                target = targets.of_bytes(key)
                assert target is not None
                yield Trace(target.erasure_id, name, rows=count)


def _unpublish(warehouse: Warehouse, erasing: Erasing) -> None:
    """Clears what other calls quote, then publishes those without the erased ones, in one go."""
    targets = erasing.targets
    for key in erasing.quoting:
        clear_quotes(warehouse.artifacts, key, targets)
    landed = warehouse.landed()
    quoting = [key for key in erasing.quoting if key in landed]
    refused = warehouse.publish(quoting, sorted(targets.keys)).refused
    if refused:
        key, problem = next(iter(refused.items()))
        raise WarehouseDamaged(
            f"{len(refused)} calls that quote an erased one could not be published, e.g. "
            f"{key[:12]}…: {problem}"
        )


def _count_entries(warehouse: Warehouse, targets: Targets) -> Iterator[Trace]:
    for spec in _RECORDED:
        for row in warehouse.entries(spec.name).rows():
            if (target := _named_in(row, targets)) is not None:
                yield Trace(target.erasure_id, spec.name, rows=1)


def _change_entries(warehouse: Warehouse, erasing: Erasing) -> None:
    targets = erasing.targets
    for spec in _RECORDED:
        warehouse.entries(spec.name).change(partial(_without, spec, targets))
    with locked(layout.entries_lock(warehouse.path)):
        sweep(warehouse.path / "work")  # what a killed writer left holds entries too
    warehouse.publish_entries()


def _without(spec: TableSpec, targets: Targets, row: Row) -> Row | None:
    """What is left of an entry once the calls are erased."""
    return row if _named_in(row, targets) is None else erased_row(spec, row)


def _named_in(row: Row, targets: Targets) -> Target | None:
    """The call that an entry is about."""
    assert isinstance(row, ReviewRow | CoachingRow)
    return targets.of_trace(row.source_key, row.call_id, "")


def _count_nights(warehouse: Warehouse, targets: Targets) -> Iterator[Trace]:
    records = NightRecords(warehouse, targets)
    for night_id in records.nights():
        seen = set()
        for line in records.rows(night_id):
            seen.add(line.target.erasure_id)
            yield Trace(line.target.erasure_id, "recordings", rows=1)
        yield from (Trace(one, "records of nights", files=1) for one in sorted(seen))


def _clear_nights(warehouse: Warehouse, erasing: Erasing) -> None:
    records, key = NightRecords(warehouse, erasing.targets), make_key(warehouse.path)
    for night_id in erasing.nights:
        records.clear(night_id, key)
    publish_cleared(warehouse, erasing.nights)


def _count_set_aside(warehouse: Warehouse, targets: Targets) -> Iterator[Trace]:
    for _, target in _set_aside(warehouse, targets):
        yield Trace(target.erasure_id, "quarantine", files=1)


def _remove_set_aside(warehouse: Warehouse, erasing: Erasing) -> None:
    for record, _ in list(_set_aside(warehouse, erasing.targets)):
        warehouse.quarantine.remove(record.name)


def _set_aside(warehouse: Warehouse, targets: Targets) -> Iterator[tuple[QuarantineRecord, Target]]:
    """The records of the calls, and of those set aside because of one: they are tried anew."""
    mentions = Mentions(targets)
    for record in warehouse.quarantine.all():
        target = targets.of_trace(record.source_key, record.call_id, record.name)
        if (target := target or mentions.of(record.message)) is not None:
            yield record, target


def _count_nothing(warehouse: Warehouse, targets: Targets) -> Iterator[Trace]:
    """What is a copy of what other places hold is not counted again."""
    return iter(())


def _forget_files(warehouse: Warehouse, erasing: Erasing) -> None:
    targets = erasing.targets
    seen = warehouse.seen.load()
    kept = [one for one in seen.values() if not _is_of(one, targets)]
    if len(kept) < len(seen):
        warehouse.seen.save(kept)


def _is_of(file: SeenFile, targets: Targets) -> bool:
    if targets.of_bytes(file.sha256) is not None:
        return True
    return targets.of_trace(file.source_key, None, file.name) is not None


def _remove_batches(warehouse: Warehouse, erasing: Erasing) -> None:
    """Removes the batches of nights that were killed: nobody works on them any more."""
    for folder in (warehouse.path / "work" / "nights").glob("*/batches"):
        shutil.rmtree(folder)


def _count_artifacts(warehouse: Warehouse, targets: Targets) -> Iterator[Trace]:
    for one in targets.all:
        for key in one.keys:
            folder = warehouse.artifacts.folder(key)
            count = sum(1 for path in folder.rglob("*") if path.is_file())
            if count:
                yield Trace(one.erasure_id, "artifacts", files=count)


def _remove_artifacts(warehouse: Warehouse, erasing: Erasing) -> None:
    for key in erasing.targets.keys:
        warehouse.artifacts.remove(key)


PLACES: tuple[Place, ...] = (
    Place("tables about calls", _count_rows, _unpublish),
    Place("reviews and coaching", _count_entries, _change_entries),
    Place("records of nights", _count_nights, _clear_nights),
    Place("quarantine", _count_set_aside, _remove_set_aside),
    Place("files seen", _count_nothing, _forget_files),
    Place("batches", _count_nothing, _remove_batches),
    # Last: what is known of a call must outlive what is made from it.
    Place("artifacts", _count_artifacts, _remove_artifacts),
)
"""Where a call is removed, in this order. The mirror follows after them, over the network."""

"""Reading calls again from what was heard of them, and publishing them. Nobody listens.

The recordings are never looked at: they may be gone. What is worked on is what the tables hold. The
newest calls come first, a few dates at a time, and each call's rows are kept as soon as it is read,
so a run that is cut off loses nothing and the next one goes on.

This is no night: `nights` and `recordings` say what became of recordings, and here nothing becomes
of any. What a call was read with is in its own row of `calls`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from calls.errors import NightcallError, UsageError, WarehouseDamaged
from calls.settings import Settings
from flows.batches import Item
from flows.discovery.location import Location
from flows.discovery.plan import PlannedCall
from flows.due import Asked, Due, find_due
from flows.erasing.resume import finish_cut_off
from flows.exit_codes import ExitCode
from flows.masked import mask_stored, stays_masked
from flows.mirroring import mirror_tables
from flows.night import OLDER_TABLES
from flows.progress import current
from flows.read_again import ReadAgain, killed_while_reading_again, read_again
from flows.resources import close_resources, resources_for
from flows.versions import current_versions, reading_base
from warehouse.erasure import journal
from warehouse.rows import call_date
from warehouse.store import Warehouse, open_warehouse


@dataclass(frozen=True, slots=True)
class Analyzed:
    """What reading calls again came to.

    `read_count` calls are in the tables as they read now; `resumed_count` of them had been read by
    a run that was cut off, and `stale_count` were heard by older code or from other files.
    `not_read` says by call id why a call could not be. `moments` are those of the calls read,
    before and after; None where tables were too old to tell, and were `made_anew`.
    `mirror` says why the mirror of the tables is not in line; "" when nothing is amiss with it.
    """

    asked_count: int
    read_count: int
    up_to_date_count: int
    resumed_count: int
    stale_count: int
    not_read: Mapping[str, str]
    moments: tuple[int, int] | None
    mirror: str = ""

    @property
    def made_anew(self) -> bool:
        """True when tables of some dates were too old to keep rows that are not read again."""
        return self.moments is None

    @property
    def exit_code(self) -> ExitCode:
        """0 when everything due has landed."""
        return ExitCode.QUARANTINED if self.not_read else ExitCode.DONE

    def lines(self) -> Iterator[str]:
        """The closing lines: what needs attention, then the sum."""
        for call_id, why in self.not_read.items():
            yield f"not read: {call_id}: {why}"
        if self.not_read and self.made_anew:
            yield "Tables that had to be made anew leave them out until they are read."
        elif self.not_read:
            yield "What the tables hold of them stays as it was."
        if self.resumed_count:
            yield f"{_calls(self.resumed_count)} had been read by a run that was cut off."
        if self.stale_count:
            yield (
                f"{_calls(self.stale_count)} had been heard by older code or from other files. "
                "To hear those again whose recordings are still there: nightcall run"
            )
        if self.mirror:
            yield self.mirror
        yield self.sum_line()

    def sum_line(self) -> str:
        """How many calls were read again, how many needed it not, and what became of moments."""
        rest = [f"{self.up_to_date_count} up to date"]
        if self.not_read:
            rest.append(f"{len(self.not_read)} could not be read")
        asked = _calls(self.asked_count)
        text = f"Read again: {self.read_count} of {asked} ({', '.join(rest)})."
        if self.read_count:
            return (
                f"{text} Moments: {' → '.join(map(str, self.moments))}." if self.moments else text
            )
        return f"{text} To read those all the same: --all" if self.up_to_date_count else text


def analyze(
    settings: Settings, asked: Asked | None = None, *, configured: Settings | None = None
) -> Analyzed:
    """What came of reading the calls asked for again, once the tables show it.

    The next night with the same settings finds these calls unchanged. A call that can't be read
    keeps its earlier rows.

    Args:
        settings: the run's settings; `recordings` plays no part.
        asked: which calls; None: all that do not read as they would now.
        configured: the settings of the next night, where these differ from them by what the command
            line said; that the night will read the calls again is then said.

    Raises:
        UsageError: there is no warehouse, or no call of one of the ids.
        WarehouseBusy: a night or another run is at work.
        WarehouseDamaged: a table can't be read, or calls are asked for by id while tables have to
            be made anew, which takes all calls of a date.
        NightcallError: a file that all calls are read with is wrong: playbook, messaging or model.
    """
    store = open_warehouse(settings.warehouse, time_zone=settings.time_zone)
    if not store.is_current():
        current().say(OLDER_TABLES)
    try:
        with store.night_lock():
            _finish_erasure(settings, store)
            done = _Run(settings, store).run(asked or Asked(), configured)
        # Out of the lock, as after a night.
        return replace(done, mirror=mirror_tables(settings, store)) if done.read_count else done
    finally:
        close_resources(settings)


class _Run:
    """The parts of a run in their order."""

    def __init__(self, settings: Settings, store: Warehouse) -> None:
        self._settings = settings
        self._store = store
        self._resources = resources_for(settings)
        self._not_read: dict[str, str] = {}
        self._read: list[str] = []

    def run(self, asked: Asked, configured: Settings | None) -> Analyzed:
        # Whatever could be brought up to date has been, with the lock.
        made_anew = not self._store.is_current()
        if made_anew and asked.call_ids:
            raise WarehouseDamaged(
                "Some tables were written by an earlier version of Nightcall and have to be made "
                "anew, which takes all calls of a date. Read all first: nightcall analyze"
            )
        landed = self._store.landed()
        base = reading_base(self._resources.versions, self._settings)
        due = find_due(self._store, self._settings, base, landed, asked)
        self._not_read |= due.unreadable
        self._prepare(due, base, configured)
        keys = [one.recording.key for one in due.calls]
        before = {} if made_anew else _moments(self._store, keys)
        size = self._settings.night.batch_calls
        for batch in _batches(due.calls, size, self._store.time_zone):
            self._read_and_publish(batch, due)
        if made_anew:
            self._store.bring_up_to_date()
        done = set(self._read)
        after = {} if made_anew else _moments(self._store, self._read)
        return Analyzed(
            asked_count=due.asked_count,
            read_count=len(done),
            up_to_date_count=due.up_to_date_count,
            resumed_count=len(due.ready & done),
            stale_count=len(due.stale & done),
            not_read={
                landed[key].call_id if key in landed else f"{key[:12]}…": why
                for key, why in self._not_read.items()
            },
            moments=None
            if made_anew
            else (sum(before.get(key, 0) for key in done), sum(after.values())),
        )

    def _prepare(self, due: Due, base: str, configured: Settings | None) -> None:
        """What comes before the first call is read; a wrong playbook shows here."""
        mask_stored(self._store, self._settings.redaction)
        if not due.calls:
            return
        self._resources.require_reader()
        if stays := stays_masked(self._store.artifacts, due.calls, self._settings):
            current().say(stays)
        if configured is not None and _base_of(configured) != base:
            current().say(
                "The next `nightcall run` reads these calls again, with the playbook and messaging "
                "of its settings. To keep what you give here, name it there."
            )
        current().begin(len(due.calls) - len(due.ready))

    def _read_and_publish(self, batch: Sequence[PlannedCall], due: Due) -> None:
        settings_json = self._settings.model_dump_json()
        tasks = [
            ReadAgain(settings_json, Item.of(one))
            for one in batch
            if one.recording.key not in due.ready
        ]
        results = self._resources.readers.map(read_again, tasks, broken=killed_while_reading_again)
        for task, problem in zip(tasks, results, strict=True):
            if problem is not None:
                self._not_read[task.item.key] = problem
            current().advance("read")
        keys = [one.recording.key for one in batch if one.recording.key not in self._not_read]
        if keys:
            refused = self._store.publish(keys).refused
            self._not_read = {**refused, **self._not_read}
            self._read += [key for key in keys if key not in refused]


def _batches(
    calls: Sequence[PlannedCall], size: int, time_zone: str
) -> Iterator[Sequence[PlannedCall]]:
    """The calls newest first, in parts of whole dates with at least `size` calls each.

    Publishing writes the files of a date as a whole, so no date is published twice; and a date that
    is made anew loses no call that is still to be read.
    """
    newest = sorted(
        calls, key=lambda one: (one.recording.started_at, one.recording.key), reverse=True
    )
    batch: list[PlannedCall] = []
    day = None
    for one in newest:
        before, day = day, call_date(one.recording.started_at, time_zone)
        if len(batch) >= size and day != before:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _finish_erasure(settings: Settings, store: Warehouse) -> None:
    """Finishes an erasure that was cut off: what it takes must not be read again.

    It may have recordings to remove; then, and only then, their location is opened.
    """
    if journal.load(store.path) is None:
        return
    try:
        location = Location(settings.recordings)
    except UsageError:
        location = None
    for line in finish_cut_off(store, location):
        current().say(line)


def _moments(store: Warehouse, keys: Sequence[str]) -> dict[str, int]:
    """How many moments the tables hold of those calls, by source key."""
    with store.reading():
        rows = store.moments.filter(pl.col("source_key").is_in(keys)).select("source_key")
        return dict(rows.group_by("source_key").len().collect().iter_rows())


def _base_of(settings: Settings) -> str | None:
    """What a night with those settings would read with; None if it could not begin."""
    try:
        return reading_base(current_versions(settings), settings)
    except NightcallError:
        return None


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"

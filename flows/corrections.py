"""Putting right who is the rep and who the customer of one call: recorded, read again, published.

Nothing is listened to again. What is on record outlives nights, rebuilds and upgrades.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from calls.call import AttributedCall, Listening, Recording
from calls.corrections import Corrections, Swap, exchanged
from calls.errors import NightcallError, UsageError, WarehouseDamaged
from calls.labels import Role
from calls.settings import Settings
from flows.earlier_calls import EarlierCalls, as_read, marks_before
from flows.events import our_defect
from flows.made_from import made_from
from flows.one_call import find_call, read_and_save
from flows.reader import build_reader
from flows.versions import current_versions, reading_base
from models.attribution import attribute, state_of
from warehouse.corrections import add_swap, load_corrections
from warehouse.landed import Landed
from warehouse.store import Warehouse, open_warehouse


@dataclass(frozen=True, slots=True)
class Who:
    """Who a speaker is taken for: a role and, if known, a name."""

    role: Role
    name: str | None


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a swap came to: who each speaker was in the tables, and is there now.

    `resumed` is True if the swap had been recorded before, but had not reached the tables.
    """

    call_id: str
    before: Mapping[str, Who]
    after: Mapping[str, Who]
    resumed: bool


def swap_call(settings: Settings, call_id: str, *, by: str | None = None) -> Swapped:
    """What came of exchanging rep and customer of that call, once the tables show it.

    A swap that was cut off after it was recorded is finished, not taken back: what counts is what
    the tables show, because that is what whoever says it has seen. The next night finishes it too.

    Args:
        settings: the run's settings; the warehouse and how to read.
        call_id: the call as the tables name it.
        by: who says so.

    Raises:
        UsageError: there is no such call, or no one rep and one customer on it.
        WarehouseBusy: a night or another swap is at work.
        WarehouseDamaged: the call's artifacts can't be read, or the tables are outdated.
    """
    store = open_warehouse(settings.warehouse, time_zone=settings.time_zone)
    with store.night_lock():
        if not store.is_current():
            raise WarehouseDamaged(
                "The tables were written by another version of Nightcall. Bring them up to date "
                "first: nightcall run"
            )
        key, landed = find_call(store, call_id)
        recording, listening = _artifacts(store, key, call_id)
        before = _published(store, key)
        corrections = load_corrections(store.artifacts, key)
        swap = _swap(settings, recording, listening, corrections, before, by)
        if swap is not None:
            corrections = add_swap(store.artifacts, key, swap)
        call = _read(settings, store, recording, listening, corrections, landed)
        refused = store.publish([key]).refused.get(key)
    if refused:
        raise WarehouseDamaged(f"{call_id}: the swap is on record, but not published: {refused}")
    after = {one.speaker: Who(one.role, one.name) for one in call.speakers}
    return Swapped(call_id, before, after, resumed=swap is None)


def _swap(
    settings: Settings,
    recording: Recording,
    listening: Listening,
    corrections: Corrections,
    before: Mapping[str, Who],
    by: str | None,
) -> Swap | None:
    """The swap to record; None if what is on record already gives what is asked for."""
    call = attribute(recording, listening, settings.attribution, corrections)
    now = {one.speaker: one.role for one in call.speakers}
    try:
        wanted = exchanged({speaker: who.role for speaker, who in before.items()})
    except UsageError:
        wanted = None  # the tables were made by older code; what is believed now may do
    if wanted is not None and wanted.items() <= now.items():
        return None
    return Swap(
        about=state_of(recording, listening, settings.attribution),
        roles=tuple(exchanged(now).items()),
        at=datetime.now(UTC),
        by=by,
    )


def _read(
    settings: Settings,
    store: Warehouse,
    recording: Recording,
    listening: Listening,
    corrections: Corrections,
    landed: Landed,
) -> AttributedCall:
    """The call read as it is corrected now, its rows saved."""
    base = reading_base(current_versions(settings), settings)
    if not landed.made_from.startswith(f"{base}."):
        # Something else has changed since the call was read, and perhaps it has to be heard again:
        # the next night must not take this reading for an up-to-date one.
        base = "swap"
    marks = marks_before(store.landed(), recording)
    earlier, is_complete = EarlierCalls(store.artifacts, settings.attribution).load(marks)
    try:
        return read_and_save(
            settings,
            store.artifacts,
            build_reader(settings),
            recording,
            listening,
            made_from=as_read(
                made_from(base, recording, corrections, marks), is_complete=is_complete
            ),
            earlier=earlier,
        )
    except NightcallError:
        raise
    except OSError:
        raise  # the warehouse's disk
    except Exception as error:  # the swap is on record; the next night tries to read it again
        raise our_defect(recording, error) from None


def _artifacts(store: Warehouse, key: str, call_id: str) -> tuple[Recording, Listening]:
    recording = store.artifacts.load_source(key)
    listening = store.artifacts.load_listening(key)
    if recording is None or listening is None:
        raise WarehouseDamaged(
            f"{call_id}: its artifacts are gone, so it can't be read again. Run: nightcall run"
        )
    return recording, listening


def _published(store: Warehouse, key: str) -> dict[str, Who]:
    """Who is who in the tables."""
    with store.reading():
        rows = (
            store.participants.filter(pl.col("source_key") == key)
            .select("speaker", "role", "name")
            .collect()
        )
    return {speaker: Who(Role(role), name) for speaker, role, name in rows.iter_rows()}

"""Which calls in the tables read otherwise than they would be read now. No recording is looked at.

A call is due when what its rows were made from (`flows.made_from`) is not what they would be made
from today: other code, playbook, messaging, model or settings, other facts, another earlier call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from calls.call import Recording, Status
from calls.errors import WarehouseDamaged
from calls.settings import Settings
from flows.discovery.plan import PlannedCall
from flows.earlier_calls import EarlierIndex, PlacedCall, groups_in, placed_landed
from flows.made_from import heard_before, joined, own_fingerprint
from flows.one_call import keys_of
from models.wanted import heard_from
from warehouse.corrections import load_corrections
from warehouse.landed import Landed
from warehouse.rows import call_date
from warehouse.store import Warehouse

_GONE = "its artifacts are gone, so it can't be read again. Run: nightcall run"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which calls are asked for: these ids, and first and last call date. Empty asks for all.

    `up_to_date_too` has those read as well that read as they would now.
    """

    call_ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    up_to_date_too: bool = False


@dataclass(slots=True)
class Due:
    """What is to be done about the calls asked for.

    `calls` are to be read and published. Of them, `ready` have been read as they should by a run
    that was cut off, and only wait to be published; `stale` were heard by older code or from other
    files, and are due to be heard again. `unreadable` says why a call can't be read. The last three
    go by source key.
    """

    asked_count: int = 0
    up_to_date_count: int = 0
    calls: list[PlannedCall] = field(default_factory=list)
    ready: set[str] = field(default_factory=set)
    stale: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)


def find_due(
    store: Warehouse, settings: Settings, base: str, landed: Mapping[str, Landed], asked: Asked
) -> Due:
    """What is to be done about the calls asked for.

    Args:
        store: the warehouse.
        settings: the run's settings.
        base: fingerprint of code, playbook and settings (`flows.versions.reading_base`).
        landed: what the tables hold.
        asked: which calls.

    Raises:
        UsageError: one of the ids is no call's.
    """
    keys = keys_of(store, landed, asked.call_ids) if asked.call_ids else list(landed)
    keys = [key for key in keys if _is_between(landed[key], asked, store.time_zone)]
    return _Weighing(store, settings, base, landed, asked).due(keys)


def _is_between(one: Landed, asked: Asked, time_zone: str) -> bool:
    if one.started_at is None:  # tables so old that they don't say
        return True
    day = call_date(one.started_at, time_zone)
    return (asked.since or day) <= day <= (asked.until or day)


@dataclass(frozen=True, slots=True)
class _Known:
    """A call as it is on record, and what names its own part of `made_from`."""

    recording: Recording
    own: str


class _Weighing:
    """Finds out what each call needs."""

    def __init__(
        self,
        store: Warehouse,
        settings: Settings,
        base: str,
        landed: Mapping[str, Landed],
        asked: Asked,
    ) -> None:
        self._artifacts = store.artifacts
        self._speech = settings.speech
        self._base = base
        self._landed = landed
        self._all = asked.up_to_date_too
        self._due = Due()

    def due(self, keys: list[str]) -> Due:
        """What the calls of those source keys need."""
        self._due.asked_count = len(keys)
        known = {key: one for key in keys if (one := self._known(key)) is not None}
        index = EarlierIndex(self._placed(known).values())
        for key, one in known.items():
            recording = one.recording
            earlier = index.before(key, groups_in(recording.metadata), recording.started_at)
            made_from = joined(self._base, one.own, earlier)
            self._weigh(PlannedCall(recording, made_from, archived=True, earlier=earlier))
        return self._due

    def _known(self, key: str) -> _Known | None:
        """What is on record of a call; None if that can't be read, which is then said."""
        try:
            recording = self._artifacts.load_source(key)
            corrections = load_corrections(self._artifacts, key)
        except WarehouseDamaged as error:
            self._due.unreadable[key] = str(error)
            return None
        if recording is None:
            self._due.unreadable[key] = _GONE
            return None
        return _Known(recording, own_fingerprint(recording, corrections))

    def _placed(self, known: Mapping[str, _Known]) -> dict[str, PlacedCall]:
        """All calls with words in time: as on record if asked for, the others as in the tables."""
        placed = placed_landed(self._landed)
        for key, one in known.items():
            placed.pop(key, None)
            groups = groups_in(one.recording.metadata)
            if groups and self._landed[key].status != Status.NO_SPEECH:
                placed[key] = PlacedCall(key, one.own, one.recording.started_at, groups)
        return placed

    def _weigh(self, planned: PlannedCall) -> None:
        key = planned.recording.key
        marked = self._landed[key].made_from
        if marked == planned.made_from and not self._all:
            self._due.up_to_date_count += 1
            return
        try:
            heard = self._artifacts.heard_from(key)
        except WarehouseDamaged as error:
            self._due.unreadable[key] = str(error)
            return
        if heard is None:
            self._due.unreadable[key] = _GONE
            return
        is_stale = heard != heard_from(planned.recording, self._speech)
        if is_stale:
            planned = replace(planned, made_from=heard_before(planned.made_from))
            if marked == planned.made_from and not self._all:
                self._due.up_to_date_count += 1
                return
            self._due.stale.add(key)
        if not self._all and self._is_read(planned):
            self._due.ready.add(key)
        self._due.calls.append(planned)

    def _is_read(self, planned: PlannedCall) -> bool:
        """True when the call's rows are there as they should be, and only the tables lack them."""
        try:
            header = self._artifacts.reading_header(planned.recording.key)
        except WarehouseDamaged:
            return False  # reading the call says what is wrong
        return header is not None and header.made_from == planned.made_from

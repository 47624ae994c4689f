"""Which earlier calls each call of tonight knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from calls.call import Recording, Status
from flows.discovery.identity import IdentifiedCall
from flows.earlier_calls import EarlierIndex, Mark, PlacedCall, groups_in, placed_landed
from warehouse.landed import Landed


class Placing:
    """Places all calls in time, those in the tables and those found tonight.

    Args:
        calls: the calls found tonight.
        landed: what the tables hold.
        own: names what a call's words and roles depend on (`flows.made_from.own_fingerprint`).
        recording: a call with its start; that may open its files.
        may_land: False for a call that is known not to be heard tonight: nobody waits for it.
    """

    def __init__(
        self,
        calls: Iterable[IdentifiedCall],
        landed: Mapping[str, Landed],
        *,
        own: Callable[[IdentifiedCall | Recording], str],
        recording: Callable[[IdentifiedCall], Recording],
        may_land: Callable[[IdentifiedCall], bool],
    ) -> None:
        self._landed = landed
        self._recording = recording
        self._may_land = may_land
        placed = placed_landed(landed)
        for call in calls:
            for key in (call.key, *call.retires):
                placed.pop(key, None)
            groups = groups_in(call.metadata)
            if groups and self._may_have_words(call):
                placed[call.key] = PlacedCall(call.key, own(call), self._began(call), groups)
        self._index = EarlierIndex(placed.values())

    def earlier(self, call: IdentifiedCall | Recording) -> tuple[Mark, ...]:
        """The marks of the calls before that one with the same customer, oldest first."""
        groups = groups_in(call.metadata)
        return self._index.before(call.key, groups, self._began(call)) if groups else ()

    def _may_have_words(self, call: IdentifiedCall) -> bool:
        before = self._landed.get(call.key)
        if before is not None:
            return before.status != Status.NO_SPEECH
        return self._may_land(call)

    def _began(self, call: IdentifiedCall | Recording) -> datetime:
        """When a call began, without opening its files where that is on record."""
        if isinstance(call, Recording):
            return call.started_at
        if call.metadata.started_at is not None:
            return call.metadata.started_at
        before = self._landed.get(call.key)
        if before is not None and before.started_at is not None:
            return before.started_at
        return self._recording(call).started_at

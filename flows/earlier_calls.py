"""Which calls came before one with the same customer, and what was said in them.

A call knows the calls of its opportunity that began earlier; without an opportunity, those of its
account. Planning finds them in one index over all calls, without opening any of them; reading loads
the few it needs.

In one night several calls of an opportunity may arrive. They are worked on in order of time, and a
call is read from the words of the earlier ones, not from their readings, so the later one knows the
earlier one the same night. If an earlier one could not be heard before the later one was read, the
later one is marked as read without it (`WITHOUT_EARLIER`), and the next night reads it again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from calls.call import AttributedCall, Recording, Status
from calls.earlier import EarlierCall, EarlierTurn
from calls.errors import WarehouseDamaged
from calls.metadata import CallMetadata
from calls.settings import AttributionSettings
from models.attribution import attribute
from warehouse.artifacts import ArtifactStore
from warehouse.corrections import load_corrections
from warehouse.landed import Landed

MOST_CALLS = 5
"""What was said more than five calls ago nobody need remember."""

MOST_TURNS = 400
"""Of each earlier call, from its start: more than an hour of talk."""

WITHOUT_EARLIER = "without-earlier"
"""Ends `made_from` of a call that was read before an earlier one had been heard."""

# Calls kept in memory, because the calls of one opportunity are read one after the other.
_KEPT = 128

Group = tuple[str, str]
"""An opportunity or an account."""

Mark = tuple[str, str]
"""Source key of an earlier call, and a fingerprint of all that its words and roles depend on."""


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call in time: what the index needs of it."""

    key: str
    own: str
    started_at: datetime
    groups: tuple[Group, ...]

    @property
    def mark(self) -> Mark:
        """What a later call's reading depends on."""
        return self.key, self.own


def groups_of(opportunity_id: str | None, account: str | None) -> tuple[Group, ...]:
    """What a call belongs to, the narrowest first."""
    found = []
    if opportunity_id:
        found.append(("opportunity", opportunity_id))
    if account:
        found.append(("account", account))
    return tuple(found)


def groups_in(metadata: CallMetadata) -> tuple[Group, ...]:
    """As `groups_of`, for a sidecar."""
    return groups_of(metadata.opportunity_id, metadata.account)


class EarlierIndex:
    """All calls by what they belong to, in order of time."""

    def __init__(self, calls: Iterable[PlacedCall]) -> None:
        self._calls: dict[Group, list[PlacedCall]] = {}
        for call in calls:
            for group in call.groups:
                self._calls.setdefault(group, []).append(call)
        for same in self._calls.values():
            same.sort(key=_in_time)

    def before(self, key: str, groups: tuple[Group, ...], started_at: datetime) -> tuple[Mark, ...]:
        """The marks of the last calls before that one with the same customer, oldest first."""
        if not groups:
            return ()
        same = self._calls.get(groups[0], [])
        end = bisect_left(same, (started_at, key), key=_in_time)
        return tuple(one.mark for one in same[max(0, end - MOST_CALLS) : end] if one.key != key)


def _in_time(call: PlacedCall) -> tuple[datetime, str]:
    # Calls that begin at once are told apart by their keys, so that each pair has one order.
    return call.started_at, call.key


def placed_landed(landed: Mapping[str, Landed]) -> dict[str, PlacedCall]:
    """The calls in the tables, by source key, as far as they belong to anything and have words."""
    return {
        key: PlacedCall(key, own_part(one.made_from), one.started_at, groups)
        for key, one in landed.items()
        if one.started_at is not None
        and one.status != Status.NO_SPEECH
        and (groups := groups_of(one.opportunity_id, one.account))
    }


def marks_before(landed: Mapping[str, Landed], recording: Recording) -> tuple[Mark, ...]:
    """The marks of the calls in the tables that came before a call."""
    index = EarlierIndex(placed_landed(landed).values())
    return index.before(recording.key, groups_in(recording.metadata), recording.started_at)


def as_read(made_from: str, *, is_complete: bool) -> str:
    """What a reading is marked with: one without an earlier call must not pass for up to date."""
    return made_from if is_complete else f"{made_from}.{WITHOUT_EARLIER}"


def own_part(made_from: str) -> str:
    """The part of `made_from` that names a call's own files, facts and corrections."""
    parts = made_from.split(".")
    return parts[1] if len(parts) > 1 else made_from


class EarlierCalls:
    """Loads what was said in earlier calls. One per process; the last few are kept.

    Args:
        artifacts: where the words lie.
        settings: how words become turns.
    """

    def __init__(self, artifacts: ArtifactStore, settings: AttributionSettings) -> None:
        self._artifacts = artifacts
        self._settings = settings
        self._kept: OrderedDict[Mark, EarlierCall] = OrderedDict()

    def load(self, marks: Iterable[Mark]) -> tuple[tuple[EarlierCall, ...], bool]:
        """The calls of those marks in order, and whether all of them could be had."""
        wanted = [tuple(one) for one in marks]
        found = [one for key, own in wanted if (one := self._call((key, own))) is not None]
        return tuple(found), len(found) == len(wanted)

    def _call(self, mark: Mark) -> EarlierCall | None:
        if mark in self._kept:
            self._kept.move_to_end(mark)
            return self._kept[mark]
        try:
            call = self._attributed(mark[0])
        except WarehouseDamaged:
            return None  # the call's own night says what is wrong with it
        if call is None:
            return None
        earlier = _shortened(call)
        self._kept[mark] = earlier
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return earlier

    def _attributed(self, key: str) -> AttributedCall | None:
        recording = self._artifacts.load_source(key)
        listening = self._artifacts.load_listening(key)
        if recording is None or listening is None:
            return None
        corrections = load_corrections(self._artifacts, key)
        return attribute(recording, listening, self._settings, corrections)


def with_earlier(call: AttributedCall, earlier: tuple[EarlierCall, ...]) -> AttributedCall:
    """The call, knowing those before it."""
    return replace(call, earlier=earlier) if earlier else call


def _shortened(call: AttributedCall) -> EarlierCall:
    return EarlierCall(
        call_id=call.recording.call_id,
        started_at=call.recording.started_at,
        turns=tuple(
            EarlierTurn(turn.role, turn.start_s, turn.text) for turn in call.turns[:MOST_TURNS]
        ),
    )

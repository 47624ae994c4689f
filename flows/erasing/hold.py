"""Holding calls back from erasure, and letting them go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from calls.errors import UsageError
from calls.settings import Settings
from flows.one_call import alike
from warehouse.erasure.known import KnownCalls
from warehouse.holds import Hold, add_hold, held_calls, hold_on, release
from warehouse.store import Warehouse, open_warehouse


def hold_calls(
    settings: Settings, call_ids: Sequence[str], *, reason: str, by: str | None
) -> list[str]:
    """The ids of the calls that are held now; those that were held before keep their first hold.

    Raises:
        UsageError: a call is unknown, or nothing but its name is known.
        WarehouseBusy: a night or an erasure is at work.
    """
    store = open_warehouse(settings.warehouse)
    with store.night_lock():
        keys = _keys(store, call_ids)
        hold = Hold(reason, by, datetime.now(UTC))
        new = [call_id for call_id, key in keys.items() if hold_on(store.artifacts, key) is None]
        for call_id in new:
            add_hold(store.artifacts, keys[call_id], hold)
    return new


def release_calls(settings: Settings, call_ids: Sequence[str], *, by: str | None) -> list[str]:
    """The ids of the calls that were held and are no more.

    Raises:
        UsageError: a call is unknown.
        WarehouseBusy: a night or an erasure is at work.
    """
    store = open_warehouse(settings.warehouse)
    with store.night_lock():
        keys = _keys(store, call_ids)
        now = datetime.now(UTC)
        return [
            call_id for call_id, key in keys.items() if release(store.artifacts, key, by=by, at=now)
        ]


def list_holds(settings: Settings) -> list[tuple[str, Hold]]:
    """Every call that is held, by id, the longest held first."""
    store = open_warehouse(settings.warehouse)
    known = KnownCalls(store)
    held = [(known.id_of(key), hold) for key, hold in held_calls(store.artifacts)]
    return sorted(held, key=lambda one: (one[1].since, one[0]))


def _keys(store: Warehouse, call_ids: Sequence[str]) -> dict[str, str]:
    """The source key of each call."""
    known = KnownCalls(store)
    found = {}
    for call_id in dict.fromkeys(call_ids):
        targets = known.targets([call_id])
        if not targets:
            raise UsageError(f"No call {call_id!r} in {store.path}. {alike(call_id, known.ids())}")
        if targets[0].key is None or not store.artifacts.folder(targets[0].key).is_dir():
            raise UsageError(
                f"{call_id!r} lies in quarantine and was never read, so there is nothing to hold. "
                "Hold it once it has landed."
            )
        found[call_id] = targets[0].key
    return found

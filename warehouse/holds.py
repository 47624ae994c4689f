"""Calls that must not be erased for now, and why: a small JSON file beside a call's artifacts.

It is only ever added to: a hold that was released stays on record. It goes when the call is erased
despite it, with everything else about the call.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from calls.errors import WarehouseDamaged
from warehouse.artifacts import ArtifactStore
from warehouse.files import to_json, write_whole
from warehouse.layout import unfinished

HOLDS = "holds.json"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold on one call."""

    reason: str
    by: str | None
    since: datetime
    released_by: str | None = None
    released_at: datetime | None = None


def hold_on(store: ArtifactStore, key: str) -> Hold | None:
    """The hold on that call; None where there is none, or it was released.

    Raises:
        WarehouseDamaged: the file is not what was written.
    """
    holds = _load(store, key)
    return holds[-1] if holds and holds[-1].released_at is None else None


def add_hold(store: ArtifactStore, key: str, hold: Hold) -> None:
    """Returns when the call is held. Only call it with the night's lock."""
    _save(store, key, [*_load(store, key), hold])


def release(store: ArtifactStore, key: str, *, by: str | None, at: datetime) -> bool:
    """True when the call was held; now it is not. Only call it with the night's lock."""
    if hold_on(store, key) is None:
        return False
    *before, last = _load(store, key)
    _save(store, key, [*before, replace(last, released_by=by, released_at=at)])
    return True


def held_calls(store: ArtifactStore) -> Iterator[tuple[str, Hold]]:
    """The source keys of all calls that are held, with the hold."""
    for key in store.known_keys():
        hold = hold_on(store, key)
        if hold is not None:
            yield key, hold


def _load(store: ArtifactStore, key: str) -> list[Hold]:
    try:
        data = (store.folder(key) / HOLDS).read_bytes()
    except FileNotFoundError:
        return []
    try:
        return [_hold(one) for one in json.loads(data)["holds"]]
    except Exception as error:  # whatever it trips over, a file that can't be read is damaged
        raise WarehouseDamaged(
            f"artifact {key[:12]}…/{HOLDS}: can't be read ({type(error).__name__}), so nobody can "
            "tell whether the call may be erased. Remove the file, then say again what it said: "
            "nightcall hold"
        ) from error


def _save(store: ArtifactStore, key: str, holds: list[Hold]) -> None:
    facts = {"holds": [asdict(one) for one in holds]}
    path = store.folder(key) / HOLDS
    write_whole(path, to_json(facts, indent=1), staging=unfinished(store.root))


def _hold(facts: dict[str, Any]) -> Hold:
    times = {
        name: datetime.fromisoformat(facts[name]) if facts[name] else None
        for name in ("since", "released_at")
    }
    return Hold(**{**facts, **times})

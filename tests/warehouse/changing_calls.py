"""Calls that change again and again, and what must be true of them in every table at any time.

How many turns and moments a call has follows from its revision, so that a reader can tell a torn or
doubled call from a whole one without knowing what is being written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.warehouse.builders import rows_of
from warehouse import CallRows, Warehouse

STAYING = tuple(f"stays-{n}" for n in range(4))
MOVING = tuple(f"moves-{n}" for n in range(3))
NAMES = (*STAYING, *MOVING)
TABLES = ("turns", "moments", "calls")

Seen = tuple[str, int, date, int]
"""What a table holds of a call: its id, revision and date, and how many rows."""


def rows_at(name: str, revision: int) -> CallRows:
    """The rows of that call in that revision; a moving call is on another date in each."""
    days = revision % 3 if name in MOVING else NAMES.index(name) % 3
    return rows_of(
        name, revision=revision, days=days, count=turns_at(revision), moments=moments_at(revision)
    )


def turns_at(revision: int) -> int:
    return 12 + revision % 7


def moments_at(revision: int) -> int:
    return revision % 4


def faults(table: str, seen: Iterable[Seen], before: dict[str, int]) -> list[str]:
    """What no reader of that one table may ever see, in words.

    Args:
        table: one of `TABLES`.
        seen: what a reader saw.
        before: the revisions the same reader saw before; brought up to date.
    """
    expected = {"turns": turns_at, "moments": moments_at, "calls": lambda _: 1}[table]
    found: list[str] = []
    revisions: dict[str, int] = {}
    for call_id, revision, day, count in seen:
        if call_id in revisions:
            found.append(f"{table}: {call_id} twice, {day} the second time")
        if count != expected(revision):
            found.append(f"{table}: {call_id} revision {revision} has {count} rows")
        if revision < before.get(call_id, 0):
            found.append(f"{table}: {call_id} is back at revision {revision}")
        revisions[call_id] = revision
    if table != "moments":  # some revisions have none
        found += [f"{table}: {name} is gone" for name in STAYING if name not in revisions]
    before.update(revisions)
    return found


def seen_by_nightcall(store: Warehouse, table: str) -> list[Seen]:
    columns = ("call_id", "revision", "call_date")
    return store.table(table).select(columns).group_by(columns).len().collect().rows()


def disagreements(seen: dict[str, list[Seen]]) -> list[str]:
    """Which calls differ between tables that were read as one state."""
    versions = {name: {(one[0], one[1], one[2]) for one in rows} for name, rows in seen.items()}
    with_moments = {one for one in versions["calls"] if moments_at(one[1])}
    found = []
    if versions["turns"] != versions["calls"]:
        found.append(f"turns and calls differ: {sorted(versions['turns'] ^ versions['calls'])}")
    if versions["moments"] != with_moments:
        found.append(f"moments and calls differ: {sorted(versions['moments'] ^ with_moments)}")
    if {one[0] for one in versions["calls"]} != set(NAMES):
        found.append(f"calls: only {sorted(one[0] for one in versions['calls'])}")
    return found

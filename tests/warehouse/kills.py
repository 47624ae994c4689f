"""Kills writers at random, with readers all the while, and says what came of it."""

from __future__ import annotations

import json
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.warehouse import readers
from tests.warehouse.changing_calls import (
    NAMES,
    TABLES,
    disagreements,
    faults,
    rows_at,
    seen_by_nightcall,
)
from warehouse import Warehouse

LONGEST_S = 0.4
MOST_STEPS = 150
"""Reading and publishing all calls takes about 120 steps that change the disk."""


@dataclass(slots=True)
class Kills:
    """What came of it.

    `wrong` says what was lost, doubled or torn, in words. `unfinished`, `half_written` and
    `half_swapped` count the kills that left an artifact, table files, or a publication under way;
    `left` names all such files.
    """

    count: int = 0
    publications: int = 0
    unfinished: int = 0
    half_written: int = 0
    half_swapped: int = 0
    wrong: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    readers: dict[str, dict[str, Any]] = field(default_factory=dict)


def prepared(folder: Path) -> Warehouse:
    """A warehouse with every call in it."""
    store = Warehouse.create(folder)
    for name in NAMES:
        store.artifacts.save_reading(rows_at(name, 1))
    assert not store.publish(all_keys()).refused
    return store


def all_keys() -> list[str]:
    return [rows_at(name, 1).source_key for name in NAMES]


def kill_writers(store: Warehouse, count: int, *, seed: int, quick_disk: bool) -> Kills:
    """What came of killing so many writers: half after a random time, half at a random step.

    Args:
        store: a prepared warehouse.
        count: how many.
        seed: of the random times and steps.
        quick_disk: True has writers not wait for the disk.
    """
    draw = random.Random(seed)
    came = Kills()
    before: dict[str, dict[str, int]] = {name: {} for name in TABLES}
    with (
        readers.reading_all_the_while(store.path) as came.readers,
        readers.start("write_until_killed", *(["quick"] if quick_disk else [])) as writer,
    ):
        assert writer.stdin is not None
        assert writer.stdout is not None
        for number in range(count):
            step = draw.randint(1, MOST_STEPS) if number % 2 else 0
            order = (str(store.path), draw.randrange(2**32), draw.uniform(0, LONGEST_S), step)
            writer.stdin.write(json.dumps(order) + "\n")
            answer = json.loads(writer.stdout.readline())
            if answer["code"] != -signal.SIGKILL:
                raise AssertionError(f"a writer ended by itself: {answer['code']}")
            came.publications += answer["publications"]
            _look_at_what_is_left(store, came)
            if draw.random() < 0.5:  # else the next writer has to put things right
                store.recover()
                came.wrong += _leftovers(store)
            _look_at_the_tables(store, answer["published"], before, came)
        writer.communicate()
    return came


def _look_at_what_is_left(store: Warehouse, came: Kills) -> None:
    came.count += 1
    artifacts = {one.name for one in (store.path / "work" / "unfinished").glob("*")}
    table_files = {one.name for one in (store.path / "state" / "publishing").glob("*")}
    came.unfinished += not artifacts <= came.left
    came.half_written += not table_files <= came.left
    came.left |= artifacts | table_files
    came.half_swapped += (store.path / "state" / "publishing.json").exists()


def _leftovers(store: Warehouse) -> list[str]:
    left = [*(store.path / "state").glob("publishing*/*"), *store.path.glob("state/*.json")]
    return [f"left: {one.name}" for one in left if one.name != "warehouse.json"]


def _look_at_the_tables(
    store: Warehouse, published: dict[str, int], before: dict[str, dict[str, int]], came: Kills
) -> None:
    with store.reading():
        seen = {name: seen_by_nightcall(store, name) for name in TABLES}
    for name, rows in seen.items():
        came.wrong += faults(name, rows, before[name])
    came.wrong += disagreements(seen)
    there = {call_id: revision for call_id, revision, _, _ in seen["calls"]}
    came.wrong += [
        f"lost: {name} was published in revision {revision}, now it is in {there.get(name)}"
        for name, revision in published.items()
        if there.get(name, 0) < revision
    ]

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse import readers
from tests.warehouse.changing_calls import NAMES, TABLES, seen_by_nightcall
from tests.warehouse.kills import all_keys, prepared
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import Warehouse

SECONDS = 4.0
"""How long the two publish."""


@dataclass(frozen=True)
class Written:
    """What two writers did, and what was seen meanwhile."""

    store: Warehouse
    times: list[int]
    readers: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    store = prepared(tmp_path_factory.mktemp("two") / "warehouse")
    with (
        readers.reading_all_the_while(store.path) as seen,
        readers.start("publish_in_turns", str(store.path), "first") as first,
        readers.start("publish_in_turns", str(store.path), "second") as second,
    ):
        for one in (first, second):
            assert one.stdout is not None
            assert one.stdout.readline() == "publishing\n"
        time.sleep(SECONDS)
        times = [int(one.communicate()[0]) for one in (first, second)]
        assert [one.returncode for one in (first, second)] == [0, 0]
    return Written(store, times, seen)


def test_both_writers_published_again_and_again(written: Written) -> None:
    assert min(written.times) > 1


@pytest.mark.parametrize("kind", readers.KINDS)
def test_no_reader_saw_a_call_lost_doubled_or_torn(written: Written, kind: str) -> None:
    assert written.readers[kind]["wrong"] == []
    assert written.readers[kind]["reads"] > written.readers[kind]["straddled"]


def test_every_call_is_in_the_tables_as_it_was_read_last(written: Written) -> None:
    store = written.store
    headers = [store.artifacts.reading_header(key) for key in all_keys()]
    latest = {(one.call_id, one.revision) for one in headers if one is not None}
    assert {call_id for call_id, _ in latest} == set(NAMES)
    for name in TABLES:
        seen = {(call_id, revision) for call_id, revision, _, _ in seen_by_nightcall(store, name)}
        assert seen <= latest, name
    assert {one[:2] for one in seen_by_nightcall(store, "calls")} == latest


def test_the_tables_are_those_of_a_rebuild(written: Written) -> None:
    before, lying = state(written.store), files(written.store)
    assert written.store.rebuild().files == 0
    assert files(written.store) == lying
    assert_same(state(written.store), before)


def test_a_second_run_is_refused_and_says_who_is_at_work(written: Written) -> None:
    with written.store.night_lock():
        second = subprocess.run(
            [
                *(sys.executable, "-m", "flows.cli", "swap", "stays-0"),
                *("--warehouse", str(written.store.path)),
            ],
            cwd=Path(__file__).parents[2],
            env=readers.ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert f"Another run holds this warehouse: process {os.getpid()} on " in second.stderr
    assert "Wait until it ends" in second.stderr

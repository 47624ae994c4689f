from __future__ import annotations

import pytest

from tests.warehouse.kills import Kills, all_keys, kill_writers, prepared
from tests.warehouse.readers import KINDS
from warehouse import Warehouse

KILLS = 54


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return prepared(tmp_path_factory.mktemp("killed") / "warehouse")


@pytest.fixture(scope="module")
def came(store: Warehouse) -> Kills:
    """What came of killing writers while others read."""
    return kill_writers(store, KILLS, seed=5, quick_disk=True)


def test_nothing_is_lost_doubled_or_torn_whenever_a_writer_is_killed(came: Kills) -> None:
    assert came.wrong == []
    assert came.count == KILLS
    assert came.publications > 0


def test_writers_were_killed_in_every_part_of_their_work(came: Kills) -> None:
    assert came.unfinished > 0
    assert came.half_written > 0
    assert came.half_swapped > 0


@pytest.mark.parametrize("kind", KINDS)
def test_no_reader_saw_anything_wrong(came: Kills, kind: str) -> None:
    saw = came.readers[kind]
    assert saw["wrong"] == []
    assert saw["reads"] > saw["straddled"]


def test_the_next_run_leaves_no_trace_of_the_kills(came: Kills, store: Warehouse) -> None:
    with store.night_lock():
        store.publish(all_keys())
    assert [path for path in store.path.rglob("*") if path.name.endswith(".tmp")] == []
    assert not (store.path / "state" / "publishing.json").exists()
    assert store.rebuild().files == 0, "the tables are not what the artifacts say"

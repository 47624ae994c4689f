from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from tests.dying import Dying
from tests.warehouse.builders import key_of, land, rows_of
from warehouse import Warehouse, open_warehouse
from warehouse.schemas import CALL_TABLES

CHANGED = [key_of("a"), key_of("b"), key_of("d"), key_of("e")]
RETIRED = [key_of("c")]


def prepared(folder: Path) -> Warehouse:
    """Four calls published, then: two change places, one changes, one is to retire, one is new."""
    store = Warehouse.create(folder)
    land(store, rows_of("a"), rows_of("b"), rows_of("c", days=1), rows_of("e", days=1))
    store.artifacts.save_reading(rows_of("a", revision=2, days=1))
    store.artifacts.save_reading(rows_of("b", revision=2, count=20))
    store.artifacts.save_reading(rows_of("d", days=2))
    store.artifacts.save_reading(rows_of("e", revision=2))
    return store


def what_is_there(store: Warehouse) -> dict[str, list[tuple[str, int]]]:
    versions = ("call_id", "revision")
    return {
        name: sorted(set(store.table(name).select(versions).collect().rows()))
        for name in CALL_TABLES
    }


def assert_no_call_twice(store: Warehouse) -> None:
    for name, spec in CALL_TABLES.items():
        keys = store.table(name).select(spec.key).collect()
        assert keys.is_unique().all(), name


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Warehouses whose publisher was killed, at points spread over a whole publication."""
    base = tmp_path_factory.mktemp("killed")
    prepared(base / "template")

    def copy(name: str) -> Path:
        return Path(shutil.copytree(base / "template", base / name))

    with Dying("tests.warehouse.publish_and_die") as publisher:
        code, steps = publisher.order(str(copy("whole")), 0, CHANGED, RETIRED)
        assert code == 0
        assert steps > 40
        points = [steps * n // 13 for n in range(1, 13)]
        folders = {point: copy(f"killed-{point}") for point in points}
        for point, folder in folders.items():
            end = publisher.order(str(folder), point, CHANGED, RETIRED)
            assert end == (-signal.SIGKILL, 0)
    return list(folders.values())


def test_a_killed_publisher_leaves_old_or_new_and_the_next_one_finishes(
    killed: list[Path], tmp_path: Path
) -> None:
    store = prepared(tmp_path / "sound")
    old = what_is_there(store)
    store.publish(CHANGED, RETIRED)
    new = what_is_there(store)
    assert old != new
    ended = []
    for folder in killed:
        left = open_warehouse(folder)
        assert_no_call_twice(left)
        copy = Path(shutil.copytree(folder, tmp_path / folder.name))
        with open_warehouse(copy).reading() as read:
            assert what_is_there(read) in (old, new), "a reader must not need a run to come first"
        had_begun = (folder / "state" / "publishing.json").exists()
        assert left.recover() == had_begun
        assert_no_call_twice(left)
        found = what_is_there(left)
        # Past the journal everything is finished, before it nothing has happened.
        assert found in (old, new)
        ended.append(found == new)
        assert list((folder / "state" / "publishing").iterdir()) == []
        assert not (folder / "state" / "publishing.json").exists()
        left.publish(CHANGED, RETIRED)
        assert what_is_there(left) == new
    assert set(ended) == {False, True}, "the kills must fall on both sides of the journal"


def test_only_part_files_lie_below_tables_after_a_kill(killed: list[Path]) -> None:
    for folder in killed:
        for path in (folder / "tables").rglob("*"):
            assert path.is_dir() or path.name == "part-0.parquet"

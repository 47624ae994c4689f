from __future__ import annotations

import pytest

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import (
    START,
    evaluation_row,
    key_of,
    land,
    night_row,
    recording_row,
    rows_of,
)
from tests.warehouse.newer import newer_nightcall, without_column
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import Warehouse
from warehouse.schemas import CALL_TABLES

DAY = START.date()


def test_a_rebuild_equals_what_was_published_bit_by_bit(store: Warehouse) -> None:
    land(store, *(rows_of(name, days=n % 3) for n, name in enumerate("abcdef")))
    land(store, rows_of("a", revision=2, days=2), rows_of("b", revision=2, count=3))
    store.publish([], [key_of("c")])
    store.ledger.append([recording_row("a.wav"), recording_row("b.wav")])
    store.ledger.end(night_row())
    store.publish_nights()
    store.evaluation_record.add([evaluation_row()])
    store.publish_evaluations()
    before, names = state(store), set(files(store))
    assert store.rebuild().files == 0
    for path in sorted((store.path / "tables").rglob("part-0.parquet")):
        path.unlink()
    done = store.rebuild()
    assert done.calls == 5
    assert_same(state(store), before)
    assert set(files(store)) == names


def test_a_rebuild_replaces_what_is_damaged(store: Warehouse) -> None:
    land(store, rows_of("a"))
    before = state(store)
    path = store.path / "tables" / "turns" / f"call_date={DAY}" / "part-0.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(WarehouseDamaged, match=rf"tables/turns/call_date={DAY}/part-0.parquet: "):
        store.publish([key_of("a")])
    assert store.rebuild().files == 1
    assert_same(state(store), before)


@pytest.mark.parametrize("what", ["cut off", "of other columns"])
def test_a_rebuild_that_would_lose_a_call_changes_nothing(store: Warehouse, what: str) -> None:
    land(store, rows_of("a"), rows_of("b"))
    before = files(store)
    tables = {}
    if what == "cut off":
        path = store.artifacts.folder(key_of("a")) / "reading.arrow"
        path.write_bytes(path.read_bytes()[:-100])
    else:
        tables["turns"] = without_column(CALL_TABLES["turns"], "doubt")
    with (
        newer_nightcall(tables),
        pytest.raises(WarehouseDamaged, match=r"calls can't be published.*No table was changed"),
    ):
        store.rebuild()
    assert files(store) == before


def test_a_rebuild_after_a_damaged_reading_was_removed_leaves_the_call_out(
    store: Warehouse,
) -> None:
    land(store, rows_of("a"), rows_of("b"), rows_of("c", days=1))
    for name in ("a", "c"):
        (store.artifacts.folder(key_of(name)) / "reading.arrow").unlink()
    assert store.rebuild().calls == 1
    assert store.calls.collect()["call_id"].to_list() == ["b"]
    assert store.turns.collect()["call_id"].unique().to_list() == ["b"]


def test_a_rebuild_needs_no_file_of_the_tables_to_be_sound(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b", days=1))
    before = state(store)
    for name in ("turns", "calls"):
        for path in (store.path / "tables" / name).rglob("*.parquet"):
            path.write_bytes(b"no parquet")
    with store.night_lock(as_is=True):
        store.rebuild()
    assert_same(state(store), before)


@pytest.mark.parametrize("holder", ["a", "b"])
def test_a_rebuild_lets_a_call_keep_its_id(store: Warehouse, holder: str) -> None:
    other = {"a": "b", "b": "a"}[holder]
    land(store, rows_of(holder, facts={"call_id": "C-1"}))
    store.artifacts.save_reading(rows_of(other, days=1, facts={"call_id": "C-1"}))
    assert store.publish([key_of(other)]).refused.keys() == {key_of(other)}
    before = state(store)
    done = store.rebuild()
    assert (done.calls, done.files) == (1, 0)
    assert done.refused.keys() == {key_of(other)}
    assert_same(state(store), before)
    for path in (store.path / "tables" / "calls").rglob("*.parquet"):
        path.write_bytes(b"no parquet")
    assert store.rebuild().calls == 1
    assert store.calls.collect()["call_id"].to_list() == ["C-1"]

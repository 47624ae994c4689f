from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date

import pytest

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import coaching_row, erasure_row, land, review_row, rows_of
from warehouse import Warehouse, layout
from warehouse.files import locked
from warehouse.schemas import ENTRY_TABLES, CoachingRow, ReviewRow, Row

ROWS: dict[str, Row] = {
    "reviews": review_row(),
    "coaching": coaching_row(coached_on=date(2026, 2, 28)),
    "erasures": erasure_row(reason=None),
}

each_table = pytest.mark.parametrize("name", ENTRY_TABLES)


@each_table
def test_entries_come_back_as_they_were_made(store: Warehouse, name: str) -> None:
    store.entries(name).add([ROWS[name]])
    assert store.entries(name).rows() == (ROWS[name],)


@each_table
def test_a_rebuild_brings_entries_back(store: Warehouse, name: str) -> None:
    store.entries(name).add([ROWS[name]])
    assert store.publish_entries() == 1
    assert store.publish_entries() == 0
    frame = store.table(name).collect()
    (store.path / "tables" / name / "part-0.parquet").unlink()
    store.rebuild()
    assert store.table(name).collect().equals(frame)
    assert frame.height == 1


def test_what_came_while_a_publication_waited_is_in_the_table_too(store: Warehouse) -> None:
    waiting = threading.Thread(target=store.publish_entries)
    with locked(layout.publish_lock(store.path)):
        waiting.start()
        time.sleep(0.3)  # until it waits for the lock; if it does not yet, the test is only easier
        store.entries("reviews").add([review_row()])
    waiting.join()
    assert store.reviews.collect().height == 1


def test_every_entry_table_is_one_file(store: Warehouse) -> None:
    land(store, rows_of("a"))
    for name in ENTRY_TABLES:
        files = list((store.path / "tables" / name).rglob("*"))
        assert [file.name for file in files] == ["part-0.parquet"], name


def test_an_entry_is_made_once(store: Warehouse) -> None:
    reviews = store.entries("reviews")
    reviews.add([review_row("r1")])
    with pytest.raises(ValueError, match="'r1'"):
        reviews.add([review_row("r2"), review_row("r1")])
    assert reviews.rows() == (review_row("r1"),)


def test_a_row_that_does_not_fit_is_refused_before_it_is_on_record(store: Warehouse) -> None:
    with pytest.raises(WarehouseDamaged, match="column verdict"):
        store.entries("reviews").add([review_row(verdict=None)])
    assert not store.entries("reviews").path.exists()


def test_entries_can_be_changed_and_taken_out(store: Warehouse) -> None:
    def forget(row: Row) -> Row | None:
        if isinstance(row, ReviewRow):
            return None if row.review_id == "r1" else row
        assert isinstance(row, CoachingRow)
        return replace(row, call_id=None, source_key=None, moment_id=None)

    store.entries("reviews").add([review_row("r1"), review_row("r2")])
    store.entries("coaching").add([coaching_row("c1")])
    assert store.entries("reviews").change(forget) == 1
    assert store.entries("coaching").change(forget) == 1
    assert store.entries("coaching").change(forget) == 0
    assert store.entries("reviews").rows() == (review_row("r2"),)
    (left,) = store.entries("coaching").rows()
    assert left == coaching_row("c1", call_id=None, source_key=None, moment_id=None)


def test_a_damaged_line_is_named(store: Warehouse) -> None:
    reviews = store.entries("reviews")
    reviews.add([review_row("r1"), review_row("r2")])
    first, _ = reviews.path.read_bytes().splitlines()
    reviews.path.write_bytes(first + b"\n{\n")
    with pytest.raises(WarehouseDamaged, match=r"work/reviews.jsonl: line 2 can't be read"):
        reviews.rows()

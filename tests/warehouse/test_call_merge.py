from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, key_of, land, rows_of
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import CallRows, Warehouse, publish, table_file
from warehouse.arrow import to_arrow
from warehouse.schemas import CALL_TABLES

GROUP_ROWS = 25
"""Fewer than two calls have: most calls lie in several row groups, most groups hold several."""


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read and written in many pieces, as those of a large night are."""
    monkeypatch.setattr(table_file, "ROW_GROUP_ROWS", GROUP_ROWS)
    monkeypatch.setattr(publish, "_WINDOW_ROWS", 120)


def some_calls(draw: random.Random, names: str, revision: int) -> list[CallRows]:
    return [
        rows_of(
            name,
            revision=revision,
            days=draw.randint(0, 1),
            count=draw.choice([1, 12, 30, 80]),
            moments=draw.randint(0, 1),
        )
        for name in names
    ]


def assert_holds(store: Warehouse, calls: dict[str, CallRows]) -> None:
    """Every table holds the rows of those calls, all of them, in order, and nothing else."""
    for name, spec in CALL_TABLES.items():
        frames = [
            pl.DataFrame(to_arrow(spec, rows[name])).with_columns(
                pl.lit(rows.call_date).alias("call_date")
            )
            for rows in calls.values()
        ]
        expected = pl.concat(frames).sort("call_date", *spec.sort)
        assert_frame_equal(store.table(name).collect(), expected)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_the_tables_hold_every_call_as_it_is_now(
    store: Warehouse, seed: int
) -> None:
    draw = random.Random(seed)
    now: dict[str, CallRows] = {}
    for revision in range(1, 5):
        changed = some_calls(draw, "".join(draw.sample("abcdefghijkl", 5)), revision)
        gone = draw.sample(sorted(now), min(len(now), draw.randint(0, 2)))
        now |= {rows.call_id: rows for rows in changed}
        for rows in changed:
            store.artifacts.save_reading(rows)
        store.publish([rows.source_key for rows in changed], [key_of(name) for name in gone])
        for name in gone:
            del now[name]
        assert_holds(store, now)
    assert store.rebuild().files == 0


def test_publishing_what_is_there_touches_no_file(store: Warehouse) -> None:
    land(store, *some_calls(random.Random(1), "abcdefgh", 1))
    before = files(store)
    assert store.publish([key_of(name) for name in "abcdefgh"]).files == 0
    assert files(store) == before


def test_every_row_group_but_the_last_is_full(store: Warehouse) -> None:
    store.artifacts.save_reading(rows_of("a", count=30))
    store.artifacts.save_reading(rows_of("b", count=80))
    store.publish([key_of("a"), key_of("b")])
    part = store.path / "tables" / "turns" / f"call_date={START.date()}" / "part-0.parquet"
    groups = pq.read_metadata(part)
    sizes = [groups.row_group(n).num_rows for n in range(groups.num_row_groups)]
    assert sizes == [GROUP_ROWS] * 4 + [10]


def test_a_change_of_the_last_call_keeps_all_before_it(store: Warehouse) -> None:
    first = [rows_of(name, count=40) for name in "abcd"]
    land(store, *first)
    last = rows_of("d", revision=2, count=7)
    land(store, last)
    assert_holds(store, {rows.call_id: rows for rows in (*first[:3], last)})


def damage_last_group(path: Path) -> None:
    """Makes the last column of the last row group unreadable; the footer stays."""
    groups = pq.read_metadata(path)
    last = groups.row_group(groups.num_row_groups - 1)
    column = last.column(last.num_columns - 2)
    start = column.dictionary_page_offset or column.data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 8] = b"\xff" * 8
    path.write_bytes(data)


def test_a_file_damaged_at_its_end_is_not_merged_and_a_rebuild_replaces_it(
    store: Warehouse,
) -> None:
    calls = [rows_of(name, count=40) for name in "abcd"]
    land(store, *calls)
    sound = state(store)
    part = store.path / "tables" / "turns" / f"call_date={START.date()}" / "part-0.parquet"
    damage_last_group(part)
    before = files(store)
    store.artifacts.save_reading(rows_of("e", count=3))
    with pytest.raises(WarehouseDamaged, match=r"tables/turns/.*: can't be read .*rebuild"):
        store.publish([key_of("e")])
    assert files(store) == before
    store.artifacts.remove(key_of("e"))
    store.rebuild()
    assert_same(state(store), sound)


def test_calls_that_change_places_are_there_once(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b", days=1), rows_of("c"))
    store.artifacts.save_reading(rows_of("a", revision=2, days=1))
    store.artifacts.save_reading(rows_of("b", revision=2))
    store.publish([key_of("a"), key_of("b")])
    there = store.calls.select("call_id", "revision", "call_date").sort("call_id").collect()
    day, next_day = START.date(), START.date() + timedelta(days=1)
    assert there.rows() == [("a", 2, next_day), ("b", 2, day), ("c", 1, day)]

from __future__ import annotations

import os
import threading
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, key_of, land, rows_of
from tests.warehouse.newer import newer_nightcall, read_again
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import Warehouse, layout, publish
from warehouse.layout import NO_DATE, dates
from warehouse.schemas import ALL_TABLES, CALL_TABLES

DAY = START.date()


def test_published_rows_are_the_rows_of_the_artifact(store: Warehouse) -> None:
    rows = rows_of("a", revision=2)
    store.artifacts.save_reading(rows)
    done = store.publish([rows.source_key])
    assert (done.calls, done.retired, done.files, done.dates, dict(done.refused)) == (
        1,
        0,
        len(CALL_TABLES),
        (DAY,),
        {},
    )
    for name, spec in CALL_TABLES.items():
        frame = store.table(name).collect()
        assert frame.drop("call_date").columns == list(spec.names)
        assert frame["call_date"].unique().to_list() == [DAY]
        assert frame.height == len(rows[name]) > 0, name
        for found, row in zip(frame.iter_rows(named=True), rows[name], strict=True):
            assert {k: v for k, v in found.items() if k != "call_date"} == {
                field: getattr(row, field) for field in spec.names
            }


def test_publishing_again_touches_no_file(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b"), rows_of("c", days=1))
    before, frames = files(store), state(store)
    done = store.publish([key_of("a"), key_of("c")])
    assert done.files == 0
    assert files(store) == before
    assert_same(state(store), frames)


def test_rows_lie_in_the_same_order_whatever_order_they_came_in(
    store: Warehouse, tmp_path: Path
) -> None:
    other = Warehouse.create(tmp_path / "other")
    calls = [rows_of(name, days=n % 2) for n, name in enumerate("abcdef")]
    land(store, *calls)
    for rows in reversed(calls):
        land(other, rows)
    assert_same(state(store), state(other))
    turns = store.turns.collect()
    assert_frame_equal(turns, turns.sort("call_date", "call_id", "turn"))


def test_a_changed_call_replaces_its_rows_and_leaves_others_alone(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b"), rows_of("c", days=1))
    before = files(store)
    land(store, rows_of("a", revision=2, count=20))
    turns = store.turns.collect()
    assert turns.group_by("call_id", "revision").len().sort("call_id").rows() == [
        ("a", 2, 20),
        ("b", 1, 12),
        ("c", 1, 12),
    ]
    tomorrow = f"call_date={DAY + timedelta(days=1)}"
    after = files(store)
    assert {name for name in before if tomorrow in name and before[name] != after[name]} == set()


def test_a_call_that_moves_to_another_date_is_there_once(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b"))
    land(store, rows_of("a", revision=2, days=3))
    calls = store.calls.collect()
    assert calls.select("call_id", "call_date", "revision").sort("call_id").rows() == [
        ("a", DAY + timedelta(days=3), 2),
        ("b", DAY, 1),
    ]
    assert store.turns.collect().height == 24


def test_while_files_are_swapped_a_moving_call_is_never_seen_twice(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, rows_of("a"), rows_of("b"))
    seen: list[tuple[int, int]] = []
    replace = Path.replace

    def watching(self: Path, target: Path) -> Path:
        done = replace(self, target)
        if "tables" in Path(target).parts:
            turns = store.turns.filter(pl.col("call_id") == "a").collect()
            calls = store.calls.filter(pl.col("call_id") == "a").collect()
            seen.append((turns.height, calls.height))
        return done

    monkeypatch.setattr(Path, "replace", watching)
    land(store, rows_of("a", revision=2, days=-3))
    assert {height for height, _ in seen} == {0, 12}
    assert {height for _, height in seen} == {0, 1}
    # `calls` is the commit marker: it changes after everything else has.
    assert [height for _, height in seen][-2:] == [0, 1]
    assert all(height == 1 for _, height in seen[:-2])


def test_a_retired_call_is_gone_and_stays_gone_after_a_rebuild(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b", days=1))
    done = store.publish([], [key_of("b")])
    assert (done.calls, done.retired) == (0, 1)
    assert store.calls.collect()["call_id"].to_list() == ["a"]
    assert store.turns.collect()["call_id"].unique().to_list() == ["a"]
    store.rebuild()
    assert store.calls.collect()["call_id"].to_list() == ["a"]


def test_retiring_wins_over_changing(store: Warehouse) -> None:
    land(store, rows_of("a"))
    done = store.publish([key_of("a")], [key_of("a")])
    assert (done.calls, done.retired) == (0, 1)
    assert store.calls.collect().is_empty()


def test_a_date_without_calls_keeps_an_empty_file_in_every_table(store: Warehouse) -> None:
    land(store, rows_of("a"))
    store.publish([], [key_of("a")])
    for name, spec in CALL_TABLES.items():
        assert dates(store.path, spec) == {NO_DATE, DAY}, name
        assert store.table(name).collect().is_empty()


def test_every_date_has_a_file_in_every_table_also_with_no_rows(store: Warehouse) -> None:
    land(store, rows_of("quiet", count=0, moments=0))
    for spec in CALL_TABLES.values():
        assert dates(store.path, spec) == {NO_DATE, DAY}
    assert store.calls.collect()["status"].to_list() == ["no_speech"]
    assert store.turns.collect().is_empty()


def test_nothing_but_part_files_lies_below_tables(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b", days=1))
    store.publish([], [key_of("b")])
    store.rebuild()
    for name in files(store):
        _, table, *partition, part = name.split("/")
        assert part == "part-0.parquet"
        spec = ALL_TABLES[table]
        assert len(partition) == (spec.partition is not None)
        assert all(one.startswith(f"{spec.partition}=") for one in partition)


def test_the_date_is_in_the_path_only_and_text_is_in_no_footer(store: Warehouse) -> None:
    land(store, rows_of("a"))
    path = store.path / "tables" / "turns" / f"call_date={DAY}" / "part-0.parquet"
    with path.open("rb") as file:
        footer = pq.ParquetFile(file).metadata
    group = footer.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert "call_date" not in columns
    assert columns["call_id"].statistics.min == "a"
    assert columns["text"].statistics is None
    assert columns["text"].compression == "ZSTD"


def test_a_table_file_of_another_schema_is_not_merged(store: Warehouse) -> None:
    land(store, rows_of("a"))
    path = store.path / "tables" / "turns" / f"call_date={DAY}" / "part-0.parquet"
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["channel"]), path)
    with pytest.raises(WarehouseDamaged, match=r"channel is missing.*nightcall tables rebuild"):
        store.publish([key_of("a")])
    store.rebuild()
    assert store.turns.collect().height == 12


@pytest.mark.parametrize("what", ["cut off", "missing", "of a newer version"])
def test_a_call_that_can_not_be_published_is_named_and_keeps_its_rows(
    store: Warehouse, what: str
) -> None:
    land(store, rows_of("a"), rows_of("b", days=1))
    path = store.artifacts.folder(key_of("a")) / "reading.arrow"
    if what == "cut off":
        path.write_bytes(path.read_bytes()[:-100])
    elif what == "missing":
        path.unlink()
    else:
        with newer_nightcall():
            store.artifacts.save_reading(read_again(rows_of("a")))
    store.artifacts.save_reading(rows_of("b", revision=2, days=1))
    done = store.publish([key_of("a"), key_of("b")])
    assert list(done.refused) == [key_of("a")]
    assert done.refused[key_of("a")]
    assert done.calls == 1
    calls = store.calls.select("call_id", "revision").collect()
    assert calls.sort("call_id").rows() == [("a", 1), ("b", 2)]


def test_one_call_id_belongs_to_one_call(store: Warehouse) -> None:
    land(store, rows_of("a", facts={"call_id": "C-1"}))
    store.artifacts.save_reading(rows_of("b", days=1, facts={"call_id": "C-1"}))
    done = store.publish([key_of("b")])
    assert "retire that one first" in done.refused[key_of("b")]
    assert store.landed().keys() == {key_of("a")}
    assert not store.publish([key_of("b")], [key_of("a")]).refused
    assert store.landed().keys() == {key_of("b")}


def test_a_call_that_can_not_be_published_keeps_its_call_id(store: Warehouse) -> None:
    land(store, rows_of("a"))
    reading = store.artifacts.folder(key_of("a")) / "reading.arrow"
    reading.write_bytes(b"damaged")
    store.artifacts.save_reading(rows_of("b", facts={"call_id": "a"}))
    done = store.publish([key_of("a"), key_of("b")])
    assert set(done.refused) == {key_of("a"), key_of("b")}
    assert "retire that one first" in done.refused[key_of("b")]
    assert store.calls.collect()["source_key"].to_list() == [key_of("a")]


def test_a_call_id_is_free_only_when_its_call_really_gets_another(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b"), rows_of("c"))
    for name, call_id in {"a": "b", "c": "a"}.items():
        store.artifacts.save_reading(rows_of(name, revision=2, facts={"call_id": call_id}))
    done = store.publish([key_of("a"), key_of("c")])
    assert set(done.refused) == {key_of("a"), key_of("c")}
    found = store.calls.select("call_id", "source_key", "revision").collect().rows()
    assert sorted(found) == [(name, key_of(name), 1) for name in "abc"]


def test_call_ids_may_be_swapped_in_one_publication(store: Warehouse) -> None:
    land(store, rows_of("a", facts={"call_id": "1"}), rows_of("b", facts={"call_id": "2"}))
    land(
        store,
        rows_of("a", revision=2, facts={"call_id": "2"}),
        rows_of("b", revision=2, facts={"call_id": "1"}),
    )
    assert {one.call_id for one in store.landed().values()} == {"1", "2"}


def test_two_publishers_lose_nothing(store: Warehouse) -> None:
    calls = [rows_of(f"c{n:02}", days=n % 2, count=4) for n in range(16)]
    for rows in calls:
        store.artifacts.save_reading(rows)
    failed: list[BaseException] = []

    def publisher(mine: list[str]) -> None:
        try:
            for key in mine:
                Warehouse(store.path, store.time_zone).publish([key])
        except BaseException as error:
            failed.append(error)

    keys = [rows.source_key for rows in calls]
    workers = [threading.Thread(target=publisher, args=(keys[n::2],)) for n in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert failed == []
    assert store.landed().keys() == set(keys)
    assert store.turns.collect().height == 16 * 4


def test_names_of_new_files_are_on_disk_before_the_journal_says_so(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def note(descriptor: int) -> None:
        if not layout.journal(store.path).exists():
            synced.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", note)
    land(store, rows_of("a"))
    folder = synced.index(layout.staging(store.path).stat().st_ino)
    for name, spec in CALL_TABLES.items():
        part = store.path / layout.part(spec, DAY)
        assert synced.index(part.stat().st_ino) < folder, name


def test_a_full_disk_changes_nothing(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    land(store, rows_of("a"))
    before = files(store)
    store.artifacts.save_reading(rows_of("a", revision=2, count=20))
    synced = os.fsync
    left = [3]

    def filling_up(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        synced(descriptor)

    monkeypatch.setattr(os, "fsync", filling_up)
    with pytest.raises(OSError, match="No space left"):
        store.publish([key_of("a")])
    monkeypatch.undo()
    assert files(store) == before
    assert store.publish([key_of("a")]).files > 0
    assert store.turns.collect().height == 20
    assert list((store.path / "state" / "publishing").iterdir()) == []


def test_publish_reports_every_touched_date(store: Warehouse) -> None:
    land(store, rows_of("a"))
    store.artifacts.save_reading(rows_of("a", revision=2, days=5))
    done = publish.publish(store.artifacts, [key_of("a")])
    assert done.dates == (DAY, date(2026, 9, 19))

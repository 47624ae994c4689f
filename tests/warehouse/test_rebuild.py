from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
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
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import Warehouse, about, artifacts

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


@pytest.mark.parametrize("what", ["cut off", "of other schemas"])
def test_a_rebuild_that_would_lose_a_call_changes_nothing(
    store: Warehouse, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, rows_of("a"), rows_of("b"))
    before = files(store)
    if what == "cut off":
        path = store.artifacts.folder(key_of("a")) / "reading.arrow"
        path.write_bytes(path.read_bytes()[:-100])
    else:
        monkeypatch.setattr(artifacts, "SCHEMA_FINGERPRINT", "another")
    with pytest.raises(WarehouseDamaged, match=r"calls can't be published.*No table was changed"):
        store.rebuild()
    assert files(store) == before


def test_a_lenient_rebuild_leaves_out_what_can_not_be_read_and_names_it(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b"), rows_of("c", days=1))
    for name in ("a", "c"):
        path = store.artifacts.folder(key_of(name)) / "reading.arrow"
        path.write_bytes(path.read_bytes()[:-100])
    done = store.rebuild(strict=False)
    assert (done.calls, set(done.refused)) == (1, {key_of("a"), key_of("c")})
    assert "can't be read" in done.refused[key_of("a")]
    assert store.calls.collect()["call_id"].to_list() == ["b"]
    assert store.turns.collect()["call_id"].unique().to_list() == ["b"]


def make_outdated(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the tables came from a version whose `calls` had another column, and now does not."""
    for path in (store.path / "tables" / "calls").rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        pq.write_table(table.append_column("mood", pa.nulls(table.num_rows, pa.string())), path)
    versions = dict(about.SCHEMA_VERSIONS)
    monkeypatch.setattr(about, "SCHEMA_VERSIONS", {**versions, "calls": versions["calls"] + 1})


def test_tables_of_other_schemas_are_not_read_but_still_say_what_landed(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, rows_of("a"))
    make_outdated(store, monkeypatch)
    assert not store.is_current()
    with pytest.raises(WarehouseDamaged, match="Run: nightcall tables rebuild"):
        _ = store.turns
    assert store.landed().keys() == {key_of("a")}
    with store.night_lock():
        pass


def test_a_publication_makes_tables_of_other_schemas_anew(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, rows_of("a"), rows_of("b", days=1), rows_of("c", days=2))
    make_outdated(store, monkeypatch)
    store.artifacts.save_reading(rows_of("a", revision=2))
    done = store.publish([key_of("a")], [key_of("c")])
    assert (done.calls, done.retired) == (2, 1)
    assert store.is_current()
    calls = store.calls.select("call_id", "revision").collect()
    assert calls.rows() == [("a", 2), ("b", 1)]
    assert store.artifacts.load_reading(key_of("c")) is None
    assert store.publish([key_of("a")]).files == 0


def test_a_call_that_was_not_read_again_keeps_no_other_from_landing(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, rows_of("a"), rows_of("b", days=1))
    make_outdated(store, monkeypatch)
    monkeypatch.setattr(artifacts, "SCHEMA_FINGERPRINT", "another")
    store.artifacts.save_reading(rows_of("a", revision=2))
    done = store.publish([key_of("a")])
    assert (done.calls, dict(done.refused).keys()) == (1, {key_of("b")})
    assert "read it again" in done.refused[key_of("b")]
    assert store.is_current()
    assert store.calls.select("call_id", "revision").collect().rows() == [("a", 2)]
    store.artifacts.save_reading(rows_of("b", revision=2, days=1))
    assert not store.publish([key_of("b")]).refused
    assert store.calls.collect()["call_id"].to_list() == ["a", "b"]


def test_outdated_night_tables_are_made_anew_by_themselves(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store, rows_of("a"))
    store.ledger.append([recording_row("a.wav")])
    store.ledger.end(night_row())
    store.publish_nights()
    monkeypatch.setattr(about, "SCHEMA_VERSIONS", {**about.SCHEMA_VERSIONS, "recordings": 99})
    assert not store.is_current()
    with store.night_lock():
        assert store.is_current()
        assert store.recordings.collect()["recording"].to_list() == ["a.wav"]
        assert store.calls.collect()["call_id"].to_list() == ["a"]

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, key_of, land, night_row, recording_row, rows_of
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


def make_outdated(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the tables came from a version whose `calls` had another column, and now does not."""
    for path in (store.path / "tables" / "calls").rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        pq.write_table(table.append_column("mood", pa.nulls(table.num_rows, pa.string())), path)
    versions = dict(about.SCHEMA_VERSIONS)
    monkeypatch.setattr(about, "SCHEMA_VERSIONS", {**versions, "calls": 2})


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

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, key_of
from warehouse import QuarantineRecord, SeenFile, Warehouse

RECORD = QuarantineRecord(
    name="2026/ünü.wav",
    fingerprint="1000-1",
    error_class="EmptyFile",
    message="nothing in it",
    attempts=1,
    first_at=START,
    last_at=START,
)


def test_quarantine_keeps_replaces_and_forgets(store: Warehouse) -> None:
    again = replace(RECORD, attempts=2, last_at=START + timedelta(days=1), source_key=key_of("a"))
    assert store.quarantine.all() == []
    store.quarantine.put(RECORD)
    assert store.quarantine.get(RECORD.name) == RECORD
    store.quarantine.put(again)
    store.quarantine.put(replace(RECORD, name="a.wav"))
    assert store.quarantine.all() == [again, replace(RECORD, name="a.wav")]
    assert store.quarantine.remove(RECORD.name)
    assert not store.quarantine.remove(RECORD.name)
    assert store.quarantine.get(RECORD.name) is None


def test_a_damaged_quarantine_record_is_named(store: Warehouse) -> None:
    store.quarantine.put(RECORD)
    (path,) = (store.path / "work" / "quarantine").iterdir()
    path.write_text("{}")
    with pytest.raises(WarehouseDamaged, match=rf"work/quarantine/{path.name}: can't be read"):
        store.quarantine.all()


def test_seen_files_come_back_as_they_went(store: Warehouse) -> None:
    seen = [
        SeenFile("b.wav", 2**40, 1_789_000_000_123_456_789, key_of("b"), None),
        SeenFile("a.wav", 1, 2, key_of("a"), key_of("a")),
    ]
    assert store.seen.load() == {}
    store.seen.save(seen)
    assert store.seen.load() == {"b.wav": seen[0], "a.wav": seen[1]}
    store.seen.save(iter(seen[:1]))
    assert store.seen.load() == {"b.wav": seen[0]}
    store.seen.save([])
    assert store.seen.load() == {}


def test_a_damaged_memory_says_what_to_do(store: Warehouse) -> None:
    (store.path / "work" / "seen.parquet").write_bytes(b"PAR1 not")
    with pytest.raises(WarehouseDamaged, match=r"seen.parquet: can't be read.*Remove the file"):
        store.seen.load()

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse import damage
from tests.warehouse.builders import key_of
from warehouse import Warehouse, sizes
from warehouse.schemas import ALL_TABLES


def on_disk(*folders: Path) -> tuple[int, int]:
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return len(found), sum(path.stat().st_size for path in found)


def test_every_file_is_in_one_room(store: Warehouse) -> None:
    damage.fill(store)
    found = sizes.measure(store.path)
    rooms = (found.all_tables, found.artifacts, found.records, found.state)
    together = sum(rooms, start=sizes.Size())
    assert (together.files, together.size_bytes) == on_disk(store.path)
    assert found.tables.keys() == ALL_TABLES.keys()
    artifacts = on_disk(store.path / "work" / "calls")
    assert (found.artifacts.files, found.artifacts.size_bytes) == artifacts
    assert found.call_dates == 2
    assert found.tables[found.largest].size_bytes == max(
        on_disk(store.path / "tables" / name)[1] for name in ALL_TABLES
    )
    assert not together.is_estimate


def test_many_artifacts_are_estimated(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten shelves that are alike: five of them are looked at."""
    for number in range(10):
        folder = store.artifacts.folder(f"0{number}" + key_of("a")[2:])
        folder.mkdir(parents=True)
        (folder / "reading.arrow").write_bytes(bytes(100))
        (folder / "listening.arrow").write_bytes(bytes(300))
    monkeypatch.setattr(sizes, "MEASURED_FILES", 10)
    assert sizes.measure(store.path).artifacts == sizes.Size(20, 4000, is_estimate=True)

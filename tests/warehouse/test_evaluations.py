from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, evaluation_row, land, rows_of
from tests.warehouse.snapshots import assert_same, state
from warehouse import Warehouse, about, open_warehouse


def found(store: Warehouse) -> list[tuple[str, str, date]]:
    columns = ("evaluation_id", "label", "run_date")
    return sorted(store.evaluations.select(columns).collect().rows())


def test_an_evaluation_lands_under_the_date_it_began_on(tmp_path: Path) -> None:
    store = Warehouse.create(tmp_path / "w", time_zone="Asia/Tokyo")
    late = datetime(2026, 9, 14, 20, 0, tzinfo=UTC)
    rows = [evaluation_row(started_at=late), evaluation_row(started_at=late, label="macro")]
    store.evaluation_record.add(rows)
    assert store.publish_evaluations() == 1
    assert store.publish_evaluations() == 0
    assert found(store) == [
        ("e1", "cliche_question", date(2026, 9, 15)),
        ("e1", "macro", date(2026, 9, 15)),
    ]


def test_a_second_evaluation_of_a_day_leaves_the_first_in_place(store: Warehouse) -> None:
    for one in ("e1", "e2"):
        store.evaluation_record.add([evaluation_row(one)])
        store.publish_evaluations()
    assert [row[0] for row in found(store)] == ["e1", "e2"]


def test_what_a_killed_run_only_put_on_record_lands_with_the_next_run(store: Warehouse) -> None:
    store.evaluation_record.add([evaluation_row()])
    assert found(store) == []
    with open_warehouse(store.path).night_lock():
        assert len(found(store)) == 1


def test_an_evaluation_lands_while_a_night_is_under_way(store: Warehouse) -> None:
    land(store, rows_of("a"))
    with store.night_lock():
        store.evaluation_record.add([evaluation_row()])
        store.publish_evaluations()
    assert len(found(store)) == 1


def test_a_rebuild_brings_evaluations_back(store: Warehouse) -> None:
    store.evaluation_record.add([evaluation_row()])
    store.publish_evaluations()
    before = state(store)
    for path in (store.path / "tables" / "evaluations").rglob("*.parquet"):
        path.unlink()
    store.rebuild()
    assert len(found(store)) == 1
    assert_same(state(store), before)


def test_a_warehouse_from_before_the_table_gets_it(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.path / "tables" / "evaluations" / "run_date=1970-01-01" / "part-0.parquet").unlink()
    older = {name: one for name, one in about.SCHEMA_VERSIONS.items() if name != "evaluations"}
    with monkeypatch.context() as patch:
        patch.setattr(about, "SCHEMA_VERSIONS", older)
        about.write_settings(store.path, "UTC")
    assert not store.is_current()
    store.evaluation_record.add([evaluation_row()])
    assert store.publish_evaluations() > 0
    assert store.is_current()
    assert len(found(store)) == 1


def test_an_evaluation_is_written_once(store: Warehouse) -> None:
    store.evaluation_record.add([evaluation_row()])
    with pytest.raises(ValueError, match="'e1' is on record"):
        store.evaluation_record.add([evaluation_row(label="aha")])
    assert [row.label for row in store.evaluation_record.rows("e1")] == ["cliche_question"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "have 0"),
        ([evaluation_row("e1"), evaluation_row("e2")], "have 2"),
        ([evaluation_row("../e1")], "can't be used"),
    ],
)
def test_only_one_evaluation_with_a_usable_id_is_added(
    store: Warehouse, rows: list, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        store.evaluation_record.add(rows)


@pytest.mark.parametrize(
    "rows",
    [[evaluation_row(), evaluation_row()], [evaluation_row(f1=float("nan"))]],
    ids=["one label twice", "a figure that is none"],
)
def test_rows_that_fit_no_table_are_not_put_on_record(store: Warehouse, rows: list) -> None:
    with pytest.raises(WarehouseDamaged, match="Table evaluations"):
        store.evaluation_record.add(rows)
    assert store.evaluation_record.ids() == []


@pytest.mark.parametrize("content", [b"[", b'[{"mood": 1}]', b"3"])
def test_a_damaged_record_is_named(store: Warehouse, content: bytes) -> None:
    store.evaluation_record.add([evaluation_row()])
    (store.path / "work" / "evaluations" / "e1.json").write_bytes(content)
    with pytest.raises(WarehouseDamaged, match=r"work/evaluations/e1.json.*Remove the file"):
        store.publish_evaluations()


def test_rows_come_back_as_they_were(store: Warehouse) -> None:
    rows = (
        evaluation_row(),
        evaluation_row(kind="talk", support=None, f1=None, hits_per_1000_turns=1.5, as_role="rep"),
    )
    store.evaluation_record.add(rows)
    assert store.evaluation_record.rows("e1") == rows
    assert rows[0].started_at == START

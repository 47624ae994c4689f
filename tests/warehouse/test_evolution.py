from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

import warehouse
from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, key_of, land, rows_of
from tests.warehouse.newer import (
    GROWN,
    MOOD,
    SIGHS,
    TONE,
    newer_nightcall,
    older_states,
    read_again,
    with_columns,
)
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import Warehouse, evaluations, layout, ledger
from warehouse.evolution import upgrade
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.sql import run_query

DAYS = [START.date() + timedelta(days=n) for n in range(4)]
TURNS = ALL_TABLES["turns"]


# What may be declared


@pytest.mark.parametrize("spec", ALL_TABLES.values(), ids=ALL_TABLES)
def test_columns_of_later_versions_are_last_and_may_be_null(spec: TableSpec) -> None:
    since = [column.since for column in spec.columns]
    assert since == sorted(since)
    assert 1 <= spec.readable_from <= spec.version
    assert set(since) <= {1, *range(2, spec.version + 1)}
    assert all(column.nullable for column in spec.columns if column.since > 1)
    key = {*spec.key, *spec.sort, spec.owner}
    assert all(column.since <= spec.readable_from for column in spec.columns if column.name in key)
    assert set(spec.measures) <= set(spec.names)


# One table


def test_a_table_of_the_version_is_taken_as_it_is() -> None:
    table = TURNS.schema.empty_table()
    assert upgrade(TURNS, table, "here") is table


def test_what_a_later_version_brought_is_null() -> None:
    newer = with_columns(TURNS, MOOD)
    newest = with_columns(newer, SIGHS, TONE)
    row = {name: [None] for name in TURNS.names}
    before = pa.table(row).cast(pa.schema([one.with_nullable(True) for one in TURNS.schema]))
    before = pa.Table.from_arrays(before.columns, schema=TURNS.schema)
    for spec, names in ((newer, ["mood"]), (newest, ["mood", "sigh_count", "tone"])):
        table = upgrade(spec, before, "here")
        assert table.schema.equals(spec.schema, check_metadata=True)
        assert table.select(names).to_pylist() == [dict.fromkeys(names)]
    assert upgrade(newest, upgrade(newer, before, "here"), "here").equals(table)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            with_columns(with_columns(TURNS, MOOD)).schema.empty_table(),
            r"^here: written by a newer Nightcall \(schema version 4 of table turns; this one "
            r"knows version 3\)\. Use the version of Nightcall that wrote it, or a newer one",
        ),
        (
            TURNS.schema_at(1).empty_table(),
            r"^here: written at schema version 1 of table turns; it can be read from version 2 on"
            r"\. Read the calls again: nightcall run",
        ),
        (
            TURNS.schema.remove(4).empty_table(),
            r"^here: not what schema version 2 of table turns declares. Run: nightcall tables reb",
        ),
        (ALL_TABLES["calls"].schema.empty_table(), r"^here: not what table turns"),
        (TURNS.schema.remove_metadata().empty_table(), r"^here: not what table turns"),
    ],
    ids=["newer", "too old", "damaged", "another table", "no table of ours"],
)
def test_what_can_not_be_brought_up_to_date_is_named(table: pa.Table, message: str) -> None:
    with pytest.raises(WarehouseDamaged, match=message):
        upgrade(with_columns(TURNS, MOOD), table, "here")


# The warehouse before anything was done


def test_an_older_warehouse_is_read_with_nulls(older: Warehouse) -> None:
    before = files(older)
    assert not older.is_current()
    opened = warehouse.open(older.path)
    for name, spec in ALL_TABLES.items():
        assert opened.table(name).collect().schema == spec.frame_schema, name
    assert opened.turns.select("call_id", "mood").unique().sort("call_id").collect().rows() == [
        (name, None) for name in "abcd"
    ]
    assert opened.table("objections").collect().is_empty()
    assert opened.table("pledges").collect().is_empty()
    assert opened.landed().keys() == {key_of(name) for name in "abcd"}
    assert files(older) == before


def test_an_older_warehouse_answers_questions(older: Warehouse) -> None:
    sql = "SELECT call_date, count(*), count(mood) FROM turns GROUP BY ALL ORDER BY ALL"
    assert [tuple(row.values()) for row in run_query(older.path, sql).to_pylist()] == [
        (DAYS[0], 12, 0),
        (DAYS[1], 24, 0),
        (DAYS[2], 12, 0),
    ]
    for name, spec in ALL_TABLES.items():
        found = run_query(older.path, f"SELECT * FROM {name}")
        assert found.column_names == list(spec.frame_schema), name


# Bringing it up to date


def test_every_table_is_brought_up_to_date_and_no_row_is_lost(
    filled: Warehouse,
) -> None:
    before = state(filled)
    with newer_nightcall():
        done = filled.bring_up_to_date()
        assert filled.is_current()
        assert (done.dates, done.refused, done.held_back) == (4, {}, [])
        after = state(filled)
        for name, frame in before.items():
            kept = after[name].select(frame.columns)
            if name == "measure_states":
                kept = kept.filter(~pl.col("reason").str.contains("older version"))
            assert_frame_equal(kept, frame)
        assert filled.bring_up_to_date().files == 0


def test_a_measure_that_is_newer_than_the_reading_says_so(older: Warehouse) -> None:
    older.bring_up_to_date()
    assert older_states(older, "laugh_count") == [(name, None, None) for name in "abcd"]
    assert older_states(older, "warmth_ratio") == sorted(
        (name, *speaker) for name in "abcd" for speaker in (("ch0", "r-1"), ("ch1", "acme/Cleo"))
    )
    assert "mood" not in older.measure_states.collect()["measure"].to_list()


def test_a_new_table_gets_a_file_for_every_date(older: Warehouse) -> None:
    older.bring_up_to_date()
    spec = ALL_TABLES["objections"]
    assert layout.dates(older.path, spec) == layout.dates(older.path, ALL_TABLES["calls"])
    assert (older.path / "tables" / "pledges" / "part-0.parquet").is_file()
    for name, spec in ALL_TABLES.items():
        for path in (older.path / "tables" / name).rglob("*.parquet"):
            assert pq.ParquetFile(path).schema_arrow.equals(spec.schema, check_metadata=True)


def test_only_files_that_change_are_written(older: Warehouse) -> None:
    before = files(older)
    older.bring_up_to_date()
    after = files(older)
    changed = {name.split("/")[1] for name in after if after[name] != before.get(name)}
    assert changed == {*GROWN, "measure_states"}


def test_a_rebuild_gives_the_same(older: Warehouse) -> None:
    older.bring_up_to_date()
    before = state(older)
    assert older.rebuild().files == 0
    shutil.rmtree(older.path / "tables")
    older.rebuild()
    assert_same(state(older), before)


def test_a_rebuild_brings_up_to_date_too(older: Warehouse, tmp_path: Path) -> None:
    other = Warehouse(Path(shutil.copytree(older.path, tmp_path / "other")), "UTC")
    older.bring_up_to_date()
    other.rebuild()
    assert other.is_current()
    assert_same(state(other), state(older))


def test_the_night_lock_brings_up_to_date_first(older: Warehouse) -> None:
    with older.night_lock(as_is=True):
        assert not older.is_current()
    with older.night_lock():
        assert older.is_current()
        assert older.nights.collect().height == 1


def test_a_new_call_lands_among_older_ones(older: Warehouse) -> None:
    new = read_again(rows_of("e", days=3), mood="calm", laugh_count=3, warmth_ratio=0.5)
    land(older, new)
    assert older.is_current()
    moods = older.turns.select("call_id", "mood").unique().sort("call_id").collect().rows()
    assert moods == [*((name, None) for name in "abcd"), ("e", "calm")]
    assert older_states(older, "laugh_count") == [(name, None, None) for name in "abcd"]
    assert layout.dates(older.path, ALL_TABLES["objections"]) >= set(DAYS)


def test_reading_again_fills_the_nulls_and_takes_the_reasons_away(older: Warehouse) -> None:
    again = read_again(rows_of("b", revision=2, days=1), mood="calm", laugh_count=3)
    land(older, again)
    assert older.scorecards.filter(call_id="b").collect()["laugh_count"].to_list() == [3]
    assert older.turns.filter(call_id="b").collect()["mood"].unique().to_list() == ["calm"]
    assert older_states(older, "laugh_count") == [(name, None, None) for name in "acd"]
    assert {row[0] for row in older_states(older, "warmth_ratio")} == set("acd")


def test_a_reading_from_before_is_published_as_older(filled: Warehouse) -> None:
    filled.artifacts.save_reading(rows_of("e", days=1))
    with newer_nightcall():
        filled.bring_up_to_date()
        assert not filled.publish([key_of("e")]).refused
        assert older_states(filled, "laugh_count") == [(name, None, None) for name in "abcde"]
        before = state(filled)
        assert filled.rebuild().files == 0
        assert_same(state(filled), before)


# Tables of records


@pytest.mark.parametrize(
    ("name", "where"),
    [("nights", ledger), ("recordings", ledger), ("evaluations", evaluations), ("reviews", None)],
)
def test_a_table_of_records_grows_too(
    filled: Warehouse, name: str, where: ModuleType | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled.table(name).collect()
    spec = with_columns(ALL_TABLES[name], MOOD)
    if where is not None:
        monkeypatch.setattr(where, name.upper(), spec)
        monkeypatch.setattr(where, spec.row_type.__name__, spec.row_type)
    with newer_nightcall({name: spec}):
        after = filled.table(name).collect()
        assert_frame_equal(after.drop("mood"), before)
        with filled.night_lock():
            assert filled.is_current()
        after = filled.table(name).collect()
        assert after["mood"].to_list() == [None]
        assert_frame_equal(after.drop("mood"), before)
        shutil.rmtree(filled.path / "tables" / name)
        filled.rebuild()
        assert_frame_equal(filled.table(name).collect(), after)

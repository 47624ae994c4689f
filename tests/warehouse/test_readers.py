from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.builders import (
    START,
    coaching_row,
    erasure_row,
    evaluation_row,
    land,
    night_row,
    recording_row,
    review_row,
    rows_of,
)
from warehouse import Warehouse
from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

DAYS = [START.date(), START.date() + timedelta(days=1)]


def with_polars(folder: Path) -> pa.Table:
    return pl.scan_parquet(folder).collect().to_arrow()


def with_duckdb(folder: Path) -> pa.Table:
    question = f"FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.sql(question).to_arrow_table()


def with_pyarrow(folder: Path) -> pa.Table:
    return pq.read_table(folder)


def with_pandas(folder: Path) -> pa.Table:
    frame = pd.read_parquet(folder, dtype_backend="pyarrow")
    return pa.Table.from_pandas(frame, preserve_index=False)


READERS: dict[str, Callable[[Path], pa.Table]] = {
    "polars": with_polars,
    "duckdb": with_duckdb,
    "pyarrow": with_pyarrow,
    "pandas": with_pandas,
}

each_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)
each_table = pytest.mark.parametrize("spec", ALL_TABLES.values(), ids=ALL_TABLES)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    store = Warehouse.create(tmp_path_factory.mktemp("readers") / "warehouse")
    land(store, rows_of("a"), rows_of("b", days=1), rows_of("c", days=1, moments=0))
    for number, day in enumerate(DAYS):
        started_at = START + timedelta(days=number)
        store.ledger.append([recording_row("a.wav", f"n{number}"), recording_row("b.wav", "n0")])
        store.ledger.end(night_row(f"n{number}", started_at=started_at))
        store.evaluation_record.add([evaluation_row(f"e{number}", started_at=started_at)])
        assert started_at.date() == day
        store.entries("reviews").add([review_row(f"r{number}")])
        store.entries("coaching").add([coaching_row(f"c{number}", coached_on=day)])
        store.entries("erasures").add([erasure_row(f"x{number}", erased_at=started_at)])
    store.publish_nights()
    store.publish_evaluations()
    store.publish_entries()
    return store


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse.create(tmp_path_factory.mktemp("empty") / "warehouse")


@each_table
@each_reader
def test_every_reader_sees_the_same_rows_and_the_date(
    filled: Warehouse, spec: TableSpec, read: Callable[[Path], pa.Table]
) -> None:
    table = read(filled.path / "tables" / spec.name)
    assert set(table.column_names) == set(spec.frame_schema)
    expected = filled.table(spec.name).collect()
    assert expected.height > 1
    found = []
    for row in table.to_pylist():
        values = [row[name] for name in spec.names]
        if spec.partition:
            day = row[spec.partition]  # some give its text
            values.append(day if isinstance(day, date) else date.fromisoformat(day))
        found.append(tuple(values))
    assert sorted(map(repr, found)) == sorted(map(repr, expected.rows()))


@each_table
@each_reader
def test_every_reader_sees_an_empty_table(
    empty: Warehouse, spec: TableSpec, read: Callable[[Path], pa.Table]
) -> None:
    table = read(empty.path / "tables" / spec.name)
    assert table.num_rows == 0
    assert set(table.column_names) == set(spec.frame_schema)


@each_table
def test_every_file_has_exactly_the_declared_schema(filled: Warehouse, spec: TableSpec) -> None:
    for path in (filled.path / "tables" / spec.name).rglob("*.parquet"):
        assert pq.ParquetFile(path).schema_arrow.equals(spec.schema, check_metadata=True)

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from analyzers.registry import ANALYZERS
from warehouse.rows import MEASURE_COLUMNS
from warehouse.schemas import ALL_TABLES, CALL_TABLES, SCHEMA_VERSIONS
from warehouse.schemas.spec import TableSpec

PYTHON_TYPES = {
    pa.string(): str,
    pa.bool_(): bool,
    pa.int32(): int,
    pa.int64(): int,
    pa.float64(): float,
    pa.date32(): date,
    pa.timestamp("us", tz="UTC"): datetime,
}

each_table = pytest.mark.parametrize("spec", ALL_TABLES.values(), ids=ALL_TABLES)


@each_table
def test_row_class_has_the_columns_in_order(spec: TableSpec) -> None:
    assert tuple(field.name for field in dataclasses.fields(spec.row_type)) == spec.names


@each_table
def test_row_class_has_the_types_of_the_columns(spec: TableSpec) -> None:
    hints = typing.get_type_hints(spec.row_type)
    for column in spec.columns:
        python_type: object = PYTHON_TYPES[column.type]
        expected = python_type | None if column.nullable else python_type
        assert hints[column.name] == expected, f"{spec.name}.{column.name}"
        assert isinstance(hints[column.name], types.UnionType | type)


@each_table
def test_row_class_is_frozen_and_slotted(spec: TableSpec) -> None:
    assert spec.row_type.__dataclass_params__.frozen
    assert "__slots__" in vars(spec.row_type)


@each_table
def test_every_column_says_what_it_means(spec: TableSpec) -> None:
    for column in spec.columns:
        assert len(column.meaning) > 8, column.name
        assert column.meaning.endswith("."), column.name
        assert "|" not in column.meaning, f"{column.name} would break its line of the dictionary"


@each_table
def test_units_are_given_where_the_name_carries_one(spec: TableSpec) -> None:
    endings = {"_s": "s", "_per_min": "1/min", "_ratio": "0 to 1", "_hz": "Hz", "_bytes": "bytes"}
    for column in spec.columns:
        for ending, unit in endings.items():
            if column.name.endswith(ending):
                assert column.unit == unit, column.name
        if column.name.endswith("_count"):
            assert column.unit, column.name


@each_table
def test_key_and_sort_are_columns_and_the_date_is_in_the_path_only(spec: TableSpec) -> None:
    assert set(spec.key) <= set(spec.names)
    assert set(spec.sort) <= set(spec.names)
    assert spec.owner in spec.names
    assert spec.partition not in spec.names


@pytest.mark.parametrize("spec", CALL_TABLES.values(), ids=CALL_TABLES)
def test_tables_about_calls_begin_alike(spec: TableSpec) -> None:
    assert spec.names[:3] == ("call_id", "source_key", "revision")
    assert spec.partition == "call_date"


@each_table
def test_every_column_can_be_named_in_sql_as_it_is(spec: TableSpec) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.register("t", spec.schema.empty_table())
        for name in spec.names:
            connection.execute(f"SELECT {name} FROM t WHERE {name} IS NULL ORDER BY {name}")


def test_calls_is_published_last() -> None:
    assert list(CALL_TABLES)[-1] == "calls"


def test_polars_schema_ends_with_the_date() -> None:
    schema = ALL_TABLES["turns"].frame_schema
    assert list(schema)[-1] == "call_date"
    assert schema["call_date"] == pl.Date
    assert schema["turn"] == pl.Int32
    assert ALL_TABLES["calls"].frame_schema["started_at"] == pl.Datetime("us", "UTC")


def test_every_table_has_a_version() -> None:
    assert set(SCHEMA_VERSIONS) == set(ALL_TABLES)
    assert all(version >= 1 for version in SCHEMA_VERSIONS.values())


@pytest.mark.parametrize("analyzer", ANALYZERS.values(), ids=ANALYZERS)
def test_every_measure_of_an_analyzer_has_a_column(analyzer: typing.Any) -> None:
    known = MEASURE_COLUMNS["participants"] | MEASURE_COLUMNS["scorecards"]
    assert set(analyzer.measures) <= known

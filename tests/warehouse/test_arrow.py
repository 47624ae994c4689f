from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pytest

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import rows_of
from warehouse.arrow import require_schema, require_unique, to_arrow, to_rows
from warehouse.schemas import ALL_TABLES, CALL_TABLES

TURNS, CALLS = ALL_TABLES["turns"], ALL_TABLES["calls"]
SCORECARDS = ALL_TABLES["scorecards"]


@pytest.mark.parametrize("name", CALL_TABLES)
def test_rows_come_back_as_they_went(name: str) -> None:
    rows = rows_of("a")[name]
    table = to_arrow(ALL_TABLES[name], rows)
    assert table.schema.equals(ALL_TABLES[name].schema, check_metadata=True)
    assert to_rows(ALL_TABLES[name], table) == rows


@pytest.mark.parametrize("name", ALL_TABLES)
def test_no_rows_make_a_typed_empty_table(name: str) -> None:
    table = to_arrow(ALL_TABLES[name], [])
    assert table.num_rows == 0
    assert table.schema.equals(ALL_TABLES[name].schema)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("word_count", None, r"turns: column word_count must have a value; 1 of 12 rows have none"),
        ("word_count", "7", r"column word_count holds int32; 1 of 12 values do not fit, e.g. '7'"),
        ("word_count", 1.5, r"e.g. 1.5 in call_id 'a', turn 3"),
        ("word_count", True, r"e.g. True"),
        ("word_count", 2**40, r"e.g. 1099511627776"),
        ("start_s", float("nan"), r"column start_s.*1 of 12.*NaN"),
        ("text", 5, r"column text holds string; 1 of 12 values do not fit, e.g. a int"),
        ("is_backchannel", 1, r"column is_backchannel holds bool; 1 of 12.*e.g. 1"),
    ],
)
def test_a_value_that_does_not_fit_is_named(column: str, value: object, message: str) -> None:
    rows = list(rows_of("a")["turns"])
    rows[3] = replace(rows[3], **{column: value})
    with pytest.raises(WarehouseDamaged, match=message):
        to_arrow(TURNS, rows)


def test_what_was_said_is_not_in_the_message() -> None:
    rows = list(rows_of("a")["turns"])
    rows[3] = replace(rows[3], text="my secret \ud800")
    with pytest.raises(WarehouseDamaged) as error:
        to_arrow(TURNS, rows)
    assert "secret" not in str(error.value)
    assert "1 of 12" in str(error.value)


def test_an_instant_without_a_zone_is_refused() -> None:
    (row,) = rows_of("a")["calls"]
    with pytest.raises(WarehouseDamaged, match=r"started_at.*without a time zone"):
        to_arrow(CALLS, [replace(row, started_at=datetime(2026, 9, 14))])


def test_whole_numbers_pass_as_counts_and_seconds() -> None:
    (row,) = rows_of("a")["scorecards"]
    table = to_arrow(SCORECARDS, [replace(row, turn_count=3.0, silence_s=4)])
    assert table["turn_count"].to_pylist() == [3]
    assert table["silence_s"].to_pylist() == [4.0]


def test_rows_of_another_table_are_refused() -> None:
    with pytest.raises(WarehouseDamaged, match=r"2 of 2 rows are no TurnRow, e.g. ParticipantRow"):
        to_arrow(TURNS, rows_of("a")["participants"])


def test_repeated_keys_are_refused() -> None:
    rows = rows_of("a")["turns"]
    require_unique(TURNS, rows)
    with pytest.raises(WarehouseDamaged, match=r"1 of 13 rows repeat a key, e.g. .*turn 2"):
        require_unique(TURNS, (*rows, rows[2]))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"call_id": ["a"]}), r"here: .* call_id is string, declared string not null"),
        (TURNS.schema.remove(4).empty_table(), r"here: .* speaker is missing, declared string"),
        (
            TURNS.schema.empty_table().replace_schema_metadata(
                {"nightcall.table": "turns", "nightcall.schema_version": "0"}
            ),
            "its schema version or column order differs",
        ),
        (
            TURNS.schema.empty_table().append_column("mood", pa.array([], pa.string())),
            "mood is string, declared nowhere",
        ),
    ],
)
def test_a_table_of_another_schema_is_damage(table: pa.Table, message: str) -> None:
    with pytest.raises(WarehouseDamaged, match=message):
        require_schema(TURNS, table, "here")

from __future__ import annotations

import re
from pathlib import Path

import pytest

from calls.errors import UsageError
from tests.warehouse.builders import land, rows_of
from warehouse import Warehouse
from warehouse.dictionary import data_dictionary, describe, json_schema
from warehouse.schemas import ALL_TABLES

DOCS = Path(__file__).parents[2] / "docs" / "tables.md"


def test_the_document_is_what_the_schemas_say() -> None:
    assert DOCS.read_text(encoding="utf-8") == data_dictionary(), (
        "run: python -m warehouse.dictionary > docs/tables.md"
    )


@pytest.mark.parametrize("name", ALL_TABLES)
def test_every_column_is_described_and_the_date_comes_last(name: str) -> None:
    described = describe(name)
    spec = ALL_TABLES[name]
    in_path = [spec.partition] if spec.partition else []
    assert [one.column for one in described] == [*spec.names, *in_path]
    assert described[-1].type == "date" or not in_path
    assert all(one.meaning for one in described)


def test_types_and_units_are_told() -> None:
    by_name = {one.column: one for one in describe("calls")}
    assert (by_name["started_at"].type, by_name["started_at"].unit) == ("timestamp", "UTC")
    assert (by_name["duration_s"].type, by_name["duration_s"].unit) == ("float64", "s")
    assert by_name["rep"].nullable
    assert not by_name["call_id"].nullable


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Unknown table 'mood'. Known tables: .*turns"):
        describe("mood")


def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    land(Warehouse.create(tmp_path / "warehouse"), rows_of("a"))
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    reads = [line for line in example.splitlines() if "warehouse/tables/turns" in line]
    assert len(reads) == 4
    names: dict[str, object] = {}
    for line in example.splitlines():
        if line not in reads:
            exec(line, names)
            continue
        answer = eval(line, names)
        columns = getattr(answer, "column_names", None) or answer.columns
        assert list(columns) == [one.column for one in describe("turns")]
        assert len(answer) == 12


@pytest.mark.parametrize("name", ALL_TABLES)
def test_the_json_schema_has_every_column_and_says_where_null_may_be(name: str) -> None:
    schema = json_schema(name)
    described = {one.column: one for one in describe(name)}
    assert list(schema["properties"]) == schema["required"] == list(described)
    for column, property_ in schema["properties"].items():
        may_be_null = "null" in property_["type"]
        assert may_be_null == described[column].nullable
        assert property_["description"].startswith(described[column].meaning)

"""The data dictionary, derived from the schemas; `docs/tables.md` is its output.

Write it with `python -m warehouse.dictionary > docs/tables.md`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import Column, OnErasure, Partition, TableSpec
from warehouse.tables import known_table
from warehouse.views import VIEWS, View

_TYPE_NAMES = {
    pa.string(): "text",
    pa.bool_(): "true/false",
    pa.int32(): "int32",
    pa.int64(): "int64",
    pa.float64(): "float64",
    pa.date32(): "date",
}

_JSON_TYPES: dict[str, tuple[str, str]] = {
    "text": ("string", ""),
    "true/false": ("boolean", ""),
    "int32": ("integer", ""),
    "int64": ("integer", ""),
    "float64": ("number", ""),
    "date": ("string", "date"),
    "timestamp": ("string", "date-time"),
}
"""Types and formats in JSON, by the name of the type."""

_DATE_OF: dict[Partition, str] = {
    "call_date": "call began",
    "night_date": "night began",
    "run_date": "evaluation began",
}

_ON_ERASURE = {
    "row_removed": "the row goes",
    "cleared": "cleared",
    "kept": "kept",
}

_INTRODUCTION = """\
# Tables

Every table is a folder of Parquet files below `tables/` in the warehouse, one file per date:
`tables/turns/call_date=2026-09-14/part-0.parquet`. The date is in the path only. Every date that
has calls has a file in every table about calls, also one with no rows. `1970-01-01` holds an empty
file, so that a table without any rows can be read too.

Read the **folder**, as below. polars' `tables/turns/**/*.parquet` form silently lacks the date.

```python
import polars as pl

pl.scan_parquet("warehouse/tables/turns").collect()

import duckdb

duckdb.sql("FROM read_parquet('warehouse/tables/turns/*/*.parquet', hive_partitioning = true)")

import pyarrow.parquet as pq

pq.read_table("warehouse/tables/turns")

import pandas as pd

pd.read_parquet("warehouse/tables/turns")
```

pandas and pyarrow give the date as a category of texts; polars and DuckDB as a date. From this
checkout, `import warehouse; warehouse.open("warehouse").turns` gives a polars lazy frame with
exactly the columns below, and `nightcall query "SELECT …"` asks all tables at once.

**While a night publishes.** Each file is swapped in whole and no call is in a file twice, but for
some milliseconds two tables may be of two publications. Join on `call_id` and `revision`: then such
a call is missing, never mixed. polars and DuckDB open a file twice for one question: if it is
swapped in between, the question fails or, seldom, miscounts, and a call that moves to another date
may be seen on both. Ask again, or ask inside `warehouse.open(…).reading()` or with
`nightcall query`: there nothing is swapped. A lazy frame made before a publication may fail after
it; collect at once.

**After an update of Nightcall.** New columns come last and may be null: they are null in calls that
were read before, and `measure_states` says so of measures, until the next night has read the calls
again. That night first brings all files up to date, date by date, the newest first. Until it is
through, files of one table may be of two versions. Nightcall reads them together; so does DuckDB,
given `union_by_name = true`, while other readers may miss the new columns or refuse. A night cut
off in between goes on where it was.

**Null** means not known or not measurable, never zero; `measure_states` says why. Times within a
call are seconds from the start of the recording; points in time are UTC.

"On erasure" says what becomes of a value when its call is erased.
"""

_VIEWS_INTRODUCTION = """\
## Views

Questions that save the joins, beside the tables in `nightcall query`; `--views` prints them as
SQL for a DuckDB of your own. Joins are on `call_id`, `revision` and `call_date`; a rep is who
spoke, so a call with two reps has two rows; a rate stands beside what it is out of. Ready
questions with how to read their answers are in [questions.md](questions.md).
"""


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """One column as people read it."""

    column: str
    type: str
    unit: str
    nullable: bool
    meaning: str
    on_erasure: str


def describe(table: str) -> list[ColumnDescription]:
    """The columns of a table, the date of the path last.

    Raises:
        UsageError: if there is no such table.
    """
    spec = known_table(table)
    return [_described(column) for column in (*spec.columns, *_date_column(spec))]


def json_schema(table: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one row of that table, as `query --format json` gives it.

    Raises:
        UsageError: if there is no such table.
    """
    spec = known_table(table)
    described = describe(table)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": spec.name,
        "description": f"One row per {spec.one_row_per}. Schema version {spec.version}.",
        "type": "object",
        "properties": {one.column: _json_property(one) for one in described},
        "required": [one.column for one in described],
        "additionalProperties": False,
    }


def _json_property(one: ColumnDescription) -> dict[str, Any]:
    kind, format_ = _JSON_TYPES[one.type]
    unit = f" ({one.unit})" if one.unit else ""
    return {
        "type": [kind, "null"] if one.nullable else kind,
        **({"format": format_} if format_ else {}),
        "description": f"{one.meaning}{unit}",
    }


def data_dictionary() -> str:
    """All tables as Markdown, with how to read them."""
    sections = [_INTRODUCTION, _contents()]
    sections += [_section(spec) for spec in _in_reading_order()]
    sections += [_VIEWS_INTRODUCTION, *(_view_section(view) for view in VIEWS.values())]
    return "\n".join(sections)


def _in_reading_order() -> list[TableSpec]:
    """`calls` first: everything else hangs on it."""
    return sorted(ALL_TABLES.values(), key=lambda spec: spec.name != "calls")


def _contents() -> str:
    lines = ["| table | one row per | key |", "|---|---|---|"]
    for spec in _in_reading_order():
        keys = ", ".join(f"`{name}`" for name in spec.key)
        lines.append(f"| [`{spec.name}`](#{spec.name}) | {spec.one_row_per} | {keys} |")
    return "\n".join(lines) + "\n"


def _section(spec: TableSpec) -> str:
    lines = [
        f"## {spec.name}",
        "",
        f"One row per {spec.one_row_per}. Schema version {spec.version}.",
        "",
        "| column | type | unit | null | meaning | on erasure |",
        "|---|---|---|---|---|---|",
    ]
    for one in describe(spec.name):
        null = "yes" if one.nullable else ""
        lines.append(
            f"| `{one.column}` | {one.type} | {one.unit} | {null} | {one.meaning} "
            f"| {one.on_erasure} |"
        )
    return "\n".join(lines) + "\n"


def _view_section(view: View) -> str:
    lines = [
        f"### {view.name}",
        "",
        f"One row per {view.one_row_per}. {view.meaning}",
        "",
        "| column | meaning |",
        "|---|---|",
        *(f"| `{column}` | {meaning} |" for column, meaning in view.columns.items()),
    ]
    return "\n".join(lines) + "\n"


def _described(column: Column) -> ColumnDescription:
    return ColumnDescription(
        column=column.name,
        type=_TYPE_NAMES.get(column.type, "timestamp"),
        unit=column.unit,
        nullable=column.nullable,
        meaning=column.meaning + _since(column),
        on_erasure=_on_erasure(column),
    )


def _since(column: Column) -> str:
    """From which version on the column is there, if it was not always."""
    return f" Since schema version {column.since}." if column.since > 1 else ""


def _on_erasure(column: Column) -> str:
    """What happens to the value, as people read it."""
    becomes = _ON_ERASURE[column.on_erasure]
    return (
        f"{becomes}; cleared with the earlier call it quotes" if column.quotes_others else becomes
    )


def _date_column(spec: TableSpec) -> tuple[Column, ...]:
    """The date in the path; nothing for a table that is one file."""
    if spec.partition is None:
        return ()
    meaning = (
        f"Date on which the {_DATE_OF[spec.partition]}, in the warehouse's time zone. "
        "In the path, not in the file."
    )
    on_erasure: OnErasure = "row_removed" if spec.partition == "call_date" else "kept"
    return (Column(spec.partition, pa.date32(), meaning, on_erasure=on_erasure),)


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())

"""Typed rows to Arrow tables and back; nothing is dropped or filled in silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from calls.errors import WarehouseDamaged
from calls.names import printable
from warehouse.schemas import Row
from warehouse.schemas.spec import Column, TableSpec


def to_arrow(spec: TableSpec, rows: Sequence[Row]) -> pa.Table:
    """The rows as an Arrow table with exactly the declared schema.

    Raises:
        WarehouseDamaged: naming table, column, how many values do not fit, and an example.
    """
    strangers = [row for row in rows if not isinstance(row, spec.row_type)]
    if strangers:
        raise WarehouseDamaged(
            f"Table {spec.name}: {len(strangers)} of {len(rows)} rows are no "
            f"{spec.row_type.__name__}, e.g. {type(strangers[0]).__name__}."
        )
    arrays = [_array(spec, column, rows) for column in spec.columns]
    return pa.Table.from_arrays(arrays, schema=spec.schema)


def to_rows(spec: TableSpec, table: pa.Table) -> tuple[Row, ...]:
    """The rows of a table that has the declared schema."""
    columns = [column.to_pylist() for column in table.columns]
    return tuple(spec.row_type(*values) for values in zip(*columns, strict=True))


def require_schema(spec: TableSpec, table: pa.Table, where: str) -> pa.Table:
    """The table, when its schema is the declared one (metadata included).

    Raises:
        WarehouseDamaged: naming where, and the first column that differs.
    """
    if table.schema.equals(spec.schema, check_metadata=True):
        return table
    declared = {field.name: _shown(field) for field in spec.schema}
    found = {field.name: _shown(field) for field in table.schema}
    differing = [
        f"{name} is {found.get(name, 'missing')}, declared {declared.get(name, 'nowhere')}"
        for name in dict.fromkeys((*declared, *found))
        if found.get(name) != declared.get(name)
    ]
    problem = differing[0] if differing else "its schema version or column order differs"
    raise WarehouseDamaged(
        f"{where}: not what table {spec.name} (schema version {spec.version}) declares: {problem}. "
        "Read the calls again (nightcall run), then run: nightcall tables rebuild"
    )


def _shown(field: pa.Field) -> str:
    return f"{field.type}{'' if field.nullable else ' not null'}"


def _array(spec: TableSpec, column: Column, rows: Sequence[Row]) -> pa.Array:
    values = list(map(attrgetter(column.name), rows))
    missing = 0 if column.nullable else sum(value is None for value in values)
    if missing:
        example = next(row for row in rows if getattr(row, column.name) is None)
        raise WarehouseDamaged(
            f"Table {spec.name}: column {column.name} must have a value; "
            f"{missing} of {len(rows)} rows have none, e.g. {_key(spec, example)}."
        )
    try:
        # Inferring first and casting after: building with the type would let a str pass as a
        # number's text, an int as a bool and a fraction as an int without a word.
        return _inferred(column, values).cast(column.type)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise WarehouseDamaged(_misfit(spec, column, rows, error)) from error


def _inferred(column: Column, values: list[Any]) -> pa.Array:
    try:
        array = pa.array(values)
    except UnicodeEncodeError:  # a file name, or a message with one, that no column takes as it is
        array = pa.array([printable(one) if isinstance(one, str) else one for one in values])
    if pa.types.is_floating(array.type) and pc.any(pc.is_nan(array)).as_py():
        raise ValueError("NaN, which an undefined number must never be: use null")
    # Arrow would parse text into numbers and print numbers as text; both hide a defect.
    if pa.types.is_null(array.type) or _kind(array.type) == _kind(column.type):
        return array
    if _kind(array.type) == "integer" and _kind(column.type) == "fraction":
        return array
    if _kind(array.type) == "fraction" and _kind(column.type) == "integer":
        return array  # the safe cast refuses what is no whole number
    raise TypeError(f"{_kind(array.type)} where {_kind(column.type)} is declared")


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "truth"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "fraction"
    if pa.types.is_timestamp(kind):
        return "instant" if kind.tz else "instant without a time zone"
    return str(kind)


def _misfit(spec: TableSpec, column: Column, rows: Sequence[Row], error: Exception) -> str:
    """What does not fit, counted value by value: only ever run on the way to an error."""
    wrong = [row for row in rows if not _fits(column, getattr(row, column.name))] or list(rows)
    value = getattr(wrong[0], column.name)
    # Text may be what somebody said, and messages end up in logs: name its type only.
    is_text = pa.types.is_string(column.type)
    shown = f"a {type(value).__name__}" if is_text else f"{value!r:.60}"
    cause = type(error).__name__ if is_text else str(error)
    return (
        f"Table {spec.name}: column {column.name} holds {column.type}; {len(wrong)} of {len(rows)} "
        f"values do not fit, e.g. {shown} in {_key(spec, wrong[0])} ({cause})."
    )


def _fits(column: Column, value: object) -> bool:
    try:
        _inferred(column, [value]).cast(column.type)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return True


def _key(spec: TableSpec, row: Row) -> str:
    """The key of a row for an error text: ids and numbers, never what was said."""
    return ", ".join(f"{name} {getattr(row, name)!r}" for name in spec.key)


def require_unique(spec: TableSpec, rows: Sequence[Row]) -> None:
    """Returns when no two rows have one key.

    Raises:
        WarehouseDamaged: naming how many rows repeat a key, and one such key.
    """
    counts = Counter(map(attrgetter(*spec.key), rows))
    if len(counts) < len(rows):
        [(most_common, _)] = counts.most_common(1)
        example = next(row for row in rows if attrgetter(*spec.key)(row) == most_common)
        raise WarehouseDamaged(
            f"Table {spec.name}: {len(rows) - len(counts)} of {len(rows)} rows repeat a key, "
            f"e.g. {_key(spec, example)}."
        )

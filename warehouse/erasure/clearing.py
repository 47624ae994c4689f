"""What the columns say happens to a row when its call is erased: it goes, is cleared, or stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from calls.call import Status
from warehouse.schemas import Row
from warehouse.schemas.spec import Column, TableSpec

RECORDING = "recording"

STAND_INS: Mapping[tuple[str, str], str] = {
    ("recordings", "status"): Status.ERASED.value,
    ("moments", "reason"): "Known before it was asked, from a call that has been erased.",
}
"""What a cleared column holds where it must hold something, by table and column.

`recordings.recording` gets a name of its own for each recording (`ErasureKey.stand_in`), because it
is part of the key.
"""


def rows_go(spec: TableSpec) -> bool:
    """True for a table whose rows about an erased call are removed."""
    return any(column.on_erasure == "row_removed" for column in spec.columns)


def cleared_facts(spec: TableSpec, facts: Mapping[str, Any], stand_in: str = "") -> dict[str, Any]:
    """The values of a row with those cleared that its columns say.

    Args:
        spec: the table.
        facts: the values by column.
        stand_in: what the name of the recording becomes.
    """
    return {
        **facts,
        **{
            column.name: cleared_value(spec, column, stand_in)
            for column in spec.columns
            if column.on_erasure == "cleared"
        },
    }


def erased_row(spec: TableSpec, row: Row) -> Row | None:
    """What is left of a row about an erased call; None if nothing is."""
    if rows_go(spec):
        return None
    cleared = cleared_facts(spec, {})
    return replace(row, **cleared)


def cleared_value(spec: TableSpec, column: Column, stand_in: str = "") -> str | None:
    """What a column holds once it is cleared.

    Raises:
        KeyError: it must hold something, and nobody has said what.
    """
    if column.nullable:
        return None
    if column.name == RECORDING:
        return stand_in
    return STAND_INS[spec.name, column.name]

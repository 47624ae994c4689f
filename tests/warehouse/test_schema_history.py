"""A schema version means the same columns for ever: `schema_history.json` says which.

After a change to a table, with its version raised, add the new version with
`python -m tests.warehouse.test_schema_history`. What is there is not overwritten.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

HISTORY = Path(__file__).with_name("schema_history.json")


def columns_at(spec: TableSpec, version: int) -> list[str]:
    fields = spec.schema_at(version)
    return [f"{one.name} {one.type}{'' if one.nullable else ' not null'}" for one in fields]


@pytest.mark.parametrize("spec", ALL_TABLES.values(), ids=ALL_TABLES)
def test_every_version_that_is_still_read_has_the_columns_it_had(spec: TableSpec) -> None:
    known = json.loads(HISTORY.read_text())[spec.name]
    for version in range(spec.readable_from, spec.version + 1):
        assert columns_at(spec, version) == known[str(version)], (
            f"Columns of {spec.name} have changed without a new version. Raise its version; give "
            "new columns `since`, or raise `readable_from` too. Then see the head of this module."
        )


def main() -> None:
    known = json.loads(HISTORY.read_text()) if HISTORY.exists() else {}
    for name, spec in ALL_TABLES.items():
        mine = known.setdefault(name, {})
        for version in range(spec.readable_from, spec.version + 1):
            mine.setdefault(str(version), columns_at(spec, version))
    HISTORY.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()

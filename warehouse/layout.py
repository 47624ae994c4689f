"""Where everything lies in a warehouse folder.

```text
work/         artifacts and append-only records: the source of truth
tables/       what people query; nothing but `<table>/<date>/part-0.parquet`
state/        locks, the warehouse's own settings, what a publication is in the middle of
```
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

FOLDERS = ("work", "tables", "state")
NO_DATE = date(1970, 1, 1)
"""The partition of the empty file that every table keeps, so that an empty table can be read."""

PART = "part-0.parquet"


def settings_file(root: Path) -> Path:
    """The file that makes a folder a warehouse."""
    return root / "state" / "warehouse.json"


def masked_file(root: Path) -> Path:
    """What is masked in every listening here (`models.redaction.redaction_name`)."""
    return root / "state" / "masked"


def table_lock(root: Path) -> Path:
    """Held shared while reading, exclusively while table files are swapped."""
    return root / "state" / "lock"


def publish_lock(root: Path) -> Path:
    """Held by the one who prepares a publication."""
    return root / "state" / "publish.lock"


def night_lock_file(root: Path) -> Path:
    """Held by the run that works in this warehouse."""
    return root / "state" / "night.lock"


def journal(root: Path) -> Path:
    """What a publication still has to rename; there only while one is under way."""
    return root / "state" / "publishing.json"


def staging(root: Path) -> Path:
    """Where table files lie until they are swapped in."""
    return root / "state" / "publishing"


def unfinished(root: Path) -> Path:
    """Where artifacts lie until they are whole."""
    return root / "work" / "unfinished"


def part(spec: TableSpec, day: date) -> Path:
    """A table's file for one date, relative to the warehouse folder."""
    return Path("tables") / spec.name / f"{spec.partition}={day.isoformat()}" / PART


def dates(root: Path, spec: TableSpec) -> set[date]:
    """The dates that table has a file for, the empty file's included."""
    prefix = f"{spec.partition}="
    found = (root / "tables" / spec.name).glob(f"{prefix}*/{PART}")
    return {date.fromisoformat(path.parent.name.removeprefix(prefix)) for path in found}


def missing_tables(root: Path) -> list[TableSpec]:
    """The tables that have no file at all."""
    return [spec for spec in ALL_TABLES.values() if not dates(root, spec)]

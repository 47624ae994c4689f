"""Where everything lies in a warehouse folder.

```text
work/         artifacts and append-only records: the source of truth
tables/       what people query; nothing but `<table>/<date>/part-0.parquet`, or without a date
state/        locks, the warehouse's own settings, what a publication is in the middle of
```
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from warehouse.schemas import ALL_TABLES
from warehouse.schemas.spec import TableSpec

FOLDERS = ("work", "tables", "state")
Day = date | None
"""The date of a table's file; None for a table that is one file."""

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


def entries_lock(root: Path) -> Path:
    """Held while what people put on record is written."""
    return root / "state" / "entries.lock"


def journal(root: Path) -> Path:
    """What a publication still has to rename; there only while one is under way."""
    return root / "state" / "publishing.json"


def staging(root: Path) -> Path:
    """Where table files lie until they are swapped in."""
    return root / "state" / "publishing"


def mirror_record(root: Path) -> Path:
    """Where the mirror of the tables lies, and what was last put there; missing without one."""
    return root / "state" / "mirror.json"


def mirror_lock(root: Path) -> Path:
    """Held by the one who brings the mirror in line."""
    return root / "state" / "mirror.lock"


def mirroring(root: Path) -> Path:
    """Where table files have a second name while they are copied to the mirror."""
    return root / "state" / "mirroring"


def erasure_key(root: Path) -> Path:
    """The key to the hashes of erased calls; missing before the first erasure."""
    return root / "state" / "erasure.key"


def erasing(root: Path) -> Path:
    """What an erasure still has to do; there only while one is under way."""
    return root / "state" / "erasing.json"


def unfinished(root: Path) -> Path:
    """Where artifacts lie until they are whole."""
    return root / "work" / "unfinished"


def part(spec: TableSpec, day: Day) -> Path:
    """A table's file for one date, relative to the warehouse folder."""
    folder = Path("tables") / spec.name
    if spec.partition is None:
        return folder / PART
    return folder / f"{spec.partition}={(day or NO_DATE).isoformat()}" / PART


def dates(root: Path, spec: TableSpec) -> set[date]:
    """The dates that table has a file for, the empty file's included; none for a one-file table."""
    prefix = f"{spec.partition}="
    found = (root / "tables" / spec.name).glob(f"{prefix}*/{PART}")
    days = (_date_in(path.parent.name.removeprefix(prefix)) for path in found)
    return {day for day in days if day is not None}


def _date_in(text: str) -> date | None:
    """The date of that text; None of a stranger, which `tables check` names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def days(root: Path, specs: Iterable[TableSpec]) -> set[Day]:
    """Every date that one of those tables has or must have a file for."""
    found: set[Day] = set()
    for spec in specs:
        found |= {None} if spec.partition is None else {NO_DATE, *dates(root, spec)}
    return found


def in_order(found: Iterable[Day]) -> list[Day]:
    """Dates in order, those of one-file tables first."""
    return sorted(found, key=lambda day: day or date.min)


def has_file(root: Path, spec: TableSpec) -> bool:
    """True when that table has at least one file."""
    if spec.partition is None:
        return (root / part(spec, None)).is_file()
    return bool(dates(root, spec))


def missing_tables(root: Path) -> list[TableSpec]:
    """The tables that have no file at all."""
    return [spec for spec in ALL_TABLES.values() if not has_file(root, spec)]

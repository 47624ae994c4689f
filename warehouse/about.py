"""What a warehouse says about itself, and where one may be made: `state/warehouse.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from calls.errors import SettingsError, UsageError, WarehouseDamaged
from warehouse import layout
from warehouse.evolution import USE_NEWER
from warehouse.files import write_whole
from warehouse.schemas import SCHEMA_VERSIONS


def write_settings(root: Path, time_zone: str) -> None:
    """Returns when a new warehouse knows its time zone, and that its tables are of this version."""
    _write(root, {"time_zone": time_zone, "schemas": SCHEMA_VERSIONS, "becoming": {}})


def read_settings(root: Path) -> dict[str, Any]:
    """What the warehouse in that folder says about itself.

    `time_zone`; `schemas`, the schema version that every file of a table has at least; and
    `becoming`, the version to which files of a table are being brought up, one date after another:
    then each file says itself which of the two it has.
    """
    try:
        facts = json.loads(layout.settings_file(root).read_bytes())
        return {
            "time_zone": facts["time_zone"],
            "schemas": {name: int(one) for name, one in facts["schemas"].items()},
            "becoming": {name: int(one) for name, one in facts.get("becoming", {}).items()},
        }
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"{root}: no warehouse here. Make one with: nightcall run --warehouse {root}"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WarehouseDamaged(
            f"{root}: state/warehouse.json can't be read. It must hold the time zone and the "
            'schema versions, e.g. {"time_zone": "UTC", "schemas": {}}.'
        ) from error


def is_current(root: Path, tables: Iterable[str] | None = None) -> bool:
    """True when the tables there have the columns that this version declares; None: all tables."""
    stored = read_settings(root)["schemas"]
    if tables is None:
        return bool(stored == SCHEMA_VERSIONS)
    return all(stored.get(name) == SCHEMA_VERSIONS[name] for name in tables)


def note_becoming(root: Path, tables: Iterable[str]) -> None:
    """Returns when it is on record that files of those tables may be of this version already.

    The caller holds the publish lock, here and below.
    """
    facts = read_settings(root)
    wanted = {name: SCHEMA_VERSIONS[name] for name in tables}
    outdated = {name: one for name, one in wanted.items() if facts["schemas"].get(name) != one}
    if not outdated.items() <= facts["becoming"].items():
        _write(root, {**facts, "becoming": {**facts["becoming"], **outdated}})


def note_current(root: Path, tables: Iterable[str]) -> None:
    """Returns when it is on record that every file of those tables is of this version."""
    before = read_settings(root)
    names = set(tables)
    schemas = {**before["schemas"], **{name: SCHEMA_VERSIONS[name] for name in names}}
    becoming = {name: one for name, one in before["becoming"].items() if name not in names}
    facts = {**before, "schemas": schemas, "becoming": becoming}
    if facts != before:
        _write(root, facts)


def require_not_newer(root: Path) -> None:
    """Returns when no newer Nightcall has written the tables there.

    Raises:
        UsageError: naming the table, both versions and what to do.
    """
    facts = read_settings(root)
    for name, version in (*facts["schemas"].items(), *facts["becoming"].items()):
        known = SCHEMA_VERSIONS.get(name)
        if known is None or version > known:
            here = f"knows schema version {known}" if known else "knows no such table"
            raise UsageError(
                f"{root}: made by a newer Nightcall: table {name} is at schema version {version}, "
                f"and this one {here}. {USE_NEWER}"
            )


def _write(root: Path, facts: Mapping[str, Any]) -> None:
    written = {name: value for name, value in facts.items() if value or name != "becoming"}
    write_whole(
        layout.settings_file(root),
        json.dumps(written, indent=1).encode(),
        staging=layout.staging(root),
    )


def require_zone(time_zone: str) -> None:
    """Returns when the time zone exists."""
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(
            f"Time zone {time_zone!r} is unknown; use one like 'Europe/Berlin' or 'UTC'."
        ) from None


def require_free(root: Path) -> None:
    """Returns when a warehouse may be made in that folder."""
    if not root.exists():
        return
    if not root.is_dir():
        raise UsageError(f"{root}: is a file; a warehouse is a folder.")
    strangers = sorted(path.name for path in root.iterdir() if path.name not in layout.FOLDERS)
    if strangers:
        raise UsageError(
            f"{root}: is no warehouse and holds other files, e.g. {strangers[0]!r}. "
            "Name a folder that is empty or does not exist."
        )

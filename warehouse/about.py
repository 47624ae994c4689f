"""What a warehouse says about itself, and where one may be made: `state/warehouse.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from calls.errors import SettingsError, UsageError, WarehouseDamaged
from warehouse import layout
from warehouse.files import write_whole
from warehouse.schemas import SCHEMA_VERSIONS


def write_settings(root: Path, time_zone: str) -> None:
    """Returns when the warehouse knows its time zone, and that its tables are of this version."""
    facts = {"time_zone": time_zone, "schemas": SCHEMA_VERSIONS}
    write_whole(
        layout.settings_file(root),
        json.dumps(facts, indent=1).encode(),
        staging=layout.staging(root),
    )


def read_settings(root: Path) -> dict[str, Any]:
    """The time zone and the schema versions of the warehouse in that folder."""
    try:
        facts = json.loads(layout.settings_file(root).read_bytes())
        return {"time_zone": facts["time_zone"], "schemas": facts["schemas"]}
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"{root}: no warehouse here. Make one with: nightcall run --warehouse {root}"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
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

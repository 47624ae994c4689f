"""Which recordings are set aside, why, and how often they were tried."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.files import to_json, write_whole


@dataclass(frozen=True, slots=True)
class QuarantineRecord:
    """One recording set aside.

    `fingerprint` says which state of the file failed: a file that changed gets a new chance.
    """

    name: str
    fingerprint: str
    error_class: str
    message: str
    attempts: int
    first_at: datetime
    last_at: datetime
    source_key: str | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The recordings a warehouse has set aside, by name.

    Args:
        root: the warehouse folder.
    """

    root: Path

    def get(self, name: str) -> QuarantineRecord | None:
        """The record of that recording, if it is set aside."""
        return _read(self._path(name))

    def put(self, record: QuarantineRecord) -> None:
        """Returns when the recording is set aside; an earlier record of it is replaced."""
        write_whole(
            self._path(record.name), to_json(asdict(record)), staging=layout.unfinished(self.root)
        )

    def remove(self, name: str) -> bool:
        """True when the recording was set aside; now it is not."""
        path = self._path(name)
        if not path.exists():
            return False
        path.unlink()
        return True

    def all(self) -> list[QuarantineRecord]:
        """Every recording set aside, by name."""
        found = (_read(path) for path in (self.root / "work" / "quarantine").glob("*.json"))
        return sorted((one for one in found if one is not None), key=lambda one: one.name)

    def _path(self, name: str) -> Path:
        # A digest: recordings may lie in folders and carry names no file system shares.
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self.root / "work" / "quarantine" / f"{digest}.json"


def _read(path: Path) -> QuarantineRecord | None:
    try:
        facts = json.loads(path.read_bytes())
        times = {name: datetime.fromisoformat(facts[name]) for name in ("first_at", "last_at")}
        return QuarantineRecord(**{**facts, **times})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise WarehouseDamaged(
            f"work/quarantine/{path.name}: can't be read ({type(error).__name__}). Remove the "
            "file; the next night tries the recording again."
        ) from error

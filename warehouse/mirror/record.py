"""What was last put into the mirror: `state/mirror.json`."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from calls.errors import WarehouseDamaged
from calls.mirror_url import is_url
from warehouse import layout
from warehouse.files import write_whole


@dataclass(frozen=True, slots=True)
class Stamp:
    """One version of a table file."""

    size_bytes: int
    mtime_ns: int
    sha256: str


@dataclass(slots=True)
class MirrorRecord:
    """The mirror of a warehouse, and what is known to be in it.

    `place` is a URL, or the path of a folder as seen from the warehouse folder. `id` is also in the
    mirror itself, so that no other warehouse's mirror is taken for this one's.
    """

    place: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    keeps_versions: bool | None = None
    files: dict[str, Stamp] = field(default_factory=dict)

    def save(self, root: Path) -> None:
        """Returns when the record is on disk."""
        write_whole(
            layout.mirror_record(root),
            json.dumps(asdict(self), indent=1).encode(),
            staging=layout.mirroring(root),
        )


def load(root: Path) -> MirrorRecord | None:
    """The record of that warehouse's mirror; None if it has none.

    Raises:
        WarehouseDamaged: the record can't be read.
    """
    try:
        facts = json.loads(layout.mirror_record(root).read_bytes())
        files = {name: Stamp(**stamp) for name, stamp in facts.pop("files").items()}
        return MirrorRecord(**facts, files=files)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WarehouseDamaged(
            "state/mirror.json: can't be read. Remove what lies in the mirror, then that file; "
            "the next `nightcall tables mirror URL` makes both anew."
        ) from error


def to_record(place: str, root: Path) -> str:
    """The place as it is put on record: no absolute path lies in a warehouse."""
    return place if is_url(place) else os.path.relpath(Path(place).resolve(), root.resolve())


def from_record(place: str, root: Path) -> str:
    """The place as it can be opened."""
    return place if is_url(place) else os.path.normpath(root.resolve() / place)

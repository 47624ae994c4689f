"""What people have said about a call, as a small JSON file beside its artifacts.

It is only ever added to: a correction that is taken back stays on record. It goes when the call is
erased, with everything else about it.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from calls.corrections import Corrections, Swap
from calls.errors import WarehouseDamaged
from calls.labels import Role
from warehouse.artifacts import ArtifactStore
from warehouse.files import to_json, write_whole
from warehouse.layout import unfinished

CORRECTIONS = "corrections.json"
_SWAP = "swap"


def load_corrections(store: ArtifactStore, key: str) -> Corrections:
    """The corrections of that call; empty where nobody has said anything.

    Raises:
        WarehouseDamaged: the file is not what was written. Only people can say it again.
    """
    try:
        data = (store.folder(key) / CORRECTIONS).read_bytes()
    except FileNotFoundError:
        return Corrections()
    try:
        return Corrections(tuple(_swap(one) for one in json.loads(data)["corrections"]))
    except Exception as error:  # whatever it trips over, a file that can't be read is damaged
        raise WarehouseDamaged(
            f"artifact {key[:12]}…/{CORRECTIONS}: can't be read ({type(error).__name__}). Remove "
            "the file, then say again what it said: nightcall swap"
        ) from error


def add_swap(store: ArtifactStore, key: str, swap: Swap) -> Corrections:
    """The corrections of that call with one more, on disk. Only call it with the night's lock.

    Raises:
        WarehouseDamaged: what was said before can't be read; nothing is written.
    """
    corrections = Corrections((*load_corrections(store, key).swaps, swap))
    facts = {
        "corrections": [
            {
                "what": _SWAP,
                "at": one.at.isoformat(),
                "by": one.by,
                "about": one.about,
                "roles": {speaker: str(role) for speaker, role in one.roles},
            }
            for one in corrections.swaps
        ]
    }
    path = store.folder(key) / CORRECTIONS
    write_whole(path, to_json(facts, indent=1), staging=unfinished(store.root))
    return corrections


def _swap(facts: dict[str, Any]) -> Swap:
    if facts["what"] != _SWAP:
        raise ValueError("a kind of correction that this version of Nightcall does not know")
    return Swap(
        about=str(facts["about"]),
        roles=tuple((speaker, Role(role)) for speaker, role in facts["roles"].items()),
        at=datetime.fromisoformat(facts["at"]),
        by=facts["by"],
    )

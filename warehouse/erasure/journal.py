"""What an erasure still has to do: `state/erasing.json`, there only while one is under way.

It is the one place that names what is to be erased, so that a run that was killed can be finished,
and what was said so that the end can be proved. It goes when the erasure is done.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.erasure.target import Target, Targets
from warehouse.files import sync_folder, to_json, write_whole


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for, by whom, and why.

    Args:
        scope: `call`, `participant`, `account` or `expired`.
        reason: why, in the operator's words; kept for ever.
        by: who asked.
        at: when.
        email: whose calls are erased, if a person's are: looked for at the end, kept nowhere.
        prove: True to search the warehouse at the end.
    """

    scope: str
    reason: str | None
    by: str | None
    at: datetime
    email: str | None = None
    prove: bool = True


@dataclass(frozen=True, slots=True)
class CallToErase:
    """One call of an erasure.

    Args:
        target: what it is known by.
        rows: rows that leave the tables, or are cleared.
        files: artifacts and records that go, or are cleared.
        names: its files, but those whose names other calls have too.
        said: its longest sentences.
        recordings: its files in the recordings location that are to be removed.
        left: how many of its files stay there.
    """

    target: Target
    rows: int = 0
    files: int = 0
    names: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Erasing:
    """An erasure under way. `quoting` are the other calls to clear, `nights` the records."""

    order: Order
    calls: tuple[CallToErase, ...]
    quoting: tuple[str, ...] = ()
    nights: tuple[str, ...] = ()

    @property
    def targets(self) -> Targets:
        """What the calls are known by."""
        return Targets(tuple(one.target for one in self.calls))


def save(root: Path, erasing: Erasing) -> None:
    """Returns when the erasure is on disk: from here on it will be finished."""
    write_whole(layout.erasing(root), to_json(asdict(erasing)), staging=layout.unfinished(root))


def load(root: Path) -> Erasing | None:
    """The erasure that is under way in that warehouse, if one is.

    Raises:
        WarehouseDamaged: the file is not what was written.
    """
    try:
        facts = json.loads(layout.erasing(root).read_bytes())
        return Erasing(
            order=Order(**{**facts["order"], "at": datetime.fromisoformat(facts["order"]["at"])}),
            calls=tuple(_call(one) for one in facts["calls"]),
            quoting=tuple(facts["quoting"]),
            nights=tuple(facts["nights"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise WarehouseDamaged(
            "state/erasing.json: can't be read, so the erasure it was about can't be finished. "
            "Remove it, then erase the call again: nightcall erase CALL_ID"
        ) from error


def remove(root: Path) -> None:
    """Returns when nothing names the erased calls any more."""
    path = layout.erasing(root)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def _call(facts: dict[str, Any]) -> CallToErase:
    target = {name: _tuple(value) for name, value in facts.pop("target").items()}
    day = target.pop("call_date")
    return CallToErase(
        target=Target(**target, call_date=date.fromisoformat(day) if day else None),
        **{name: _tuple(value) for name, value in facts.items()},
    )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

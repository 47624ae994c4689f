"""The recordings location, as far as an erasure meets it: opened if it can be, removed from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from calls.errors import UsageError
from calls.settings import Settings
from flows.discovery.location import Location
from flows.erasing.lying import RecordingsThere
from warehouse.erasure.journal import Erasing
from warehouse.store import Warehouse


def look(settings: Settings, warehouse: Warehouse) -> tuple[RecordingsThere | None, str]:
    """What lies in the recordings location; None and why, if it can't be listed.

    A warehouse outlives its recordings: calls can be erased without them.
    """
    try:
        location = Location(settings.recordings)
        there = RecordingsThere(
            location, settings.discovery, settings.warehouse, warehouse.seen.load()
        )
    except UsageError as error:
        return None, f"{error} Whether recordings of these calls still lie anywhere is not known."
    except Exception as error:  # whatever the library of an object store raises
        return None, (
            f"The recordings location {settings.recordings!r} can't be listed "
            f"({type(error).__name__}). Whether recordings of these calls lie there is not known."
        )
    return there, ""


@dataclass(slots=True)
class Remover:
    """Removes what an erasure names from the recordings location; `problems` says what stays.

    Args:
        location: the recordings; None if they can't be reached.
    """

    location: Location | None
    problems: list[str] = field(default_factory=list)

    def __call__(self, erasing: Erasing) -> Counter[str]:
        """How many files have gone, by erasure id. What is gone already counts as well."""
        removed = Counter[str]()
        for call in erasing.calls:
            for name in call.recordings:
                removed[call.target.erasure_id] += self.remove(name)
        return removed

    def remove(self, name: str) -> bool:
        """True when that file is there no more."""
        why = "the recordings location can't be reached"
        if self.location is not None:
            try:
                self.location.remove(name)
                return True
            except Exception as error:  # whatever the library of an object store raises
                why = getattr(error, "strerror", None) or type(error).__name__
        self.problems.append(f"{name}: could not be removed ({why}). Remove it by hand.")
        return False

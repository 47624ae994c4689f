"""Finishing an erasure that was cut off, before anything else is done in the warehouse."""

from __future__ import annotations

from collections.abc import Iterator

from flows.discovery.location import Location
from flows.erasing.recordings import Remover
from warehouse.erasure import journal
from warehouse.erasure.erase import carry_out
from warehouse.store import Warehouse


def finish_cut_off(warehouse: Warehouse, location: Location | None) -> Iterator[str]:
    """Finishes an erasure that a killed run left, and says so in lines that name nobody.

    Only call it with the night's lock.

    Args:
        warehouse: the warehouse.
        location: the recordings; None if they can't be reached.
    """
    erasing = journal.load(warehouse.path)
    if erasing is None:
        return
    if not warehouse.is_current():
        yield "An erasure that was cut off waits until the tables are up to date: run again."
        return
    remover = Remover(location)
    done = carry_out(warehouse, erasing, remover)
    if erasing.calls:
        calls = f"{len(erasing.calls)} call{'s' if len(erasing.calls) > 1 else ''}"
        yield f"An erasure that was cut off has been finished: {calls}."
    if remover.problems:
        yield (
            f"{len(remover.problems)} of its recordings could not be removed. Name them with: "
            "nightcall erase --left"
        )
    if done.proof is not None and not done.proof.holds:
        places = sorted({one.path for one in done.proof.findings} | {*done.proof.unreadable})
        yield (
            f"It could not be proved: see {', '.join(places[:3])}. docs/erasure.md says what to do."
        )
    if done.mirror:
        yield f"The mirror still holds erased calls. {done.mirror}"

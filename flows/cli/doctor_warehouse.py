"""What `nightcall doctor` says about the warehouse."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from flows.cli.doctor_finding import Finding
from flows.cli.shown_bytes import bytes_shown

if TYPE_CHECKING:
    from calls.settings import Settings
    from warehouse.sizes import Size
    from warehouse.store import Warehouse


def contents(settings: Settings) -> Finding:
    """How many calls there are, and how much room is left."""
    parent = next(
        one for one in (settings.warehouse, *settings.warehouse.resolve().parents) if one.exists()
    )
    free = f"{shutil.disk_usage(parent).free / 1e9:.0f} GB free"
    store = _store(settings)
    if store is None:
        return Finding("warehouse", True, f"none yet in {settings.warehouse} ({free})")
    waiting = len(store.quarantine.all())
    return Finding(
        "warehouse",
        True,
        f"{settings.warehouse}: {len(store.landed())} calls, {waiting} in quarantine, {free}",
    )


def _store(settings: Settings) -> Warehouse | None:
    """The warehouse; None where there is none yet.

    Raises:
        UsageError: there is one that can't be opened.
    """
    from warehouse import layout
    from warehouse.store import open_warehouse

    if not layout.settings_file(settings.warehouse).exists():
        return None
    return open_warehouse(settings.warehouse)


def on_disk(settings: Settings) -> Finding | None:
    """What the warehouse takes, room by room."""
    from warehouse.sizes import measure

    store = _store(settings)
    if store is None:
        return None
    sizes = measure(store.path)
    rooms = {
        "tables": sizes.all_tables,
        "artifacts": sizes.artifacts,
        "records": sizes.records,
        "state": sizes.state,
    }
    found = ", ".join(f"{name} {_shown(size)}" for name, size in rooms.items())
    largest = sizes.tables[sizes.largest]
    return Finding(
        "on disk",
        True,
        f"{found}; largest table: {sizes.largest} ({bytes_shown(largest.size_bytes)})",
    )


def tables(settings: Settings) -> Finding | None:
    """Whether the tables have the columns of this version."""
    from warehouse import layout
    from warehouse.schemas.calls import CALLS

    store = _store(settings)
    if store is None:
        return None
    dates = len(layout.dates(store.path, CALLS) - {layout.NO_DATE})
    if store.is_current():
        return Finding("tables", True, f"current; dates with calls: {dates:,}")
    return Finding(
        "tables",
        True,
        f"of an earlier version; dates with calls: {dates:,}",
        "The next night brings them up to date.",
    )


def tidy(settings: Settings) -> Finding | None:
    """Whether anything lies about that nobody needs, or that nobody has put there."""
    from warehouse.check.places import strangers
    from warehouse.leftovers import leftovers

    store = _store(settings)
    if store is None:
        return None
    left = [path for _, found in leftovers(store.path) for path in found]
    strange = list(strangers(store.path))
    if not left and not strange:
        return Finding("tidy", True, "no leftovers, nothing strange among the tables")
    found = f"{len(left):,} leftovers of killed runs, {len(strange):,} strangers among the tables"
    remedy = "nightcall tables compact" if left else "nightcall tables check"
    return Finding("tidy", False, found, f"Run: {remedy}")


def mirror(settings: Settings) -> Finding | None:
    """Whether the mirror of the tables, if there is one, has what the tables have."""
    from warehouse.mirror import place_of
    from warehouse.mirror.behind import files_behind

    store = _store(settings)
    place = place_of(store) if store is not None else None
    if store is None or place is None:
        return None
    behind = files_behind(store.path)
    if not behind:
        return Finding("mirror", True, f"{place}: in line, as of its last run")
    return Finding(
        "mirror", False, f"{place}: {behind:,} files behind", "Run: nightcall tables mirror"
    )


def _shown(size: Size) -> str:
    about = "about " if size.is_estimate else ""
    return f"{about}{bytes_shown(size.size_bytes)} in {size.files:,} files"


def erasures(settings: Settings) -> Finding | None:
    """Whether erased calls can be told from others, and none is half erased; None if none ever was.

    Raises:
        WarehouseDamaged: the key to their hashes is gone, so that no night can run.
    """
    from warehouse.erasure import journal
    from warehouse.erasure.refusals import load_refusals

    store = _store(settings)
    if store is None:
        return None
    refusals = load_refusals(store.path)
    if journal.load(store.path) is not None:
        remedy = "The next night finishes it, and so does the next nightcall erase."
        return Finding("erasures", False, "an erasure was cut off", remedy)
    return Finding("erasures", True, "erased calls are refused") if refusals else None

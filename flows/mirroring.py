"""The last step of a night: the mirror of the tables, if there is to be one."""

from __future__ import annotations

from calls.errors import NightcallError
from calls.settings import Settings
from flows.progress import current
from warehouse.mirror import mirror
from warehouse.store import Warehouse


def mirror_tables(settings: Settings, warehouse: Warehouse) -> str:
    """Why the mirror is not in line with the tables, for the report; "" if it is or none is wanted.

    What has landed has landed: a mirror that can't be reached fails no night, and the next one
    makes it good.
    """
    if settings.tables_mirror is None:
        return ""
    try:
        done = mirror(warehouse, settings.tables_mirror)
    except NightcallError as error:
        return f"not mirrored, which the next night makes good: {error}"
    current().say(f"mirrored to {done.place}: {done.put} files put, {done.removed} removed")
    return ""

"""What it costs to take one call out of the tables of a million."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from benchmarks.made_calls import Site
from benchmarks.warehouse_landing import DAY, append, dated, swap_in
from warehouse import Warehouse, open_warehouse
from warehouse.schemas import CALL_TABLES

_TURNS_ELSEWHERE = 2


@dataclass(frozen=True, slots=True)
class Erased:
    """What erasing took: seconds, files written, and how many of those on other dates."""

    seconds: float
    written: int
    elsewhere: int


def stand(folder: Path, site: Site, days: int) -> None:
    """Returns when the tables hold so many days; all but one have little said on them."""
    store = Warehouse.create(folder / "nightcall")
    sync, os.fsync = os.fsync, lambda descriptor: None  # nobody waits for what is only set up
    try:
        for number in range(1, days):
            day = DAY - timedelta(days=number)
            swap_in(store, day, Site(site.calls, _TURNS_ELSEWHERE).night(day))
        tables = site.night(DAY)
        swap_in(store, DAY, tables)
        with suppress(ImportError):  # delta-rs is not installed
            append(folder / "delta", dated(tables))
    finally:
        os.fsync = sync
    os.sync()


def from_nightcall(folder: Path, number: int) -> Erased:
    """Nightcall."""
    store = open_warehouse(folder / "nightcall")
    key = _some_key(store, number)
    before = _files(folder / "nightcall" / "tables")
    began = time.perf_counter()
    done = store.publish([], [key])
    seconds = time.perf_counter() - began
    after = _files(folder / "nightcall" / "tables")
    assert done.retired == 1
    assert store.turns.filter(pl.col("source_key") == key).collect().is_empty()
    written = [path for path in after if after[path] != before.get(path)]
    elsewhere = [path for path in written if f"call_date={DAY}" not in path]
    return Erased(seconds, len(written), len(elsewhere))


def from_delta(folder: Path, number: int) -> Erased:
    """delta-rs, which has the one date only: delete and vacuum, so that nothing is left on disk."""
    from deltalake import DeltaTable

    key = _some_key(open_warehouse(folder / "nightcall"), number + 500)
    before = _files(folder / "delta")
    began = time.perf_counter()
    for name in CALL_TABLES:
        table = DeltaTable(folder / "delta" / name)
        table.delete(f"call_date = '{DAY}' AND source_key = '{key}'")
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    seconds = time.perf_counter() - began
    after = _files(folder / "delta")
    return Erased(seconds, sum(after[path] != before.get(path) for path in after), 0)


def _some_key(store: Warehouse, number: int) -> str:
    """The source key of a call of the date on which much is said."""
    calls = store.calls.filter(pl.col("call_date") == DAY).select("source_key").sort("source_key")
    return str(calls.collect()["source_key"][1000 * number % calls.collect().height])


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    found = [(path, path.stat()) for path in folder.rglob("*.parquet")]
    return {str(path): (facts.st_ino, facts.st_mtime_ns) for path, facts in found}


ERASING: dict[str, Callable[[Path, int], Erased]] = {
    "Nightcall": from_nightcall,
    **(
        {"delta-rs, delete and vacuum, this date alone": from_delta}
        if find_spec("deltalake")
        else {}
    ),
}

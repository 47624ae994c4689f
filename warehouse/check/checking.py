"""The whole check: places, every date, what holds over all dates, records, artifacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from warehouse import layout
from warehouse.about import read_settings
from warehouse.check.across import check_across
from warehouse.check.artifacts import check_artifacts
from warehouse.check.dates import CALLS_SEEN, DateSeen, check_date
from warehouse.check.erased import check_erased
from warehouse.check.finding import Finding, Findings, Level
from warehouse.check.places import check_places, time_of_last_run
from warehouse.check.records import check_records
from warehouse.check.same_rows import check_same_rows
from warehouse.open_files import held_open
from warehouse.schemas import ALL_TABLES, CALL_TABLES
from warehouse.store import Warehouse

Each = Callable[[int, int], None]
"""Hears after each date how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has looked at, and what it has found: errors first, in the order of the paths.

    `dates` counts the dates that calls were looked for on, the empty file's included.
    """

    findings: tuple[Finding, ...]
    dates: int
    rows: int

    @property
    def errors(self) -> int:
        """How many findings have to be put right."""
        return sum(one.level == "error" for one in self.findings)


def check(store: Warehouse, *, artifacts: bool = False, each: Each | None = None) -> Checked:
    """What is wrong with a warehouse, and where.

    A night may go on meanwhile: of each date all files are opened at once, in one state, and read
    without a lock.

    Args:
        store: the warehouse.
        artifacts: also compare every row with the readings of the calls, which takes longer.
        each: hears how far it has come.
    """
    findings = Findings()
    last_run = time_of_last_run(store.path)
    days = layout.in_order(layout.days(store.path, CALL_TABLES.values()))
    calls, ids, rows = [pl.DataFrame(schema=CALLS_SEEN)], {}, 0
    for number, day in enumerate(days, start=1):
        assert day is not None
        seen = _check_date(store, day, findings, artifacts=artifacts)
        calls.append(seen.calls)
        ids[day] = seen.ids
        rows += seen.rows
        if each:
            each(number, len(days))
    check_across(store.path, ids, findings)
    landed = pl.concat(calls).unique("source_key", keep="first", maintain_order=True)
    records = check_records(store, landed, findings)
    rows += sum(frame.height for frame in records.values())
    is_quiet = last_run is not None and last_run == time_of_last_run(store.path)
    check_artifacts(store.artifacts, landed, findings, is_quiet=is_quiet)
    check_erased(store, landed, records["erasures"], findings)
    check_places(store.path, findings)  # last: reading may have finished what was cut off
    ordered = sorted(
        _but_for_new_tables(store.path, findings),
        key=lambda one: (one.level != "error", one.where, one.check),
    )
    return Checked(tuple(ordered), len(days), rows)


def _but_for_new_tables(root: Path, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, with one note in place of those about files of a table that is not made yet.

    A new version of Nightcall brings tables; the first publication after the update makes them.
    """
    new = ALL_TABLES.keys() - read_settings(root)["schemas"].keys()
    said = set[str]()
    for one in findings:
        name = one.where.split("/")[1] if one.check == "missing_file" else ""
        if name not in new:
            yield one
        elif name not in said:
            said.add(name)
            problem = "the table is new in this version of Nightcall and not made yet"
            next_step = "The next night makes it. Or run: nightcall tables rebuild"
            yield Finding("new_table", f"tables/{name}", problem, next_step, Level.NOTE)


def _check_date(store: Warehouse, day: date, findings: Findings, *, artifacts: bool) -> DateSeen:
    wanted = [(spec, day) for spec in CALL_TABLES.values()]
    with held_open(store.path, wanted, as_is=True) as opened:
        files = {name: file for (name, _), file in opened.items()}
        seen = check_date(day, files, findings, time_zone=store.time_zone)
        if artifacts:
            revisions = dict(seen.calls.select("source_key", "revision").iter_rows())
            check_same_rows(store.artifacts, day, files, revisions, findings)
    return seen

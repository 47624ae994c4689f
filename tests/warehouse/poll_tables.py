"""Reads a warehouse's tables again and again and says whether anything was ever wrong in them.

`python -m tests.warehouse.poll_tables polars|duckdb|nightcall FOLDER`: prints "reading" after the
first round, reads until its input ends, then prints JSON: how many reads there were, and what was
wrong in them (an error is wrong as well).

Polars and DuckDB open a file more than once for one question. Where it was swapped for another
meanwhile, they may put the footer of one and the pages of the other together; and a call that moves
may be in a file they have read and in one they read next. Such reads are told apart: how many
`straddled` a swap is known by looking at all files before and after, and what was `odd` in them.
Nightcall's own reader is let off nothing.
"""

from __future__ import annotations

import json
import select
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import duckdb
import polars as pl

from tests.warehouse.changing_calls import (
    TABLES,
    Seen,
    disagreements,
    faults,
    seen_by_nightcall,
)
from warehouse import open_warehouse

PAUSE_S = 0.03
"""Readers leave the writers some of the processor, or hardly anything would be written."""

Look = Callable[[Path, int], dict[str, list[Seen]]]


def with_polars(folder: Path, turn: int) -> dict[str, list[Seen]]:
    name = TABLES[turn % len(TABLES)]
    columns = ("call_id", "revision", "call_date")
    frame = pl.scan_parquet(folder / "tables" / name).group_by(columns).len().collect()
    return {name: frame.select(*columns, "len").rows()}


def with_duckdb(folder: Path, turn: int) -> dict[str, list[Seen]]:
    name = TABLES[turn % len(TABLES)]
    files = folder / "tables" / name / "*" / "*.parquet"
    question = (
        "SELECT call_id, revision, call_date, count(*) "
        f"FROM read_parquet('{files}', hive_partitioning = true) GROUP BY ALL"
    )
    with duckdb.connect(":memory:") as connection:
        return {name: connection.execute(question).fetchall()}


def with_nightcall(folder: Path, turn: int) -> dict[str, list[Seen]]:
    """All tables as one state, which plain readers do not get."""
    with open_warehouse(folder).reading() as store:
        return {name: seen_by_nightcall(store, name) for name in TABLES}


LOOKS: dict[str, Look] = {
    "polars": with_polars,
    "duckdb": with_duckdb,
    "nightcall": with_nightcall,
}


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    before: dict[str, dict[str, int]] = {name: {} for name in TABLES}
    reads, straddled = 0, 0
    wrong: list[str] = []
    odd: list[str] = []
    for turn in count():
        if turn == 1:
            sys.stdout.write("reading\n")
            sys.stdout.flush()
        if select.select([sys.stdin], [], [], 0)[0]:
            break
        time.sleep(PAUSE_S)
        files = _files(folder)
        known = {name: dict(revisions) for name, revisions in before.items()}
        found = _look(kind, folder, turn, before)
        reads += 1
        if kind != "nightcall" and files != _files(folder):
            straddled += 1
            odd += found
            before = known if found else before
        else:
            wrong += found
    told = {"reads": reads, "straddled": straddled, "odd": odd, "wrong": wrong}
    sys.stdout.write(json.dumps(told))


def _look(kind: str, folder: Path, turn: int, before: dict[str, dict[str, int]]) -> list[str]:
    """What was wrong in one look."""
    try:
        seen = LOOKS[kind](folder, turn)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # polars may panic, which is no Exception
        return [f"{type(error).__name__}: {error}"[:200]]
    found = [one for name, rows in seen.items() for one in faults(name, rows, before[name])]
    return [*found, *(disagreements(seen) if len(seen) > 1 else [])]


def _files(folder: Path) -> list[tuple[str, int, int]]:
    """Every table file and which one it is."""
    found = [(path, path.stat()) for path in (folder / "tables").glob("*/*/*.parquet")]
    return sorted((str(path), facts.st_ino, facts.st_mtime_ns) for path, facts in found)


if __name__ == "__main__":
    main()

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from calls.errors import WarehouseDamaged
from tests.conftest import ROOT
from tests.warehouse.builders import land, rows_of
from tests.warehouse.damage import FIRST, SECOND
from warehouse import Warehouse, layout
from warehouse.files import locked
from warehouse.open_files import held_open
from warehouse.schemas import CALL_TABLES
from warehouse.schemas.spec import TableSpec

TURNS, CALLS = CALL_TABLES["turns"], CALL_TABLES["calls"]


def test_what_is_held_open_stays_what_it_was(store: Warehouse) -> None:
    land(store, rows_of("a"))
    with held_open(store.path, [(TURNS, FIRST), (CALLS, FIRST), (CALLS, SECOND)]) as files:
        assert files.keys() == {("turns", FIRST), ("calls", FIRST)}
        land(store, rows_of("a", revision=2, count=20))
        store.publish([], retired=[rows_of("a").source_key])
        assert pq.ParquetFile(files["turns", FIRST]).read().num_rows == 12
        assert pq.ParquetFile(files["calls", FIRST]).read()["revision"].to_pylist() == [1]
    assert files["turns", FIRST].closed


def test_a_state_that_nobody_can_tell_is_opened_only_as_it_is(store: Warehouse) -> None:
    land(store, rows_of("a"))
    layout.journal(store.path).write_text("{")
    with pytest.raises(WarehouseDamaged, match="publishing"), held_open(store.path, []):
        pass
    with held_open(store.path, [(TURNS, FIRST)], as_is=True) as files:
        assert len(files) == 1


def test_nobody_waits_for_a_publication_whose_files_are_all_in_place(store: Warehouse) -> None:
    land(store, rows_of("a"))
    steps = {"renames": [["state/publishing/1.tmp", "tables/turns/x/part-0.parquet"]]}
    layout.journal(store.path).write_text(json.dumps({**steps, "retired": []}))
    with locked(layout.publish_lock(store.path)), store.reading():  # would wait for ever
        assert store.calls.collect().height == 1


def test_dates_are_listed_while_nobody_can_publish(store: Warehouse) -> None:
    def wanted() -> Iterator[tuple[TableSpec, layout.Day]]:
        with pytest.raises(BlockingIOError), locked(layout.table_lock(store.path), wait=False):
            pass
        for day in layout.dates(store.path, TURNS):
            yield TURNS, day

    land(store, rows_of("a"))
    with held_open(store.path, wanted()) as files:
        assert files.keys() == {("turns", layout.NO_DATE), ("turns", FIRST)}


def opened_with_limit(store: Warehouse, soft: int, hard: int) -> str:
    """What a process says that may open so many files, and wants all of that warehouse."""
    script = f"""
import resource, sys
from pathlib import Path
from calls.errors import UsageError
from warehouse import layout
from warehouse.open_files import held_open
from warehouse.schemas import CALL_TABLES

root = Path(sys.argv[1])
wanted = [(spec, day) for spec in CALL_TABLES.values() for day in layout.days(root, [spec])]
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
try:
    with held_open(root, wanted) as files:
        print(len(files))
except UsageError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(store.path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_more_files_than_are_allowed_at_first(store: Warehouse) -> None:
    land(store, *(rows_of(f"{day}", days=day) for day in range(3)))
    count = 4 * len(CALL_TABLES)  # with the empty ones
    assert opened_with_limit(store, 20, 1000) == str(count)
    refused = opened_with_limit(store, 20, 50)
    assert refused.startswith(f"{count} table files would have to be open at once; this system")
    assert "ulimit -n" in refused


def test_no_lock_is_held_while_the_files_are_open(store: Warehouse, tmp_path: Path) -> None:
    land(store, rows_of("a"))
    with held_open(store.path, [(TURNS, FIRST)]):
        land(store, rows_of("b"))  # would wait for ever
    assert store.calls.collect().height == 2

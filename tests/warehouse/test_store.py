from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import warehouse
from calls.errors import SettingsError, UsageError, WarehouseBusy, WarehouseDamaged
from tests.warehouse.builders import (
    START,
    key_of,
    land,
    night_row,
    night_start,
    recording_row,
    rows_of,
)
from warehouse import QuarantineRecord, Warehouse
from warehouse.schemas import ALL_TABLES

ROOT = Path(__file__).parents[2]

HOLD = """
import sys
from warehouse.layout import night_lock_file
from warehouse.night_lock import night_lock
from pathlib import Path
with night_lock(night_lock_file(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_new_warehouse_has_every_table_empty_and_typed(store: Warehouse) -> None:
    for name, spec in ALL_TABLES.items():
        frame = store.table(name).collect()
        assert frame.is_empty()
        assert frame.schema == spec.frame_schema
        assert getattr(store, name).collect_schema() == spec.frame_schema


def test_open_gives_a_new_frame_at_each_access(store: Warehouse) -> None:
    opened = warehouse.open(store.path)
    assert opened == store
    first = opened.moments
    land(store, rows_of("a"))
    assert first is not opened.moments
    assert opened.moments.collect().height == 2
    assert opened.moments.collect_schema()["call_date"] == pl.Date


def test_an_unknown_table_is_named_with_the_known_ones(store: Warehouse) -> None:
    with pytest.raises(UsageError, match=r"Unknown table 'mood'. Known tables: .*calls"):
        store.table("mood")


def test_creating_again_opens_what_is_there(store: Warehouse) -> None:
    land(store, rows_of("a"))
    again = Warehouse.create(store.path, time_zone="UTC")
    assert again == store
    assert again.calls.collect().height == 1


def test_another_time_zone_is_refused(store: Warehouse) -> None:
    for opening in (Warehouse.create, warehouse.open):
        with pytest.raises(SettingsError, match=r"'UTC'; time_zone is 'Europe/Berlin'. Set"):
            opening(store.path, time_zone="Europe/Berlin")
    assert warehouse.open(store.path).time_zone == "UTC"


def test_an_unknown_time_zone_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'Mars/Base' is unknown"):
        Warehouse.create(tmp_path / "w", time_zone="Mars/Base")
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.touch()])
def test_where_no_warehouse_is_the_next_step_is_told(tmp_path: Path, make) -> None:
    make(tmp_path / "w")
    with pytest.raises(UsageError, match=r"no warehouse here. Make one with: nightcall run"):
        warehouse.open(tmp_path / "w")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match=r"holds other files, e.g. 'thesis.tex'"):
        Warehouse.create(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        Warehouse.create(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "thesis.tex"]


def test_a_folder_with_only_a_state_may_become_a_warehouse(tmp_path: Path) -> None:
    (tmp_path / "state" / "prefect").mkdir(parents=True)
    assert Warehouse.create(tmp_path).calls.collect().is_empty()


def test_damaged_settings_are_named(store: Warehouse) -> None:
    (store.path / "state" / "warehouse.json").write_text("{")
    with pytest.raises(WarehouseDamaged, match=r"state/warehouse.json can't be read"):
        warehouse.open(store.path)


def fill(store: Warehouse) -> None:
    land(store, rows_of("a"), rows_of("b", days=1))
    store.ledger.begin(night_start())
    store.ledger.append([recording_row()])
    store.ledger.end(night_row())
    store.publish_nights()
    store.quarantine.put(QuarantineRecord("x", "1", "E", "m", 1, START, START))
    store.seen.save([])
    with store.night_lock():
        pass


def test_everything_is_for_the_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = Warehouse.create(tmp_path / "deep" / "warehouse")
        fill(store)
    finally:
        os.umask(before)
    for path in [store.path, *store.path.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert path.stat().st_mode & 0o777 == expected, path


def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert Warehouse.create(tmp_path).path.stat().st_mode & 0o777 == 0o700


def test_no_file_holds_an_absolute_path_and_a_moved_warehouse_works(
    store: Warehouse, tmp_path: Path
) -> None:
    fill(store)
    for path in store.path.rglob("*"):
        assert path.is_dir() or str(tmp_path).encode() not in path.read_bytes()
    moved = warehouse.open(store.path.rename(tmp_path / "elsewhere"))
    assert moved.calls.collect().height == 2
    assert moved.rebuild().files == 0


def test_landed_says_what_deciding_needs(store: Warehouse) -> None:
    assert store.landed() == {}
    land(store, rows_of("a", revision=3, made_from="abc"), rows_of("b", count=0, moments=0, days=1))
    landed = store.landed()
    assert landed[key_of("a")] == warehouse.Landed(
        call_id="a",
        made_from="abc",
        engine="faster-whisper",
        status="landed",
        recording="a.wav",
        is_truncated=False,
        account="Acme",
        opportunity_id=None,
        started_at=START,
    )
    assert landed[key_of("b")].status == "no_speech"


def test_a_run_elsewhere_is_named_and_its_death_frees_the_warehouse(store: Warehouse) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout is not None
    assert other.stdin is not None
    try:
        assert other.stdout.readline() == b"held\n"
        expected = (
            rf"^Another run holds this warehouse: process {other.pid} on \S+ since "
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Wait"
        )
        with pytest.raises(WarehouseBusy, match=expected), store.night_lock():
            pass
    finally:
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
    with store.night_lock() as locked:
        assert locked == store


def test_a_lock_not_yet_signed_is_busy_too(store: Warehouse) -> None:
    with (store.path / "state" / "night.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(WarehouseBusy, match="it began a moment ago"), store.night_lock():
            pass


def test_an_error_inside_the_lock_passes_through_and_frees_it(store: Warehouse) -> None:
    with pytest.raises(BlockingIOError), store.night_lock():
        raise BlockingIOError("not the lock's")
    with store.night_lock():
        pass


def test_the_night_lock_sweeps_what_a_killed_run_left(store: Warehouse) -> None:
    folder = store.path / "work" / "unfinished"
    folder.mkdir(exist_ok=True)
    (folder / "1-2-abc.tmp").write_bytes(b"said by somebody")
    with store.night_lock():
        assert list(folder.iterdir()) == []


def test_readers_hold_a_publication_off(store: Warehouse) -> None:
    store.artifacts.save_reading(rows_of("a"))
    code = "import sys, warehouse\nw = warehouse.open(sys.argv[1])\nw.publish([sys.argv[2]])\n"
    with store.reading():
        publisher = subprocess.Popen(
            [sys.executable, "-c", code, str(store.path), key_of("a")],
            cwd=ROOT,
        )
        # It prepares everything, then waits for us with the renames still to do.
        journal = store.path / "state" / "publishing.json"
        while not journal.exists():
            assert publisher.poll() is None, "it did not wait"
            time.sleep(0.01)
        time.sleep(0.2)
        assert publisher.poll() is None, "it did not wait"
        assert journal.exists()
        assert store.calls.collect().is_empty()
    assert publisher.wait(timeout=30) == 0
    assert store.calls.collect().height == 1

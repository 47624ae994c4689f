from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from calls.errors import WarehouseBusy
from tests.dying import Dying
from tests.warehouse import damage
from tests.warehouse.builders import START, key_of, night_row, night_start, recording
from tests.warehouse.damage import FIRST, SECOND, path_of
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import SeenFile, Warehouse, layout, open_warehouse
from warehouse.artifacts import LISTENING
from warehouse.check import check
from warehouse.compact import Deed, Step, compact
from warehouse.files import locked
from warehouse.publication import Publication
from warehouse.schemas import CALL_TABLES


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("in_order") / "warehouse"
    damage.fill(Warehouse.create(path))
    return path


@pytest.fixture
def full(in_order: Path, tmp_path: Path) -> Warehouse:
    return open_warehouse(shutil.copytree(in_order, tmp_path / "full"))


def deeds(steps: tuple[Step, ...]) -> list[tuple[Deed, str]]:
    return [(one.deed, one.where) for one in steps]


def put(store: Warehouse, name: str, size: int = 1000) -> Path:
    path = store.path / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    return path


def without_second_date(store: Warehouse) -> None:
    """The only call of the second date leaves it."""
    store.publish([], retired=[key_of("c")])
    store.artifacts.remove(key_of("c"))
    store.artifacts.folder(key_of("c")).parent.rmdir()


def test_a_warehouse_in_order_stays_as_it_is(full: Warehouse) -> None:
    before = files(full)
    done = compact(full)
    assert done.steps == ()
    assert (done.files, done.freed_bytes) == (0, 0)
    assert files(full) == before


def test_a_date_without_calls_goes(full: Warehouse) -> None:
    without_second_date(full)
    before = state(full)
    done = compact(full)
    assert deeds(done.steps) == [
        (Deed.REMOVED, "tables/*/call_date=2026-09-15"),
    ]
    assert done.files == len(CALL_TABLES)
    assert done.freed_bytes > 1000
    assert_same(state(full), before)
    for spec in CALL_TABLES.values():
        assert layout.dates(full.path, spec) == {layout.NO_DATE, FIRST}
    assert check(full).findings == ()


def test_the_empty_file_that_keeps_a_table_readable_stays(store: Warehouse) -> None:
    assert compact(store).steps == ()
    assert store.calls.collect().is_empty()


def test_a_date_with_rows_in_any_table_stays(full: Warehouse) -> None:
    damage.keep(full, "calls", lambda frame: frame.clear(), SECOND)
    assert compact(full, dry_run=True).steps == ()


def test_nights_without_rows_go(full: Warehouse) -> None:
    later = START + timedelta(days=3)
    full.ledger.begin(night_start("n2", started_at=later))
    full.ledger.end(night_row("n2", started_at=later))
    full.publish_nights()
    shutil.rmtree(full.path / "work" / "nights" / "n2")
    full.rebuild()
    assert deeds(compact(full).steps) == [(Deed.REMOVED, "tables/*/night_date=2026-09-17")]


@pytest.mark.parametrize(
    "write",
    [
        lambda table, path: pq.write_table(table, path, compression="snappy"),
        lambda table, path: pq.write_table(table, path, compression="zstd", row_group_size=5),
        lambda table, path: pq.write_table(table, path, compression="zstd", use_dictionary=False),
        lambda table, path: pq.write_table(table, path, compression="zstd", write_statistics=False),
    ],
    ids=["codec", "row groups", "dictionaries", "statistics"],
)
def test_a_file_laid_out_otherwise_is_written_anew(
    full: Warehouse, write: Callable[[object, Path], None]
) -> None:
    before, untouched = state(full), files(full)
    path = path_of(full, "turns")
    write(pq.ParquetFile(path).read(), path)
    done = compact(full)
    assert deeds(done.steps) == [(Deed.REWRITTEN, path.relative_to(full.path).as_posix())]
    assert compact(full).steps == ()
    assert_same(state(full), before)
    changed = {name for name, one in files(full).items() if one != untouched[name]}
    assert changed == {path.relative_to(full.path).as_posix()}
    assert check(full, artifacts=True).findings == ()


def test_files_of_one_table_are_one_step(full: Warehouse) -> None:
    for day in (FIRST, SECOND):
        path = path_of(full, "turns", day)
        pq.write_table(pq.ParquetFile(path).read(), path)
    size = sum(path_of(full, "turns", day).stat().st_size for day in (FIRST, SECOND))
    (one,) = compact(full).steps
    assert (one.deed, one.where, one.files) == (Deed.REWRITTEN, "tables/turns", 2)
    left = sum(path_of(full, "turns", day).stat().st_size for day in (FIRST, SECOND))
    assert one.size_bytes == size - left


def test_what_cannot_be_read_is_left_to_the_check(full: Warehouse) -> None:
    path_of(full, "turns").write_bytes(b"PAR1 no more")
    damage.change_arrow(full, "chains", lambda rows: rows.drop_columns("is_new"))
    assert compact(full).steps == ()


LEFTOVERS = {
    "state/publishing": "state/publishing/1-2-abc.tmp",
    "work/unfinished": "work/unfinished/1-2-abc.tmp",
    "work/nights": "work/nights/n1/batches/00001.json",
    "work": "work/1-2-abc.tmp",
    "state/mirroring": "state/mirroring/1-2-abc.tmp",
}


@pytest.mark.parametrize("place", LEFTOVERS)
def test_leftovers_go(full: Warehouse, place: str) -> None:
    path = put(full, LEFTOVERS[place])
    (planned,) = compact(full, dry_run=True).steps
    assert path.exists()
    (done,) = compact(full).steps
    assert (done.deed, done.where, done.files, done.size_bytes) == (Deed.REMOVED, place, 1, 1000)
    assert planned == done
    assert not path.exists()
    assert not (full.path / "work" / "nights" / "n1" / "batches").exists()
    assert check(full).findings == ()


def test_what_somebody_is_writing_stays(full: Warehouse) -> None:
    paths = [put(full, LEFTOVERS[one]) for one in ("state/mirroring", "work")]
    locks = layout.mirror_lock(full.path), layout.entries_lock(full.path)
    with locked(locks[0]), locked(locks[1]):
        assert compact(full).steps == ()
    assert all(path.exists() for path in paths)


def test_what_a_killed_publication_had_staged_is_finished_not_swept(full: Warehouse) -> None:
    publication = Publication(full.path)
    spec = CALL_TABLES["chains"]
    publication.stage(spec, SECOND, spec.schema.empty_table(), loses_calls=True)
    steps = {"renames": [[one.new, one.final] for one in publication.renames], "retired": []}
    layout.journal(full.path).write_text(json.dumps(steps))
    assert compact(full).steps == ()
    assert not layout.journal(full.path).exists()
    assert full.chains.filter(pl.col("call_date") == SECOND).collect().is_empty()


def test_empty_folders_go(full: Warehouse) -> None:
    empty = [
        full.artifacts.folder("ab" * 32),
        full.path / "tables" / "calls" / "call_date=2026-09-16",
    ]
    for folder in empty:
        folder.mkdir(parents=True, mode=0o700)
    (planned,) = compact(full, dry_run=True).steps
    assert all(folder.exists() for folder in empty)
    assert compact(full).steps == (planned,)
    assert not any(folder.exists() for folder in (*empty, empty[0].parent))


def heard(store: Warehouse, name: str) -> str:
    """A call that was heard and never read."""
    store.artifacts.save_source(recording(name))
    store.artifacts.save_listening(key_of(name), damage.HEARD)
    return key_of(name)


def test_what_was_heard_of_a_call_that_left_is_named_and_stays(full: Warehouse) -> None:
    key = heard(full, "z")
    (one,) = compact(full).steps
    assert (one.deed, one.files) == (Deed.KEPT, 2)
    assert one.where == f"work/calls/{key[:2]}/{key}"
    assert "nightcall erase z" in one.what
    assert (full.artifacts.folder(key) / LISTENING).is_file()


def test_a_call_whose_recording_is_still_there_is_of_use(full: Warehouse) -> None:
    key = heard(full, "z")
    full.seen.save([SeenFile("z.wav", 1000, 0, key, key)])
    assert compact(full).steps == ()


def test_a_damaged_source_is_named_too(full: Warehouse) -> None:
    key = heard(full, "z")
    (full.artifacts.folder(key) / "source.json").write_text("{")
    (one,) = compact(full).steps
    assert "nothing says more of" in one.what


def test_no_run_may_work_meanwhile_except_for_a_dry_one(full: Warehouse) -> None:
    without_second_date(full)
    with full.night_lock():
        assert len(compact(full, dry_run=True).steps) == 1
        with pytest.raises(WarehouseBusy):
            compact(full)
    assert layout.dates(full.path, CALL_TABLES["calls"]) > {SECOND}


def test_a_dry_run_changes_nothing(full: Warehouse) -> None:
    without_second_date(full)
    pq.write_table(pq.ParquetFile(path_of(full, "turns")).read(), path_of(full, "turns"))
    before = files(full)
    planned = compact(full, dry_run=True)
    assert files(full) == before
    done = compact(full)
    assert deeds(done.steps) == deeds(planned.steps)
    assert len(planned.steps) == 2


def test_killed_anywhere_it_is_made_good_by_the_next(in_order: Path, tmp_path: Path) -> None:
    """The tables say the same at any time, and the next run does what is left."""
    spoilt = open_warehouse(shutil.copytree(in_order, tmp_path / "spoilt"))
    without_second_date(spoilt)
    pq.write_table(pq.ParquetFile(path_of(spoilt, "turns")).read(), path_of(spoilt, "turns"))
    for name in ("state/publishing", "work"):
        put(spoilt, LEFTOVERS[name])
    before = state(spoilt)
    (whole, all_steps), *_ = killed_at([shutil.copytree(spoilt.path, tmp_path / "whole")], [NEVER])
    assert whole == 0
    steps = [*range(1, all_steps, 3)]
    copies = [shutil.copytree(spoilt.path, tmp_path / f"{step}") for step in steps]
    ends = killed_at(copies, steps)
    assert {code for code, _ in ends} == {-signal.SIGKILL}
    for path in copies:
        store = open_warehouse(path)
        assert_same(state(store), before)
        compact(store)
        assert_same(state(store), before)
        assert compact(store).steps == ()
        assert check(store).findings == ()


NEVER = 1_000_000


def killed_at(paths: list[Path], steps: list[int]) -> list[tuple[int, int]]:
    """How compacting each of those warehouses ended, killed at that step, and the steps it took."""
    with Dying("tests.warehouse.compact_and_die") as process:
        return [process.order(str(one), step) for one, step in zip(paths, steps, strict=True)]

from __future__ import annotations

import json
import shutil
import signal
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

import warehouse
from calls.errors import UsageError
from tests.dying import Dying
from tests.warehouse.builders import START, key_of, rows_of
from tests.warehouse.newer import (
    GROWN,
    SIGHS,
    TONE,
    fill,
    newer_nightcall,
    older_states,
    read_again,
    with_columns,
)
from tests.warehouse.snapshots import assert_same, files, state
from warehouse import Warehouse, layout
from warehouse.schemas import CALL_TABLES, SCHEMA_VERSIONS
from warehouse.sql import run_query
from warehouse.versions import file_version

DAYS = [START.date() + timedelta(days=n) for n in range(3)]


def versions_on(store: Warehouse, day: date) -> dict[str, int | None]:
    return {name: file_version(store.path, spec, day) for name, spec in CALL_TABLES.items()}


def newest() -> dict[str, int]:
    return {name: spec.version for name, spec in CALL_TABLES.items()}


# Cut off


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Warehouses on their way to a newer version whose writer was killed, at points all along."""
    base = tmp_path_factory.mktemp("cut-off")
    fill(Warehouse.create(base / "template"))

    def killed_at(*points: int) -> tuple[list[Path], list[tuple[int, int]]]:
        folders = [Path(shutil.copytree(base / "template", base / f"at-{n}")) for n in points]
        with Dying("tests.warehouse.evolve_and_die") as writer:
            ends = [writer.order(str(one), n) for one, n in zip(folders, points, strict=True)]
        return folders, ends

    _, [(code, steps)] = killed_at(0)
    assert code == 0
    assert steps > 100
    folders, ends = killed_at(*(steps * n // 17 for n in range(1, 17)))
    assert ends == [(-signal.SIGKILL, 0)] * 16
    return folders


def test_while_under_way_the_newest_dates_are_done_and_all_can_be_read(cut_off: list[Path]) -> None:
    reached = []
    with newer_nightcall():
        for folder in cut_off:
            left = warehouse.open(folder)
            left.recover()
            done = [day for day in DAYS if versions_on(left, day) == newest()]
            assert done == DAYS[3 - len(done) :]
            reached.append(len(done))
            facts = json.loads(layout.settings_file(folder).read_text())
            assert facts["schemas"]["turns"] == 2, "as long as any file may be"
            assert done == [] or facts["becoming"]["turns"] == 3
            assert left.turns.select("call_id", "mood").unique().collect().height == 4
            assert left.table("objections").collect().is_empty()
            reason = (
                "SELECT count(DISTINCT call_date) n FROM measure_states WHERE reason LIKE 'older%'"
            )
            assert run_query(folder, reason).to_pylist() == [{"n": len(done)}]
            counted = "SELECT count(*), count(DISTINCT call_id), count(mood)"
            (answer,) = run_query(folder, f"{counted} FROM turns").to_pylist()
            assert tuple(answer.values()) == (48, 4, 0)
            if done:  # else no file has the column yet
                files_of = (
                    f"read_parquet('{folder}/tables/turns/*/*.parquet', union_by_name = true)"
                )
                with duckdb.connect(":memory:") as plain:
                    assert plain.sql(f"{counted} FROM {files_of}").fetchall() == [(48, 4, 0)]
    assert set(reached) == {0, 1, 2, 3}, "the kills must fall on every date"


def test_the_next_run_goes_on_where_it_was_cut_off(cut_off: list[Path], older: Warehouse) -> None:
    older.bring_up_to_date()
    for folder in cut_off:
        left = warehouse.open(Path(shutil.copytree(folder, older.path.parent / folder.name)))
        left.recover()
        done = [day for day in DAYS if versions_on(left, day) == newest()]
        before = files(left)
        left.bring_up_to_date()
        assert left.is_current()
        after = files(left)
        for day in done:
            mine = [name for name in before if f"call_date={day}" in name]
            assert len(mine) == len(CALL_TABLES)
            assert all(after[name] == before[name] for name in mine)
        assert_same(state(left), state(older))
        facts = json.loads(layout.settings_file(left.path).read_text())
        assert facts == {"time_zone": "UTC", "schemas": SCHEMA_VERSIONS}
        assert list((left.path / "state" / "publishing").iterdir()) == []


def test_a_second_update_goes_on_where_the_first_was_cut_off(
    cut_off: list[Path], tmp_path: Path
) -> None:
    grown_twice = {
        **GROWN,
        "turns": with_columns(GROWN["turns"], TONE),
        "scorecards": with_columns(GROWN["scorecards"], SIGHS, measures=["sigh_count"]),
    }
    for folder in cut_off[::5]:
        left = Path(shutil.copytree(folder, tmp_path / folder.name))
        with newer_nightcall(grown_twice):
            store = warehouse.open(left)
            store.recover()
            assert store.turns.select("mood", "tone").unique().collect().rows() == [(None, None)]
            store.bring_up_to_date()
            assert older_states(store, "laugh_count") == older_states(store, "sigh_count")
            assert len(older_states(store, "sigh_count")) == 4
            assert store.rebuild().files == 0


# Back to an earlier Nightcall


def test_what_a_newer_nightcall_made_is_refused_by_name(older: Warehouse, tmp_path: Path) -> None:
    started = Path(shutil.copytree(older.path, tmp_path / "started"))
    settings = layout.settings_file(started)
    facts = json.loads(settings.read_text())
    settings.write_text(json.dumps({**facts, "becoming": {"turns": 3}}))
    older.bring_up_to_date()
    refusal = (
        r"made by a newer Nightcall: table turns is at schema version 3, and this one knows schema "
        r"version 2\. Use the version of Nightcall that wrote it, or a newer one"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCHEMA_VERSIONS, "turns", 2)
        for path in (older.path, started):
            for opening in (warehouse.open, Warehouse.create):
                with pytest.raises(UsageError, match=refusal):
                    opening(path)
        patch.setitem(SCHEMA_VERSIONS, "turns", 3)
        patch.delitem(SCHEMA_VERSIONS, "objections")
        with pytest.raises(UsageError, match=r"table objections is at .* knows no such table"):
            warehouse.open(older.path)


def test_a_reading_of_a_newer_nightcall_is_not_published(filled: Warehouse) -> None:
    with newer_nightcall():
        filled.artifacts.save_reading(read_again(rows_of("b", revision=2, days=1), mood="calm"))
    done = filled.publish([key_of("b")])
    assert "written by a newer Nightcall (schema version 3" in done.refused[key_of("b")]
    assert filled.calls.filter(call_id="b").collect()["revision"].to_list() == [1]

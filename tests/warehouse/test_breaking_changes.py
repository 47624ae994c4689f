from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, evaluation_row, key_of, land, rows_of
from tests.warehouse.newer import newer_nightcall, older_states, read_again, without_column
from tests.warehouse.snapshots import files
from warehouse import Warehouse, layout
from warehouse.schemas import ALL_TABLES
from warehouse.sql import run_query

DAYS = [START.date() + timedelta(days=n) for n in range(3)]


# Changes that no file can be brought to


BROKEN = {"turns": without_column(ALL_TABLES["turns"], "confidence")}


@pytest.fixture
def broken(filled: Warehouse) -> Iterator[Warehouse]:
    """A warehouse whose turns a newer Nightcall can't take over."""
    with newer_nightcall(BROKEN):
        yield filled


def read_anew(store: Warehouse, name: str, days: int) -> None:
    store.artifacts.save_reading(read_again(rows_of(name, revision=2, days=days)))


def test_tables_that_must_be_read_again_say_so_and_the_others_can_be_read(
    broken: Warehouse,
) -> None:
    before = files_with_rows(broken)
    with broken.night_lock():
        assert not broken.is_current()
        with pytest.raises(WarehouseDamaged, match=r"Table turns .* Read the calls again: nightc"):
            _ = broken.turns
        assert broken.calls.collect().height == 4
        assert broken.landed().keys() == {key_of(name) for name in "abcd"}
        sql = "SELECT count(*) n FROM moments JOIN calls USING (call_id, revision)"
        with pytest.warns(UserWarning, match="Table turns: 3 of 3 dates are left out"):
            assert run_query(broken.path, sql).to_pylist() == [{"n": 8}]
    with pytest.raises(WarehouseDamaged, match=r"4 calls can't be published.*read from version 3"):
        broken.rebuild()
    assert files_with_rows(broken) == before


def files_with_rows(store: Warehouse) -> dict[str, tuple[int, int]]:
    return {name: one for name, one in files(store).items() if "1970-01-01" not in name}


def test_dates_that_were_read_again_are_readable_while_others_wait(broken: Warehouse) -> None:
    read_anew(broken, "b", 1)
    read_anew(broken, "c", 1)
    done = broken.publish([key_of("b"), key_of("c")])
    assert (done.calls, done.refused, done.dates) == (2, {}, (DAYS[1],))
    with pytest.warns(UserWarning, match="Table turns: 2 of 3 dates are left out"):
        assert broken.turns.select("call_id").unique().collect().height == 2
    sql = "SELECT call_date, count(*) n FROM turns GROUP BY ALL"
    with pytest.warns(UserWarning, match="Table turns: 2 of 3 dates are left out"):
        assert run_query(broken.path, sql).to_pylist() == [{"call_date": DAYS[1], "n": 24}]
    assert broken.calls.collect().height == 4
    for name, days in (("a", 0), ("d", 2)):
        read_anew(broken, name, days)
    assert not broken.publish([key_of("a"), key_of("d")]).refused
    assert broken.bring_up_to_date(lose_calls=True).refused == {}
    assert broken.is_current()
    assert broken.turns.select("call_id").unique().collect().height == 4
    assert broken.rebuild().files == 0


def test_a_call_that_was_not_read_again_leaves_its_date_and_is_named(broken: Warehouse) -> None:
    read_anew(broken, "b", 1)
    done = broken.publish([key_of("b")])
    assert (done.calls, done.refused.keys()) == (1, {key_of("c")})
    assert "Read the calls again" in done.refused[key_of("c")]
    assert broken.calls.collect()["call_id"].sort().to_list() == ["a", "b", "d"]
    read_anew(broken, "c", 1)
    assert not broken.publish([key_of("c")]).refused
    assert broken.calls.collect()["call_id"].sort().to_list() == ["a", "b", "c", "d"]


def test_a_call_that_changed_its_date_when_read_again_is_there_once(broken: Warehouse) -> None:
    read_anew(broken, "a", 1)
    for name in ("b", "c"):
        read_anew(broken, name, 1)
    assert not broken.publish([key_of(name) for name in "abc"]).refused
    calls = broken.calls.select("call_id", "call_date", "revision").sort("call_id").collect()
    assert calls.rows() == [
        ("a", DAYS[1], 2),
        ("b", DAYS[1], 2),
        ("c", DAYS[1], 2),
        ("d", DAYS[2], 1),
    ]


def test_a_reading_that_is_not_published_yet_does_not_move_its_call(broken: Warehouse) -> None:
    read_anew(broken, "a", 1)  # and then the night was killed
    for name in ("b", "c"):
        read_anew(broken, name, 1)
    assert not broken.publish([key_of("b")]).refused
    calls = broken.calls.select("call_id", "call_date").sort("call_id").collect()
    assert calls.rows() == [("a", DAYS[0]), ("b", DAYS[1]), ("c", DAYS[1]), ("d", DAYS[2])]
    done = broken.bring_up_to_date(lose_calls=True)
    assert "not published yet" in done.refused[key_of("a")]
    assert not broken.publish([key_of("a")]).refused
    assert broken.calls.filter(call_id="a").collect()["call_date"].to_list() == [DAYS[1]]


def test_what_could_not_be_read_again_leaves_in_the_end_and_comes_back(broken: Warehouse) -> None:
    read_anew(broken, "d", 2)
    done = broken.bring_up_to_date()
    assert (done.held_back, done.dates) == ([DAYS[1], DAYS[0]], 2)
    done = broken.bring_up_to_date(lose_calls=True)
    assert done.refused.keys() == {key_of(name) for name in "abc"}
    assert broken.is_current()
    assert broken.calls.collect()["call_id"].to_list() == ["d"]
    for name, days in (("a", 0), ("b", 1), ("c", 1)):
        assert broken.artifacts.has_reading(key_of(name))
        read_anew(broken, name, days)
    assert not broken.publish([key_of(name) for name in "abc"]).refused
    assert broken.calls.collect().height == 4


# What is damaged besides


def test_a_damaged_file_is_made_anew_from_artifacts(older: Warehouse) -> None:
    path = older.path / layout.part(ALL_TABLES["moments"], DAYS[1])
    path.write_bytes(path.read_bytes()[:-20])
    (older.path / layout.part(ALL_TABLES["claims"], DAYS[2])).unlink()
    done = older.bring_up_to_date()
    assert (done.held_back, done.refused) == ([], {})
    assert older.moments.collect().height == 8
    assert older.rebuild().files == 0


def test_a_date_without_artifacts_keeps_its_rows(older: Warehouse) -> None:
    before = older.turns.collect()
    for name in "bc":
        older.artifacts.remove(key_of(name))
    older.bring_up_to_date()
    assert_frame_equal(older.turns.collect(), before)
    assert older_states(older, "laugh_count") == [(name, None, None) for name in "abcd"]


def test_a_damaged_list_of_calls_holds_its_date_back(older: Warehouse) -> None:
    (older.path / layout.part(ALL_TABLES["calls"], DAYS[1])).write_bytes(b"no parquet")
    assert older.bring_up_to_date().held_back == [DAYS[1]]
    with pytest.raises(WarehouseDamaged, match=r"tables/calls/.*Run: nightcall tables rebuild"):
        older.bring_up_to_date(lose_calls=True)
    older.rebuild()
    assert older.is_current()
    assert older.calls.collect().height == 4


def test_an_evaluation_lands_although_tables_of_calls_wait(broken: Warehouse) -> None:
    broken.evaluation_record.add([evaluation_row("e2")])
    assert broken.publish_evaluations() == 1
    assert broken.evaluations.collect().height == 2
    assert not broken.is_current()


def test_tables_of_records_that_do_not_fit_are_made_anew(filled: Warehouse) -> None:
    spec = without_column(ALL_TABLES["reviews"], "comment")
    record = filled.path / "work" / "reviews.jsonl"
    with newer_nightcall({"reviews": spec}):
        facts = json.loads(record.read_bytes())
        del facts["comment"]
        record.write_text(json.dumps(facts) + "\n")
        filled.bring_up_to_date()
        assert filled.is_current()
        assert filled.reviews.collect()["review_id"].to_list() == ["r1"]


def test_what_a_folder_above_is_called_does_not_matter(tmp_path: Path) -> None:
    store = Warehouse.create(tmp_path / "env=a:b" / "warehouse")
    land(store, rows_of("a"), rows_of("b", days=1))
    with newer_nightcall(BROKEN):
        read_anew(store, "b", 1)
        store.publish([key_of("b")])
        for count in (
            lambda: store.turns.collect().height,
            lambda: run_query(store.path, "SELECT * FROM turns").num_rows,
        ):
            with pytest.warns(UserWarning, match="1 of 2 dates"):
                assert count() == 12

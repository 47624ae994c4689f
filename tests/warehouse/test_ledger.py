from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta

import pytest

from calls.errors import WarehouseDamaged
from tests.warehouse.builders import START, key_of, night_row, night_start, recording_row
from warehouse import Warehouse


def test_a_night_leaves_its_rows_in_both_tables(store: Warehouse) -> None:
    store.ledger.begin(night_start())
    store.ledger.append([recording_row("a.wav"), recording_row("b.wav", status="quarantined")])
    store.ledger.end(night_row())
    assert store.publish_nights() == 2
    (night,) = store.nights.collect().rows(named=True)
    assert night.pop("night_date") == START.date()
    assert night == {name: getattr(night_row(), name) for name in night}
    found = store.recordings.select("recording", "status", "night_date").collect()
    assert found.rows() == [
        ("a.wav", "landed", START.date()),
        ("b.wav", "quarantined", START.date()),
    ]


def test_a_published_night_is_not_written_again(store: Warehouse) -> None:
    store.ledger.end(night_row())
    assert store.publish_nights() == 2
    assert store.publish_nights() == 0


def test_nights_of_one_date_share_a_file(store: Warehouse) -> None:
    for number in (1, 2):
        store.ledger.append([recording_row("a.wav", f"n{number}")])
        store.ledger.end(night_row(f"n{number}", started_at=START + timedelta(hours=number)))
        store.publish_nights()
    store.ledger.end(night_row("n3", started_at=START + timedelta(days=1)))
    store.publish_nights()
    assert store.nights.select("night_id", "night_date").collect().rows() == [
        ("n1", date(2026, 9, 14)),
        ("n2", date(2026, 9, 14)),
        ("n3", date(2026, 9, 15)),
    ]
    assert store.recordings.collect()["night_id"].to_list() == ["n1", "n2"]


def test_the_last_thing_that_happened_to_a_recording_counts(store: Warehouse) -> None:
    later = START + timedelta(hours=1)
    store.ledger.append([recording_row("a.wav", status="transcribed"), recording_row("b.wav")])
    store.ledger.append([recording_row("a.wav", status="landed", happened_at=later)])
    rows = store.ledger.recordings("n1")
    assert rows == (recording_row("a.wav", happened_at=later), recording_row("b.wav"))


def test_two_calls_of_one_file_name_in_one_night_keep_a_row_each(store: Warehouse) -> None:
    first = recording_row("a.wav")
    other = recording_row("a.wav", source_key=key_of("other bytes"), call_id="other")
    unknown = recording_row("a.wav", source_key=None, call_id=None, status="quarantined")
    store.ledger.append([replace(first, status="transcribed"), other, unknown, first])
    assert store.ledger.recordings("n1") == (first, other, unknown)
    store.ledger.end(night_row())
    store.publish_nights()
    assert store.recordings.collect().height == 3


def test_a_file_name_that_is_no_unicode_is_recorded_and_shown(store: Warehouse) -> None:
    name = os.fsdecode(b"caf\xe9.wav")
    row = recording_row(name, message=f"{name}: holds no audio.", status="quarantined")
    store.ledger.append([row])
    assert store.ledger.recordings("n1") == (row,)
    store.ledger.end(night_row())
    store.publish_nights()
    (shown,) = store.recordings.select("recording", "message").collect().rows()
    assert shown == (r"caf\xe9.wav", r"caf\xe9.wav: holds no audio.")


def test_a_night_under_way_is_in_no_table(store: Warehouse) -> None:
    store.ledger.begin(night_start())
    store.ledger.append([recording_row()])
    assert store.ledger.night("n1") is None
    assert store.publish_nights() == 0
    assert store.nights.collect().is_empty()


def test_a_killed_night_becomes_cut_off_with_what_is_known(store: Warehouse) -> None:
    store.ledger.begin(night_start())
    store.ledger.append(
        [
            recording_row("a.wav"),
            recording_row("b.wav", status="quarantined", duration_s=None),
            recording_row("c.wav", happened_at=START + timedelta(minutes=9)),
            recording_row("d.wav", status="awaiting_transcription", duration_s=None),
        ]
    )
    with store.night_lock():
        pass
    (night,) = store.nights.collect().rows(named=True)
    assert night["status"] == "cut_off"
    assert night["ended_at"] == START + timedelta(minutes=9)
    assert (night["landed_count"], night["quarantined_count"], night["awaiting_count"]) == (2, 1, 1)
    assert (night["audio_s"], night["wall_s"], night["discovered_count"]) == (1200.0, 540.0, None)
    assert (night["engine"], night["listen_version"]) == ("faster-whisper", "l-1")
    assert store.recordings.collect().height == 4


def test_a_line_that_a_kill_cut_off_is_left_out(store: Warehouse) -> None:
    store.ledger.append([recording_row("a.wav"), recording_row("b.wav")])
    path = store.path / "work" / "nights" / "n1" / "recordings.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert [row.recording for row in store.ledger.recordings("n1")] == ["a.wav"]


def test_a_damaged_line_is_named(store: Warehouse) -> None:
    store.ledger.append([recording_row("a.wav")])
    path = store.path / "work" / "nights" / "n1" / "recordings.jsonl"
    path.write_bytes(b"{nonsense}\n" + path.read_bytes())
    with pytest.raises(WarehouseDamaged, match=r"n1/recordings.jsonl: line 1 can't be read"):
        store.ledger.recordings("n1")


def test_an_id_is_given_once_and_names_a_folder(store: Warehouse) -> None:
    store.ledger.begin(night_start())
    with pytest.raises(ValueError, match="on record already"):
        store.ledger.begin(night_start())
    with pytest.raises(ValueError, match="can't be used"):
        store.ledger.begin(night_start("../n2"))
    assert store.ledger.nights() == ["n1"]


def test_a_row_that_fits_no_table_gets_into_no_record(store: Warehouse) -> None:
    with pytest.raises(WarehouseDamaged, match="column attempts must have a value"):
        store.ledger.append([recording_row("a.wav", attempts=None)])
    assert store.ledger.recordings("n1") == ()


def test_night_date_is_in_the_warehouse_zone(tmp_path) -> None:
    store = Warehouse.create(tmp_path / "w", time_zone="Asia/Tokyo")
    store.ledger.end(night_row(started_at=START.replace(hour=20)))
    store.publish_nights()
    assert store.nights.collect()["night_date"].to_list() == [date(2026, 9, 15)]

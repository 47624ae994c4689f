from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from calls.errors import UsageError
from calls.labels import Hint, Label
from reports.flagged import COLUMNS, clock, flagged, known_reps, known_teams
from tests.warehouse.builders import (
    CUSTOMER,
    REP,
    START,
    attributed,
    land,
    moment,
    reading,
    turns,
)
from warehouse import Warehouse, call_rows

SECOND = replace(REP, speaker="ch2", participant_id="r-2", name="Sam Stone")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Three calls: one old, two of a later date; the last with two reps."""
    store = Warehouse.create(tmp_path_factory.mktemp("flagged") / "warehouse")
    homework = moment(
        4,
        label=Label.HOMEWORK_QUESTION,
        score=0.7,
        severity_reason="opener, before any hypothesis: raised from medium to high",
        reply_word_count=5,
        reply_delay_s=0.4,
        reply_is_deflection=True,
    )
    two_voices = tuple(
        replace(turn, speaker="ch2", participant_id="r-2") if turn.turn == 8 else turn
        for turn in turns()
    )
    made = [
        (attributed("old"), (moment(2), moment(0), moment(6, label=Label.CLAIM_VAGUE))),
        (attributed("new", facts={"started_at": START + timedelta(days=2)}), (homework,)),
        (
            attributed(
                "both",
                facts={"started_at": START + timedelta(days=2, hours=1), "team": "South"},
                speakers=(REP, CUSTOMER, SECOND),
                turns=two_voices,
            ),
            (moment(8, speaker="ch2"), moment(10, label=Hint.HABIT)),
        ),
    ]
    rows = [
        call_rows(
            call,
            reading(moments),
            revision=1,
            made_from="v1",
            time_zone="UTC",
            listen_version="l",
            attribution_version="a",
        )
        for call, moments in made
    ]
    land(store, *rows)
    return store


def found(frame: pl.DataFrame) -> list[tuple[str, float]]:
    return frame.select("call_id", "start_s").rows()


def test_newest_call_first_then_in_order_of_time(store: Warehouse) -> None:
    queue = flagged(store)
    assert tuple(queue.columns) == COLUMNS
    assert found(queue) == [("both", 80.0), ("new", 40.0), ("old", 0.0), ("old", 20.0)]


def test_a_row_says_all_a_manager_needs(store: Warehouse) -> None:
    row = flagged(store).row(1, named=True)
    assert row | {"moment_id": ""} == {
        "call_date": START.date() + timedelta(days=2),
        "rep": "Robin Reed",
        "team": "North",
        "account": "Acme",
        "call_id": "new",
        "recording": "new.wav",
        "at": "00:40",
        "start_s": 40.0,
        "label": "homework_question",
        "severity": "high",
        "severity_reason": "opener, before any hypothesis: raised from medium to high",
        "quote": "word0 word1",
        "why": "asks the customer to do the thinking",
        "better_move": "Say what you see at companies like theirs.",
        "known_answer": None,
        "known_source": None,
        "reply_word_count": 5,
        "reply_delay_s": 0.4,
        "reply_is_deflection": True,
        "score": 0.7,
        "state": "ok",
        "state_reason": None,
        "moment_id": "",
    }
    assert len(row["moment_id"]) == 16


@pytest.mark.parametrize("rep", ["Robin Reed", "robin reed", " ROBIN REED ", "r-1", "R-1"])
def test_rep_is_found_by_name_or_id_in_any_case(store: Warehouse, rep: str) -> None:
    assert found(flagged(store, rep=rep)) == [("new", 40.0), ("old", 0.0), ("old", 20.0)]


def test_a_question_whose_answer_was_known_is_one_row_with_that_answer(tmp_path: Path) -> None:
    store = Warehouse.create(tmp_path / "warehouse")
    known = moment(
        2,
        label=Hint.ALREADY_KNOWN,
        known_answer="14 hotels",
        known_source="account brief, size",
    )
    elsewhere = moment(4, label=Hint.ALREADY_KNOWN, known_answer="Bath", known_source="a call")
    homework = [moment(turn, label=Label.HOMEWORK_QUESTION) for turn in (2, 6)]
    rows = call_rows(
        attributed("known"),
        reading((*homework, known, elsewhere)),
        revision=1,
        made_from="v1",
        time_zone="UTC",
        listen_version="l",
        attribution_version="a",
    )
    land(store, rows)
    shown = flagged(store).select("start_s", "label", "known_answer").rows()
    assert shown == [
        (20.0, "already_known", "14 hotels"),
        (40.0, "already_known", "Bath"),
        (60.0, "homework_question", None),
    ]
    only = flagged(store, labels=[Label.HOMEWORK_QUESTION])
    assert only["start_s"].to_list() == [20.0, 60.0]


def test_a_moment_belongs_to_the_rep_who_spoke(store: Warehouse) -> None:
    queue = flagged(store, rep="sam stone")
    assert found(queue) == [("both", 80.0)]
    assert queue["rep"].to_list() == ["Sam Stone"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"team": "south"}, [("both", 80.0)]),
        ({"team": "nowhere"}, []),
        ({"rep": "nobody"}, []),
        ({"since": START.date() + timedelta(days=1)}, [("both", 80.0), ("new", 40.0)]),
        ({"since": START.date() + timedelta(days=9)}, []),
        ({"limit": 1}, [("both", 80.0)]),
        ({"labels": ("homework_question",)}, [("new", 40.0)]),
        ({"labels": ("claim_vague", "habit")}, [("both", 100.0), ("old", 60.0)]),
        ({"team": "north", "rep": "r-1", "limit": 2}, [("new", 40.0), ("old", 0.0)]),
    ],
)
def test_the_queue_can_be_narrowed(store: Warehouse, options, expected) -> None:
    assert found(flagged(store, **options)) == expected


def test_no_limit_shows_all(store: Warehouse) -> None:
    assert flagged(store, limit=None, labels=[*Label, Hint.HABIT]).height == 6


def test_an_unknown_label_is_named_with_the_known_ones(store: Warehouse) -> None:
    with pytest.raises(UsageError, match=r"Unknown label 'mood'. Allowed: cliche_question.*habit"):
        flagged(store, labels=("mood",))
    with pytest.raises(UsageError, match="No label given"):
        flagged(store, labels=())


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_below_one_is_refused(store: Warehouse, limit: int) -> None:
    with pytest.raises(UsageError, match=f"limit is {limit}"):
        flagged(store, limit=limit)


def test_known_reps_and_teams(store: Warehouse) -> None:
    assert known_reps(store) == ["Robin Reed", "Sam Stone"]
    assert known_teams(store) == ["North", "South"]


def test_an_empty_warehouse_has_an_empty_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    store = Warehouse.create(tmp_path / "warehouse")
    queue = flagged(store)
    assert queue.is_empty()
    assert tuple(queue.columns) == COLUMNS
    assert known_reps(store) == []


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "00:00"),
        (59.99, "00:59"),
        (60.0, "01:00"),
        (754.2, "12:34"),
        (3599.0, "59:59"),
        (3600.0, "1:00:00"),
        (36_061.0, "10:01:01"),
    ],
)
def test_seconds_are_shown_as_a_player_does(seconds: float, shown: str) -> None:
    assert pl.DataFrame({"s": [seconds]}).select(clock("s")).item() == shown

"""What a call knows of the calls before it with the same customer, through whole nights."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import warehouse
from calls.settings import Settings
from flows.corrections import swap_call
from flows.earlier_calls import (
    MOST_CALLS,
    EarlierCalls,
    EarlierIndex,
    PlacedCall,
    groups_of,
    own_part,
)
from flows.night import one_after_another, run_night
from warehouse.artifacts import ArtifactStore

BEGAN = datetime(2026, 9, 1, 9, tzinfo=UTC)
ASKED = [("Ann Lee", "How many sites do you have?"), ("Bo Ray", "Nine sites, all in Kent.")]
AGAIN = [("Ann Lee", "Remind me, how many sites do you have?"), ("Bo Ray", "I told you that.")]


def placed(number: int, *, opportunity: str | None = "O-1", account: str = "Acme") -> PlacedCall:
    began = BEGAN + timedelta(days=number)
    return PlacedCall(f"{number:064x}", f"own{number}", began, groups_of(opportunity, account))


def before(index: EarlierIndex, call: PlacedCall) -> list[str]:
    return [own for _, own in index.before(call.key, call.groups, call.started_at)]


def test_the_last_calls_of_the_opportunity_come_before_a_call_oldest_first() -> None:
    calls = [placed(number) for number in range(8)]
    index = EarlierIndex([*reversed(calls), placed(6, opportunity="O-2")])
    assert before(index, calls[0]) == []
    assert before(index, calls[2]) == ["own0", "own1"]
    assert before(index, calls[7]) == [f"own{number}" for number in range(7 - MOST_CALLS, 7)]


def test_without_an_opportunity_the_account_counts() -> None:
    first, second = placed(0), placed(1, opportunity=None)
    index = EarlierIndex([first, second])
    assert before(index, second) == ["own0"]
    assert before(index, placed(2, opportunity="O-9")) == []
    assert before(index, placed(2, opportunity=None, account="")) == []


def test_of_two_calls_that_begin_at_once_one_comes_first() -> None:
    one, other = placed(1), placed(1)
    other = PlacedCall("f" * 64, "other", one.started_at, one.groups)
    index = EarlierIndex([other, one])
    assert before(index, other) == ["own1"]
    assert before(index, one) == []


@pytest.mark.parametrize(
    ("made_from", "own"),
    [("base.own", "own"), ("base.own.earlier", "own"), ("swap.own", "own"), ("v1", "v1")],
)
def test_the_own_part_of_a_mark_survives_what_is_added(made_from: str, own: str) -> None:
    assert own_part(made_from) == own


def test_a_call_that_is_gone_is_left_out_and_said(tmp_path: Path) -> None:
    artifacts = ArtifactStore(tmp_path)
    earlier = EarlierCalls(artifacts, Settings().attribution)
    assert earlier.load([("0" * 64, "own")]) == ((), False)
    assert earlier.load([]) == ((), True)


def call(folder: Path, name: str, said: list[tuple[str, str]], *, days: int, **facts: Any) -> None:
    """A ready transcript of a call so many days after the first."""
    cues = [
        f"00:00:{5 * at:02d}.000 --> 00:00:{5 * at + 4:02d}.000\n<v {who}>{text}\n"
        for at, (who, text) in enumerate(said)
    ]
    (folder / f"{name}.vtt").write_text("WEBVTT\n\n" + "\n".join(cues))
    began = BEGAN + timedelta(days=days)
    people = [{"name": "Ann Lee", "role": "rep"}, {"name": "Bo Ray", "role": "customer"}]
    known = {"account": "Acme", "opportunity_id": "O-1", "participants": people, **facts}
    known |= {"call_id": name, "started_at": began.isoformat()}
    (folder / f"{name}.call.json").write_text(json.dumps(known))


def night(settings: Settings) -> tuple[int | None, int | None]:
    """How many calls landed, and how many needed nothing."""
    report = run_night(settings, one_after_another)
    assert not report.quarantined
    return report.night.landed_count, report.night.unchanged_count


def known_in(settings: Settings) -> dict[str, str]:
    frame = warehouse.open(settings.warehouse).moments.collect()
    frame = frame.filter(pl.col("label") == "already_known")
    return dict(frame.select("call_id", "known_source").iter_rows())


SOURCE = "call of 1 September 2026 ({}), customer at 0:05"


def test_calls_of_one_night_know_each_other_in_order_of_time(
    settings: Settings, recordings: Path
) -> None:
    # By name the later call would be worked on first.
    call(recordings, "b-first", ASKED, days=0)
    call(recordings, "a-second", AGAIN, days=3)
    assert night(settings) == (2, 0)
    assert known_in(settings) == {"a-second": SOURCE.format("b-first")}
    assert night(settings) == (0, 2)


def test_a_late_earlier_call_has_the_later_one_read_again_and_no_other(
    settings: Settings, recordings: Path
) -> None:
    call(recordings, "second", AGAIN, days=3)
    call(recordings, "other", AGAIN[:1], days=3, opportunity_id="O-2")
    assert night(settings) == (2, 0)
    assert known_in(settings) == {}
    call(recordings, "first", ASKED, days=0)
    assert night(settings) == (2, 1)
    assert known_in(settings) == {"second": SOURCE.format("first")}
    assert night(settings) == (0, 3)


def test_a_corrected_earlier_call_has_the_later_one_read_again(
    settings: Settings, recordings: Path
) -> None:
    call(recordings, "first", ASKED, days=0)
    call(recordings, "second", AGAIN, days=3)
    assert night(settings) == (2, 0)
    swap_call(settings, "first")
    assert night(settings) == (1, 1)
    assert known_in(settings) == {}  # the answer was the rep's, as the swap has it
    assert night(settings) == (0, 2)


def test_a_swapped_later_call_still_knows_the_earlier_one(
    settings: Settings, recordings: Path
) -> None:
    call(recordings, "first", ASKED, days=0)
    call(recordings, "second", [("Bo Ray", "And how many sites do you have?"), *AGAIN], days=3)
    night(settings)
    swap_call(settings, "second")
    swap_call(settings, "second")
    assert known_in(settings) == {"second": SOURCE.format("first")}
    assert night(settings) == (0, 2)


def test_a_call_read_before_an_earlier_one_was_there_is_read_again(
    settings: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(recordings, "first", ASKED, days=0)
    call(recordings, "second", AGAIN, days=3)
    monkeypatch.setattr(EarlierCalls, "_attributed", lambda *_: None)
    assert night(settings) == (2, 0)
    assert known_in(settings) == {}
    monkeypatch.undo()
    assert night(settings) == (1, 1)
    assert known_in(settings) == {"second": SOURCE.format("first")}
    assert night(settings) == (0, 2)

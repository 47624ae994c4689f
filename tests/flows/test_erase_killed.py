"""An erasure that is killed: all of the call is there, or the next run finishes erasing it."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import warehouse
from calls.settings import Settings
from flows.erasing.erase import look_at
from flows.erasing.wanted import Request
from tests.dying import Dying
from tests.flows.erased_calls import (
    FIRST,
    FIRST_ID,
    OTHER,
    OTHER_ID,
    SECOND,
    SECOND_ID,
    night,
    settings_at,
    three_calls,
    what_is_known,
    where_is,
)

KILLS = 12


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    (folder / "recordings").mkdir()
    three_calls(folder / "recordings")
    assert night(settings_at(folder)).night.landed_count == 3
    return folder


@pytest.fixture(scope="module")
def first(template: Path) -> list[str]:
    """Everything by which the call could be known again."""
    known = what_is_known(template / "recordings" / "harbour.vtt", FIRST_ID, FIRST)
    others = json.dumps([OTHER, SECOND]).lower()
    return [one for one in known if one.lower().strip(".?") not in others]


@pytest.fixture(scope="module")
def killed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Settings]:
    """Warehouses whose eraser was killed, at points spread over a whole erasure."""
    base = tmp_path_factory.mktemp("killed")

    def copy(name: str) -> Settings:
        shutil.copytree(template, base / name)
        return settings_at(base / name)

    def order(settings: Settings, last_step: int) -> tuple[int, int]:
        return eraser.order(settings.model_dump_json(), last_step, FIRST_ID)

    with Dying("tests.flows.erase_and_die") as eraser:
        code, steps = order(copy("whole"), 0)
        assert code == 0
        assert steps > KILLS
        left = []
        for number in range(1, KILLS + 1):
            left.append(copy(str(number)))
            point = steps * number // (KILLS + 1)
            assert order(left[-1], point) == (-signal.SIGKILL, 0)
    return left


def ids(settings: Settings) -> set[str]:
    return set(warehouse.open(settings.warehouse).calls.collect()["call_id"])


def resumed(settings: Settings, number: int) -> Iterator[str]:
    """What the next run says: by turns a night, and a look at another erasure."""
    if number % 2:
        night(settings)
    else:
        yield from look_at(settings, Request(call_ids=(OTHER_ID,))).finished


def test_a_killed_erasure_has_not_begun_or_is_finished_by_the_next_run(
    killed: list[Settings], first: list[str]
) -> None:
    begun = []
    for number, settings in enumerate(killed):
        begun.append((settings.warehouse / "state" / "erasing.json").exists())
        said = list(resumed(settings, number))
        assert not (settings.warehouse / "state" / "erasing.json").exists()
        assert ids(settings) >= {SECOND_ID, OTHER_ID}
        recordings = Path(settings.recordings)
        erasures = warehouse.open(settings.warehouse).erasures.collect()
        if begun[-1]:
            assert ids(settings) == {SECOND_ID, OTHER_ID}
            assert where_is(settings.warehouse, first) == []
            assert not list(recordings.glob("harbour*"))
            assert erasures["recording_removed_count"].to_list() == [2]
            assert erasures["searched_file_count"].null_count() == 0
            assert all("finished: 1 call." in line for line in said)
        else:
            assert FIRST_ID in ids(settings)
            assert {text for _, text in where_is(settings.warehouse, first)} == set(first)
            assert len(list(recordings.glob("harbour*"))) == 2
            assert erasures.is_empty()
    # The kills must fall on both sides of the point from which on it will happen.
    assert set(begun) == {False, True}
    assert sum(begun) > KILLS // 2


def test_the_night_after_lands_the_others_as_if_nothing_had_happened(
    killed: list[Settings], template: Path, tmp_path: Path
) -> None:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    for settings in killed[-3:]:
        night(settings)
        assert night(settings).night.landed_count == 0
        moments = warehouse.open(settings.warehouse).moments.collect()
        assert moments["known_answer"].null_count() == moments.height

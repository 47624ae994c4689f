"""`nightcall expire`: what is due, what is held, and that no night does it by itself."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import warehouse
from calls.errors import SettingsError, UsageError
from calls.settings import Settings, load_settings
from flows.erasing.ages import day_before
from tests.flows.erased_calls import (
    BEGAN,
    FIRST_ID,
    OTHER_ID,
    SECOND_ID,
    add_call,
    night,
    nightcall,
    settings_at,
    three_calls,
    where_is,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("expire")
    (folder / "recordings").mkdir()
    three_calls(folder / "recordings")
    night(settings_at(folder))
    return folder


@pytest.fixture
def settings(template: Path, tmp_path: Path) -> Settings:
    """Two calls of 1 September 2026, one of the 8th."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return settings_at(tmp_path)


def ids(settings: Settings) -> set[str]:
    return set(warehouse.open(settings.warehouse).calls.collect()["call_id"])


def age_of(days_after_the_first: int) -> str:
    """The age that makes the call of that day just not due, and those before it."""
    day = (BEGAN + timedelta(days=days_after_the_first)).date()
    return f"{(datetime.now(UTC).date() - day).days}d"


@pytest.mark.parametrize(
    ("age", "day"),
    [
        ("1d", date(2026, 3, 30)),
        ("2w", date(2026, 3, 17)),
        ("1m", date(2026, 2, 28)),
        ("13M", date(2025, 2, 28)),
        (" 2y ", date(2024, 3, 31)),
        ("400d", date(2025, 2, 24)),
    ],
)
def test_ages_are_days_weeks_months_and_years(age: str, day: date) -> None:
    assert day_before(age, date(2026, 3, 31)) == day


def test_a_leap_day_has_an_anniversary() -> None:
    assert day_before("1y", date(2024, 2, 29)) == date(2023, 2, 28)


@pytest.mark.parametrize("age", ["", "0d", "-3d", "400", "d", "1.5y", "3 months", "99999y", "9h"])
def test_anything_else_is_refused_with_what_is_allowed(age: str) -> None:
    with pytest.raises(UsageError, match=r"400d|shorter"):
        day_before(age, date(2026, 3, 31))


def test_only_older_calls_go(settings: Settings) -> None:
    done = nightcall(settings, "expire", "--older-than", age_of(7), "--yes")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Calls before 2026-09-08:\n2 calls to erase")
    assert ids(settings) == {SECOND_ID}
    rows = warehouse.open(settings.warehouse).erasures.collect()
    assert rows["scope"].to_list() == ["expired"] * 2
    assert where_is(settings.warehouse, [FIRST_ID, OTHER_ID, "harbour", "brewery"]) == []
    assert night(settings).night.refused_count == 2


def test_the_day_itself_is_not_older_than_it(settings: Settings) -> None:
    done = nightcall(settings, "expire", "--older-than", age_of(0), "--yes")
    assert done.output.endswith("No call to erase.\n")
    assert len(ids(settings)) == 3


def test_what_is_held_stays_and_is_named(settings: Settings) -> None:
    nightcall(settings, "hold", FIRST_ID, "--reason", "a dispute\nover March", "--by", "Dana")
    done = nightcall(settings, "expire", "--older-than", age_of(7), "--yes")
    assert done.exit_code == 0
    assert f"{FIRST_ID}: held by Dana since" in done.output
    assert ": a dispute over March, so it stays" in done.output
    assert ids(settings) == {FIRST_ID, SECOND_ID}
    nightcall(settings, "expire", "--older-than", age_of(7), "--yes", "--despite-hold")
    assert ids(settings) == {SECOND_ID}


def test_what_never_landed_expires_too(
    settings: Settings, speech_wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    recordings = Path(settings.recordings)
    shutil.copy(speech_wav, recordings / "2026-08-20_wait.wav")
    speech = settings.speech.model_copy(update={"engine": "faster-whisper"})
    night(settings.model_copy(update={"speech": speech}))
    assert where_is(settings.warehouse, ["2026-08-20_wait"])
    nightcall(settings, "expire", "--older-than", age_of(-3), "--yes")
    assert where_is(settings.warehouse, ["2026-08-20_wait"]) == []
    assert len(ids(settings)) == 3


def test_a_recording_that_was_replaced_goes_with_the_call_not_before(settings: Settings) -> None:
    recordings = Path(settings.recordings)
    facts = {"call_id": OTHER_ID, "replaces": True, "account": "Other Brewery"}
    (recordings / "brewery.vtt").unlink()
    add_call(recordings, "newer", [("Ann Lee", "The same call, cut better.")], days=9, **facts)
    night(settings)
    done = nightcall(settings, "expire", "--older-than", age_of(7), "--yes")
    assert "1 call to erase" in done.output
    assert ids(settings) == {SECOND_ID, OTHER_ID}


def test_without_an_age_the_settings_decide_and_without_both_nothing_happens(
    settings: Settings, tmp_path: Path
) -> None:
    assert isinstance(nightcall(settings, "expire", "--yes").exception, UsageError)
    config = tmp_path / "nightcall.toml"
    config.write_text(f"retention_days = {age_of(7)[:-1]}\n")
    done = nightcall(settings, "expire", "--yes", "--config", str(config))
    assert done.exit_code == 0, done.output
    assert ids(settings) == {SECOND_ID}


@pytest.mark.parametrize("days", ["0", "-1", "'400d'"])
def test_retention_is_a_number_of_days(tmp_path: Path, days: str) -> None:
    config = tmp_path / "nightcall.toml"
    config.write_text(f"retention_days = {days}\n")
    with pytest.raises(SettingsError, match="retention_days"):
        load_settings(config)


def test_a_night_says_what_is_overdue_and_erases_nothing(settings: Settings) -> None:
    days = int(age_of(7)[:-1])
    report = night(settings.model_copy(update={"retention_days": days}))
    (line,) = [line for line in report.lines() if line.startswith("overdue")]
    assert "(2)" in line
    assert "nightcall expire" in line
    assert report.exit_code == 0
    assert len(ids(settings)) == 3


def answered(settings: Settings, answer: str) -> tuple[int, str]:
    """Exit code and output of `nightcall expire` on a terminal on which somebody answers."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "flows.cli", "expire", "--older-than", age_of(7)]
    command += ["--warehouse", str(settings.warehouse), "--recordings", settings.recordings]
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    output, give_up_at = b"", time.monotonic() + 120
    asked = False
    while time.monotonic() < give_up_at and (process.poll() is None or _waits(ours)):
        if not _waits(ours):
            continue
        try:
            output += os.read(ours, 4096)
        except OSError:
            break
        if not asked and b"Type yes" in output:
            asked = True
            os.write(ours, answer.encode() + b"\n")
    os.close(ours)
    return process.wait(timeout=60), output.decode()


def _waits(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0.2)[0])


def test_on_a_terminal_somebody_is_asked_and_only_yes_is_yes(settings: Settings) -> None:
    code, output = answered(settings, "y")
    assert "Erase 2 calls for ever? Type yes" in output
    assert "Nothing was erased." in output
    assert code == 0
    assert len(ids(settings)) == 3
    code, output = answered(settings, "yes")
    assert (code, "nothing found" in output) == (0, True), output
    assert ids(settings) == {SECOND_ID}

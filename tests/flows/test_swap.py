"""`nightcall swap` on real nights: what it changes, what survives, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from polars.testing import assert_frame_equal

import warehouse
from calls.call import RoleSource
from calls.errors import UsageError, WarehouseBusy, WarehouseDamaged
from calls.settings import Settings
from flows.cli.swap import swap as swap_command
from flows.corrections import swap_call
from flows.night import one_after_another, run_night
from flows.report import NightReport
from warehouse.corrections import CORRECTIONS
from warehouse.schemas import CALL_TABLES

VTT = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Speaker 1>Good morning. What keeps you up at night?

00:00:05.000 --> 00:00:08.000
<v Speaker 2>The harbour, mostly.
"""
ANN, BO = {"name": "Ann Lee", "role": "rep"}, {"name": "Bo Ray", "role": "customer"}


@pytest.fixture
def call(recordings: Path) -> Path:
    """A call whose two voices carry the roles in their labels, and a sidecar with their names."""
    text = VTT.replace("Speaker 1", "Agent").replace("Speaker 2", "Customer")
    (recordings / "a.vtt").write_text(text)
    sidecar(recordings, participants=[ANN, BO])
    return recordings


def sidecar(recordings: Path, **facts: Any) -> None:
    (recordings / "a.call.json").write_text(json.dumps({"call_id": "A-1", **facts}))


def night(settings: Settings) -> NightReport:
    return run_night(settings, one_after_another)


def who(settings: Settings) -> dict[str, tuple[str, str | None]]:
    rows = warehouse.open(settings.warehouse).participants.collect()
    return {
        speaker: (role, name)
        for speaker, role, name in rows.select("speaker", "role", "name").iter_rows()
    }


def fact(settings: Settings, column: str) -> Any:
    return warehouse.open(settings.warehouse).calls.collect()[column].item()


def listened(settings: Settings) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in settings.warehouse.rglob("listening.arrow")}


def nightcall_swap(settings: Settings, call_id: str = "A-1") -> Result:
    arguments = [call_id, "--warehouse", str(settings.warehouse), "--by", "Dana"]
    return CliRunner().invoke(swap_command, arguments)


PLAIN = {"Agent": ("rep", "Ann Lee"), "Customer": ("customer", "Bo Ray")}
TURNED = {"Agent": ("customer", "Bo Ray"), "Customer": ("rep", "Ann Lee")}


def test_rep_and_customer_change_places_with_all_that_hangs_on_it(
    settings: Settings, call: Path
) -> None:
    night(settings)
    tables = warehouse.open(settings.warehouse)
    assert who(settings) == PLAIN
    assert tables.moments.filter(pl.col("label") == "cliche_question").collect().height == 1
    heard, nights = listened(settings), tables.nights.collect()
    done = nightcall_swap(settings)
    assert done.exit_code == 0, done.output
    assert "Agent: rep Ann Lee → customer Bo Ray" in done.output
    assert "Customer: customer Bo Ray → rep Ann Lee" in done.output
    assert who(settings) == TURNED
    assert fact(settings, "role_source") == RoleSource.CORRECTED
    assert fact(settings, "revision") == 2
    assert fact(settings, "rep") == "Ann Lee"
    turns = tables.turns.collect()
    assert dict(turns.select("speaker", "role").iter_rows()) == {
        "Agent": "customer",
        "Customer": "rep",
    }
    # The question is no longer the rep's, and nobody was listened to again.
    assert tables.moments.filter(pl.col("label") == "cliche_question").collect().is_empty()
    assert listened(settings) == heard
    assert_frame_equal(tables.nights.collect(), nights)


def test_swapping_twice_restores_everything_but_the_revision(
    settings: Settings, call: Path
) -> None:
    night(settings)
    tables = warehouse.open(settings.warehouse)
    own = ("revision", "made_from")
    before = {name: tables.table(name).collect() for name in CALL_TABLES}
    swap_call(settings, "A-1")
    swap_call(settings, "A-1")
    for name, frame in before.items():
        now = tables.table(name).collect()
        assert_frame_equal(now.drop(own, strict=False), frame.drop(own, strict=False))
    assert fact(settings, "revision") == 3


def test_a_swap_survives_the_next_nights_and_a_rebuild(settings: Settings, call: Path) -> None:
    night(settings)
    swap_call(settings, "A-1")
    again = night(settings)
    assert (again.night.unchanged_count, again.night.landed_count) == (1, 0)
    with warehouse.open(settings.warehouse).night_lock() as store:
        store.rebuild()
    assert who(settings) == TURNED


def test_a_swap_survives_newer_code_and_other_facts(
    settings: Settings, call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(settings)
    swap_call(settings, "A-1")
    sidecar(call, participants=[ANN, BO], account="Harbour Ltd", stage="proposal")
    assert night(settings).night.landed_count == 1
    assert who(settings) == TURNED
    monkeypatch.setattr("flows.versions.READ_VERSION", "next")
    assert night(settings).night.landed_count == 1
    assert who(settings) == TURNED


def test_a_swap_lapses_when_the_sidecar_says_anew_who_is_who(
    settings: Settings, call: Path
) -> None:
    night(settings)
    swap_call(settings, "A-1")
    sidecar(call, participants=[{**ANN, "role": "customer"}, {**BO, "role": "rep"}])
    night(settings)
    assert who(settings) == {"Agent": ("rep", "Bo Ray"), "Customer": ("customer", "Ann Lee")}
    assert fact(settings, "role_source") == RoleSource.VENDOR
    assert "no longer applies" in fact(settings, "notes")
    # What is said from now on is about the new state.
    swap_call(settings, "A-1")
    assert who(settings)["Agent"] == ("customer", "Ann Lee")
    assert fact(settings, "notes") is None


def test_a_swap_of_files_that_have_left_the_folder_is_possible_and_stays(
    settings: Settings, call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(settings)
    for path in call.iterdir():
        path.unlink()
    swap_call(settings, "A-1")
    monkeypatch.setattr("flows.versions.READ_VERSION", "next")
    night(settings)
    assert who(settings) == TURNED


def test_a_swap_needs_no_recordings_folder(settings: Settings, call: Path) -> None:
    night(settings)
    elsewhere = settings.model_copy(update={"recordings": "no such folder"})
    swap_call(elsewhere, "A-1")
    assert who(settings) == TURNED


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    "step", ["flows.corrections.read_and_save", "warehouse.store.publish.publish"]
)
@pytest.mark.parametrize("finisher", [swap_call, night])
def test_a_swap_that_was_cut_off_is_finished_and_not_taken_back(
    settings: Settings, call: Path, monkeypatch: pytest.MonkeyPatch, step: str, finisher: Any
) -> None:
    night(settings)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(step, killed)
        with pytest.raises(Killed):
            swap_call(settings, "A-1")
    assert who(settings) == PLAIN
    if finisher is night:
        night(settings)
    else:
        assert swap_call(settings, "A-1").resumed
    assert who(settings) == TURNED
    assert night(settings).night.landed_count == 0
    swap_call(settings, "A-1")
    assert who(settings) == PLAIN


def test_a_swap_with_other_settings_does_not_hide_work_from_the_next_night(
    settings: Settings, call: Path
) -> None:
    night(settings)
    other = settings.model_copy(update={"analyzers": ("talk",)})
    swap_call(other, "A-1")
    assert night(settings).night.landed_count == 1
    assert who(settings) == TURNED
    assert night(settings).night.unchanged_count == 1


def test_roles_that_nobody_has_given_can_not_be_exchanged(
    settings: Settings, recordings: Path
) -> None:
    (recordings / "a.vtt").write_text(VTT)
    sidecar(recordings)
    night(settings)
    with pytest.raises(UsageError, match=r"Speaker 1 unknown, Speaker 2 unknown.*sidecar"):
        swap_call(settings, "A-1")
    assert not list(settings.warehouse.rglob(CORRECTIONS))


def test_a_label_that_names_its_person_keeps_them_and_changes_only_the_role(
    settings: Settings, recordings: Path
) -> None:
    text = VTT.replace("Speaker 1", "Ann Lee").replace("Speaker 2", "Bo Ray")
    (recordings / "a.vtt").write_text(text)
    sidecar(recordings, participants=[ANN, BO])
    night(settings)
    swap_call(settings, "A-1")
    assert who(settings) == {"Ann Lee": ("customer", "Ann Lee"), "Bo Ray": ("rep", "Bo Ray")}


def test_whose_words_are_left_out_follows_the_swap(settings: Settings, call: Path) -> None:
    sidecar(call, participants=[ANN, BO], exclude=["Bo Ray"])
    night(settings)
    tables = warehouse.open(settings.warehouse)
    assert tables.turns.collect()["text"].to_list() == ["Good morning. What keeps you up at night?"]
    swap_call(settings, "A-1")
    assert tables.turns.collect()["text"].to_list() == ["The harbour, mostly."]


def test_an_unknown_call_is_named(settings: Settings, call: Path) -> None:
    night(settings)
    with pytest.raises(UsageError, match="'B-2'"):
        swap_call(settings, "B-2")


def test_while_a_night_is_at_work_a_swap_waits_for_another_time(
    settings: Settings, call: Path
) -> None:
    night(settings)
    with warehouse.open(settings.warehouse).night_lock(), pytest.raises(WarehouseBusy):
        swap_call(settings, "A-1")
    assert who(settings) == PLAIN


def test_a_damaged_record_of_corrections_sets_the_call_aside_and_the_night_goes_on(
    settings: Settings, call: Path
) -> None:
    night(settings)
    swap_call(settings, "A-1")
    (path,) = settings.warehouse.rglob(CORRECTIONS)
    path.write_text("{")
    (call / "b.vtt").write_text(VTT)
    report = night(settings)
    assert (report.night.quarantined_count, report.night.landed_count) == (1, 1)
    with pytest.raises(WarehouseDamaged):
        swap_call(settings, "A-1")
    path.unlink()
    assert night(settings).night.landed_count == 1
    assert PLAIN.items() <= who(settings).items()

"""`nightcall erase` on real nights: nothing is left, nothing else changes, nothing comes back."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import fsspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import warehouse
from calls.errors import UsageError, WarehouseBusy, WarehouseDamaged
from calls.settings import Settings
from flows.discovery.location import Location
from flows.erasing.erase import erase, look_at
from flows.erasing.wanted import Request
from tests.flows.erased_calls import (
    ANN,
    BO,
    FIRST,
    FIRST_ID,
    OTHER,
    OTHER_ID,
    SECOND,
    SECOND_ID,
    add_call,
    erased,
    key_of,
    night,
    nightcall,
    settings_at,
    snapshot,
    three_calls,
    transcript,
    what_is_known,
    where_is,
    write_sidecar,
)
from tests.warehouse.builders import coaching_row, review_row
from warehouse.artifacts import ArtifactStore
from warehouse.erasure import journal
from warehouse.schemas import ALL_TABLES, CALL_TABLES
from warehouse.schemas.spec import TableSpec
from warehouse.store import Warehouse, open_warehouse


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three calls after one night, with a review and a coaching entry about two of them."""
    folder = tmp_path_factory.mktemp("erase")
    (folder / "recordings").mkdir()
    three_calls(folder / "recordings")
    settings = settings_at(folder)
    assert night(settings).night.landed_count == 3
    store = open_warehouse(settings.warehouse)
    keys = {name: key_of(folder / "recordings" / f"{name}.vtt") for name in ("harbour", "brewery")}
    about = {
        FIRST_ID: {"call_id": FIRST_ID, "source_key": keys["harbour"]},
        OTHER_ID: {"call_id": OTHER_ID, "source_key": keys["brewery"]},
    }
    mine, other = about[FIRST_ID], about[OTHER_ID]
    store.entries("reviews").add([review_row("r-1", **mine), review_row("r-2", **other)])
    store.entries("coaching").add([coaching_row("c-1", **mine), coaching_row("c-2", **other)])
    store.publish_entries()
    return folder


@pytest.fixture
def settings(template: Path, tmp_path: Path) -> Settings:
    """A copy of the three calls to erase from."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return settings_at(tmp_path)


@pytest.fixture
def recordings(settings: Settings) -> Path:
    return Path(settings.recordings)


@pytest.fixture
def first(recordings: Path) -> list[str]:
    """Everything by which the first call could be known again."""
    known = what_is_known(recordings / "harbour.vtt", FIRST_ID, FIRST)
    others = json.dumps([OTHER, SECOND]).lower()
    return [one for one in known if one.lower().strip(".?") not in others]


def tables(settings: Settings) -> Warehouse:
    return warehouse.open(settings.warehouse)


def ids(settings: Settings) -> set[str]:
    return set(tables(settings).calls.collect()["call_id"])


def statuses(settings: Settings) -> list[str]:
    return tables(settings).recordings.sort("happened_at").collect()["status"].to_list()


# What goes, and what stays.


def test_nothing_is_left_of_an_erased_call(settings: Settings, first: list[str]) -> None:
    assert {text for _, text in where_is(settings.warehouse, first)} == set(first)
    done = erased(settings, FIRST_ID)
    assert where_is(settings.warehouse, first) == []
    assert "nothing found" in done.output
    assert ids(settings) == {SECOND_ID, OTHER_ID}


def test_no_other_call_changes_and_no_other_date_is_written(settings: Settings) -> None:
    before = {name: tables(settings).table(name).collect() for name in CALL_TABLES}
    files = snapshot(settings.warehouse / "tables")
    erased(settings, FIRST_ID)
    for name, frame in before.items():
        others = frame.filter(pl.col("call_id") == OTHER_ID)
        now = tables(settings).table(name).filter(pl.col("call_id") == OTHER_ID).collect()
        assert_frame_equal(now, others)
    now_there = snapshot(settings.warehouse / "tables")
    assert set(now_there) == set(files)
    written = {path for path, stamp in now_there.items() if stamp != files[path]}
    # The day of the call, and that of the one that had quoted it.
    dates = {path.split("/")[1] for path in written if "call_date" in path}
    assert dates == {"call_date=2026-09-01", "call_date=2026-09-08"}
    assert not {path for path in written if path.startswith(("nights/", "evaluations/"))}


def test_a_call_that_nobody_quotes_leaves_other_dates_alone(settings: Settings) -> None:
    files = snapshot(settings.warehouse / "tables")
    erased(settings, OTHER_ID)
    now = snapshot(settings.warehouse / "tables")
    written = {path for path in now if now[path] != files[path]}
    assert {path.split("/")[1] for path in written if "call_date" in path} == {
        "call_date=2026-09-01"
    }


@pytest.mark.parametrize("spec", ALL_TABLES.values(), ids=ALL_TABLES)
def test_every_table_does_what_its_columns_declare(settings: Settings, spec: TableSpec) -> None:
    if spec.name == "erasures":
        return
    before = tables(settings).table(spec.name).collect()
    erased(settings, FIRST_ID)
    now = tables(settings).table(spec.name).collect()
    is_about_it = pl.col("call_id") == FIRST_ID if "call_id" in spec.names else pl.lit(value=False)
    policies = {column.name: column.on_erasure for column in spec.columns}
    if set(policies.values()) == {"row_removed"}:
        assert now.height == before.filter(~is_about_it).height
        assert now.filter(is_about_it).is_empty()
        return
    assert "row_removed" not in policies.values()
    kept = [name for name, policy in policies.items() if policy == "kept"]
    of_others = before.filter(~is_about_it)
    still_there = now.join(of_others.select(spec.key), on=spec.key, nulls_equal=True, how="semi")
    assert_frame_equal(still_there, of_others, check_row_order=False)
    assert now.height == before.height
    for row in before.filter(is_about_it).to_dicts():
        same = pl.all_horizontal(pl.col(name).eq_missing(row[name]) for name in kept)
        (left,) = now.filter(same).to_dicts()
        for column in spec.columns:
            if column.on_erasure == "cleared" and column.nullable:
                assert left[column.name] is None, column.name
            elif column.on_erasure == "cleared":
                assert left[column.name] != row[column.name], column.name


def test_of_a_recording_only_its_status_and_counts_are_left(settings: Settings) -> None:
    erased(settings, FIRST_ID)
    rows = tables(settings).recordings.filter(pl.col("status") == "erased").collect()
    (row,) = rows.to_dicts()
    assert row["recording"].startswith("erased-")
    assert {row[name] for name in ("source_key", "call_id", "message", "size_bytes")} == {None}
    assert row["engine"] == "imported"


def test_reviews_go_and_coaching_stays_without_the_call(settings: Settings) -> None:
    erased(settings, FIRST_ID)
    assert tables(settings).reviews.collect()["review_id"].to_list() == ["r-2"]
    rows = {row["coaching_id"]: row for row in tables(settings).coaching.collect().to_dicts()}
    mine, other = rows["c-1"], rows["c-2"]
    assert (mine["call_id"], mine["source_key"], mine["moment_id"]) == (None, None, None)
    assert mine["practice"] == other["practice"]
    assert other["call_id"] == OTHER_ID


def test_what_is_on_record_of_an_erasure_names_nobody(settings: Settings) -> None:
    erased(settings, "--participant", "BO.RAY@acme.example", "--reason", "asked by the customer")
    rows = tables(settings).erasures.collect()
    assert rows["scope"].unique().to_list() == ["participant"]
    assert rows["reason"].unique().to_list() == ["asked by the customer"]
    assert rows["erased_by"].unique().to_list() == ["op"]
    assert (rows["row_count"] > 40).all()
    assert (rows["searched_file_count"] > 20).all()
    assert rows["recording_left_count"].sum() == 4
    assert all(len(one) == 64 for one in (*rows["source_key_hash"], *rows["call_id_hash"]))
    assert where_is(settings.warehouse, ["bo.ray@acme"]) == []
    key = settings.warehouse / "state" / "erasure.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32


def test_a_rebuild_brings_nothing_back(settings: Settings, first: list[str]) -> None:
    erased(settings, FIRST_ID)
    before = {name: tables(settings).table(name).collect() for name in ALL_TABLES}
    with tables(settings).night_lock() as store:
        store.rebuild()
    for name, frame in before.items():
        assert_frame_equal(tables(settings).table(name).collect(), frame)
    assert where_is(settings.warehouse, first) == []


# What later calls had known from it.


def quotes(settings: Settings) -> list[tuple[str, str | None, str | None]]:
    moments = tables(settings).moments.filter(pl.col("label") == "already_known").collect()
    return list(moments.select("call_id", "known_answer", "known_source").iter_rows())


def test_what_a_later_call_had_quoted_is_cleared_at_once(settings: Settings) -> None:
    ((_, answer, source),) = quotes(settings)
    assert answer == FIRST[1][1]
    assert source is not None
    assert FIRST_ID in source
    done = erased(settings, FIRST_ID)
    assert "1 call with the same customer" in done.output
    assert quotes(settings) == [(SECOND_ID, None, None)]
    reasons = tables(settings).moments.collect()["reason"].to_list()
    assert not [reason for reason in reasons if "harbour" in reason]


@pytest.mark.parametrize("files_have_left", [False, True])
def test_the_next_night_reads_the_later_call_without_it(
    settings: Settings, recordings: Path, *, files_have_left: bool
) -> None:
    erased(settings, FIRST_ID, "--delete-recording")
    if files_have_left:
        for path in recordings.iterdir():
            path.unlink()
    report = night(settings)
    assert report.night.landed_count == 1
    assert quotes(settings) == []
    assert ids(settings) == {SECOND_ID, OTHER_ID}
    assert night(settings).night.landed_count == 0


# It does not come back.


def test_the_recording_is_refused_for_ever_and_the_report_says_so(
    settings: Settings, first: list[str]
) -> None:
    erased(settings, FIRST_ID)
    for number in range(3):
        report = night(settings)
        assert report.night.refused_count == 1
        assert report.exit_code == 0
        assert any("erase --left" in line for line in report.lines())
        assert where_is(settings.warehouse, first) == []
        # It is put on record once, not every night.
        assert statuses(settings).count("refused") == 1, number
    assert ids(settings) == {SECOND_ID, OTHER_ID}


@pytest.mark.parametrize(
    "facts",
    [None, {"call_id": "NEW-9"}, {"account": "Somebody else"}, {"participants": "nobody"}],
    ids=["no sidecar", "another id", "other facts", "a broken sidecar"],
)
def test_no_other_name_and_no_other_sidecar_helps(
    settings: Settings, recordings: Path, first: list[str], facts: dict[str, Any] | None
) -> None:
    erased(settings, FIRST_ID)
    (recordings / "harbour.call.json").unlink()
    (recordings / "sub").mkdir()
    shutil.copy(recordings / "harbour.vtt", recordings / "copy.vtt")
    (recordings / "harbour.vtt").rename(recordings / "sub" / "other.vtt")
    if facts is not None:
        write_sidecar(recordings, "copy", **facts)
    report = night(settings)
    assert report.night.refused_count == 2
    assert not report.quarantined
    assert ids(settings) == {SECOND_ID, OTHER_ID}
    names = ["copy.vtt", "other.vtt", "NEW-9", *first]
    assert where_is(settings.warehouse, names) == []


def test_a_refused_recording_is_read_once_and_then_known_by_its_mark(
    settings: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased(settings, FIRST_ID)
    hashed: list[str] = []
    sha256 = Location.sha256
    monkeypatch.setattr(
        Location, "sha256", lambda self, name: hashed.append(name) or sha256(self, name)
    )
    night(settings)
    assert hashed == ["harbour.vtt"]
    night(settings)
    assert hashed == ["harbour.vtt"]
    os.utime(recordings / "harbour.vtt")
    assert night(settings).night.refused_count == 1
    assert hashed == ["harbour.vtt"] * 2


def test_another_recording_with_the_erased_id_is_refused_until_it_has_one_of_its_own(
    settings: Settings, recordings: Path
) -> None:
    erased(settings, FIRST_ID, "--delete-recording")
    add_call(recordings, "new", [("Ann Lee", "Hello again.")], days=9, call_id=FIRST_ID)
    for _ in range(2):
        report = night(settings)
        assert (report.night.refused_count, report.refused_ids) == (1, 1)
        assert any("give it another id" in line for line in report.lines())
    left = nightcall(settings, "erase", "--left")
    assert "new.vtt: its sidecar carries the id" in left.output
    write_sidecar(recordings, "new", call_id="D-4001")
    report = night(settings)
    assert report.night.refused_count == 0
    assert "D-4001" in ids(settings)


def test_without_the_key_no_night_can_tell_what_was_erased(settings: Settings) -> None:
    erased(settings, FIRST_ID)
    (settings.warehouse / "state" / "erasure.key").unlink()
    with pytest.raises(WarehouseDamaged, match=r"erasure\.key is missing"):
        night(settings)


# Everything else a call may have left.


def test_copies_under_other_names_go_too(settings: Settings, recordings: Path) -> None:
    shutil.copy(recordings / "harbour.vtt", recordings / "my copy.vtt")
    assert night(settings).night.duplicate_count == 1
    done = erased(settings, FIRST_ID, "--delete-recording")
    assert "my copy.vtt" not in {path.name for path in recordings.iterdir()}
    assert "Removed 3 files" in done.output
    assert where_is(settings.warehouse, ["my copy"]) == []


def test_a_recording_set_aside_because_of_the_call_no_longer_names_it(
    settings: Settings, recordings: Path, first: list[str]
) -> None:
    add_call(recordings, "rival", [("Ann Lee", "Hello there.")], call_id=FIRST_ID)
    os.utime(recordings / "rival.vtt", (2e9, 2e9))
    assert len(night(settings).quarantined) == 1
    done = erased(settings, FIRST_ID)
    assert where_is(settings.warehouse, first) == []
    assert "rival.vtt: its sidecar carries the id" in done.output
    assert (recordings / "rival.vtt").exists()


def test_what_a_recording_had_replaced_goes_with_it(settings: Settings, recordings: Path) -> None:
    old = key_of(recordings / "harbour.vtt")
    (recordings / "harbour.vtt").unlink()
    corrected = [("Ann Lee", "Thank you for the visit."), ("Bo Ray", "You came to the dry dock.")]
    add_call(recordings, "harbour2", corrected, call_id=FIRST_ID, replaces=True)
    assert night(settings).night.landed_count == 2  # the later call knows another one now
    assert open_warehouse(settings.warehouse).artifacts.load_listening(old) is not None
    erased(settings, FIRST_ID)
    known = what_is_known(recordings / "harbour2.vtt", FIRST_ID, [*FIRST[1:], *corrected])
    texts = [old, *known]
    assert where_is(settings.warehouse, [one for one in texts if len(one) > 7]) == []
    (recordings / "again.vtt").write_text(transcript(FIRST))
    assert night(settings).night.refused_count == 2


def test_a_call_that_has_an_id_in_quarantine_only_can_be_erased(
    settings: Settings, recordings: Path
) -> None:
    add_call(recordings, "broken", [], call_id="Q-7001")
    assert len(night(settings).quarantined) == 1
    erased(settings, "Q-7001")
    assert where_is(settings.warehouse, ["Q-7001", "broken"]) == []
    assert night(settings).night.refused_count == 1


def test_a_call_that_waits_for_an_engine_can_be_erased(
    settings: Settings, recordings: Path, speech_wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    speech = settings.speech.model_copy(update={"engine": "faster-whisper"})
    deaf = settings.model_copy(update={"speech": speech})
    shutil.copy(speech_wav, recordings / "wait.wav")
    write_sidecar(recordings, "wait", call_id="W-8001", participants=[BO])
    assert night(deaf).night.awaiting_count == 1
    known = ["W-8001", key_of(speech_wav), "wait.wav"]
    assert where_is(settings.warehouse, known)
    erased(settings, "W-8001")
    assert where_is(settings.warehouse, known) == []
    assert night(deaf).night.refused_count == 1


def test_one_file_per_participant_is_one_call(
    settings: Settings, recordings: Path, speech_wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    speech = settings.speech.model_copy(update={"engine": "faster-whisper"})
    deaf = settings.model_copy(update={"speech": speech})
    shutil.copy(speech_wav, recordings / "two_agent.wav")
    (recordings / "two_caller.wav").write_bytes(speech_wav.read_bytes() + b"\0\0")
    write_sidecar(recordings, "two", call_id="T-9001")
    night(deaf)
    hashes = [key_of(recordings / f"two_{side}.wav") for side in ("agent", "caller")]
    assert len(where_is(settings.warehouse, hashes)) >= 2
    erased(settings, "T-9001")
    assert where_is(settings.warehouse, ["T-9001", "two_agent", "two_caller", *hashes]) == []
    # One side alone, under another name, is still of the call.
    (recordings / "two_agent.wav").rename(recordings / "voice.wav")
    (recordings / "two_caller.wav").unlink()
    assert night(deaf).night.refused_count == 1


# Whose calls, and which.


def test_a_participant_is_found_wherever_a_sidecar_lists_them(
    settings: Settings, recordings: Path
) -> None:
    """Landed, excluded, not discovered yet, and in a sidecar that can't be read."""
    excluded = {"participants": [ANN, BO], "exclude": ["Bo Ray"], "account": "Third"}
    add_call(recordings, "excluded", [("Ann Lee", "Hello.")], days=1, call_id="X-1", **excluded)
    night(settings)
    add_call(recordings, "today", [("Bo Ray", "Not seen by any night yet.")], days=20)
    add_call(recordings, "wrong", [("Bo Ray", "With a sidecar that is wrong.")], color="blue")
    done = erased(settings, "--participant", " bo.ray@ACME.example ")
    assert "Erased 5 calls" in done.output
    assert ids(settings) == {OTHER_ID}
    assert where_is(settings.warehouse, ["bo.ray@acme", "Bo Ray"]) == []
    report = night(settings)
    assert report.night.refused_count == 5
    assert not report.quarantined
    again = nightcall(settings, "erase", "--participant", "bo.ray@acme.example", "--yes")
    assert (again.exit_code, again.output) == (0, "No call to erase.\n")


def test_a_sidecar_that_names_somebody_since_the_call_landed_counts(
    settings: Settings, recordings: Path
) -> None:
    write_sidecar(recordings, "brewery", call_id=OTHER_ID, participants=[BO])
    erased(settings, "--participant", "bo.ray@acme.example")
    assert ids(settings) == set()


def test_an_account_is_erased_whole(settings: Settings) -> None:
    erased(settings, "--account", "acme quays")
    assert ids(settings) == {OTHER_ID}
    assert where_is(settings.warehouse, ["Acme Quays", FIRST_ID, SECOND_ID]) == []


def test_an_unknown_id_names_those_that_look_alike(settings: Settings) -> None:
    done = nightcall(settings, "erase", "A-1043", "--yes")
    assert isinstance(done.exception, UsageError)
    assert f"Did you mean '{FIRST_ID}'" in str(done.exception)
    erased(settings, FIRST_ID)
    again = nightcall(settings, "erase", FIRST_ID, "--yes")
    assert again.exit_code == 0
    assert "was erased before" in again.output


@pytest.mark.parametrize(
    "arguments",
    [[], [FIRST_ID, "--account", "Acme"], ["--participant", "jane"], ["--account", " "]],
)
def test_what_to_erase_must_be_clear(settings: Settings, arguments: list[str]) -> None:
    done = nightcall(settings, "erase", *arguments, "--yes")
    assert isinstance(done.exception, UsageError)
    assert len(ids(settings)) == 3


@pytest.mark.parametrize("reason", [f"see {FIRST_ID}.", "harbour.vtt was wrong", "Asked: (A-1042)"])
def test_a_reason_that_names_the_call_is_refused(settings: Settings, reason: str) -> None:
    done = nightcall(settings, "erase", FIRST_ID, "--yes", "--reason", reason)
    assert isinstance(done.exception, UsageError)
    assert "kept for ever" in str(done.exception)
    assert len(ids(settings)) == 3


def test_a_reason_may_hold_words_that_only_begin_alike(settings: Settings) -> None:
    erased(settings, FIRST_ID, "--reason", "A-10 forms asked for it; the harbours.vtt too")


# Recordings.


def test_recordings_that_stay_are_named_and_can_go_later(
    settings: Settings, recordings: Path
) -> None:
    done = erased(settings, FIRST_ID)
    assert "harbour.call.json, harbour.vtt" in done.output
    left = nightcall(settings, "erase", "--left")
    assert left.output.splitlines()[:2] == ["harbour.call.json", "harbour.vtt"]
    unasked = nightcall(settings, "erase", "--left", "--delete-recording")
    assert "there is no terminal to ask on" in str(unasked.exception)
    gone = nightcall(settings, "erase", "--left", "--delete-recording", "--yes")
    assert gone.exit_code == 0
    assert {path.stem for path in recordings.iterdir()} == {
        "later",
        "later.call",
        "brewery",
        "brewery.call",
    }
    assert "No recording" in nightcall(settings, "erase", "--left").output
    nothing = nightcall(settings, "erase", "--left", "--delete-recording")
    assert (nothing.exit_code, nothing.output.count("No recording")) == (0, 1)


def test_a_row_of_a_call_list_is_named_because_nobody_removes_it(
    settings: Settings, recordings: Path
) -> None:
    for name in ("harbour", "brewery"):
        (recordings / f"{name}.call.json").unlink()
    rows = f"recording,call_id\nharbour,{FIRST_ID}\nbrewery,{OTHER_ID}\n"
    (recordings / "calls.csv").write_text(rows)
    night(settings)
    both = nightcall(settings, "erase", FIRST_ID, OTHER_ID, "--dry-run")
    assert both.output.count("calls.csv: has a row") == 1
    done = erased(settings, FIRST_ID, "--delete-recording")
    assert "calls.csv: has a row about such a call" in done.output
    assert (recordings / "calls.csv").exists()
    assert not (recordings / "harbour.vtt").exists()


def test_a_recording_that_can_not_be_removed_is_said_and_the_rest_goes_on(
    settings: Settings, recordings: Path, first: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(self: Location, name: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Location, "remove", refuses)
    done = nightcall(settings, "erase", FIRST_ID, "--yes", "--delete-recording")
    assert done.exit_code == 1
    assert "harbour.vtt: could not be removed (Permission denied)" in done.output
    assert where_is(settings.warehouse, first) == []
    assert tables(settings).erasures.collect()["recording_left_count"].to_list() == [2]


def test_a_recording_that_is_no_local_file_can_be_removed_too() -> None:
    location = Location("memory://erase-test")
    memory = fsspec.filesystem("memory")
    memory.pipe("/erase-test/sub/a.vtt", b"WEBVTT")
    memory.pipe("/erase-test/b.vtt", b"WEBVTT")
    location.remove("sub/a.vtt")
    location.remove("sub/a.vtt")  # what is gone already is no problem
    assert [file.name for file in location.files()] == ["b.vtt"]


def test_a_warehouse_outlives_its_recordings(settings: Settings, first: list[str]) -> None:
    shutil.rmtree(settings.recordings)
    done = erased(settings, FIRST_ID)
    assert "is no folder" in done.output
    assert where_is(settings.warehouse, first) == []


def test_recordings_that_were_to_go_but_can_not_be_listed_are_not_done(settings: Settings) -> None:
    shutil.rmtree(settings.recordings)
    done = nightcall(settings, "erase", FIRST_ID, "--yes", "--delete-recording")
    assert done.exit_code == 1
    assert done.output.count("is no folder") == 1
    assert "nightcall erase --left --delete-recording" in done.output


def test_an_erasure_that_fails_half_way_says_that_it_has_begun_and_is_finished_by_the_next(
    settings: Settings, first: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: ArtifactStore, key: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(ArtifactStore, "remove", fails)
        done = nightcall(settings, "erase", FIRST_ID, "--yes")
        assert "has begun, and is not done" in done.output
    again = nightcall(settings, "erase", FIRST_ID, "--yes")
    assert "An erasure that was cut off has been finished: 1 call." in again.output
    assert where_is(settings.warehouse, first) == []


def test_another_call_that_says_the_same_is_named_by_the_id_it_is_erased_by(
    settings: Settings, recordings: Path
) -> None:
    add_call(recordings, "again", [*FIRST, ("Bo Ray", "That is all.")], call_id="D-4001", days=30)
    assert night(settings).night.landed_count == 1
    assert "nightcall erase D-4001" in erased(settings, FIRST_ID).output


# Looking first.


def test_a_dry_run_shows_everything_and_changes_nothing(
    settings: Settings, recordings: Path
) -> None:
    there = snapshot(recordings)
    before = {name: tables(settings).table(name).collect() for name in ALL_TABLES}
    files = set(snapshot(settings.warehouse))
    done = nightcall(settings, "erase", FIRST_ID, "--dry-run", "--delete-recording")
    assert done.exit_code == 0
    shown = {words[0]: words[1:] for line in done.output.splitlines() if (words := line.split())}
    assert shown["turns"] == ["4"]
    assert shown["calls"] == ["1"]
    assert shown["reviews"] == ["1"]
    assert shown["artifacts"] == ["3"]
    assert "harbour.call.json, harbour.vtt" in done.output
    assert snapshot(recordings) == there
    assert set(snapshot(settings.warehouse)) <= files | {"state/entries.lock", "state/night.lock"}
    for name, frame in before.items():
        assert_frame_equal(tables(settings).table(name).collect(), frame)


def test_nobody_to_ask_means_nothing_is_erased(settings: Settings) -> None:
    done = nightcall(settings, "erase", FIRST_ID)
    assert isinstance(done.exception, UsageError)
    assert "--yes" in str(done.exception)
    assert len(ids(settings)) == 3


def test_what_was_agreed_to_is_what_is_erased(settings: Settings, recordings: Path) -> None:
    request = Request(account="Acme Quays")
    agreed = look_at(settings, request).call_ids
    add_call(recordings, "third", [("Bo Ray", "A call that came meanwhile.")], call_id="N-1")
    night(settings)
    with pytest.raises(UsageError, match="a night has run meanwhile"):
        erase(settings, request, expected=agreed)
    assert len(ids(settings)) == 4


def test_an_erasure_waits_for_a_night(settings: Settings) -> None:
    with open_warehouse(settings.warehouse).night_lock():
        done = nightcall(settings, "erase", FIRST_ID, "--yes")
    assert isinstance(done.exception, WarehouseBusy)


# Holds.


def test_a_held_call_is_not_erased_unless_somebody_insists(settings: Settings) -> None:
    held = nightcall(settings, "hold", FIRST_ID, "--reason", "a dispute", "--by", "Dana")
    assert held.output == f"{FIRST_ID}: held\n"
    listed = nightcall(settings, "hold").output
    assert listed.startswith(f"{FIRST_ID}: held by Dana since ")
    assert listed.endswith(": a dispute\n")
    done = nightcall(settings, "erase", "--account", "Acme Quays", "--yes")
    assert isinstance(done.exception, UsageError)
    assert "held by Dana" in str(done.exception)
    assert len(ids(settings)) == 3
    erased(settings, FIRST_ID, "--despite-hold")
    assert nightcall(settings, "hold").output == "No call is held.\n"
    assert where_is(settings.warehouse, ["a dispute"]) == []


def test_a_released_call_can_be_erased(settings: Settings) -> None:
    nightcall(settings, "hold", FIRST_ID, "--reason", "a dispute")
    assert nightcall(settings, "hold", FIRST_ID, "--release").output == f"{FIRST_ID}: released\n"
    assert "was not held" in nightcall(settings, "hold", FIRST_ID, "--release").output
    erased(settings, FIRST_ID)


@pytest.mark.parametrize("arguments", [["--reason", "why"], [FIRST_ID], ["Z-1", "--reason", "why"]])
def test_a_hold_names_a_call_and_a_reason(settings: Settings, arguments: list[str]) -> None:
    assert isinstance(nightcall(settings, "hold", *arguments).exception, UsageError)


def test_nothing_is_under_way_when_it_is_done(settings: Settings) -> None:
    erased(settings, FIRST_ID)
    assert journal.load(settings.warehouse) is None
    assert not list((settings.warehouse / "work" / "unfinished").iterdir())


def test_doctor_says_when_erased_calls_can_no_longer_be_told(settings: Settings) -> None:
    def looks() -> dict[str, tuple[bool, str]]:
        found = nightcall(settings, "doctor").output.splitlines()
        lines = (line.split(maxsplit=2) for line in found if "erasures" in line.split()[1:2])
        return {topic: (mark == "ok", said) for mark, topic, said in lines}

    assert looks() == {}
    erased(settings, FIRST_ID)
    assert looks() == {"erasures": (True, "erased calls are refused")}
    (settings.warehouse / "state" / "erasure.key").unlink()
    well, said = looks()["erasures"]
    assert not well
    assert said.startswith("state/erasure.key is missing")

"""Whole nights on small recordings, with a real engine: what lands, what is set aside, and why."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import warehouse
from calls.errors import MessagingInvalid, ModelDamaged, UsageError, WarehouseBusy
from calls.settings import Settings
from flows.night import one_after_another, run_night
from flows.report import ExitCode, NightReport
from models.turn_labels.labeller import ENCODER, SHIPPED
from tests.sounds import sample_speech, silence, write_wav
from warehouse.schemas import CALL_TABLES

pytestmark = pytest.mark.speech

VTT = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Ann Lee>Good morning. What keeps you up at night?

00:00:05.000 --> 00:00:08.000
<v Bo Ray>The harbour, mostly.
"""
PEOPLE = [
    {"name": "Ann Lee", "role": "rep", "channel": 0},
    {"name": "Bo Ray", "role": "customer", "channel": 1},
]


def night(settings: Settings) -> NightReport:
    return run_night(settings, one_after_another)


def without_engine(settings: Settings) -> Settings:
    speech = settings.speech.model_copy(update={"model": "small.en", "model_dir": None})
    return settings.model_copy(update={"speech": speech})


def sidecar(path: Path, **facts: Any) -> None:
    path.with_suffix(".call.json").write_text(json.dumps(facts))


def status_of(settings: Settings) -> dict[str, str]:
    frame = warehouse.open(settings.warehouse).recordings.collect()
    return dict(frame.select("recording", "status").iter_rows())


def message_of(settings: Settings, recording: str) -> str:
    frame = warehouse.open(settings.warehouse).recordings.collect()
    (text,) = frame.filter(pl.col("recording") == recording)["message"]
    return str(text)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def test_a_two_channel_call_lands_with_both_sides(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    sidecar(
        recordings / "a.wav",
        call_id="A-1",
        started_at="2026-09-14T23:30:00-02:00",
        participants=PEOPLE,
    )
    report = night(settings)
    assert report.exit_code is ExitCode.DONE
    tables = warehouse.open(settings.warehouse)
    (call,) = tables.calls.collect().iter_rows(named=True)
    assert call["call_id"] == "A-1"
    assert str(call["call_date"]) == "2026-09-15"  # in UTC
    assert call["channel_layout"] == "separate"
    assert call["engine"] == "faster-whisper"
    assert call["rep"] == "Ann Lee"
    people = tables.participants.collect()
    assert dict(people.select("name", "role").iter_rows()) == {
        "Ann Lee": "rep",
        "Bo Ray": "customer",
    }
    assert (people["talk_s"] > 0).all()
    turns = tables.turns.collect()
    assert set(turns["channel"]) == {0, 1}
    assert (turns["end_s"] <= call["duration_s"]).all()


def test_running_again_changes_no_table_but_nights(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    shutil.copy(speech_wav, recordings / "b.wav")
    (recordings / "bad.wav").write_text("no sound")
    (recordings / "c.vtt").write_text(VTT)
    first = night(settings)
    tables = warehouse.open(settings.warehouse)
    before = {name: tables.table(name).collect() for name in (*CALL_TABLES, "recordings")}
    second = night(settings)
    for name, frame in before.items():
        assert_frame_equal(frame, tables.table(name).collect())
    assert tables.nights.collect().height == 2
    assert second.night.unchanged_count == 3  # two calls and the duplicate
    assert second.night.landed_count == 0
    assert second.night.audio_s == 0
    assert first.exit_code is second.exit_code is ExitCode.QUARANTINED


def test_a_ready_transcript_is_not_transcribed_again(
    settings: Settings, recordings: Path, speech_wav: Path, offline: None
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    (recordings / "a.vtt").write_text(VTT)
    sidecar(recordings / "a.wav", call_id="A-1", participants=PEOPLE)
    report = night(without_engine(settings))
    assert report.exit_code is ExitCode.DONE
    tables = warehouse.open(settings.warehouse)
    (call,) = tables.calls.collect().iter_rows(named=True)
    assert call["engine"] == "imported"
    assert call["duration_s"] == pytest.approx(12)
    (moment,) = tables.moments.filter(pl.col("label") == "cliche_question").collect().to_dicts()
    assert "keeps you up at night" in moment["quote"]
    assert moment["role"] == "rep"
    assert 0 <= moment["start_s"] < moment["end_s"] <= 4


def test_without_weights_recordings_wait_and_are_transcribed_when_weights_come(
    settings: Settings, recordings: Path, speech_wav: Path, offline: None
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    (recordings / "b.vtt").write_text(VTT)
    waiting = night(without_engine(settings))
    assert waiting.exit_code is ExitCode.AWAITING
    assert status_of(settings) == {"a.wav": "awaiting_transcription", "b.vtt": "landed"}
    assert any("NIGHTCALL_SPEECH__MODEL" in line for line in waiting.lines())
    again = night(without_engine(settings))
    assert again.exit_code is ExitCode.AWAITING
    assert warehouse.open(settings.warehouse).recordings.collect().height == 2
    assert night(settings).exit_code is ExitCode.DONE
    assert warehouse.open(settings.warehouse).calls.collect().height == 2


def test_bad_input_is_set_aside_with_its_reason_and_the_rest_lands(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "good.wav")
    (recordings / "text.wav").write_text("this is no sound\n" * 50)
    (recordings / "zero.wav").touch()
    (recordings / "noise.mp3").write_bytes(os.urandom(20_000))
    write_wav(recordings / "field.wav", sample_speech(seconds=3, start_s=10))
    sidecar(recordings / "field.wav", participants=[{"role": "boss"}])
    for at, name in enumerate(("one.wav", "two.wav")):
        write_wav(recordings / name, sample_speech(seconds=3, start_s=20 + at * 5))
        sidecar(recordings / name, call_id="SAME")
        os.utime(recordings / name, (1_700_000_000 + at, 1_700_000_000 + at))
    report = night(settings)
    assert report.exit_code is ExitCode.QUARANTINED
    assert status_of(settings) == {
        "good.wav": "landed",
        "one.wav": "landed",
        "text.wav": "quarantined",
        "zero.wav": "quarantined",
        "noise.mp3": "quarantined",
        "field.wav": "quarantined",
        "two.wav": "quarantined",
    }
    assert "no audio can be decoded" in message_of(settings, "text.wav")
    assert "0 bytes" in message_of(settings, "zero.wav")
    assert "participants.0.role" in message_of(settings, "field.wav")
    assert "'boss'" in message_of(settings, "field.wav")
    conflict = message_of(settings, "two.wav")
    assert "'SAME'" in conflict
    assert "'one.wav'" in conflict
    closing = list(report.lines())
    assert sum(line.startswith("quarantined (") for line in closing) == 5
    assert "2 landed, 5 quarantined" in closing[-1]
    assert (recordings / "text.wav").exists()


def test_what_is_set_aside_is_tried_again_when_it_changes(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    (recordings / "a.wav").write_text("no sound")
    shutil.copy(speech_wav, recordings / "b.wav")
    sidecar(recordings / "b.wav", started_at="tomorrow")
    assert night(settings).night.quarantined_count == 2
    assert night(settings).night.quarantined_count == 0
    write_wav(recordings / "a.wav", sample_speech(seconds=3, start_s=30))
    sidecar(recordings / "b.wav", started_at="2026-09-14T10:00:00Z")
    report = night(settings)
    assert report.night.landed_count == 2
    assert report.exit_code is ExitCode.DONE
    assert warehouse.open(settings.warehouse).quarantine.all() == []


def test_odd_recordings_land_with_the_fact_recorded(settings: Settings, recordings: Path) -> None:
    spoken = sample_speech(seconds=10)
    dead = spoken.copy()
    dead[1] = 0
    write_wav(recordings / "dead.wav", dead)
    sidecar(recordings / "dead.wav", participants=PEOPLE)
    whole = write_wav(recordings / "cut.wav", spoken).read_bytes()
    (recordings / "cut.wav").write_bytes(whole[: len(whole) // 2])
    write_wav(recordings / "blip.wav", sample_speech(seconds=0.2))
    write_wav(recordings / "silence.wav", silence(seconds=5, channels=2))
    shutil.copy(recordings / "dead.wav", recordings / "dead-again.wav")
    os.utime(recordings / "dead.wav", (1_700_000_000, 1_700_000_000))
    report = night(settings)
    assert report.exit_code is ExitCode.DONE
    assert status_of(settings) == {
        "dead.wav": "landed",
        "cut.wav": "landed",
        "blip.wav": "no_speech",
        "silence.wav": "no_speech",
        "dead-again.wav": "duplicate",
    }
    tables = warehouse.open(settings.warehouse)
    calls = {row["recording"]: row for row in tables.calls.collect().iter_rows(named=True)}
    assert calls["dead.wav"]["channel_layout"] == "one_dead"
    assert calls["cut.wav"]["is_truncated"]
    assert calls["cut.wav"]["transcript_state"] == "low_confidence"
    assert calls["cut.wav"]["duration_s"] == pytest.approx(5, abs=0.1)
    customer = tables.participants.filter(pl.col("name") == "Bo Ray").collect()
    assert customer["talk_s"].to_list() == [None]
    states = tables.measure_states.filter(
        pl.col("call_id") == calls["dead.wav"]["call_id"], pl.col("measure") == "talk_ratio"
    ).collect()
    assert states["state"].to_list() == ["not_measurable"]
    assert (
        tables.turns.filter(pl.col("call_id") == calls["silence.wav"]["call_id"])
        .collect()
        .is_empty()
    )


def test_a_late_sidecar_renames_the_call_without_listening_again(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    night(settings)
    sidecar(
        recordings / "a.wav",
        call_id="A-1",
        started_at="2026-01-02T10:00:00Z",
        participants=PEOPLE,
    )
    report = night(settings)
    assert report.night.audio_s == 0
    (call,) = warehouse.open(settings.warehouse).calls.collect().iter_rows(named=True)
    assert (call["call_id"], call["rep"], call["revision"]) == ("A-1", "Ann Lee", 2)
    assert str(call["call_date"]) == "2026-01-02"


def test_a_replaced_recording_leaves_the_tables(settings: Settings, recordings: Path) -> None:
    write_wav(recordings / "old.wav", sample_speech(seconds=4))
    sidecar(recordings / "old.wav", call_id="A-1")
    night(settings)
    write_wav(recordings / "new.wav", sample_speech(seconds=6))
    sidecar(recordings / "new.wav", call_id="A-1", replaces=True)
    assert night(settings).exit_code is ExitCode.DONE
    tables = warehouse.open(settings.warehouse)
    assert tables.calls.collect()["recording"].to_list() == ["new.wav"]
    assert night(settings).exit_code is ExitCode.DONE


def test_one_file_per_participant_is_one_call(settings: Settings, recordings: Path) -> None:
    samples = sample_speech(seconds=12)
    write_wav(recordings / "x_agent.wav", samples[:1])
    write_wav(recordings / "x_caller.wav", samples[1:])
    night(settings)
    tables = warehouse.open(settings.warehouse)
    (call,) = tables.calls.collect().iter_rows(named=True)
    assert call["channel_layout"] == "files"
    assert sorted(tables.participants.collect()["role"]) == ["customer", "rep"]
    assert status_of(settings) == {"x_agent.wav": "landed"}


def test_files_still_being_written_are_left_for_the_next_run(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    (recordings / "a.wav").touch()
    patient = settings.model_copy(
        update={"discovery": settings.discovery.model_copy(update={"settle_s": 3600})}
    )
    report = night(patient)
    assert report.unsettled == ("a.wav",)
    assert report.exit_code is ExitCode.DONE
    assert night(settings).night.landed_count == 1


def test_a_second_run_stops_at_once_and_names_the_first(settings: Settings) -> None:
    store = warehouse.Warehouse.create(settings.warehouse)
    with store.night_lock(), pytest.raises(WarehouseBusy, match=f"process {os.getpid()}"):
        night(settings)


def test_a_missing_recordings_folder_is_said(settings: Settings) -> None:
    gone = settings.model_copy(update={"recordings": settings.recordings + "-gone"})
    with pytest.raises(UsageError, match="is no folder"):
        night(gone)


def test_a_killed_night_loses_nothing_and_the_next_one_finishes_it(
    settings: Settings, recordings: Path
) -> None:
    for at in range(4):
        write_wav(recordings / f"{at}.wav", sample_speech(seconds=6, start_s=at * 8))
    script = (
        "import os, sys\n"
        "from calls.settings import Settings\n"
        "from flows import listen, night\n"
        "def listen_then_die(settings, batches):\n"
        "    listen.listen_batch(settings, batches[0])\n"
        "    os.kill(os.getpid(), 9)\n"
        "settings = Settings.model_validate_json(sys.argv[1])\n"
        "night.run_night(settings, listen_then_die)\n"
    )
    small = settings.model_copy(
        update={"night": settings.night.model_copy(update={"batch_calls": 2})}
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, small.model_dump_json()],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert killed.returncode == -9
    report = night(small)
    assert report.night.landed_count == 4
    assert report.night.audio_s == pytest.approx(12)  # the two heard before were kept
    nights = warehouse.open(settings.warehouse).nights.collect()
    assert nights.sort("started_at")["status"].to_list() == ["cut_off", "complete"]


def test_a_recording_that_finds_no_room_waits_and_the_others_land(
    settings: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **options: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    write_wav(recordings / "long.wav", sample_speech(seconds=6))
    (recordings / "ready.vtt").write_text(VTT)
    monkeypatch.setattr("models.sound.IN_MEMORY_BYTES", 1000)
    monkeypatch.setattr("models.sound.tempfile.TemporaryFile", full)
    report = night(settings)
    assert (report.night.landed_count, report.night.awaiting_count) == (1, 1)
    assert status_of(settings)["long.wav"] == "awaiting_transcription"
    assert "too long for the free space" in message_of(settings, "long.wav")
    monkeypatch.undo()
    assert night(settings).night.landed_count == 1


def test_a_defect_of_ours_on_one_call_sets_that_call_aside(
    settings: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import one_call

    (recordings / "a.vtt").write_text(VTT)
    (recordings / "b.vtt").write_text(VTT.replace("harbour", "secret"))
    real = one_call.attribute

    def attribute(recording: Any, *rest: Any) -> Any:
        if recording.name == "b.vtt":
            raise ZeroDivisionError("the customer said: secret")
        return real(recording, *rest)

    monkeypatch.setattr(one_call, "attribute", attribute)
    night(settings)
    assert status_of(settings) == {"a.vtt": "landed", "b.vtt": "quarantined"}
    message = message_of(settings, "b.vtt")
    assert "ZeroDivisionError at test_night.py" in message
    assert "secret" not in message


def test_a_broken_transcript_beside_a_landed_call_is_set_aside_and_stays_so(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    night(settings)
    (recordings / "a.vtt").write_text("WEBVTT\n\nno cue at all -->\n")
    for _ in range(2):
        assert night(settings).exit_code is ExitCode.QUARANTINED
    tables = warehouse.open(settings.warehouse)
    assert tables.calls.collect()["revision"].to_list() == [1]
    assert [one.name for one in tables.quarantine.all()] == ["a.wav"]


def test_a_second_side_that_comes_without_weights_is_heard_when_they_come(
    settings: Settings, recordings: Path, offline: None
) -> None:
    samples = sample_speech(seconds=12)
    write_wav(recordings / "x_agent.wav", samples[:1])
    night(settings)
    write_wav(recordings / "x_caller.wav", samples[1:])
    for _ in range(2):
        waiting = night(without_engine(settings))
        assert waiting.exit_code is ExitCode.AWAITING
    tables = warehouse.open(settings.warehouse)
    assert tables.calls.collect()["channel_count"].to_list() == [1]
    assert (
        tables.recordings.filter(pl.col("status") == "awaiting_transcription").collect().height == 1
    )
    assert night(settings).night.landed_count == 1
    assert tables.calls.collect()["channel_count"].to_list() == [2]


def test_a_replaced_call_stays_until_its_successor_lands(
    settings: Settings, recordings: Path
) -> None:
    write_wav(recordings / "old.wav", sample_speech(seconds=4))
    sidecar(recordings / "old.wav", call_id="A-1")
    night(settings)
    (recordings / "new.wav").write_text("no sound")
    sidecar(recordings / "new.wav", call_id="A-1", replaces=True)
    assert night(settings).exit_code is ExitCode.QUARANTINED
    tables = warehouse.open(settings.warehouse)
    assert tables.calls.collect()["recording"].to_list() == ["old.wav"]
    write_wav(recordings / "new.wav", sample_speech(seconds=6))
    assert night(settings).exit_code is ExitCode.DONE
    assert tables.calls.collect()["recording"].to_list() == ["new.wav"]


def test_an_upload_that_is_finished_later_takes_the_place_of_its_first_half(
    settings: Settings, recordings: Path
) -> None:
    whole = write_wav(recordings / "a.wav", sample_speech(seconds=10)).read_bytes()
    (recordings / "a.wav").write_bytes(whole[: len(whole) // 2])
    night(settings)
    (recordings / "a.wav").write_bytes(whole)
    night(settings)
    (call,) = warehouse.open(settings.warehouse).calls.collect().iter_rows(named=True)
    assert call["duration_s"] == pytest.approx(10)
    assert not call["is_truncated"]


def test_a_damaged_artifact_is_made_again(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    night(settings)
    (listening,) = settings.warehouse.rglob("listening.arrow")
    listening.write_bytes(b"\0" * 100)
    sidecar(recordings / "a.wav", call_id="A-1")
    report = night(settings)
    assert report.exit_code is ExitCode.DONE
    assert report.night.audio_s == pytest.approx(12)


def test_a_model_that_can_not_be_loaded_makes_recordings_wait(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    speech = settings.speech.model_copy(update={"compute_type": "int3"})
    waiting = night(settings.model_copy(update={"speech": speech}))
    assert waiting.exit_code is ExitCode.AWAITING
    assert any("int3" in line for line in waiting.lines())
    assert night(settings).exit_code is ExitCode.DONE


def test_a_batch_that_breaks_fails_the_night_and_the_rest_lands(
    settings: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import night as night_module

    for at in range(3):
        (recordings / f"{at}.vtt").write_text(VTT.replace("harbour", f"harbour {at}"))
    real = night_module.listen_batch

    def breaks_once(settings: Settings, batch: Path) -> Any:
        if batch.stem == "00002":
            raise RuntimeError("what the customer said")
        return real(settings, batch)

    monkeypatch.setattr(night_module, "listen_batch", breaks_once)
    one_each = settings.model_copy(
        update={"night": settings.night.model_copy(update={"batch_calls": 1})}
    )
    report = night(one_each)
    assert report.exit_code is ExitCode.FAILED
    assert report.night.status == "failed"
    assert report.night.landed_count == 2
    monkeypatch.undo()
    assert night(one_each).exit_code is ExitCode.DONE


def test_a_call_whose_recording_has_gone_is_read_again_by_a_new_playbook(
    settings: Settings, recordings: Path
) -> None:
    (recordings / "a.vtt").write_text(VTT)
    sidecar(recordings / "a.vtt", call_id="A-1", participants=PEOPLE)
    night(settings)
    for path in recordings.iterdir():
        path.unlink()
    changed = settings.model_copy(update={"analyzers": ("talk",)})
    report = night(changed)
    assert report.exit_code is ExitCode.DONE
    tables = warehouse.open(settings.warehouse)
    assert tables.calls.collect()["revision"].to_list() == [2]
    assert tables.moments.collect().is_empty()


@pytest.mark.parametrize(
    ("wrong", "error"), [("model", ModelDamaged), ("messaging", MessagingInvalid)]
)
def test_a_wrong_file_that_all_calls_are_read_with_fails_the_night_and_sets_no_call_aside(
    settings: Settings, recordings: Path, tmp_path: Path, wrong: str, error: type[Exception]
) -> None:
    (recordings / "a.vtt").write_text(VTT)
    sidecar(recordings / "a.vtt", call_id="A-1", participants=PEOPLE)
    night(settings)
    if wrong == "model":
        folder = shutil.copytree(SHIPPED, tmp_path / "cut")
        (folder / ENCODER).write_bytes((folder / ENCODER).read_bytes()[:1000])
        labels = settings.labels.model_copy(update={"use_model": True, "model": folder})
        changed = settings.model_copy(update={"labels": labels})
    else:
        messaging = tmp_path / "messaging.toml"
        messaging.write_text('[[claim]]\nid = "X"\nwording = 3\n')
        changed = settings.model_copy(update={"messaging": messaging})
    with pytest.raises(error):
        night(changed)
    assert warehouse.open(settings.warehouse).calls.collect()["revision"].to_list() == [1]
    after = night(settings)
    assert (after.exit_code, after.night.unchanged_count) == (ExitCode.DONE, 1)
    assert status_of(settings) == {"a.vtt": "landed"}


def test_calls_heard_by_the_fallback_are_heard_again_by_whisper_once(
    settings: Settings, recordings: Path
) -> None:
    write_wav(recordings / "a.wav", sample_speech(seconds=4))
    fallback = settings.speech.model_copy(update={"engine": "pocketsphinx"})
    night(settings.model_copy(update={"speech": fallback}))
    tables = warehouse.open(settings.warehouse)
    assert tables.calls.collect()["engine"].to_list() == ["pocketsphinx"]
    assert night(settings).night.landed_count == 1
    assert tables.calls.collect()["engine"].to_list() == ["faster-whisper"]
    assert night(settings).night.unchanged_count == 1


def test_a_call_the_fallback_can_not_read_waits_and_is_said_once(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    sidecar(recordings / "a.wav", language="de")
    speech = settings.speech.model_copy(update={"engine": "pocketsphinx"})
    fallback = settings.model_copy(update={"speech": speech})
    for _ in range(2):
        report = night(fallback)
        assert report.exit_code is ExitCode.AWAITING
        assert any("English only" in line for line in report.lines())
    assert warehouse.open(settings.warehouse).recordings.collect().height == 1


def test_a_reading_process_that_dies_takes_only_its_own_call_along(
    settings: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import resources

    monkeypatch.setattr(resources, "SPREAD_FROM_CALLS", 2)
    readers = resources.Readers(
        settings.model_copy(update={"night": settings.night.model_copy(update={"read_workers": 2})})
    )
    try:
        done = list(readers.map(die_on_seven, list(range(12)), broken=lambda item: -item))
    finally:
        readers.close()
    assert done == [0, 1, 2, 3, 4, 5, 6, -7, 8, 9, 10, 11]


def die_on_seven(item: int) -> int:
    if item == 7:
        os._exit(1)
    return item


@pytest.mark.parametrize("name", [b"caf\xe9.vtt", "naïve café.vtt".encode(), b"a b\nc.vtt"])
def test_any_file_name_lands(settings: Settings, recordings: Path, name: bytes) -> None:
    (recordings / os.fsdecode(name)).write_text(VTT)
    (recordings / "other.vtt").write_text(VTT.replace("harbour", "bay"))
    report = night(settings)
    assert report.night.landed_count == 2
    assert night(settings).night.unchanged_count == 2


def test_a_night_records_its_own_time_and_no_path(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    night(settings)
    (row,) = warehouse.open(settings.warehouse).nights.collect().iter_rows(named=True)
    assert row["model"] == "tiny"
    assert 0 < row["compute_s"] < 4 * row["wall_s"] + 1


def test_no_absolute_path_is_kept_in_the_warehouse(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    (recordings / "bad.wav").write_text("no sound")
    night(settings)
    here = str(recordings.parent).encode()
    for path in settings.warehouse.rglob("*"):
        if path.is_file():
            assert here not in path.read_bytes(), path


def test_everything_in_the_warehouse_is_private(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    night(settings)
    for path in (settings.warehouse, *settings.warehouse.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_rebuild_from_artifacts_gives_the_same_tables(
    settings: Settings, recordings: Path, speech_wav: Path
) -> None:
    shutil.copy(speech_wav, recordings / "a.wav")
    (recordings / "b.vtt").write_text(VTT)
    night(settings)
    tables = warehouse.open(settings.warehouse)
    names = (*CALL_TABLES, "recordings", "nights")
    before = {name: tables.table(name).collect() for name in names}
    shutil.rmtree(settings.warehouse / "tables")
    tables.rebuild()
    for name, frame in before.items():
        assert_frame_equal(frame, tables.table(name).collect())


def test_a_bucket_works_like_a_folder(settings: Settings, speech_wav: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/night-bucket/a.wav", speech_wav.read_bytes())
    try:
        report = night(settings.model_copy(update={"recordings": "memory://night-bucket"}))
        assert report.night.landed_count == 1
    finally:
        memory.rm("/night-bucket", recursive=True)


def test_reading_in_processes_gives_what_reading_in_one_gives(
    settings: Settings, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import resources

    for at in range(6):
        (recordings / f"{at}.vtt").write_text(VTT.replace("harbour", f"harbour {at}"))
    night(settings)
    monkeypatch.setattr(resources, "SPREAD_FROM_CALLS", 2)
    spread = settings.model_copy(
        update={
            "warehouse": tmp_path / "spread",
            "night": settings.night.model_copy(update={"read_workers": 2}),
        }
    )
    night(spread)
    for name in ("turns", "moments", "scorecards"):
        assert_frame_equal(
            warehouse.open(settings.warehouse).table(name).collect(),
            warehouse.open(spread.warehouse).table(name).collect(),
        )


def test_a_moment_of_speech_has_samples() -> None:
    # Guards the material of this file: the sample call must hold speech where it is cut.
    assert np.abs(sample_speech(seconds=3, start_s=30)).max() > 0.05

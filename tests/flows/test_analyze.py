"""`nightcall analyze` on real nights: what it reads again, what it leaves alone, and refuses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from polars.testing import assert_frame_equal

import warehouse
from analyzers.reading import Reader
from calls.errors import PlaybookInvalid, UsageError, WarehouseBusy, WarehouseDamaged
from calls.settings import RedactionSettings, Settings, SpeechSettings
from flows import resources
from flows.analyze import Analyzed, analyze
from flows.cli.analyze import analyze as analyze_command
from flows.corrections import swap_call
from flows.due import Asked
from flows.erasing.erase import erase
from flows.erasing.wanted import Request
from flows.exit_codes import ExitCode
from flows.night import one_after_another, run_night
from flows.read_again import ReadAgain, read_again
from tests.flows.test_playbook_commands import OURS, tree
from tests.warehouse.newer import newer_nightcall, without_column
from tests.warehouse.newer import read_again as rows_of_newer
from warehouse.artifacts import LISTENING, READING, SOURCE
from warehouse.corrections import CORRECTIONS
from warehouse.files import locked
from warehouse.layout import night_lock_file
from warehouse.rows import call_rows
from warehouse.schemas import ALL_TABLES

ROOT = Path(__file__).parents[2]
BEGAN = datetime(2026, 9, 1, 9, tzinfo=UTC)
PEOPLE = [{"name": "Ann Lee", "role": "rep"}, {"name": "Bo Ray", "role": "customer"}]
SAID = [
    ("Ann Lee", "Good morning. How are you doing today?"),
    ("Bo Ray", "Fine. Nine sites, all in Kent."),
    ("Ann Lee", "Mind the gap. What keeps you up at night?"),
]
ASKED = [("Ann Lee", "How many sites do you have?"), ("Bo Ray", "Nine sites, all in Kent.")]
AGAIN = [("Ann Lee", "Remind me, how many sites do you have?"), ("Bo Ray", "I told you that.")]


def call(
    folder: Path, name: str, said: list[tuple[str, str]] = SAID, *, days: int = 0, **facts: Any
) -> None:
    """A ready transcript of a call so many days after the first."""
    cues = [
        f"00:00:{5 * at:02d}.000 --> 00:00:{5 * at + 4:02d}.000\n<v {who}>{text}\n"
        for at, (who, text) in enumerate(said)
    ]
    (folder / f"{name}.vtt").write_text("WEBVTT\n\n" + "\n".join([*cues, f"NOTE {name}\n"]))
    began = BEGAN + timedelta(days=days)
    known = {"call_id": name, "started_at": began.isoformat(), "participants": PEOPLE, **facts}
    (folder / f"{name}.call.json").write_text(json.dumps(known))


def night(settings: Settings) -> tuple[int | None, int | None]:
    """How many calls landed, and how many needed nothing."""
    report = run_night(settings, one_after_another)
    return report.night.landed_count, report.night.unchanged_count


def nightcall_analyze(settings: Settings, *arguments: str | Path) -> Result:
    arguments = (*arguments, "--warehouse", settings.warehouse)
    return CliRunner().invoke(analyze_command, [str(one) for one in arguments])


def key_of(settings: Settings, call_id: str) -> str:
    landed = warehouse.open(settings.warehouse).landed()
    (key,) = (key for key, one in landed.items() if one.call_id == call_id)
    return key


def artifact(settings: Settings, call_id: str, name: str) -> Path:
    store = warehouse.open(settings.warehouse)
    return store.artifacts.folder(key_of(settings, call_id)) / name


def revisions(settings: Settings) -> dict[str, int]:
    frame = warehouse.open(settings.warehouse).calls.collect()
    return dict(frame.select("call_id", "revision").iter_rows())


def words(settings: Settings) -> pl.DataFrame:
    turns = warehouse.open(settings.warehouse).turns.collect()
    return turns.select("call_id", "turn", "speaker", "start_s", "end_s", "text")


def rules(settings: Settings) -> set[str]:
    moments = warehouse.open(settings.warehouse).moments.collect()
    return {one for ids in moments["rule_ids"].drop_nulls() for one in ids.split(", ")}


def other_playbook(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"playbook": folder})


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A playbook of one's own: a new family, and a shipped one switched off."""
    folder = tmp_path / "ours"
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "ours.toml").write_text(OURS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, whisper_folder: Path) -> Path:
    """Recordings and warehouse of a night in which three calls of three days have landed."""
    folder = tmp_path_factory.mktemp("landed")
    (folder / "recordings").mkdir()
    for days, name in enumerate("abc"):
        call(folder / "recordings", name, days=days)
    given = {"recordings": str(folder / "recordings"), "warehouse": folder / "warehouse"}
    speech = SpeechSettings(model=str(whisper_folder))
    settings = Settings.model_validate({**given, "speech": speech, "discovery": {"settle_s": 0}})
    assert night(settings) == (3, 0)
    return folder


@pytest.fixture
def landed(settings: Settings, recordings: Path, template: Path) -> Settings:
    """A warehouse in which three calls of three days have landed."""
    shutil.copytree(template / "recordings", recordings, dirs_exist_ok=True)
    shutil.copytree(template / "warehouse", settings.warehouse)
    return settings


def test_calls_read_as_they_would_be_now_are_left_alone(landed: Settings) -> None:
    before = tree(landed.warehouse / "tables"), tree(landed.warehouse / "work" / "calls")
    done = nightcall_analyze(landed)
    assert done.exit_code == 0, done.output
    assert done.output == (
        "Read again: 0 of 3 calls (3 up to date). To read those all the same: --all\n"
    )
    assert (tree(landed.warehouse / "tables"), tree(landed.warehouse / "work" / "calls")) == before


def test_another_playbook_changes_moments_and_no_words_and_the_next_night_does_nothing(
    landed: Settings, recordings: Path, ours: Path
) -> None:
    tables = warehouse.open(landed.warehouse)
    said, nights, happened = words(landed), tables.nights.collect(), tables.recordings.collect()
    heard = tree(landed.warehouse / "work" / "calls")
    count = tables.moments.collect().height
    assert "gap.mind_it" not in rules(landed)
    shutil.move(recordings, recordings.with_name("away"))
    other = other_playbook(landed, ours)
    done = analyze(other)
    assert (done.read_count, done.up_to_date_count, done.exit_code) == (3, 0, ExitCode.DONE)
    assert {"gap.mind_it"} <= rules(landed)
    assert not {one for one in rules(landed) if one.startswith("small_talk.")}
    assert_frame_equal(words(landed), said)
    assert revisions(landed) == {"a": 2, "b": 2, "c": 2}
    now = tables.moments.collect().height
    assert done.moments == (count, now)
    assert done.sum_line() == f"Read again: 3 of 3 calls (0 up to date). Moments: {count} → {now}."
    # Nobody listened, and it was no night.
    listened = {name: file for name, file in heard.items() if LISTENING in name}
    assert listened.items() <= tree(landed.warehouse / "work" / "calls").items()
    assert_frame_equal(tables.nights.collect(), nights)
    assert_frame_equal(tables.recordings.collect(), happened)
    again = analyze(other)
    assert (again.read_count, again.up_to_date_count) == (0, 3)
    shutil.move(recordings.with_name("away"), recordings)
    assert night(other) == (0, 3)
    assert revisions(landed) == {"a": 2, "b": 2, "c": 2}


def test_the_night_with_its_own_playbook_takes_back_what_another_one_changed(
    landed: Settings, ours: Path
) -> None:
    before = warehouse.open(landed.warehouse).moments.collect().drop("revision")
    analyze(other_playbook(landed, ours))
    assert night(landed) == (3, 0)
    assert_frame_equal(warehouse.open(landed.warehouse).moments.collect().drop("revision"), before)


def test_that_the_next_night_would_read_otherwise_is_said(
    landed: Settings, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = "The next `nightcall run` reads these calls again"
    done = nightcall_analyze(landed, "a", "--playbook", ours)
    assert done.exit_code == 0, done.output
    assert warning in done.output
    monkeypatch.setenv("NIGHTCALL_PLAYBOOK", str(ours))
    done = nightcall_analyze(landed, "b", "--playbook", ours)
    assert "Read again: 1 of 1 call (0 up to date)." in done.output
    assert warning not in done.output


def test_only_the_calls_asked_for_are_read_and_other_files_stay(
    landed: Settings, ours: Path
) -> None:
    before = tree(landed.warehouse / "tables")
    done = analyze(other_playbook(landed, ours), Asked(("b",)))
    assert (done.asked_count, done.read_count) == (1, 1)
    assert revisions(landed) == {"a": 1, "b": 2, "c": 1}
    after = tree(landed.warehouse / "tables")
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert {name.split("/")[1] for name in changed} == {"call_date=2026-09-02"}


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        (Asked(since=date(2026, 9, 2)), {"b", "c"}),
        (Asked(until=date(2026, 9, 2)), {"a", "b"}),
        (Asked(since=date(2026, 9, 2), until=date(2026, 9, 2)), {"b"}),
        (Asked(("a", "c", "a"), since=date(2026, 9, 2)), {"c"}),
        (Asked(since=date(2026, 9, 9)), set()),
    ],
)
def test_dates_count_first_and_last_day(
    landed: Settings, ours: Path, asked: Asked, read: set[str]
) -> None:
    done = analyze(other_playbook(landed, ours), asked)
    assert (done.asked_count, done.read_count) == (len(read), len(read))
    assert {name for name, revision in revisions(landed).items() if revision == 2} == read


def test_all_reads_what_is_up_to_date_as_well_and_changes_only_the_revision(
    landed: Settings,
) -> None:
    before = warehouse.open(landed.warehouse).moments.collect().drop("revision")
    done = nightcall_analyze(landed, "--all")
    assert done.exit_code == 0, done.output
    count = before.height
    assert f"Read again: 3 of 3 calls (0 up to date). Moments: {count} → {count}." in done.output
    assert revisions(landed) == {"a": 2, "b": 2, "c": 2}
    assert_frame_equal(warehouse.open(landed.warehouse).moments.collect().drop("revision"), before)
    assert night(landed) == (0, 3)


def test_an_unknown_call_is_named_with_those_that_look_alike(
    settings: Settings, recordings: Path
) -> None:
    call(recordings, "Kent-17")
    night(settings)
    with pytest.raises(UsageError, match=r"No call 'kent-71'.*Did you mean 'Kent-17'\?"):
        analyze(settings, Asked(("Kent-17", "kent-71")))
    assert revisions(settings) == {"Kent-17": 1}


def test_dates_that_exclude_every_day_are_refused(settings: Settings) -> None:
    done = nightcall_analyze(settings, "--since", "2026-09-02", "--until", "2026-09-01")
    assert "--since 2026-09-02 is after --until 2026-09-01" in str(done.exception)


def test_where_there_is_no_warehouse_none_is_made(settings: Settings) -> None:
    with pytest.raises(UsageError, match="no warehouse here"):
        analyze(settings)
    assert not settings.warehouse.exists()


def test_while_a_night_is_at_work_nothing_is_read(landed: Settings) -> None:
    with warehouse.open(landed.warehouse).night_lock():
        done = nightcall_analyze(landed, "--all")
    assert isinstance(done.exception, WarehouseBusy)
    assert f"process {os.getpid()}" in str(done.exception)
    assert revisions(landed) == {"a": 1, "b": 1, "c": 1}


def test_a_playbook_that_breaks_its_rules_stops_the_run_before_any_call(
    landed: Settings, ours: Path
) -> None:
    (ours / "en" / "ours.toml").write_text(OURS.replace("severity", "severitee"))
    with pytest.raises(PlaybookInvalid, match="severitee"):
        analyze(other_playbook(landed, ours))
    assert revisions(landed) == {"a": 1, "b": 1, "c": 1}


def test_a_later_call_is_read_again_with_the_earlier_one_in_mind(
    settings: Settings, recordings: Path, ours: Path
) -> None:
    call(recordings, "a-second", AGAIN, days=3, account="Acme")
    call(recordings, "b-first", ASKED, account="Acme")
    assert night(settings) == (2, 0)
    shutil.rmtree(recordings)
    other = other_playbook(settings, ours)
    assert analyze(other).read_count == 2
    moments = warehouse.open(settings.warehouse).moments.collect()
    known = moments.filter(pl.col("label") == "already_known")
    assert known.select("call_id", "revision").rows() == [("a-second", 2)]
    assert "b-first" in known["known_source"].item()
    recordings.mkdir()
    call(recordings, "a-second", AGAIN, days=3, account="Acme")
    call(recordings, "b-first", ASKED, account="Acme")
    assert night(other) == (0, 2)


def test_a_call_that_was_swapped_stays_so(landed: Settings, ours: Path) -> None:
    swap_call(landed, "b")
    analyze(other_playbook(landed, ours))
    tables = warehouse.open(landed.warehouse)
    people = tables.participants.filter(pl.col("call_id") == "b").collect()
    assert dict(people.select("name", "role").iter_rows()) == {
        "Ann Lee": "customer",
        "Bo Ray": "rep",
    }
    assert night(other_playbook(landed, ours)) == (0, 3)


def test_words_that_are_due_to_be_heard_again_are_read_and_still_heard_by_the_night(
    landed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.wanted.IMPORT_VERSION", "next")
    monkeypatch.setattr("flows.versions.IMPORT_VERSION", "next")
    done = analyze(landed)
    assert (done.read_count, done.stale_count) == (3, 3)
    assert any("3 calls had been heard by older code" in line for line in done.lines())
    again = analyze(landed)
    assert (again.read_count, again.up_to_date_count, again.stale_count) == (0, 3, 0)
    assert night(landed) == (3, 0)
    assert analyze(landed).up_to_date_count == 3


def test_what_is_masked_from_now_on_goes_from_words_and_tables(
    settings: Settings, recordings: Path
) -> None:
    call(recordings, "a", [("Ann Lee", "Write to bo.ray@example.com, will you?")])
    night(settings)
    shutil.rmtree(recordings)
    masking = settings.model_copy(update={"redaction": RedactionSettings(emails=True)})
    assert analyze(masking).read_count == 1
    assert "bo.ray" not in words(settings)["text"].item()
    assert b"bo.ray" not in artifact(settings, "a", LISTENING).read_bytes()
    assert analyze(masking).up_to_date_count == 1


@pytest.mark.parametrize("name", [LISTENING, SOURCE, READING, CORRECTIONS])
def test_a_damaged_call_keeps_its_rows_and_is_named_and_the_others_go_on(
    landed: Settings, ours: Path, name: str
) -> None:
    before = warehouse.open(landed.warehouse).turns.filter(pl.col("call_id") == "b").collect()
    path = artifact(landed, "b", name)
    path.write_bytes(b"{")
    done = nightcall_analyze(landed, "--playbook", ours)
    assert done.exit_code == ExitCode.QUARANTINED
    key = key_of(landed, "b")
    assert f"not read: b: artifact {key[:12]}…/{name}: can't be read" in done.output
    assert "Remove the file" in done.output
    assert "Read again: 2 of 3 calls (0 up to date, 1 could not be read)." in done.output
    assert revisions(landed) == {"a": 2, "b": 1, "c": 2}
    after = warehouse.open(landed.warehouse).turns.filter(pl.col("call_id") == "b").collect()
    assert_frame_equal(after, before)
    path.unlink()
    # What the message says to do helps, with the recording still there.
    assert night(other_playbook(landed, ours)) == (1, 2)
    assert analyze(other_playbook(landed, ours)).up_to_date_count == 3


def test_rows_damaged_behind_a_whole_header_are_made_again(landed: Settings, ours: Path) -> None:
    path = artifact(landed, "b", READING)
    path.write_bytes(path.read_bytes()[:-400])
    assert analyze(other_playbook(landed, ours)).read_count == 3
    assert revisions(landed) == {"a": 2, "b": 2, "c": 2}


def test_words_damaged_behind_a_whole_header_are_named_too(landed: Settings, ours: Path) -> None:
    path = artifact(landed, "b", LISTENING)
    path.write_bytes(path.read_bytes()[:-400])
    done = analyze(other_playbook(landed, ours))
    assert done.not_read.keys() == {"b"}
    assert "Remove the file" in done.not_read["b"]
    assert revisions(landed) == {"a": 2, "b": 1, "c": 2}


@pytest.mark.parametrize("name", [LISTENING, SOURCE])
def test_a_call_whose_artifacts_are_gone_keeps_its_rows(
    landed: Settings, ours: Path, name: str
) -> None:
    artifact(landed, "b", name).unlink()
    done = analyze(other_playbook(landed, ours))
    assert "its artifacts are gone" in done.not_read["b"]
    assert revisions(landed) == {"a": 2, "b": 1, "c": 2}


def test_a_defect_of_ours_on_one_call_costs_that_call_and_tells_no_words(
    landed: Settings, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Reader.read

    def read(self: Reader, call: Any) -> Any:
        if call.recording.call_id == "b":
            raise ValueError(f"can't do with {call.turns[0].text}")
        return whole(self, call)

    monkeypatch.setattr(Reader, "read", read)
    done = analyze(other_playbook(landed, ours))
    assert done.not_read.keys() == {"b"}
    assert "ValueError at test_analyze.py" in done.not_read["b"]
    assert "Good morning" not in done.not_read["b"]
    assert revisions(landed) == {"a": 2, "b": 1, "c": 2}


def test_a_call_that_can_not_be_published_keeps_its_rows(
    landed: Settings, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id is given to another call meanwhile: only publishing finds that out."""
    path = artifact(landed, "b", SOURCE)
    facts = json.loads(path.read_bytes())
    facts["call_id"] = "a"
    path.write_text(json.dumps(facts))
    done = analyze(other_playbook(landed, ours), Asked(("b",)))
    assert "call id 'a' belongs to the call" in done.not_read["b"]
    assert done.read_count == 0
    assert revisions(landed) == {"a": 1, "b": 1, "c": 1}


KILL = """
import os, sys
from calls.settings import Settings
from flows import analyze, one_call
from warehouse.artifacts import ArtifactStore

step, after, settings = sys.argv[1], int(sys.argv[2]), Settings.model_validate_json(sys.argv[3])
done = 0

def dying(whole):
    def step(*arguments, **options):
        global done
        done += 1
        if done > after:
            os.kill(os.getpid(), 9)
        return whole(*arguments, **options)
    return step

if step == "save":
    ArtifactStore.save_reading = dying(ArtifactStore.save_reading)
else:
    os.replace = dying(os.replace)
analyze.analyze(settings)
"""


@pytest.mark.parametrize(("step", "after"), [("save", 0), ("save", 2), ("replace", 8)])
def test_a_killed_run_loses_nothing_and_the_next_one_goes_on(
    landed: Settings, ours: Path, step: str, after: int
) -> None:
    one_by_one = landed.night.model_copy(update={"batch_calls": 1})
    other = other_playbook(landed, ours).model_copy(update={"night": one_by_one})
    said = words(landed)
    killed = subprocess.run(
        [sys.executable, "-c", KILL, step, str(after), other.model_dump_json()],
        cwd=ROOT,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert_frame_equal(words(landed), said)
    before = revisions(landed)
    if step == "save":  # newest first
        assert before == {"a": 1, "b": 2 if after == 2 else 1, "c": 2 if after else 1}
    done = analyze(other)
    assert done.exit_code is ExitCode.DONE
    # A publication that was cut off is finished first.
    finished = sum(one == 2 for one in before.values()) if step == "save" else 1
    assert (done.read_count, done.up_to_date_count) == (3 - finished, finished)
    assert revisions(landed) == {"a": 2, "b": 2, "c": 2}
    assert night(other) == (0, 3)


def test_calls_that_were_read_but_not_published_are_not_read_twice(
    landed: Settings, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = other_playbook(landed, ours)

    class Killed(BaseException):
        pass

    def killed(*arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("warehouse.store.publish.publish", killed)
        with pytest.raises(Killed):
            analyze(other)
    assert revisions(landed) == {"a": 1, "b": 1, "c": 1}
    read = artifact(landed, "a", READING).read_bytes()
    done = analyze(other)
    assert (done.read_count, done.resumed_count) == (3, 3)
    assert "3 calls had been read by a run that was cut off." in list(done.lines())
    assert artifact(landed, "a", READING).read_bytes() == read
    assert revisions(landed) == {"a": 2, "b": 2, "c": 2}


def read_or_die(task: ReadAgain) -> str | None:
    settings = Settings.model_validate_json(task.settings_json)
    if task.item.key == key_of(settings, "b"):
        os._exit(1)
    return read_again(task)


@pytest.mark.parametrize("work", [read_again, read_or_die])
def test_calls_are_spread_over_processes_and_one_that_ends_its_own_is_named(
    landed: Settings,
    recordings: Path,
    ours: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[ReadAgain], str | None],
) -> None:
    monkeypatch.setattr(resources, "SPREAD_FROM_CALLS", 2)
    monkeypatch.setattr("flows.analyze.read_again", work)
    two = landed.night.model_copy(update={"read_workers": 2})
    shutil.rmtree(recordings)
    done = analyze(other_playbook(landed, ours).model_copy(update={"night": two}))
    if work is read_again:
        assert (done.read_count, dict(done.not_read)) == (3, {})
    else:
        assert done.read_count == 2
        assert "MemoryError while working on call" in done.not_read["b"]
    assert "gap.mind_it" in rules(landed)


def test_tables_too_old_to_be_brought_up_to_date_are_made_anew_date_by_date(
    landed: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(recordings)
    monkeypatch.setattr("flows.versions.SCHEMA_FINGERPRINT", "next")
    monkeypatch.setattr(
        "flows.one_call.call_rows",
        lambda *given, **named: rows_of_newer(call_rows(*given, **named)),
    )
    with newer_nightcall({"turns": without_column(ALL_TABLES["turns"], "confidence")}):
        with pytest.raises(WarehouseDamaged, match="takes all calls of a date"):
            analyze(landed, Asked(("c",)))
        done = analyze(landed, Asked(since=date(2026, 9, 2)))
        assert done.sum_line() == "Read again: 2 of 2 calls (0 up to date)."
        done = analyze(landed)
        assert (done.read_count, done.up_to_date_count) == (1, 2)
        tables = warehouse.open(landed.warehouse)
        assert tables.is_current()
        turns = tables.turns.collect()
        assert "confidence" not in turns.columns
        assert set(turns["call_id"]) == {"a", "b", "c"}
        assert revisions(landed) == {"a": 2, "b": 2, "c": 2}


def test_an_erasure_that_was_cut_off_is_finished_before_anything_is_read(
    landed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("flows.erasing.erase.carry_out", killed)
        with pytest.raises(Killed):
            erase(landed, Request(call_ids=("b",)))
    assert revisions(landed) == {"a": 1, "b": 1, "c": 1}
    done = nightcall_analyze(landed, "--all")
    assert "An erasure that was cut off has been finished: 1 call." in done.output
    assert "Read again: 2 of 2 calls" in done.output
    assert revisions(landed) == {"a": 2, "c": 2}


def test_progress_is_shown_as_lines_in_a_log(landed: Settings, ours: Path) -> None:
    done = nightcall_analyze(landed, "--playbook", ours)
    assert "read: 3 of 3 calls" in done.output


def test_a_full_disk_is_no_calls_fault(
    landed: Settings, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("flows.one_call.call_rows", full)
        with pytest.raises(OSError, match="No space left"):
            analyze(other_playbook(landed, ours))
    assert revisions(landed) == {"a": 1, "b": 1, "c": 1}


def test_the_lock_is_free_again_after_a_run_that_failed(landed: Settings, ours: Path) -> None:
    (ours / "en" / "ours.toml").write_text("[")
    with pytest.raises(PlaybookInvalid):
        analyze(other_playbook(landed, ours))
    with locked(night_lock_file(landed.warehouse), wait=False):
        pass
    assert isinstance(analyze(landed), Analyzed)

"""`nightcall evaluate-speech` as people use it."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from calls.errors import UsageError
from calls.labels import Role
from flows.cli.evaluate_speech import evaluate_speech
from flows.cli.run import run
from flows.speech_sources import find_recordings
from models.evaluation.score_row import SpeechScore

VTT = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Ann Lee>Good morning. What keeps you up at night?

00:00:05.000 --> 00:00:08.000
<v Bo Ray>The harbour [red], mostly.
"""
HEARD = VTT.replace("keeps you up", "keeps me up").replace("Ann Lee", "1").replace("Bo Ray", "0")
# What is said in `speech_wav`; the times are those at which each channel rises above its silence.
REFERENCE = """\
call 1 rep 0.65 4.06 Hello Susan, this is Martin from the planning company.
call 2 customer 4.88 6.76 Hello. I have a few minutes.
call 1 rep 7.44 11.61 Great. So before we start, how many employees do you have?
"""
SUFFIXES = {"_agent": Role.REP, "_caller": Role.CUSTOMER}


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(evaluate_speech, [str(one) for one in arguments])


def rows(result: Result) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(result.stdout)}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No weights anywhere, no settings of the developer's own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    folder = tmp_path / "truth"
    folder.mkdir()
    (folder / "a.vtt").write_text(VTT)
    return folder


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    folder = tmp_path / "heard"
    folder.mkdir()
    (folder / "a.vtt").write_text(HEARD)
    return folder


def test_ready_transcripts_are_scored_against_the_references(truth: Path, heard: Path) -> None:
    done = evaluate(truth, "--hypotheses", heard, "--format", "json")
    assert done.exit_code == 0, done.output
    row, total = rows(done)["a"], rows(done)["total"]
    # "good morning what keeps you up at night the harbor mostly": one word of eleven.
    assert (row["substitutions"], row["deletions"], row["insertions"]) == (1, 0, 0)
    assert row["wer"] == pytest.approx(1 / 11)
    assert row["cpwer"] == pytest.approx(1 / 11)
    assert row["der"] == 0
    assert total["is_total"]
    assert total["wer"] == row["wer"]


def test_people_see_rates_reasons_and_what_the_figures_were_made_with(
    truth: Path, heard: Path
) -> None:
    (truth / "b.txt").write_text("nobody heard this")
    done = evaluate(truth, "--hypotheses", heard)
    assert done.exit_code == 3
    assert "9.1%" in done.stdout
    assert "Not scored: no transcript b.*" in done.stdout
    assert "1 of 2 scored. Transcripts: imported webvtt." in done.stdout
    assert "whisper-english (en, words)" in done.stdout
    assert "collar of 0.25 s on each side" in done.stdout


@pytest.mark.parametrize("format_", ["json", "csv", "parquet"])
def test_data_has_every_column_with_its_type_even_where_nothing_was_scored(
    truth: Path, tmp_path: Path, format_: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    target = tmp_path / f"scores.{format_}"
    done = evaluate(truth, "--hypotheses", empty, "--format", format_, "--output", target)
    assert done.exit_code == 3
    assert done.stdout == ""
    if format_ == "json":
        columns = list(json.loads(target.read_text())[0])
    elif format_ == "csv":
        columns = pl.read_csv(target).columns
    else:
        frame = pl.read_parquet(io.BytesIO(target.read_bytes()))
        assert frame.schema["wer"] == pl.Float64
        assert frame.schema["deletions"] == pl.Int64
        assert frame.schema["is_total"] == pl.Boolean
        columns = frame.columns
    assert columns == list(SpeechScore.__dataclass_fields__)


def test_everything_that_was_not_scored_is_named_and_the_rest_is_scored(
    truth: Path, heard: Path
) -> None:
    (truth / "twice.txt").write_text("hello")
    (truth / "twice.lab").write_text("hello")
    (truth / "broken.stm").write_text("nonsense")
    (truth / "unheard.txt").write_text("hello")
    (heard / "unasked.vtt").write_text(HEARD)
    (heard / "damaged.srt").write_text("nonsense")
    done = evaluate(truth, "--hypotheses", heard, "--format", "json")
    assert done.exit_code == 3
    reasons = {name: row["not_scored_reason"] for name, row in rows(done).items()}
    assert reasons["a"] == ""
    assert "twice.lab, twice.txt" in reasons["twice"]
    assert "broken.stm: line 1" in reasons["broken"]
    assert "no transcript unheard.*" in reasons["unheard"]
    assert reasons["unasked"] == "no reference for this transcript."
    assert "damaged.srt" in reasons["damaged"]
    assert rows(done)["total"]["wer"] == pytest.approx(1 / 11)


def test_recordings_without_reference_or_transcript_are_named(truth: Path, heard: Path) -> None:
    (truth / "b.wav").write_bytes(b"RIFF")
    done = evaluate(truth, "--engine", "faster-whisper", "--format", "json")
    assert done.exit_code == 3
    reasons = {name: row["not_scored_reason"] for name, row in rows(done).items()}
    assert reasons == {
        "a": "no recording a.* beside the reference.",
        "b": "no reference for b.wav.",
    }


def test_without_an_engine_nothing_crashes_and_the_next_step_is_said(truth: Path) -> None:
    (truth / "a.wav").write_bytes(b"RIFF")
    done = evaluate(truth, "--engine", "faster-whisper", "--format", "json")
    assert done.exit_code == 3
    assert rows(done)["a"]["not_scored_reason"] == "nothing can listen."
    assert "NIGHTCALL_SPEECH__MODEL" in done.stderr


def test_progress_counts_only_what_is_worked_on(truth: Path, heard: Path) -> None:
    (truth / "0.txt").write_text("nobody heard this")
    (truth / "b.txt").write_text("nobody heard that")
    done = evaluate(truth, "--hypotheses", heard, "--format", "json")
    assert done.stderr.splitlines() == ["done: 1 of 1"]
    (heard / "a.vtt").unlink()
    assert evaluate(truth, "--hypotheses", heard, "--format", "json").stderr == ""


@pytest.mark.parametrize("loads", [False, True], ids=["no weights", "weights that can't be loaded"])
def test_there_is_no_progress_where_nothing_can_listen(
    truth: Path, speech_wav: Path, tmp_path: Path, loads: bool
) -> None:
    shutil.copy(speech_wav, truth / "a.wav")
    broken = tmp_path / "weights"
    broken.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (broken / name).write_bytes(b"none")
    model = ("--model", broken) if loads else ()
    done = evaluate(truth, "--engine", "faster-whisper", "--format", "json", *model)
    assert done.exit_code == 3
    assert rows(done)["a"]["not_scored_reason"]
    assert "done:" not in done.stderr


def test_a_text_without_times_is_no_hypothesis(truth: Path, heard: Path) -> None:
    (heard / "a.vtt").unlink()
    (heard / "a.json").write_text('{"text": "Good morning."}')
    done = evaluate(truth, "--hypotheses", heard, "--format", "json")
    reason = rows(done)["a"]["not_scored_reason"]
    assert reason.startswith("no transcript a.*")


def test_a_wider_collar_is_taken_as_given(truth: Path, heard: Path) -> None:
    (heard / "a.vtt").write_text(HEARD.replace("00:00:05.000", "00:00:05.600"))
    errors = {}
    for collar in ("0", "0.25", "1"):
        done = evaluate(truth, "--hypotheses", heard, "--collar", collar, "--format", "json")
        errors[collar] = rows(done)["a"]["missed_s"]
    assert errors == pytest.approx({"0": 0.6, "0.25": 0.35, "1": 0.0})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--hypotheses", "heard", "--warehouse", "heard"], "exclude each other"),
        (["--warehouse", "heard"], "warehouse"),
        (["--config", "bad.toml"], "speach"),
    ],
)
def test_wrong_usage_says_what_is_wrong(
    truth: Path, heard: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    (tmp_path / "bad.toml").write_text("[speach]\nmodel = 'x'\n")
    done = evaluate(truth, *arguments)
    assert isinstance(done.exception, UsageError)
    assert says in str(done.exception)


def test_a_folder_without_references_says_what_to_put_there(tmp_path: Path) -> None:
    (tmp_path / "a.call.json").write_text("{}")
    done = evaluate(tmp_path)
    assert isinstance(done.exception, UsageError)
    assert ".stm" in str(done.exception)


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert evaluate(tmp_path / "nowhere").exit_code == 2


def test_without_the_libraries_the_command_says_how_to_get_them(
    truth: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jiwer", None)
    monkeypatch.setattr(
        "flows.cli.evaluate_speech.find_spec",
        lambda name: None if name == "jiwer" else object(),
    )
    done = evaluate(truth)
    assert isinstance(done.exception, UsageError)
    assert "jiwer can't be found" in str(done.exception)
    assert "pip install -e '.[evaluation]'" in str(done.exception)


def test_one_file_per_participant_is_one_recording_where_the_reference_is(tmp_path: Path) -> None:
    for name in ("x_agent.wav", "x_caller.wav", "y_agent.wav", "x.txt", "y_agent.txt"):
        (tmp_path / name).write_text("")
    found = find_recordings(tmp_path, SUFFIXES)
    assert {stem: [file.name for file in files] for stem, files in found.items()} == {
        "x": ["x_agent.wav", "x_caller.wav"],
        "y_agent": ["y_agent.wav"],
    }


def test_two_recordings_of_one_stem_are_named(truth: Path) -> None:
    for name in ("a.wav", "a.mp3"):
        (truth / name).write_bytes(b"RIFF")
    done = evaluate(truth, "--engine", "pocketsphinx", "--format", "json")
    assert "a.mp3, a.wav" in rows(done)["a"]["not_scored_reason"]


def test_what_a_warehouse_has_heard_is_scored_by_name(truth: Path, tmp_path: Path) -> None:
    recordings, home = tmp_path / "recordings", tmp_path / "warehouse"
    recordings.mkdir()
    (recordings / "a.vtt").write_text(HEARD)
    where = ["--recordings", str(recordings), "--warehouse", str(home)]
    options = ["--no-prefect", "--settle", "0", "--engine", "pocketsphinx"]
    night = CliRunner().invoke(run, [*where, *options])
    assert night.exit_code == 0, night.output
    (truth / "b.txt").write_text("never recorded")
    done = evaluate(truth, "--warehouse", home, "--format", "json")
    assert done.exit_code == 3
    assert rows(done)["a"]["substitutions"] == 1
    assert "no recording of that name" in rows(done)["b"]["not_scored_reason"]


@pytest.mark.speech
def test_a_recording_beside_its_reference_is_listened_to_now(truth: Path, speech_wav: Path) -> None:
    (truth / "a.vtt").unlink()
    shutil.copy(speech_wav, truth / "call.wav")
    (truth / "call.stm").write_text(REFERENCE)
    (truth / "broken.wav").write_bytes(b"RIFF no sound")
    (truth / "broken.txt").write_text("hello")
    done = evaluate(truth, "--engine", "pocketsphinx", "--format", "json")
    assert done.exit_code == 3
    assert "pocketsphinx" in done.stderr
    row = rows(done)["call"]
    assert row["engine"] == "pocketsphinx"
    assert row["wer"] <= 0.12
    assert row["cpwer"] <= 0.12
    assert row["der"] <= 0.25
    assert (row["reference_speakers"], row["hypothesis_speakers"]) == (2, 2)
    assert "broken.wav" in rows(done)["broken"]["not_scored_reason"]

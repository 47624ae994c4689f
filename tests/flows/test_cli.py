"""The command line as people and schedulers use it."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

import warehouse
from flows.cli import COMMANDS, cli, main
from tests.sounds import sample_speech, write_wav

ROOT = Path(__file__).parents[2]

VTT = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Ann Lee>Good morning. What keeps you up at night?

00:00:05.000 --> 00:00:08.000
<v Bo Ray>The harbour [red], mostly.

00:01:10.000 --> 00:01:14.000
<v Ann Lee>What are your biggest challenges?
"""
SIDECAR = {
    "call_id": "A-1",
    "started_at": "2026-09-14T10:00:00Z",
    "team": "North",
    "participants": [
        {"name": "Ann Lee", "role": "rep"},
        {"name": "Bo Ray", "role": "customer"},
    ],
}


def nightcall(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def run(recordings: Path, home: Path, *more: str) -> Result:
    where = ("--recordings", recordings, "--warehouse", home)
    return nightcall("run", "--no-prefect", "--settle", "0", *where, *more)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No weights anywhere, no settings of the developer's own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with one call of a rep who asks two cliches. Tests only ask it."""
    folder = tmp_path_factory.mktemp("cli")
    recordings = folder / "recordings"
    recordings.mkdir()
    (recordings / "a.vtt").write_text(VTT)
    (recordings / "a.call.json").write_text(json.dumps(SIDECAR))
    done = run(recordings, folder / "warehouse", "--engine", "pocketsphinx")
    assert done.exit_code == 0, done.output
    return folder / "warehouse"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    answer = nightcall(name, "--help")
    assert answer.exit_code == 0
    assert "Example: nightcall" in answer.output


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from flows.cli import cli\n"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
        "heavy = {'polars', 'pyarrow', 'spacy', 'prefect', 'av', 'faster_whisper', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_run_closes_with_one_line_that_says_what_came_of_it(
    recordings: Path, tmp_path: Path
) -> None:
    (recordings / "a.vtt").write_text(VTT)
    done = run(recordings, tmp_path / "warehouse")
    last = done.stdout.strip().splitlines()[-1]
    assert last.startswith("1 landed, 0 quarantined, 0 await transcription")
    assert done.exit_code == 0


def test_exit_codes_quarantine_goes_before_awaiting(
    recordings: Path, tmp_path: Path, speech_wav: Path
) -> None:
    (recordings / "a.wav").write_bytes(speech_wav.read_bytes())
    waiting = run(recordings, tmp_path / "warehouse")
    assert waiting.exit_code == 4
    assert "NIGHTCALL_SPEECH__MODEL" in waiting.output
    (recordings / "bad.wav").write_text("no sound")
    both = run(recordings, tmp_path / "warehouse")
    assert both.exit_code == 3
    assert "0 landed, 1 quarantined, 1 await transcription" in both.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--recordings", "nowhere", "--no-prefect"], "'nowhere' is no folder"),
        (["run", "--engine", "siri"], "'siri' is not one of"),
        (["flagged", "--warehouse", "nowhere"], "no warehouse here"),
        (["query", "SELECT 1", "--warehouse", "nowhere"], "nightcall run --warehouse"),
        (["run", "--settle", "-1"], "settle_s"),
        (["run", "--recordings", "nowhere"], "'nowhere' is no folder"),
        (["run", "--recordings", ""], "location is empty"),
        (["run", "--recordings", ".", "--warehouse", "file/wh"], "no warehouse can be made"),
        (
            ["query", "SELECT 1", "--warehouse", "HOME", "--output", "no/x"],
            "can't be written",
        ),
        (["run", "--recordings", "gs://bucket/calls"], "pip install s3fs"),
        (["run", "--recordings", "gopher://hole"], "'gopher://hole' can't be opened"),
        (["run", "--recordings", "sftp://me:secret@host/calls"], "carries a password"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_to_do(
    home: Path,
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("file").touch()
    given = [str(home) if one == "HOME" else one for one in arguments]
    monkeypatch.setattr(sys, "argv", ["nightcall", *given])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_mistyped_folder_leaves_no_warehouse_behind(tmp_path: Path) -> None:
    nightcall("run", "--recordings", "nowhere", "--warehouse", tmp_path / "w")
    assert not (tmp_path / "w").exists()


def test_flagged_names_rep_recording_minute_quote_and_why(home: Path) -> None:
    shown = nightcall("flagged", "--warehouse", home).output
    for part in ("Ann Lee", "a.vtt", "00:01", "01:10", "What keeps you up at night?"):
        assert part in shown


@pytest.mark.parametrize("format_", ["json", "csv", "parquet"])
def test_flagged_speaks_to_programs(home: Path, format_: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{format_}"
    answer = nightcall("flagged", "--warehouse", home, "--format", format_, "--output", path)
    assert answer.exit_code == 0, answer.output
    read = {"json": pl.read_json, "csv": pl.read_csv, "parquet": pl.read_parquet}[format_]
    frame = read(io.BytesIO(path.read_bytes()))
    assert frame["quote"].to_list() == [
        "What keeps you up at night?",
        "What are your biggest challenges?",
    ]
    assert frame["rep"].to_list() == ["Ann Lee"] * 2


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ([], 2),
        (["--rep", "ann lee"], 2),
        (["--team", "north"], 2),
        (["--team", "South"], 0),
        (["--since", "2026-09-14"], 2),
        (["--since", "2026-09-15"], 0),
        (["--limit", "1"], 1),
        (["--label", "homework_question"], 0),
        (["--label", "homework_question", "--label", "cliche_question"], 2),
    ],
)
def test_flagged_filters(home: Path, options: list[str], rows: int, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    nightcall("flagged", "--warehouse", home, "--format", "json", "--output", path, *options)
    assert len(json.loads(path.read_text())) == rows


@pytest.mark.parametrize(("limit", "more"), [("1", True), ("2", False)])
def test_flagged_says_that_there_are_more(home: Path, limit: str, more: bool) -> None:
    shown = nightcall("flagged", "--warehouse", home, "--limit", limit, "--format", "csv")
    assert ("Only the first 1 are listed" in shown.stderr) is more
    assert "Only" not in shown.stdout


def test_a_rep_nobody_knows_is_said(home: Path) -> None:
    shown = nightcall("flagged", "--warehouse", home, "--rep", "Cy").output
    assert "No rep 'Cy'" in shown
    assert "Ann Lee" in shown


def test_query_answers_in_every_format(home: Path, tmp_path: Path) -> None:
    sql = "SELECT label, count(*) AS n FROM moments GROUP BY label ORDER BY n DESC"
    shown = nightcall("query", sql, "--warehouse", home)
    assert "cliche_question" in shown.output
    path = tmp_path / "out.csv"
    nightcall("query", sql, "--warehouse", home, "--format", "csv", "--output", path)
    assert path.read_text().startswith("label,n\ncliche_question,2\n")


@pytest.mark.parametrize("format_", ["table", "json", "csv", "parquet"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS a, 2 AS a",
        "SELECT [1, 2] AS a, {'x': 1} AS b",
        "SELECT 'x'::BLOB AS a",
        "SELECT TIMESTAMPTZ '2026-01-02 03:04:05Z' AS a",
        "SELECT 'nan'::DOUBLE AS a, NULL AS b",
        "SELECT * FROM calls JOIN scorecards ON calls.call_id = scorecards.call_id",
        "SELECT 1 AS a WHERE false",
    ],
)
def test_query_writes_whatever_duckdb_answers(
    home: Path, sql: str, format_: str, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    asked = nightcall("query", sql, "--warehouse", home, "--format", format_, "--output", path)
    assert asked.exit_code == 0, asked.output
    assert path.stat().st_size > 0
    if format_ == "json":
        json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))


def test_a_type_that_parquet_has_not_is_said(home: Path, tmp_path: Path) -> None:
    sql = "SELECT INTERVAL 1 DAY AS a"
    shown = nightcall("query", sql, "--warehouse", home)
    assert shown.exit_code == 0
    path = tmp_path / "out"
    asked = nightcall("query", sql, "--warehouse", home, "--format", "parquet", "--output", path)
    assert "Cast the column" in str(asked.exception)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NIGHTCALL_ANALYZERS", '["nope"]', "Unknown analyzer 'nope'"),
        ("NIGHTCALL_SPEECH", "x", "NIGHTCALL_SPEECH__MODEL"),
        ("NIGHTCALL_TIME_ZONE", "Europe", "'Europe' is no IANA time zone"),
        ("NIGHTCALL_ATTRIBUTION__CHANNEL_ROLES", "rep,customer", "lists as JSON"),
    ],
)
def test_a_wrong_environment_is_wrong_usage(
    name: str,
    value: str,
    said: str,
    recordings: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["nightcall", "run", "--recordings", str(recordings)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_ends_at_once_and_goes_on_next_time(
    number: signal.Signals,
    recordings: Path,
    tmp_path: Path,
    whisper_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Random weights write nonsense, which would be decoded again and again.
    monkeypatch.setenv("NIGHTCALL_SPEECH__DECODE_AGAIN", "false")
    for at in range(6):
        write_wav(recordings / f"{at}.wav", sample_speech(seconds=12, start_s=at * 6))
    command = [sys.executable, "-m", "flows.cli", "run", "--no-prefect", "--settle", "0"]
    where = ["--recordings", str(recordings), "--warehouse", str(tmp_path / "w")]
    model = ["--model", str(whisper_folder)]
    process = subprocess.Popen(
        [*command, *where, *model], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stderr is not None
        while "listened: 1 of" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        assert process.wait(timeout=20) == 128 + number
        assert "Stopped. Finished work is kept" in process.stderr.read()
    done = nightcall("run", "--no-prefect", "--settle", "0", *where, *model)
    assert "6 landed" in done.output


def test_square_brackets_in_what_was_said_are_shown_as_they_are(home: Path) -> None:
    shown = nightcall("query", "SELECT text FROM turns ORDER BY turn", "--warehouse", home).output
    assert "[red]" in shown


@pytest.mark.parametrize(
    "sql",
    [
        "COPY calls TO 'x.csv'",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_text('/etc/hostname')",
        "INSTALL httpfs",
        "ATTACH 'x.db'",
        "SET threads = 1",
    ],
)
def test_query_only_asks(
    home: Path, sql: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["nightcall", "query", sql, "--warehouse", str(home)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("Error: ")


def test_tables_lists_and_describes_with_an_example(home: Path) -> None:
    assert "measure_states" in nightcall("tables", "--warehouse", home).output
    described = nightcall("tables", "moments", "--warehouse", home).output
    assert "moment_id" in described
    assert "What keeps you up at night?" in described


def test_tables_rebuild_makes_the_same_tables(home: Path) -> None:
    before = warehouse.open(home).moments.collect()
    answer = nightcall("tables", "rebuild", "--warehouse", home)
    assert "Calls: 1. Dates: 1." in answer.output
    assert warehouse.open(home).moments.collect().equals(before)


def test_doctor_says_what_is_missing_and_what_to_do(home: Path) -> None:
    shown = nightcall("doctor", "--warehouse", home)
    assert shown.exit_code == 0
    assert "TODO  whisper" in shown.output
    assert "NIGHTCALL_SPEECH__MODEL" in shown.output
    assert "1 calls, 0 in quarantine" in shown.output


def test_doctor_finds_a_model_folder(whisper_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTCALL_SPEECH__MODEL", str(whisper_folder))
    assert "model 'tiny' at hand (in the folder)" in nightcall("doctor").output

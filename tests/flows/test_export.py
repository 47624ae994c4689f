"""`nightcall export` as people use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from calls.errors import UsageError, WarehouseDamaged
from flows.cli import cli
from flows.cli.export import FORMATS, export
from models.exporters import EXPORTERS
from models.importers import import_transcript, recognise
from tests.models.transcripts import SAMPLES
from warehouse.store import open_warehouse

VTT = """WEBVTT
Language: en

00:00:00.000 --> 00:00:04.000
<v Ann Lee>Good morning. How is R&amp;D?

00:00:05.000 --> 00:00:08.000
<v Bo Ray>Schöne Grüße.

00:01:10.000 --> 00:01:14.000
<v Ann Lee>Who plans the work?
"""
SIDECAR = {
    "call_id": "A-1042",
    "started_at": "2026-09-14T10:00:00Z",
    "participants": [
        {"name": "Ann Lee", "role": "rep", "email": "ann@example.org"},
        {"name": "Bo Ray", "role": "customer"},
    ],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with one call that came as a transcript. Tests only read it."""
    folder = tmp_path_factory.mktemp("export")
    recordings = folder / "recordings"
    recordings.mkdir()
    (recordings / "a.vtt").write_text(VTT, encoding="utf-8")
    (recordings / "a.call.json").write_text(json.dumps(SIDECAR))
    where = ["--recordings", str(recordings), "--warehouse", str(folder / "warehouse")]
    options = ["--no-prefect", "--settle", "0", "--engine", "pocketsphinx"]
    done = CliRunner().invoke(cli, ["run", *where, *options])
    assert done.exit_code == 0, done.output
    return folder / "warehouse"


def exported(home: Path, *arguments: str | Path) -> Result:
    options = [str(one) for one in (*arguments, "--warehouse", home)]
    return CliRunner().invoke(export, options, catch_exceptions=True)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_holds_who_said_what(home: Path, tmp_path: Path, format_: str) -> None:
    file = tmp_path / "call.out"
    assert exported(home, "A-1042", "--format", format_, "--output", file).exit_code == 0
    back = import_transcript("call.out", file.read_bytes())
    assert [one.text for one in back.utterances] == [
        "Good morning. How is R&D?",
        "Schöne Grüße.",
        "Who plans the work?",
    ]
    assert [str(one.speaker).removesuffix(" (rep)") for one in back.utterances][::2] == [
        "Ann Lee",
        "Ann Lee",
    ]
    assert [one.start_s for one in back.utterances] == [0.0, 5.0, 70.0]


def test_webvtt_goes_to_the_terminal_unless_told_otherwise(home: Path) -> None:
    shown = exported(home, "A-1042")
    assert shown.exit_code == 0
    assert recognise("any", shown.stdout_bytes) == "webvtt"
    assert "<v Bo Ray>Schöne Grüße." in shown.stdout_bytes.decode()


def test_an_unknown_call_names_those_that_look_alike(home: Path) -> None:
    refused = exported(home, "a-1024")
    assert isinstance(refused.exception, UsageError)
    assert str(refused.exception) == f"No call 'a-1024' in {home}. Did you mean 'A-1042'?"
    unlike = exported(home, "zzz")
    assert "SELECT call_id, recording FROM calls" in str(unlike.exception)


@pytest.mark.parametrize("call_id", ["a-1024", "zzz", "", "A-1042 "])
def test_every_command_says_the_same_of_an_unknown_call(home: Path, call_id: str) -> None:
    swapped = CliRunner().invoke(cli, ["swap", call_id, "--warehouse", str(home)])
    refused = exported(home, call_id)
    assert isinstance(refused.exception, UsageError)
    assert str(refused.exception) in swapped.output + str(swapped.exception)


def test_words_of_a_weak_engine_stay_weak_after_export_and_import(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    weak = json.loads(SAMPLES["nightcall"])
    (recordings / "weak.json").write_text(json.dumps(weak))
    (recordings / "strong.json").write_text(json.dumps({**weak, "engine": "faster-whisper"}))
    (recordings / "vendor.json").write_bytes(SAMPLES["whisper x"])
    (recordings / "timeless.json").write_text('{"text": "Good morning."}')
    home = tmp_path / "warehouse"
    where = ["--recordings", str(recordings), "--warehouse", str(home)]
    options = ["--no-prefect", "--settle", "0", "--engine", "pocketsphinx"]
    assert CliRunner().invoke(cli, ["run", *where, *options]).exit_code == 3
    store = open_warehouse(home)
    rows = {Path(row["recording"]).stem: row for row in store.calls.collect().to_dicts()}
    assert {name: row["transcript_state"] for name, row in rows.items()} == {
        "weak": "low_confidence",
        "strong": "ok",
        "vendor": "ok",
    }
    assert (rows["weak"]["redacted"], rows["weak"]["duration_s"]) == ('{"card": 1}', 9.5)
    (refused,) = store.quarantine.all()
    assert "timeless.json: has no times. Ask for" in refused.message
    again = json.loads(exported(home, rows["weak"]["call_id"], "--format", "json").stdout_bytes)
    assert (again["engine"], again["model"], again["redacted"]) == (
        "pocketsphinx",
        "en-us",
        {"card": 1},
    )


def test_a_folder_that_is_no_warehouse_is_wrong_usage(tmp_path: Path) -> None:
    assert isinstance(exported(tmp_path / "none", "A-1042").exception, UsageError)


def test_a_file_that_cannot_be_written_is_wrong_usage(home: Path, tmp_path: Path) -> None:
    refused = exported(home, "A-1042", "--output", tmp_path / "no" / "such" / "folder.vtt")
    assert isinstance(refused.exception, UsageError)
    assert "folder.vtt: can't be written" in str(refused.exception)


def test_a_call_whose_words_are_lost_says_how_to_get_them_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.artifacts.LISTENING", "lost.arrow")
    refused = exported(home, "A-1042")
    assert isinstance(refused.exception, WarehouseDamaged)
    assert "nightcall run" in str(refused.exception)


def test_the_formats_offered_are_those_there_are() -> None:
    assert tuple(EXPORTERS) == FORMATS


def test_help_loads_no_library_and_has_an_example() -> None:
    script = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from flows.cli.export import export\n"
        "shown = CliRunner().invoke(export, ['--help'])\n"
        "assert 'Example: nightcall export' in shown.output\n"
        "heavy = {'polars', 'pyarrow', 'pydantic', 'webvtt', 'srt', 'charset_normalizer'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

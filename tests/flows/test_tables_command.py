"""`nightcall tables check`, `compact`, `export` and `doctor`, on the warehouse of real nights."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

import warehouse
from flows.cli import cli, main
from flows.cli.tables import COMMANDS
from flows.cli.tables_export import FORMATS
from tests.conftest import ROOT
from warehouse import layout
from warehouse.artifacts import LISTENING, READING, SOURCE
from warehouse.export import FORMATS as KNOWN_FORMATS
from warehouse.schemas import ALL_TABLES, CALL_TABLES

SAMPLES = ROOT / "data_samples"
WORDS_PER_S = 2.5


def nightcall(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def as_vtt(script: Path) -> str:
    """What a sample call says, as a transcript, so that no engine has to listen."""
    facts = tomllib.loads(script.read_text(encoding="utf-8"))
    lines, at = ["WEBVTT\n"], 0.0
    for turn in facts["turn"]:
        end = at + len(turn["text"].split()) / WORDS_PER_S
        name = facts["speakers"][turn["speaker"]]["name"]
        times = " --> ".join(f"00:{int(one // 60):02}:{one % 60:06.3f}" for one in (at, end))
        lines.append(f"{times}\n<v {name}>{turn['text']}\n")
        at = end + 0.5
    return "\n".join(lines)


def run_night(home: Path, recordings: Path | None = None) -> Result:
    """A night over the recordings beside the warehouse, without a speech model."""
    where = ("--recordings", recordings or home.parent / "recordings", "--warehouse", home)
    messaging = ("--messaging", SAMPLES / "messaging.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_HUB_CACHE", str(home.parent / "hub"))
        return nightcall("run", "--no-prefect", "--settle", "0", *where, *messaging)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of a night over the sample calls, one damaged, and of a second night."""
    folder = tmp_path_factory.mktemp("nights")
    recordings, home = folder / "recordings", folder / "warehouse"
    recordings.mkdir()
    for script in sorted((SAMPLES / "scripts").glob("*.toml")):
        shutil.copy(SAMPLES / "recordings" / f"{script.stem}.call.json", recordings)
        if script.stem == "vessel-damaged":
            shutil.copy(SAMPLES / "recordings" / "vessel-damaged.m4a", recordings)
        else:
            (recordings / f"{script.stem}.vtt").write_text(as_vtt(script), encoding="utf-8")
    for _ in range(2):
        run_night(home)
    assert len(warehouse.open(home).landed()) == 6
    return home


@pytest.fixture
def home(nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that may be changed."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(nights.parent / "recordings", tmp_path / "recordings")
    return shutil.copytree(nights, tmp_path / "warehouse")


def turns_of_some_date(home: Path) -> Path:
    store = warehouse.open(home)
    day = max(layout.dates(home, CALL_TABLES["turns"]))
    return store.path / layout.part(CALL_TABLES["turns"], day)


def test_the_warehouse_of_a_real_night_is_in_order(home: Path) -> None:
    checked = nightcall("tables", "check", "--artifacts", "--warehouse", home)
    assert checked.exit_code == 0, checked.output
    store = warehouse.open(home)
    rows = sum(store.table(name).select(pl.len()).collect().item() for name in ALL_TABLES)
    assert checked.output.startswith(f"Rows: {rows:,}. Dates: ")
    assert checked.output.endswith("To be put right: 0. Notes: 0.\n")
    found = {name: store.table(name).collect().height for name in ("chains", "claims", "moments")}
    assert min(found.values()) > 1, found  # there is something to hold together


def test_check_says_what_is_wrong_where_and_what_to_do(home: Path) -> None:
    path = turns_of_some_date(home)
    path.write_bytes(path.read_bytes()[:1000])
    checked = nightcall("tables", "check", "--warehouse", home)
    assert checked.exit_code == 1
    first, problem, next_step, *_ = checked.output.splitlines()
    assert first == f"error  {path.relative_to(home).as_posix()}"
    assert problem.startswith("       the file can't be read (")
    assert next_step == "       → Run: nightcall tables rebuild"
    assert nightcall("tables", "rebuild", "--warehouse", home).exit_code == 0
    assert nightcall("tables", "check", "--warehouse", home).exit_code == 0


def test_check_is_for_programs_too(home: Path) -> None:
    turns_of_some_date(home).chmod(0o644)
    (home / "tables" / "notes.txt").touch(0o600)
    checked = nightcall("tables", "check", "--format", "csv", "--warehouse", home)
    assert checked.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(checked.output)))
    assert [(row["level"], row["check"]) for row in rows] == [
        ("error", "stranger"),
        ("error", "readable_by_others"),
    ]
    assert rows[0]["where"] == "tables/notes.txt"
    assert rows[1]["next_step"] == "Run: chmod -R go= tables"
    shown = nightcall("tables", "check", "--format", "json", "--warehouse", home)
    assert len(json.loads(shown.output)) == 2


def test_check_without_findings_is_an_empty_table_for_programs(home: Path) -> None:
    checked = nightcall("tables", "check", "--format", "csv", "--warehouse", home)
    assert checked.output == "level,check,where,problem,rows,example,next_step\n"
    assert checked.exit_code == 0


def test_what_check_advises_puts_a_lost_reading_right(home: Path) -> None:
    store = warehouse.open(home)
    key, landed = next(iter(store.landed().items()))
    (store.artifacts.folder(key) / READING).unlink()
    checked = nightcall("tables", "check", "--warehouse", home)
    assert "→ Run: nightcall analyze --all CALL_ID" in checked.output
    assert f"call_id '{landed.call_id}'" in checked.output
    again = nightcall(
        *("analyze", "--all", landed.call_id, "--warehouse", home),
        *("--messaging", SAMPLES / "messaging.toml"),
    )
    assert again.exit_code == 0, again.output
    assert nightcall("tables", "check", "--artifacts", "--warehouse", home).exit_code == 0


@pytest.mark.parametrize("name", [READING, LISTENING, SOURCE])
def test_the_next_night_makes_a_lost_artifact_again(home: Path, name: str) -> None:
    store = warehouse.open(home)
    key = next(key for key, one in store.landed().items() if one.recording.endswith(".vtt"))
    (store.artifacts.folder(key) / name).unlink()
    assert nightcall("tables", "check", "--warehouse", home).exit_code == 1
    assert run_night(home).exit_code == 3  # the damaged sample is still in quarantine
    checked = nightcall("tables", "check", "--artifacts", "--warehouse", home)
    assert checked.exit_code == 0, checked.output
    assert (store.artifacts.folder(key) / name).is_file()


def test_a_lost_reading_is_made_again_also_where_the_recording_has_gone(home: Path) -> None:
    store = warehouse.open(home)
    key, landed = next(iter(store.landed().items()))
    shutil.copytree(home.parent / "recordings", home.parent / "others")
    (home.parent / "others" / landed.recording).unlink()
    (store.artifacts.folder(key) / READING).unlink()
    run_night(home, home.parent / "others")
    checked = nightcall("tables", "check", "--artifacts", "--warehouse", home)
    assert checked.exit_code == 0, checked.output


def test_compact_says_what_it_does_and_does_what_it_says(home: Path) -> None:
    left = home / "work" / "unfinished" / "1-2-abc.tmp"
    left.write_bytes(bytes(2_000_000))
    planned = nightcall("tables", "compact", "--dry-run", "--warehouse", home)
    assert planned.output == (
        "to be removed   work/unfinished: unfinished artifacts (1 file, 2.0 MB)\n"
        "Files to be removed: 1 (2.0 MB).\n"
    )
    assert left.exists()
    done = nightcall("tables", "compact", "--warehouse", home)
    assert done.output == (
        "removed         work/unfinished: unfinished artifacts (1 file, 2.0 MB)\n"
        "Files removed: 1. Freed: 2.0 MB.\n"
    )
    assert nightcall("tables", "compact", "--warehouse", home).output == (
        "Files removed: 0. Freed: 0 kB.\n"
    )
    assert nightcall("tables", "check", "--warehouse", home).exit_code == 0


def test_compact_waits_for_nobody(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["nightcall", "tables", "compact", "--warehouse", str(home)])
    with warehouse.open(home).night_lock(), pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err.startswith("Error: Another run holds this warehouse: ")


@pytest.mark.parametrize("format_", FORMATS)
def test_export_writes_the_tables_asked_for(home: Path, tmp_path: Path, format_: str) -> None:
    out = tmp_path / "out"
    done = nightcall(
        *("tables", "export", out, "--format", format_, "--tables", "calls, claims"),
        *("--since", "2026-09-01", "--warehouse", home),
    )
    store = warehouse.open(home)
    rows = store.calls.collect().height + store.claims.collect().height
    assert done.output == f"Tables: 2. Rows: {rows}. Written to {out}.\n"
    names = (
        ["nightcall.xlsx"]
        if format_ == "excel"
        else [f"{one}.{format_}" for one in ("calls", "claims")]
    )
    assert {path.name for path in out.iterdir()} == {"README.md", "schema.json", *names}


def test_export_says_that_it_is_a_copy_of_what_was_said(home: Path) -> None:
    text = " ".join(nightcall("tables", "export", "--help").output.split())
    assert "what was said on calls, and names of people" in text
    assert "a call that is erased later stays in it" in text
    assert FORMATS == KNOWN_FORMATS


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--since", "2026-09-02", "--until", "2026-09-01"), "is after --until 2026-09-01"),
        (("--tables", "moods"), "Unknown table 'moods'"),
    ],
)
def test_export_refuses_what_cannot_be(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    problem: str,
) -> None:
    command = ["nightcall", "tables", "export", str(tmp_path / "out"), *arguments]
    monkeypatch.setattr(sys, "argv", [*command, "--warehouse", str(home)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_doctor_says_what_the_warehouse_takes(home: Path) -> None:
    shown = nightcall("doctor", "--warehouse", home).output
    (line,) = [line for line in shown.splitlines() if line.startswith("ok    on disk ")]
    files = [path for path in (home / "tables").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    assert f"tables {size / 1e3:.0f} kB in {len(files)} files, artifacts " in line
    assert "largest table: " in line
    assert "ok    tables       current; dates with calls: " in shown
    assert "ok    tidy         no leftovers, nothing strange among the tables" in shown
    assert "mirror" not in shown


def test_doctor_names_leftovers_and_how_to_remove_them(home: Path) -> None:
    (home / "work" / "unfinished" / "1-2-abc.tmp").touch(0o600)
    shown = nightcall("doctor", "--warehouse", home)
    assert (
        "TODO  tidy         1 leftovers of killed runs, 0 strangers among the tables"
        in shown.output
    )
    assert "→ Run: nightcall tables compact" in shown.output
    assert shown.exit_code == 0  # a night can run


def test_doctor_says_how_far_the_mirror_is_behind(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    place.mkdir()
    assert nightcall("tables", "mirror", place, "--warehouse", home).exit_code == 0
    assert f"ok    mirror       {place}: in line" in nightcall("doctor", "--warehouse", home).output
    turns_of_some_date(home).touch()
    shown = nightcall("doctor", "--warehouse", home).output
    assert f"TODO  mirror       {place}: 1 files behind" in shown
    assert "→ Run: nightcall tables mirror" in shown


def test_every_tables_command_shows_an_example(home: Path) -> None:
    for name in COMMANDS:
        assert f"Example: nightcall tables {name}" in nightcall("tables", name, "--help").output
    listed = nightcall("tables", "--help").output
    assert all(f"\n  {name} " in listed for name in COMMANDS)


def test_a_bar_shows_on_a_terminal_how_far_the_check_has_come(home: Path) -> None:
    """`script` gives the command a terminal of its own."""
    if shutil.which("script") is None:
        pytest.skip("no program `script` on this machine")
    command = f"{sys.executable} -m flows.cli tables check --warehouse {home}"
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0
    assert "dates" in done.stdout
    assert "100%" in done.stdout


def test_after_an_erasure_all_is_in_order_and_its_date_can_go(home: Path) -> None:
    store = warehouse.open(home)
    calls = store.calls.collect()
    day = calls["call_date"].min()
    ids = calls.filter(pl.col("call_date") == day)["call_id"]
    erased = nightcall("erase", *ids, "--yes", "--warehouse", home)
    assert erased.exit_code == 0, erased.output
    checked = nightcall("tables", "check", "--artifacts", "--warehouse", home)
    assert checked.exit_code == 0, checked.output
    done = nightcall("tables", "compact", "--warehouse", home)
    assert f"tables/*/call_date={day}: no table has a row of that date" in done.output
    assert day not in layout.dates(home, CALL_TABLES["calls"])
    run_night(home)
    assert nightcall("tables", "check", "--artifacts", "--warehouse", home).exit_code == 0

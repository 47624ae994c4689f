"""Nights on an object store: recordings come from a bucket, the tables go to one."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

import warehouse
from calls.errors import NightcallError, UsageError
from flows.cli import cli
from flows.cli.tables_mirror import mirror
from tests.object_store import Bucket
from tests.warehouse.builders import land, rows_of
from warehouse import Warehouse

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


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the developer's own."""
    monkeypatch.chdir(tmp_path)


def run(recordings: str | Path, home: Path) -> Result:
    options = ["--no-prefect", "--settle", "0", "--engine", "pocketsphinx"]
    where = ["--recordings", str(recordings), "--warehouse", str(home)]
    return CliRunner().invoke(cli, ["run", *options, *where])


def mirrored(*arguments: str | Path) -> Result:
    return CliRunner().invoke(mirror, [str(one) for one in arguments])


def sidecar(**facts: object) -> bytes:
    return json.dumps({"participants": PEOPLE, **facts}).encode()


def test_a_night_from_bucket_to_bucket(
    bucket: Bucket, speech_wav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTCALL_TABLES_MIRROR", f"{bucket.url}/tables")
    bucket.write("calls/north/a.vtt", VTT.encode())
    bucket.write("calls/north/a.call.json", sidecar(call_id="A-1"))
    bucket.write("calls/b 2026-09-14.wav", speech_wav.read_bytes())
    bucket.write("calls/b 2026-09-14.call.json", sidecar(call_id="B-1"))
    bucket.write("calls/bad.wav", b"no sound")
    bucket.write("calls/.trash/c.vtt", VTT.encode())
    home = tmp_path / "warehouse"

    first = run(f"{bucket.url}/calls", home)
    assert first.exit_code == 3, first.output
    assert "2 landed, 1 quarantined" in first.output
    calls = warehouse.open_tables(f"{bucket.url}/tables").calls.collect()
    assert calls.select("call_id", "recording", "engine").sort("call_id").rows() == [
        ("A-1", "north/a.vtt", "imported"),
        ("B-1", "b 2026-09-14.wav", "pocketsphinx"),
    ]
    heard = calls.filter(pl.col("call_id") == "B-1")
    assert heard["duration_s"].item() == pytest.approx(12)
    assert str(heard["call_date"].item()) == "2026-09-14"  # from the file's name

    # The same process sees what has changed in the bucket since.
    bucket.remove("calls/bad.wav")
    said = VTT.replace("The harbour, mostly.", "Nothing. I sleep well.")
    bucket.write("calls/north/a.vtt", said.encode())
    bucket.write("calls/north/a.call.json", sidecar(call_id="A-1", replaces=True))
    second = run(f"{bucket.url}/calls/", home)
    assert second.exit_code == 0, second.output
    assert "1 landed" in second.output
    assert "1 had landed before" in second.output
    tables = warehouse.open_tables(f"{bucket.url}/tables")
    assert tables.calls.collect().height == 2
    quotes = tables.turns.filter(pl.col("call_id") == "A-1").collect()["text"].to_list()
    assert "Nothing. I sleep well." in quotes
    assert tables.nights.collect().height == 2  # the second night is in it too


def test_a_mirror_out_of_reach_fails_no_night_and_the_next_makes_it_good(
    bucket: Bucket, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTCALL_TABLES_MIRROR", "s3://acme-tables/nightcall")
    (recordings / "a.vtt").write_text(VTT)
    first = run(recordings, tmp_path / "warehouse")
    assert first.exit_code == 0, first.output
    said = "not mirrored, which the next night makes good: s3://acme-tables/nightcall: "
    [line] = [one for one in first.output.splitlines() if one.startswith(said)]
    assert "does not exist" in line
    assert line.endswith("then run: nightcall tables mirror")
    assert first.output.splitlines()[-1].startswith("1 landed")
    bucket.fs.mkdir("acme-tables")
    second = run(recordings, tmp_path / "warehouse")
    assert second.exit_code == 0, second.output
    assert "not mirrored" not in second.output
    assert "mirrored to s3://acme-tables/nightcall" in second.stderr
    tables = warehouse.open_tables("s3://acme-tables/nightcall")
    assert tables.calls.collect().height == 1
    assert tables.nights.collect().height == 2


@pytest.fixture
def home(tmp_path: Path) -> Path:
    store = Warehouse.create(tmp_path / "warehouse")
    land(store, rows_of("a"))
    return store.path


def test_the_command_takes_a_url_the_setting_or_what_is_on_record(
    bucket: Bucket, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = mirrored("--warehouse", home)
    assert isinstance(unknown.exception, UsageError)
    assert "nightcall tables mirror s3://bucket/prefix" in str(unknown.exception)

    files = len(list((home / "tables").rglob("*.parquet")))
    url = f"{bucket.url}/x"
    first = mirrored(url, "--warehouse", home)
    assert first.stdout == f"{url}: {files} files put, 0 removed, 0 unchanged.\n"
    assert f"put: 20 of {files} files" in first.stderr
    on_record = mirrored("--warehouse", home)
    assert on_record.output == f"{url}: 0 files put, 0 removed, {files} unchanged.\n"

    monkeypatch.setenv("NIGHTCALL_TABLES_MIRROR", f"{bucket.url}/y")
    second = mirrored("--warehouse", home)
    assert isinstance(second.exception, UsageError)
    assert f"is mirrored to {url}" in str(second.exception)
    refused = mirrored(url, "--end", "--warehouse", home)
    assert isinstance(refused.exception, UsageError)
    ended = mirrored("--end", "--warehouse", home)
    assert ended.output == f"{files} files removed from {url}. There is no mirror now.\n"
    assert bucket.names() == []
    assert mirrored("--warehouse", home).exit_code == 0
    assert len(bucket.names("y/")) == files + 1


def test_a_bucket_that_keeps_versions_is_said_with_what_to_do(bucket: Bucket, home: Path) -> None:
    bucket.keep_versions()
    done = mirrored(bucket.url, "--warehouse", home)
    assert "keeps old versions" in done.output
    assert "docs/object_stores.md" in done.output


def test_a_place_that_can_be_none_is_refused_without_its_password(home: Path) -> None:
    done = mirrored("s3://key:topsecret@acme/x", "--warehouse", home)
    assert isinstance(done.exception, NightcallError)
    assert "tables_mirror: carries a password" in str(done.exception)
    assert "topsecret" not in str(done.exception)

"""The flow under real Prefect: offline, without telemetry, with schedules that fire."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import warehouse
from calls.settings import Settings

ROOT = Path(__file__).parents[2]
SECRET = "the harbour crane in berth seven"
VTT = f"""WEBVTT

00:00:00.000 --> 00:00:04.000
<v Ann Lee>What keeps you up at night?

00:00:05.000 --> 00:00:08.000
<v Bo Ray>Mostly {SECRET}.
"""

# Every name look-up and connection that leaves this machine ends up in the file named last.
WATCH = """
import sys
def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect"):
        host = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        host = host[0] if isinstance(host, tuple) else host
        if str(host) not in ("127.0.0.1", "localhost", "::1", "None", "0.0.0.0") and not str(
            host
        ).startswith("/"):
            with open({log!r}, "a") as log:
                log.write(f"{{event}} {{host}}\\n")
sys.addaudithook(watch)
with open({log!r}, "a") as log:
    log.write("watching\\n")
"""


@pytest.fixture
def quiet_environment(tmp_path: Path) -> dict[str, str]:
    """This environment without settings of a developer's own Prefect."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    return {**kept, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path / "hub")}


@pytest.mark.flow
def test_a_run_needs_no_server_no_network_and_leaves_no_words_in_prefect(
    tmp_path: Path, quiet_environment: dict[str, str]
) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "a.vtt").write_text(VTT)
    site, log = tmp_path / "site", tmp_path / "network.log"
    site.mkdir()
    (site / "sitecustomize.py").write_text(WATCH.format(log=str(log)))
    home = tmp_path / "warehouse"
    command = [sys.executable, "-m", "flows.cli", "run", "--settle", "0"]
    done = subprocess.run(
        [*command, "--recordings", str(recordings), "--warehouse", str(home)],
        cwd=ROOT,
        env=quiet_environment
        | {"PYTHONPATH": str(site), "PREFECT_API_URL": "http://192.0.2.1:4200/api"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 landed, 0 quarantined, 0 await transcription" in done.stdout
    assert warehouse.open(home).calls.collect().height == 1
    asked = log.read_text().splitlines()
    assert asked[0] == "watching"
    assert set(asked[1:]) <= {"watching"}, f"asked beyond this machine: {asked}"
    database = _kept_by_prefect(home)
    for private in (SECRET, "a.vtt", "Ann Lee"):
        assert private.encode() not in database
    with closing(sqlite3.connect(home / "state" / "prefect" / "prefect.db")) as connection:
        states = connection.execute("SELECT state_type FROM flow_run").fetchall()
    assert states == [("COMPLETED",)]


BREAKS = """
import sys
from calls.settings import Settings
from flows import prefect_env
settings = Settings.model_validate_json(sys.argv[1])
prefect_env.use_private_server(settings.warehouse / "state" / "prefect")
from flows import nightly
real = nightly.listen_batch
def breaks_once(settings, batch):
    if batch.stem == "00001":
        raise RuntimeError("words of a customer")
    return real(settings, batch)
nightly.listen_batch = breaks_once
from flows.cli.night_runner import print_report, run_shown
report = run_shown(settings)
print_report(report)
sys.exit(report.exit_code)
"""


@pytest.mark.flow
def test_a_broken_batch_fails_the_flow_and_the_rest_lands(
    settings: Settings, recordings: Path, quiet_environment: dict[str, str]
) -> None:
    (recordings / "a.vtt").write_text(VTT)
    (recordings / "b.vtt").write_text(VTT.replace("crane", "tug"))
    one_each = settings.model_copy(
        update={"night": settings.night.model_copy(update={"batch_calls": 1})}
    )
    done = subprocess.run(
        [sys.executable, "-c", BREAKS, one_each.model_dump_json()],
        cwd=ROOT,
        env=quiet_environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "The night failed" in done.stdout
    assert warehouse.open(settings.warehouse).calls.collect().height == 1
    home = settings.warehouse / "state" / "prefect" / "prefect.db"
    with closing(sqlite3.connect(home)) as connection:
        states = connection.execute("SELECT state_type FROM flow_run").fetchall()
    assert states == [("FAILED",)]
    assert b"words of a customer" not in _kept_by_prefect(settings.warehouse)


@pytest.fixture
def server(tmp_path: Path, quiet_environment: dict[str, str]) -> Iterator[str]:
    """The address of a Prefect server that runs for one test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path / "prefect"
    home.mkdir()
    environment = quiet_environment | {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    log = (tmp_path / "server.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}/api"
    try:
        _wait_until(lambda: _answers(f"{address}/health"), limit_s=120)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


DEPLOY = """
from flows.nightly import nightly
print(nightly.to_deployment(name="test", cron="0 2 * * *").apply())
"""
COUNT = """
from prefect import get_client
with get_client(sync_client=True) as client:
    print("scheduled", len(client.read_flow_runs()))
"""


@pytest.mark.flow
def test_a_nightly_schedule_creates_runs(
    server: str, quiet_environment: dict[str, str], tmp_path: Path
) -> None:
    environment = quiet_environment | {
        "PREFECT_API_URL": server,
        "PREFECT_HOME": str(tmp_path / "client"),
        "DO_NOT_TRACK": "1",
    }

    def ask(script: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    ask(DEPLOY)

    def scheduled() -> bool:
        found = re.search(r"scheduled (\d+)", ask(COUNT))
        return found is not None and int(found[1]) > 0

    _wait_until(scheduled, limit_s=90)


def _kept_by_prefect(home: Path) -> bytes:
    """Every byte that Prefect keeps, the database's own log included."""
    files = (home / "state" / "prefect").rglob("*")
    return b"".join(path.read_bytes() for path in files if path.is_file())


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _wait_until(condition: object, *, limit_s: float) -> None:
    assert callable(condition)
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"still not so after {limit_s:g} s")
        time.sleep(1)

"""Finding and getting Whisper weights: offline, in bounded time, with the reason said."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import faster_whisper
import pytest

from calls.errors import SpeechUnavailable
from calls.settings import SpeechSettings
from models import weights
from models.weights import find_weights, get_weights

SMALL = SpeechSettings(model="small")


@pytest.fixture
def silent_server() -> Iterator[str]:
    """An address where connections are taken and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A hub that answers, from which nothing has been downloaded yet."""
    monkeypatch.setattr(weights, "why_offline", lambda *, timeout_s: "")
    return []


def download_raising(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(model: str, *, local_files_only: bool, revision: str | None) -> str:
        raise FileNotFoundError("no cache") if local_files_only else error

    monkeypatch.setattr(faster_whisper, "download_model", fail)


def test_a_hub_that_never_answers_costs_seconds(
    monkeypatch: pytest.MonkeyPatch, silent_server: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", silent_server)
    download_raising(AssertionError("must not be tried"), monkeypatch)
    said: list[str] = []
    began = time.monotonic()
    with pytest.raises(SpeechUnavailable, match=r"hub can't be reached \((no answer|timed out)"):
        get_weights(SMALL, announce=said.append)
    assert 1.5 < time.monotonic() - began <= 3
    assert said == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/home/mia/.cache/x"),
            "OSError: No space left on device",
        ),
        (ConnectionError("peer closed connection"), "ConnectionError: peer closed connection"),
        (RuntimeError("cannot write /home/mia/.cache/blob\nmore"), "RuntimeError: cannot write"),
    ],
    ids=["disk full", "broken off", "a path in the text"],
)
def test_the_reason_of_a_failed_download_is_said_without_paths(
    monkeypatch: pytest.MonkeyPatch, hub: list[str], error: Exception, reason: str
) -> None:
    download_raising(error, monkeypatch)
    with pytest.raises(SpeechUnavailable) as caught:
        get_weights(SMALL, announce=hub.append)
    assert f"could not be downloaded ({reason})" in str(caught.value)
    assert "mia" not in str(caught.value)
    assert hub == ["Downloading Whisper model 'small' from the hub (once) ..."]


def test_the_answer_of_the_hub_is_the_reason(
    monkeypatch: pytest.MonkeyPatch, hub: list[str]
) -> None:
    class Answer:
        status_code = 404

    error = OSError("404 Client Error at https://huggingface.co/x")
    error.response = Answer()  # type: ignore[attr-defined]
    wrapped = FileNotFoundError("An error happened; check your connection")
    wrapped.__cause__ = error
    download_raising(wrapped, monkeypatch)
    with pytest.raises(SpeechUnavailable, match=r"\(OSError: the hub answered 404\)"):
        get_weights(SMALL)


def test_a_download_is_announced_before_it_starts(
    monkeypatch: pytest.MonkeyPatch, hub: list[str], tmp_path: Path
) -> None:
    def download(model: str, *, local_files_only: bool, revision: str | None) -> str:
        if local_files_only:
            raise FileNotFoundError("no cache")
        hub.append("download")
        return str(tmp_path)

    monkeypatch.setattr(faster_whisper, "download_model", download)
    assert get_weights(SMALL, announce=hub.append).found_in == "hub"
    assert hub == ["Downloading Whisper model 'small' from the hub (once) ...", "download"]


def test_weights_on_this_machine_are_announced_to_nobody(whisper_folder: Path) -> None:
    said: list[str] = []
    settings = SpeechSettings(model=str(whisper_folder))
    assert get_weights(settings, announce=said.append) == find_weights(settings)
    assert said == []


def test_a_download_that_was_broken_off_is_no_find(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.json").touch()
    monkeypatch.setattr(faster_whisper, "download_model", lambda *_, **__: str(tmp_path))
    assert find_weights(SMALL) is None


@pytest.mark.parametrize("module", ["models.listening", "models.weights"])
def test_reading_processes_load_no_speech_library(module: str) -> None:
    heavy = ["faster_whisper", "ctranslate2", "pocketsphinx", "huggingface_hub", "onnxruntime"]
    code = f"import sys, {module}; print([one for one in {heavy} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

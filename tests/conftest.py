"""Material that several rooms' tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.settings import Settings, SpeechSettings
from tests.object_store import Bucket, environment, fresh_bucket, serving
from tests.sounds import sample_speech, write_wav
from tests.tiny_whisper import build

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
SHARED_GOLD = ROOT.parent / "shared" / "gold"


@pytest.fixture(scope="session")
def whisper_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real CTranslate2 Whisper model with random weights."""
    return build(tmp_path_factory.mktemp("whisper") / "tiny")


@pytest.fixture(scope="session")
def speech_wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of a two-channel sample call as a wav file."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    write_wav(path, sample_speech(seconds=12))
    return path


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """An empty recordings folder."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, recordings: Path, whisper_folder: Path) -> Settings:
    """Settings of a small night that listens with the tiny Whisper model."""
    return Settings.model_validate(
        {
            "recordings": str(recordings),
            "warehouse": tmp_path / "warehouse",
            # Random weights write nonsense, which would be decoded again and again.
            "speech": SpeechSettings(model=str(whisper_folder), device="cpu", decode_again=False),
            "discovery": {"settle_s": 0},
        }
    )


@pytest.fixture
def shared_recordings() -> Path:
    """Third-party recordings beside the checkout; tests that need them skip without them."""
    folder = SHARED_DATA / "recordings"
    if not folder.is_dir():
        pytest.skip("the third-party recordings are not beside this checkout")
    return folder


@pytest.fixture
def shared_gold() -> Path:
    """Labelled turns, calls and sessions beside the checkout; tests that need them skip without."""
    if not SHARED_GOLD.is_dir():
        pytest.skip("the labelled data is not beside this checkout")
    return SHARED_GOLD


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of a server that speaks S3's protocol."""
    with serving() as address:
        yield address


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket, and an environment in which every S3 library finds it."""
    for name, value in environment(object_store).items():
        monkeypatch.setenv(name, value)
    with fresh_bucket(object_store) as made:
        yield made

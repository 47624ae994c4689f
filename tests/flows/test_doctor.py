from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import models.diarization
from calls.settings import Settings
from flows.cli.doctor import doctor, examine


def diarization(settings: Settings, **speech: Any) -> tuple[bool, str, str]:
    own = settings.model_copy(update={"speech": settings.speech.model_copy(update=speech)})
    (found,) = [one for one in examine(own) if one.topic == "diarization"]
    return found.well, found.found, found.remedy


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)


def test_without_the_extra_it_says_how_to_install_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.diarization, "is_installed", lambda: False)
    well, found, remedy = diarization(settings)
    assert not well
    assert found == "pyannote.audio is not installed: voices on one channel stay one"
    assert "pip install" in remedy


def test_without_the_model_it_says_how_to_get_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(models.diarization, "is_installed", lambda: True)
    well, found, remedy = diarization(settings)
    assert (well, found) == (False, "no diarization model: voices on one channel stay one")
    assert "https://huggingface.co/pyannote/" in remedy
    well, found, _ = diarization(settings, diarization="pyannote")
    assert well
    assert "downloaded from the hub" in found


def test_a_model_at_hand_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.yaml").write_text("pipeline: {}")
    monkeypatch.setattr(models.diarization, "is_installed", lambda: True)
    well, found, remedy = diarization(settings, diarization_model=str(tmp_path))
    assert (well, remedy) == (True, "")
    assert found.endswith("at hand")


def test_what_a_night_can_do_without_does_not_fail_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models.diarization, "is_installed", lambda: False)
    done = CliRunner().invoke(doctor, [])
    assert "TODO  diarization" in done.output
    assert done.exit_code == 0
    monkeypatch.setenv("NIGHTCALL_SPEECH__DIARIZATION", "off")
    assert "ok    diarization" in CliRunner().invoke(doctor, []).output

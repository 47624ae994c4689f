"""What must not be kept never lands, and what has landed is masked when it is asked for later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import warehouse
from calls.settings import RedactionSettings, Settings
from calls.transcript import Utterance
from flows.night import one_after_another, run_night
from flows.progress import Silent, showing
from flows.report import NightReport
from tests.sounds import sample_speech, write_wav

CARD = "4111 1111 1111 1111"
MAIL = "sam.cole@millbrook.example"
VTT = f"""WEBVTT

00:00.000 --> 00:04.000
<v Dana>Which card may I charge for the trial?

00:04.500 --> 00:12.000
<v Sam>My card number is {CARD}.

00:12.500 --> 00:16.000
<v Sam>And write to {MAIL} please.
"""


class Says(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def night(settings: Settings) -> tuple[NightReport, list[str]]:
    says = Says()
    with showing(says):
        report = run_night(settings, one_after_another)
    return report, says.lines


def with_redaction(settings: Settings, *, listen_again: bool = False, **changes: bool) -> Settings:
    night = settings.night.model_copy(update={"listen_again": listen_again})
    redaction = RedactionSettings(**changes)
    return settings.model_copy(update={"redaction": redaction, "night": night})


def texts(settings: Settings) -> str:
    return " ".join(warehouse.open(settings.warehouse).turns.collect()["text"])


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def call(recordings: Path) -> Path:
    path = recordings / "call.vtt"
    path.write_text(VTT)
    return path


def test_numbers_are_masked_before_anything_is_written(settings: Settings, call: Path) -> None:
    night(settings)
    assert "[card]" in texts(settings)
    assert MAIL in texts(settings)  # mail addresses are masked by setting only
    row = warehouse.open(settings.warehouse).calls.collect().row(0, named=True)
    assert row["redacted"] == '{"card": 1}'
    # Neither tables nor artifacts nor state hold a digit of it (LZ4 leaves short texts readable).
    assert b"1111" not in bytes_below(settings.warehouse)


def test_turned_on_later_it_masks_what_is_stored(settings: Settings, call: Path) -> None:
    night(settings)
    call.unlink()  # the stored words are masked, not the file's
    night(with_redaction(settings, emails=True))
    assert "[email]" in texts(settings)
    assert MAIL not in texts(settings)
    assert MAIL.encode() not in bytes_below(settings.warehouse)
    row = warehouse.open(settings.warehouse).calls.collect().row(0, named=True)
    assert row["redacted"] == '{"card": 1, "email": 1}'


def test_turned_on_later_it_masks_a_call_that_can_not_be_heard_again(
    settings: Settings, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer version wants the call heard again, and nothing can listen."""
    write_wav(recordings / "call.wav", sample_speech(seconds=6))
    night(settings)
    store = warehouse.open(settings.warehouse)
    (key,) = store.artifacts.known_keys()
    heard = store.artifacts.load_listening(key)
    assert heard is not None
    said = Utterance(0.0, 2.0, f"write to {MAIL}", channel=0)
    spoken = replace(heard.transcript, utterances=(said,))
    store.artifacts.save_listening(key, replace(heard, transcript=spoken))
    monkeypatch.setattr("models.wanted.LISTEN_VERSION", "99")
    deaf = settings.speech.model_copy(update={"model": "/no/such/model"})
    later = with_redaction(settings.model_copy(update={"speech": deaf}), emails=True)
    report, _ = night(later)
    assert report.night.awaiting_count == 1
    assert texts(settings) == "write to [email]"
    assert MAIL.encode() not in bytes_below(settings.warehouse)
    again, _ = night(later)
    assert (again.night.awaiting_count, again.night.landed_count) == (1, 0)


def test_a_setting_that_was_off_for_a_while_masks_what_came_meanwhile(
    settings: Settings, recordings: Path
) -> None:
    night(with_redaction(settings, emails=True))
    (recordings / "call.vtt").write_text(VTT)
    night(with_redaction(settings, emails=False))
    assert MAIL in texts(settings)
    (recordings / "call.vtt").unlink()
    night(with_redaction(settings, emails=True))
    assert MAIL.encode() not in bytes_below(settings.warehouse)


def test_turned_off_it_brings_no_words_back_and_says_so(settings: Settings, call: Path) -> None:
    night(with_redaction(settings, emails=True))
    _, lines = night(with_redaction(settings, emails=False))
    assert "[email]" in texts(settings)
    assert any("1 call stays masked (emails)" in line for line in lines)
    assert any("nightcall run --listen-again" in line for line in lines)


def test_heard_again_the_words_come_back(settings: Settings, call: Path) -> None:
    night(with_redaction(settings, emails=True))
    _, lines = night(with_redaction(settings, listen_again=True, emails=False))
    assert MAIL in texts(settings)
    assert "[card]" in texts(settings)
    assert not any("masked (" in line for line in lines)


def test_an_unchanged_night_masks_nothing_again(settings: Settings, call: Path) -> None:
    night(settings)
    report, _ = night(settings)
    assert report.night.unchanged_count == 1
    assert report.night.landed_count == 0

"""Which names an engine is told to expect on a call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.metadata import CallMetadata
from calls.settings import SpeechSettings
from models.hotwords import MOST_CHARACTERS, MOST_NAMES, hotwords_for


def metadata(*names: str, account: str | None = None, **more: object) -> CallMetadata:
    people = [{"name": name} for name in names]
    return CallMetadata.model_validate({"participants": people, "account": account, **more})


def test_products_come_before_the_account_and_that_before_people() -> None:
    settings = SpeechSettings(hotwords=("Halfpace", "Quillstone"))
    call = metadata("Imogen Castell", "Dele Ransome", account="Saltmarsh Hotels")
    assert hotwords_for(settings, call) == (
        "Halfpace",
        "Quillstone",
        "Saltmarsh Hotels",
        "Imogen Castell",
        "Dele Ransome",
    )


def test_only_what_the_settings_want_is_taken_from_the_sidecar() -> None:
    call = metadata("Imogen Castell", account="Saltmarsh Hotels")
    assert hotwords_for(SpeechSettings(hotwords_from=("account",)), call) == ("Saltmarsh Hotels",)
    assert hotwords_for(SpeechSettings(hotwords_from=("participants",)), call) == (
        "Imogen Castell",
    )
    assert hotwords_for(SpeechSettings(hotwords_from=()), call) == ()


def test_a_name_is_told_once_however_it_is_written() -> None:
    settings = SpeechSettings(hotwords=("Saltmarsh  Hotels", "HALFPACE", "Halfpace"))
    call = metadata("halfpace", account="saltmarsh hotels")
    assert hotwords_for(settings, call) == ("Saltmarsh Hotels", "HALFPACE")


@pytest.mark.parametrize(
    "name",
    ["Speaker 1", "speaker_02", "SPEAKER_00", "Spk0", "Agent", "Customer 2", "Unknown Caller",
     "Kunde", "Participant #3", "rep", "a@b.example", "+44 20 7946 0018", "0015g00000XyZ12AAB",
     "https://example.com/x", "12", "?", "X", "n/a"],
)  # fmt: skip
def test_what_names_nobody_is_not_told(name: str) -> None:
    assert hotwords_for(SpeechSettings(), metadata(name, account=name)) == ()


@pytest.mark.parametrize(
    "name",
    ["Li", "Agent Provocateur", "3M", "Ann-Marie O'Neill", "Jürgen Groß", "李小龙", "R2 Systems"],
)
def test_real_names_are_told_as_they_are(name: str) -> None:
    assert hotwords_for(SpeechSettings(), metadata(name)) == (name,)


def test_the_settings_own_names_are_taken_at_their_word() -> None:
    assert hotwords_for(SpeechSettings(hotwords=("Speaker", "Model 2000")), metadata()) == (
        "Speaker",
        "Model 2000",
    )


def test_whoever_is_excluded_from_the_call_is_not_told() -> None:
    call = metadata("Imogen Castell", "Dele Ransome", exclude=["Dele Ransome"])
    assert hotwords_for(SpeechSettings(), call) == ("Imogen Castell",)


def test_a_name_can_not_give_the_engine_commands() -> None:
    settings = SpeechSettings(hotwords=("<|endoftext|>Halfpace\nLtd\x00", "  ", "<||>"))
    assert hotwords_for(settings, metadata()) == ("endoftext Halfpace Ltd",)


def test_a_name_that_does_not_fit_leaves_room_for_the_next() -> None:
    settings = SpeechSettings(hotwords=("word " * 50, "Halfpace"))
    assert hotwords_for(settings, metadata()) == ("Halfpace",)


@given(st.lists(st.text(max_size=80), max_size=120))
def test_the_list_always_fits_into_what_the_engine_reads(names: list[str]) -> None:
    found = hotwords_for(SpeechSettings(hotwords=tuple(names)), metadata())
    assert len(found) <= MOST_NAMES
    assert len(", ".join(found)) <= MOST_CHARACTERS
    assert len({name.casefold() for name in found}) == len(found)
    assert all(name and name == " ".join(name.split()) for name in found)

"""Transcripts written for other tools, and read back."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Recording,
    RoleSource,
    Speaker,
    StartedAtSource,
)
from calls.errors import TranscriptInvalid
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.transcript import Engine, Transcript, TranscriptOrigin, Turn, Word
from models.exporters import EXPORTERS
from models.exporters.exportable import Exportable, label_of, one_line
from models.exporters.subrip import prefix
from models.importers import import_transcript, recognise
from models.importers.labels import clean_name
from models.people import personal_name, stated_role

STARTED = datetime(2026, 9, 14, 10, tzinfo=UTC)
EXPORTED = datetime(2026, 9, 15, 3, tzinfo=UTC)
ANN = Speaker("ch0", Role.REP, 0, "p-1", "Ann Lee", "ann@example.org")
BO = Speaker("ch1", Role.CUSTOMER, 1)


def words(text: str, start_s: float, step_s: float = 0.4) -> tuple[Word, ...]:
    return tuple(
        Word(word, round(start_s + at * step_s, 3), round(start_s + (at + 1) * step_s, 3), 0.5)
        for at, word in enumerate(text.split())
    )


def turn(
    number: int, speaker: Speaker, start_s: float, text: str, *, timed: bool = True, **more: Any
) -> Turn:
    own = words(text, start_s) if timed else ()
    end_s = own[-1].end_s if own else start_s + 1
    return Turn(
        number, speaker.speaker, speaker.role, start_s, end_s, text, own, speaker.channel, **more
    )


def call(*turns: Turn, speakers: tuple[Speaker, ...] = (ANN, BO), **more: Any) -> Exportable:
    facts: dict[str, Any] = {"duration_s": 60.0, "language": "en", **more}
    return Exportable("A-1", STARTED, EXPORTED, speakers=speakers, turns=turns, **facts)


def attributed(origin: TranscriptOrigin) -> AttributedCall:
    recording = Recording("k", "A-1", (), CallMetadata(), STARTED, StartedAtSource.SIDECAR)
    return AttributedCall(
        recording,
        AudioFacts(60.0, 0, ChannelLayout.NONE),
        origin,
        "en",
        "transcript",
        (ANN,),
        RoleSource.SIDECAR,
        (turn(0, ANN, 0.0, "Good morning."),),
        redacted={"card": 1},
    )


SMALL = call(
    turn(0, ANN, 0.0, "Good morning. How is R&D at <Acme>?"),
    turn(1, BO, 3.5, "Fine: thank you.", timed=False, doubt="repeated"),
    turn(2, ANN, 6.0, "Right."),
)


def read_back(format_: str, one: Exportable) -> Transcript:
    names = [label_of(speaker) for speaker in one.speakers]
    names += [prefix(name) for name in names]
    data = EXPORTERS[format_](one).encode()
    return import_transcript("a", data, known_names=names)


def test_webvtt() -> None:
    assert EXPORTERS["vtt"](SMALL) == (
        "WEBVTT\nLanguage: en\n\n"
        "00:00:00.000 --> 00:00:00.800\n<v Ann Lee>Good morning.\n\n"
        "00:00:00.800 --> 00:00:02.800\n<v Ann Lee>How is R&amp;D at &lt;Acme&gt;?\n\n"
        "00:00:03.500 --> 00:00:04.500\n<v Customer Channel 1>Fine: thank you.\n\n"
        "00:00:06.000 --> 00:00:06.400\n<v Ann Lee>Right.\n"
    )


def test_srt_escapes_only_what_a_reader_would_take_for_a_tag() -> None:
    assert EXPORTERS["srt"](SMALL) == (
        "1\n00:00:00,000 --> 00:00:00,800\nAnn Lee: Good morning.\n\n"
        "2\n00:00:00,800 --> 00:00:02,800\nAnn Lee: How is R&amp;D at &lt;Acme&gt;?\n\n"
        "3\n00:00:03,500 --> 00:00:04,500\nCustomer Channel 1: Fine: thank you.\n\n"
        "4\n00:00:06,000 --> 00:00:06,400\nAnn Lee: Right.\n\n"
    )
    plain = EXPORTERS["srt"](call(turn(0, ANN, 0.0, "R&D says 3 < 4")))
    assert "Ann Lee: R&D says 3 < 4" in plain


def test_json_holds_everything_about_the_words() -> None:
    value = json.loads(EXPORTERS["json"](SMALL))
    assert value["format"] == "nightcall.transcript"
    assert value["started_at"] == "2026-09-14T10:00:00+00:00"
    assert value["speakers"][0] == {
        "speaker": "ch0",
        "name": "Ann Lee",
        "role": "rep",
        "channel": 0,
        "participant_id": "p-1",
        "email": "ann@example.org",
    }
    assert value["turns"][0]["words"][1] == {
        "text": "morning.",
        "start_s": 0.4,
        "end_s": 0.8,
        "probability": 0.5,
    }
    back = read_back("json", SMALL)
    assert [(one.channel, one.speaker, one.doubt) for one in back.utterances] == [
        (0, "Ann Lee (rep)", ""),
        (1, "ch1 (customer)", "repeated"),
        (0, "Ann Lee (rep)", ""),
    ]
    assert [one.words for one in back.utterances] == [one.words for one in SMALL.turns]
    assert back.language == "en"
    assert back.origin.options == {"separate_channels": True}


@pytest.mark.parametrize("format_", ["json", "vcon"])
def test_what_heard_the_words_and_what_was_masked_survives_the_way_back(format_: str) -> None:
    turns = SMALL.turns
    heard = call(*turns, engine="pocketsphinx", model="en-us", redacted={"card": 2})
    back = read_back(format_, heard)
    assert back.origin.engine is Engine.IMPORTED
    assert (back.origin.options["engine"], back.origin.options["model"]) == (
        "pocketsphinx",
        "en-us",
    )
    assert (back.redacted, back.duration_s) == ({"card": 2}, 60.0)
    imported = read_back(format_, call(*turns, engine="imported", model="webvtt"))
    assert "engine" not in imported.origin.options
    assert imported.redacted is None
    assert read_back(format_, call(*turns, redacted={})).redacted == {}


def test_an_export_that_came_back_is_exported_as_what_it_was_heard_by() -> None:
    options = {"engine": "pocketsphinx", "model": "en-us"}
    for origin, expected in (
        (
            TranscriptOrigin(Engine.IMPORTED, "nightcall", options=options),
            ("pocketsphinx", "en-us"),
        ),
        (TranscriptOrigin(Engine.IMPORTED, "webvtt"), ("imported", "webvtt")),
        (TranscriptOrigin(Engine.WHISPER, "small"), ("faster-whisper", "small")),
    ):
        one = Exportable.of(attributed(origin), exported_at=EXPORTED)
        assert (one.engine, one.model, one.redacted) == (*expected, {"card": 1})


def test_counts_that_are_none_are_left_out() -> None:
    value = json.loads(EXPORTERS["json"](SMALL))
    value["redacted"] = {"card": 1, "email": -1, "phone": True, "id": "x", "My name": 3}
    assert import_transcript("a", json.dumps(value).encode()).redacted == {"card": 1}


def test_vcon_has_what_the_draft_requires() -> None:
    value = json.loads(EXPORTERS["vcon"](SMALL))
    assert value["vcon"] == "0.4.0"
    assert uuid.UUID(value["uuid"])
    assert value["created_at"] == "2026-09-15T03:00:00+00:00"
    assert value["extensions"] == ["CC"]
    assert value["parties"] == [
        {"name": "Ann Lee", "mailto": "ann@example.org", "role": "agent"},
        {"name": "Customer Channel 1", "role": "customer"},
    ]
    assert value["dialog"][0]["parties"] == [0, 1]
    analysis = value["analysis"][0]
    assert (analysis["type"], analysis["vendor"], analysis["encoding"]) == (
        "transcript",
        "nightcall",
        "json",
    )
    assert isinstance(analysis["body"], str)
    assert json.loads(analysis["body"])["turns"]
    back = read_back("vcon", SMALL)
    assert back.origin.options == {"separate_channels": True, "vendor": "nightcall"}
    assert [one.speaker for one in back.utterances][:2] == ["Ann Lee (rep)", "ch1 (customer)"]


def test_the_same_call_is_the_same_vcon_each_time_it_is_exported() -> None:
    again = json.loads(EXPORTERS["vcon"](SMALL))
    assert again["uuid"] == json.loads(EXPORTERS["vcon"](SMALL))["uuid"]
    other = Exportable("A-2", STARTED, EXPORTED, 1.0, None, (), ())
    assert json.loads(EXPORTERS["vcon"](other))["uuid"] != again["uuid"]


@pytest.mark.parametrize(
    ("speaker", "label"),
    [
        (ANN, "Ann Lee"),
        (BO, "Customer Channel 1"),
        (Speaker("Speaker 1", Role.UNKNOWN), "Speaker 1"),
        (Speaker("ch0", Role.UNKNOWN, 0, name=" \n"), "Channel 0"),
        (Speaker("AGENT", Role.REP), "Rep AGENT"),
    ],
)
def test_a_speaker_is_called_by_name_else_by_role(speaker: Speaker, label: str) -> None:
    assert label_of(speaker) == label


def test_a_role_without_a_name_survives_every_format() -> None:
    for format_ in EXPORTERS:
        label = str(
            read_back(format_, call(turn(0, BO, 0.0, "Hello there."))).utterances[0].speaker
        )
        assert (stated_role(label), personal_name(label)) == (Role.CUSTOMER, None)


def test_a_long_turn_is_cut_where_a_screen_is_full() -> None:
    text = "so " * 60 + "done"
    back = read_back("vtt", call(turn(0, ANN, 0.0, text)))
    assert max(len(one.text) for one in back.utterances) <= 84
    assert " ".join(one.text for one in back.utterances) == text


def test_masked_text_is_not_unmasked_by_its_words() -> None:
    masked = Turn(
        0, "ch0", Role.REP, 0.0, 2.0, "my card is [number]", words("my card is 4111", 0.0)
    )
    for write in EXPORTERS.values():
        assert "4111" not in write(call(masked))


@pytest.mark.parametrize("format_", EXPORTERS)
def test_a_call_on_which_nobody_spoke_is_written_without_cues(format_: str) -> None:
    data = EXPORTERS[format_](call()).encode()
    if data.strip():
        with pytest.raises(TranscriptInvalid):
            import_transcript("a", data)


# What people and their tools put into names and text: markup, quotes, colons, other scripts,
# right-to-left text, line breaks, control characters, halves of characters.
ODD = st.sampled_from(
    (
        *("<b>", "</v>", "-->", "&amp;", "&", "<", ">", ":", "：", '"', "'", "1", "[x]", "(y)"),
        *("\n\n", "\r", "\t", "\0", "\u2028", "\x85", "\x0b", "\ufeff", "\ud800", "\\"),
        *("שלום", "مرحبا", "\u202e", "田中", "🙂", "é", "{\\an8}", "NOTE", "WEBVTT"),
        "00:00:01,000 --> 00:00:02,000",
    )
)
ANY = st.text(st.characters(), max_size=12)
SAID = st.lists(st.one_of(ODD, ANY, st.sampled_from(["yes", "no.", "why?"])), max_size=8)
NAME = st.lists(st.one_of(ODD, ANY), min_size=1, max_size=4).map("".join)


@st.composite
def exportables(draw: st.DrawFn) -> Exportable:
    names = draw(st.lists(st.none() | NAME, min_size=1, max_size=3))
    roles = st.sampled_from(list(Role))
    speakers = tuple(Speaker(f"s{at}", draw(roles), name=name) for at, name in enumerate(names))
    # Two people of one name are one voice in formats that know no more than the name.
    assume(len({prefix(label_of(one)).casefold() for one in speakers}) == len(speakers))
    turns: list[Turn] = []
    silent_until_s = dict.fromkeys(speakers, 0.0)
    start_s = 0.0
    for number in range(draw(st.integers(1, 6))):
        # Different people may speak at once; nobody says two things at once.
        speaker = draw(st.sampled_from(speakers))
        start_s = max(start_s, silent_until_s[speaker]) + draw(st.integers(1, 40_000)) / 1000
        text = " ".join(" ".join(draw(SAID)).split())
        own = words(text, start_s, draw(st.integers(1, 900)) / 1000) if draw(st.booleans()) else ()
        end_s = own[-1].end_s if own else start_s + draw(st.floats(0, 9))
        silent_until_s[speaker] = end_s
        turns.append(Turn(number, speaker.speaker, speaker.role, start_s, end_s, text, own))
    return call(*turns, speakers=speakers, language=draw(st.sampled_from([None, "en", "he"])))


def spoken(one: Exportable, labels: dict[str, str]) -> dict[str, list[str]]:
    """What each label says in order of time, as one line can hold it."""
    said: dict[str, list[str]] = {}
    for turn in sorted(one.turns, key=lambda turn: turn.start_s):
        said.setdefault(labels[turn.speaker], []).extend(one_line(turn.text).split())
    return {label: own for label, own in said.items() if own}


def heard(transcript: Transcript) -> dict[str | None, list[str]]:
    said: dict[str | None, list[str]] = {}
    for one in transcript.utterances:
        said.setdefault(one.speaker, []).extend(one.text.split())
    return said


@settings(max_examples=60, deadline=None)
@given(exportables())
def test_what_is_exported_as_webvtt_is_read_back(one: Exportable) -> None:
    labels = {speaker.speaker: label_of(speaker) for speaker in one.speakers}
    check(one, "vtt", labels)


@settings(max_examples=60, deadline=None)
@given(exportables())
def test_what_is_exported_as_srt_is_read_back(one: Exportable) -> None:
    labels = {speaker.speaker: prefix(label_of(speaker)) for speaker in one.speakers}
    check(one, "srt", labels)


def check(one: Exportable, format_: str, labels: dict[str, str]) -> None:
    """Same words by the same labels, at the same times to the millisecond."""
    expected = spoken(one, labels)
    if not expected:
        return
    transcript = read_back(format_, one)
    assert recognise("any", EXPORTERS[format_](one).encode()) == transcript.origin.model
    assert heard(transcript) == expected
    starts = [one.start_s for one in transcript.utterances]
    said = [turn.start_s for turn in one.turns if one_line(turn.text)]
    assert starts[0] == pytest.approx(min(said), abs=0.001)


@pytest.mark.parametrize("format_", ["json", "vcon"])
@settings(max_examples=60, deadline=None)
@given(one=exportables())
def test_what_is_exported_as_json_or_vcon_is_read_back_word_by_word(
    format_: str, one: Exportable
) -> None:
    said = [turn for turn in one.turns if turn.text.encode("utf-8", "replace").strip()]
    if not said:
        return
    transcript = read_back(format_, one)
    for turn, heard in zip(said, transcript.utterances, strict=True):
        sound = turn.text.encode("utf-8", "replace").decode()
        assert heard.text.split() == sound.split()
        assert heard.start_s == pytest.approx(turn.start_s, abs=0.001)
        assert heard.end_s == pytest.approx(turn.end_s, abs=0.001)
        assert len(heard.words) == len(turn.words)


@given(NAME)
def test_any_name_makes_a_label_that_formats_can_hold(name: str) -> None:
    label = label_of(Speaker("s0", Role.UNKNOWN, name=name))
    assert label == clean_name(label) == one_line(label)
    assert label

"""Whatever is done to a transcript file, it is read soundly or refused by name.

`FUZZ_EXAMPLES=5000 pytest tests/models/test_importers_fuzz.py` looks harder.
"""

from __future__ import annotations

import copy
import json
import os
from datetime import timedelta
from functools import reduce
from operator import getitem
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.errors import InputError
from calls.transcript import Engine, Transcript, Utterance
from models.importers import IMPORTERS, import_transcript, recognise
from tests.conftest import SHARED_DATA
from tests.models.transcripts import SAMPLES

JSON = [name for name, data in SAMPLES.items() if data.startswith(b"{")]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
WEEK_S = 7 * 24 * 3600

fuzzed = settings(
    max_examples=EXAMPLES,
    # Far more than any of these small files takes: a hang is a failure.
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read_or_refused(data: bytes, name: str = "call.json") -> Transcript | None:
    """The transcript if there is one; None if the file was refused, naming it."""
    transcript, error = None, None
    try:
        transcript = import_transcript(name, data, known_names=["Anna Smith", "Ben"])
    except InputError as refused:
        error = refused
    if transcript is not None:
        require_sound(transcript)
        assert recognise(name, data) is not None
    if error is not None:
        assert error.name == name
        assert str(error).startswith(f"{name}: ")
    return transcript


def require_sound(transcript: Transcript) -> None:
    assert transcript.utterances
    assert transcript.origin.engine is Engine.IMPORTED
    starts = [one.start_s for one in transcript.utterances]
    assert starts == sorted(starts)
    for one in transcript.utterances:
        require_sound_utterance(one)
    ends = [one.end_s for one in transcript.utterances]
    assert transcript.duration_s is None or max(ends) <= transcript.duration_s <= WEEK_S
    assert all(count > 0 for count in (transcript.redacted or {}).values())
    for note in transcript.notes:
        note.encode()


def require_sound_utterance(one: Utterance) -> None:
    assert 0 <= one.start_s <= one.end_s <= WEEK_S
    assert one.text.strip()
    assert one.channel is None or 0 <= one.channel <= 31
    assert one.speaker is None or one.speaker.strip()
    (one.text + (one.speaker or "")).encode()
    for word in one.words:
        assert word.text.strip()
        assert one.start_s <= word.start_s <= word.end_s <= one.end_s
        assert word.probability is None or 0 <= word.probability <= 1


def test_there_is_a_sample_for_every_importer() -> None:
    assert {name.split()[0] for name in SAMPLES} == {one.name for one in IMPORTERS}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_sound_and_recognised(name: str) -> None:
    assert recognise("any", SAMPLES[name]) == name.split()[0]
    assert read_or_refused(SAMPLES[name])


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes after some accidents of copying."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(0, 40))
        match draw(st.sampled_from(["cut", "flip", "drop", "twice", "insert", "move", "tail"])):
            case "cut":
                del data[at:]
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "drop":
                del data[at : at + length]
            case "twice":
                data[at:at] = data[at : at + length]
            case "insert":
                data[at:at] = draw(st.binary(max_size=6))
            case "move":
                piece = data[at : at + length]
                del data[at : at + length]
                to = draw(st.integers(0, len(data)))
                data[to:to] = piece
            case "tail":
                del data[:at]
    return bytes(data)


@pytest.mark.parametrize("name", SAMPLES)
@fuzzed
@given(data=st.data())
def test_damaged_bytes(name: str, data: st.DataObject) -> None:
    read_or_refused(data.draw(damaged(SAMPLES[name])))


ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp1250"]
ENCODINGS += ["cp1251", "cp1257", "shift_jis", "koi8_r", "utf-7", "cp037"]


@pytest.mark.parametrize("name", SAMPLES)
@fuzzed
@given(data=st.data())
def test_mislabelled_and_strangely_encoded_files(name: str, data: st.DataObject) -> None:
    text = SAMPLES[name].decode()
    text = text.replace("\n", data.draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\x85"])))
    encoded = text.encode(data.draw(st.sampled_from(ENCODINGS)), "replace")
    label = data.draw(st.sampled_from(["call.vtt", "call.srt", "a.json", "Anruf é\udcff.vcon", ""]))
    if data.draw(st.booleans()):
        encoded = data.draw(damaged(encoded))
    read_or_refused(encoded, label)


ODD_NUMBERS = (-1, 0, 1, 2, 1.5, 1e18, 1e308, -0.0, 10**400, 604_800, 604_801, float("nan"), 31, 32)
ODD_TEXTS = (
    *("", " ", "x", "0", "1.5", "-1", "1e999", "PT1S", "-PT1S", "P1Y", "PT1e9H", "3s", "1.s"),
    *("\ud800", "\0", "\u2028", "9" * 5000, "COMPLETED", "Success", "UU", "channel_0", "ch_77"),
    *("{", "[1", '{"segments": []}', "WEBVTT\n\n00:01.000 --> 00:02.000\na", "Infinity", "null"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-09-14", "\u202e\u200b"),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=6),
    st.sampled_from(ODD_NUMBERS), st.sampled_from(ODD_TEXTS),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside a JSON value."""
    found: list[tuple[Any, ...]] = []
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            found += [(*path, key), *places(one, (*path, key))]
    return found


@st.composite
def altered(draw: st.DrawFn, whole: Any) -> Any:
    """The value with some fields missing, moved, doubled or of another type."""
    value = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 4))):
        paths = places(value)
        if not paths:
            break
        *parents, last = draw(st.sampled_from(paths))
        inside = reduce(getitem, parents, value)
        match draw(st.sampled_from(["replace", "delete", "double", "swap", "scale"])):
            case "replace":
                inside[last] = draw(VALUES)
            case "delete":
                del inside[last]
            case "double" if isinstance(inside, list):
                inside.insert(last, copy.deepcopy(inside[last]))
            case "swap":
                other = reduce(getitem, draw(st.sampled_from(paths)), value)
                inside[last] = copy.deepcopy(other)
            case "scale" if isinstance(inside[last], int | float) and abs(inside[last]) < 1e9:
                inside[last] = inside[last] * draw(st.sampled_from([-1, 0, 1e-3, 1e3, 1e7, 1e300]))
    return value


@pytest.mark.parametrize("name", JSON)
@fuzzed
@given(data=st.data())
def test_json_with_wrong_fields(name: str, data: st.DataObject) -> None:
    value = data.draw(altered(json.loads(SAMPLES[name])))
    read_or_refused(json.dumps(value).encode())


WRONG = (None, "", "x", -1, 2, 1e308, float("nan"), True, [], {}, [7], [[]], {"a": 1})


@pytest.mark.parametrize("name", JSON)
def test_every_field_with_every_kind_of_wrong_value(name: str) -> None:
    whole = json.loads(SAMPLES[name])
    for *parents, last in places(whole):
        for wrong in WRONG:
            broken = copy.deepcopy(whole)
            reduce(getitem, parents, broken)[last] = wrong
            read_or_refused(json.dumps(broken).encode())


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "WEBVTT",
                    "",
                    " ",
                    "1",
                    "2",
                    "NOTE x",
                    "STYLE",
                    "REGION",
                    "-->",
                    "<v Anna>hi</v>",
                ),
                *("00:00:01.000 --> 00:00:02.000", "00:00:02,000 --> 00:00:01,000", "Anna: hi"),
                *("00:05.000 --> 00:05.000", "99:59:59.999 --> 100:00:00.0", ">> Ben:", "<00:01>"),
                *("00:00:03.000-->00:00:04.000", "0:0:1,5 --> 0:0:2", "1:2:3 --> 4:5:6", "<v", "&"),
            ]
        ),
        st.text(st.characters(), max_size=12),
    ),
    max_size=14,
)


@fuzzed
@given(LINES, st.sampled_from(["WEBVTT\n\n", "1\n00:00:00,000 --> 00:00:01,000\na\n\n", ""]))
def test_lines_in_any_order(lines: list[str], header: str) -> None:
    read_or_refused((header + "\n".join(lines)).encode("utf-8", "replace"), "call.vtt")


@fuzzed
@given(VALUES)
def test_any_json(value: Any) -> None:
    read_or_refused(json.dumps(value).encode())


@fuzzed
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    read_or_refused(data)


THIRD_PARTY = sorted(SHARED_DATA.glob("transcripts/*/*"))


@pytest.mark.skipif(
    not THIRD_PARTY, reason="the third-party transcripts are not beside this checkout"
)
@settings(fuzzed, max_examples=max(20, EXAMPLES // 2))
@given(data=st.data())
def test_damaged_transcripts_of_third_parties(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(THIRD_PARTY))
    read_or_refused(data.draw(damaged(file.read_bytes()[:20_000])), file.name)


MANY = 40_000


@pytest.mark.parametrize(
    "text",
    [
        "\n" * MANY + "hello",
        " " * MANY + "hello",
        "1\n" * MANY,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * MANY,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + " " * MANY,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<" * MANY,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + " " * MANY + "a: b",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "a " * MANY,
        "WEBVTT" + "\n" * MANY + "00:01.000 --> 00:02.000\na",
        "1\n00:00:01,000 --> 00:00:02,000\na" + "\n" * MANY + "b",
        "1\n00:00:01,000 --> 00:00:02,000\n" + " \n" * MANY + "b",
        "1\n00:00:01,000 --> 00:00:02,000\n" + "9" * MANY + "\n",
        "9" * MANY + "\n00:00:01,000 --> 00:00:02,000\na",
        "1\n" + "0" * MANY + ":00:01,000 --> 00:00:02,000\na",
        '{"segments": ' + "[" * MANY,
        '{"segments": [{"start": ' + "9" * MANY + "}]}",
        "[" + "{}," * MANY + "{}]",
    ],
    ids=range(17),
)
def test_long_runs_of_one_thing_are_read_or_refused_as_well(text: str) -> None:
    # With a pattern that goes back over what it has read, one of them would take hours.
    read_or_refused(text.encode())

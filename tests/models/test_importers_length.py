"""How long the recording of a ready transcript is: as its maker says, unless that can't be."""

from __future__ import annotations

import json
from functools import reduce
from operator import getitem
from typing import Any

import pytest

from calls.call import AudioFacts, ChannelLayout
from calls.transcript import Transcript
from models.importers import import_transcript
from models.wanted import read_only
from tests.conftest import SHARED_DATA
from tests.models.transcripts import SAMPLES

# Where each format says it, in what unit, and how long the sample is.
STATED: dict[str, tuple[str, float, float]] = {
    "nightcall": ("duration_s", 1.0, 9.5),
    "deepgram": ("metadata/duration", 1.0, 5.5),
    "assemblyai": ("audio_duration", 1.0, 7.0),
    "azure-speech fast": ("durationMilliseconds", 0.001, 5.0),
    "azure-speech batch": ("durationInTicks", 1e-7, 80.0),
    "speechmatics": ("job/duration", 1.0, 15.0),
    "whisper openai": ("duration", 1.0, 8.47),
    "vcon messages": ("dialog/0/duration", 1.0, 10.0),
}
UNSTATED = sorted(
    SAMPLES.keys() - STATED.keys() - {"whisper words", "vcon vendor"}  # the same by another way
)


def imported(data: bytes) -> Transcript:
    return import_transcript("call.json", data)


def altered(name: str, value: Any) -> Transcript:
    """The sample with another length."""
    whole = json.loads(SAMPLES[name])
    *parents, last = [int(one) if one.isdecimal() else one for one in STATED[name][0].split("/")]
    reduce(getitem, parents, whole)[last] = value
    return imported(json.dumps(whole).encode())


def last_end_s(transcript: Transcript) -> float:
    return max(one.end_s for one in transcript.utterances)


@pytest.mark.parametrize("name", STATED)
def test_the_length_that_the_file_states_is_the_recording_s(name: str) -> None:
    transcript = imported(SAMPLES[name])
    assert transcript.duration_s == STATED[name][2]
    assert last_end_s(transcript) < STATED[name][2] or name == "vcon messages"
    assert read_only(transcript, None, "").audio.duration_s == STATED[name][2]


@pytest.mark.parametrize("name", UNSTATED)
def test_without_one_the_recording_ends_with_the_last_word(name: str) -> None:
    transcript = imported(SAMPLES[name])
    assert transcript.duration_s is None
    assert read_only(transcript, None, "").audio.duration_s == last_end_s(transcript)


@pytest.mark.parametrize(
    "value", [-1, 0, float("nan"), float("inf"), 1e300, 10**400, "soon", "", None, True, [], {}]
)
@pytest.mark.parametrize("name", STATED.keys() - {"azure-speech batch"})
def test_a_length_that_can_be_none_is_ignored(name: str, value: Any) -> None:
    transcript = altered(name, value)
    assert transcript.duration_s is None
    assert read_only(transcript, None, "").audio.duration_s == last_end_s(transcript)


@pytest.mark.parametrize("name", STATED)
def test_a_length_of_more_than_a_week_is_ignored(name: str) -> None:
    assert altered(name, 7 * 24 * 3600 / STATED[name][1]).duration_s == 7 * 24 * 3600
    assert altered(name, 1 + 7 * 24 * 3600 / STATED[name][1]).duration_s is None or (
        name == "azure-speech batch"  # a tick more is none
    )


@pytest.mark.parametrize("name", STATED.keys() - {"vcon messages"})
def test_a_recording_is_no_shorter_than_what_is_said_on_it(name: str) -> None:
    transcript = altered(name, 0.25 / STATED[name][1])
    assert transcript.duration_s == last_end_s(transcript)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"duration": "PT1M30S"}, 90.0),
        ({"durationMilliseconds": 91_000, "duration": "PT1M30S"}, 91.0),
        ({"duration": "-PT1S"}, None),
        ({"duration": "P1Y"}, None),
        ({"duration": "soon", "durationInTicks": None}, None),
        ({}, None),
    ],
)
def test_azure_batch_states_it_in_several_ways(
    stated: dict[str, Any], expected: float | None
) -> None:
    whole = json.loads(SAMPLES["azure-speech batch"])
    del whole["duration"], whole["durationInTicks"]
    assert imported(json.dumps({**whole, **stated}).encode()).duration_s == expected


def test_a_vendor_s_own_length_goes_before_that_of_the_vcon_around_it() -> None:
    vcon = json.loads(SAMPLES["vcon vendor"])
    assert imported(json.dumps(vcon).encode()).duration_s == 9.5
    body = json.loads(vcon["analysis"][0]["body"])
    del body["duration_s"]
    vcon["analysis"][0]["body"] = body
    assert imported(json.dumps(vcon).encode()).duration_s == 10.0


def test_what_was_measured_on_a_recording_goes_before_what_the_transcript_says() -> None:
    audio = AudioFacts(4.0, 1, ChannelLayout.MONO)
    assert read_only(imported(SAMPLES["deepgram"]), audio, "").audio is audio


@pytest.mark.parametrize(
    ("path", "duration_s"),
    [
        ("deepgram/dg_speakers.json", 169.802),
        ("deepgram/dg_transcription.json", 25.933),
        ("speechmatics/batch-job-transcript.json", 15.0),
    ],
)
def test_lengths_in_transcripts_of_third_parties(path: str, duration_s: float) -> None:
    file = SHARED_DATA / "transcripts" / path
    if not file.is_file():
        pytest.skip(f"third-party data is not at {file}")
    assert import_transcript(file.name, file.read_bytes()).duration_s == duration_s

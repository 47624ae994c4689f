"""The formats of vendors, each in a small transcript of our own and in one of theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calls.errors import TranscriptInvalid, UnknownFormat
from calls.transcript import Transcript, Word
from models.importers import import_transcript, recognise

THIRD_PARTY = Path(__file__).parents[2] / ".." / "shared" / "data"


def imported(value: Any) -> Transcript:
    return import_transcript("call.json", json.dumps(value).encode())


def shown(transcript: Transcript) -> list[tuple[int | None, str | None, float, float, str]]:
    return [
        (one.channel, one.speaker, one.start_s, one.end_s, one.text)
        for one in transcript.utterances
    ]


def analytics_item(text: str, start_ms: int | None = None, end_ms: int | None = None) -> Any:
    if start_ms is None:
        return {"Type": "punctuation", "Content": text, "Confidence": 0.0}
    return {
        "Type": "pronunciation",
        "Content": text,
        "Confidence": 0.75,
        "BeginOffsetMillis": start_ms,
        "EndOffsetMillis": end_ms,
    }


AWS_ANALYTICS = {
    "JobStatus": "COMPLETED",
    "LanguageCode": "en-US",
    "Participants": [{"ParticipantRole": "AGENT"}, {"ParticipantRole": "CUSTOMER"}],
    "Transcript": [
        {
            "ParticipantRole": "AGENT",
            "BeginOffsetMillis": 100,
            "EndOffsetMillis": 900,
            "Content": "Good morning.",
            "Items": [
                analytics_item("Good", 100, 400),
                analytics_item("morning", 400, 900),
                analytics_item("."),
            ],
        },
        {
            "ParticipantRole": "CUSTOMER",
            "BeginOffsetMillis": 800,
            "EndOffsetMillis": 1200,
            "Content": "Hi",
            "Items": [analytics_item("Hi", 800, 1200)],
        },
    ],
}


def test_aws_call_analytics() -> None:
    transcript = imported(AWS_ANALYTICS)
    assert shown(transcript) == [
        (None, "AGENT", 0.1, 0.9, "Good morning."),
        (None, "CUSTOMER", 0.8, 1.2, "Hi"),
    ]
    assert transcript.utterances[0].words[1] == Word("morning.", 0.4, 0.9, 0.75)
    assert transcript.origin.model == "aws-transcribe"
    assert transcript.origin.options == {"separate_channels": True}
    assert transcript.language == "en"


def standard_item(text: str, start: str = "", end: str = "", **more: Any) -> Any:
    item = {
        "type": "pronunciation" if start else "punctuation",
        "alternatives": [{"content": text, "confidence": "0.5"}],
        **more,
    }
    return {**item, "start_time": start, "end_time": end} if start else item


STANDARD_ITEMS = [
    standard_item("Hello", "0.5", "0.8"),
    standard_item(","),
    standard_item("you", "0.8", "1.0"),
    standard_item("Hi", "1.1", "1.4"),
]


def standard(**results: Any) -> Any:
    return {"jobName": "a", "status": "COMPLETED", "results": {"transcripts": [], **results}}


def test_aws_speaker_labels_in_a_list_of_their_own() -> None:
    labels = {
        "segments": [
            {"items": [{"start_time": "0.5", "speaker_label": "spk_0"}]},
            {"items": [{"start_time": "0.8", "speaker_label": "spk_0"}]},
            {"items": [{"start_time": "1.1", "speaker_label": "spk_1"}]},
        ]
    }
    assert shown(imported(standard(items=STANDARD_ITEMS, speaker_labels=labels))) == [
        (None, "spk_0", 0.5, 1.0, "Hello, you"),
        (None, "spk_1", 1.1, 1.4, "Hi"),
    ]


def test_aws_channel_labels() -> None:
    channels = [
        {"channel_label": "ch_0", "items": STANDARD_ITEMS[:3]},
        {"channel_label": "ch_1", "items": STANDARD_ITEMS[3:]},
    ]
    transcript = imported(standard(items=[], channel_labels={"channels": channels}))
    assert shown(transcript) == [
        (0, None, 0.5, 1.0, "Hello, you"),
        (1, None, 1.1, 1.4, "Hi"),
    ]
    assert transcript.origin.options == {"separate_channels": True}


def deepgram_word(text: str, start: float, end: float, **more: Any) -> Any:
    return {"word": text.lower(), "punctuated_word": text, "start": start, "end": end, **more}


def test_deepgram_with_speakers() -> None:
    words = [
        deepgram_word("Hello.", 0.5, 0.9, speaker=0, confidence=0.9),
        deepgram_word("Hi.", 1.0, 1.2, speaker=1),
        deepgram_word("Good.", 3.0, 3.2, speaker=1),
    ]
    alternative = {"transcript": "", "words": words}
    value = {"results": {"channels": [{"alternatives": [alternative], "detected_language": "de"}]}}
    transcript = imported(value)
    assert shown(transcript) == [
        (None, "Speaker 0", 0.5, 0.9, "Hello."),
        (None, "Speaker 1", 1.0, 1.2, "Hi."),
        (None, "Speaker 1", 3.0, 3.2, "Good."),
    ]
    assert transcript.language == "de"


def test_deepgram_with_channels() -> None:
    channels = [
        {"alternatives": [{"words": [deepgram_word("Hello.", 0.5, 0.9, speaker=0)]}]},
        {"alternatives": [{"words": [deepgram_word("Hi.", 0.7, 1.2)]}]},
    ]
    transcript = imported({"results": {"channels": channels}})
    assert shown(transcript) == [(0, None, 0.5, 0.9, "Hello."), (1, None, 0.7, 1.2, "Hi.")]
    assert transcript.origin.options == {"separate_channels": True}


def assembly_word(text: str, start: int, end: int) -> Any:
    return {"text": text, "start": start, "end": end, "confidence": 0.9}


def assemblyai(**more: Any) -> Any:
    return {"status": "completed", "audio_url": "x", "language_code": "en_us", "words": [], **more}


def test_assemblyai_utterances() -> None:
    utterances = [
        {"speaker": "A", "words": [assembly_word("Hello.", 500, 900)]},
        {"speaker": "B", "words": [assembly_word("Hi.", 1000, 1200)]},
    ]
    transcript = imported(assemblyai(utterances=utterances))
    assert shown(transcript) == [
        (None, "Speaker A", 0.5, 0.9, "Hello."),
        (None, "Speaker B", 1.0, 1.2, "Hi."),
    ]
    assert transcript.language == "en"
    for at, utterance in enumerate(utterances, start=1):
        utterance["channel"] = str(at)
    assert [one.channel for one in imported(assemblyai(utterances=utterances)).utterances] == [0, 1]


def test_whisper_segments_without_words() -> None:
    segments = [{"start": 0.5, "end": 2.0, "text": " Hello  there."}]
    transcript = imported({"text": "", "segments": segments, "language": "english"})
    assert shown(transcript) == [(None, None, 0.5, 2.0, "Hello there.")]
    assert (transcript.language, transcript.language_source) == ("en", "transcript")


def test_whisperx_words_without_times_are_placed_between_their_neighbours() -> None:
    words = [
        {"word": "about", "start": 1.0, "end": 1.4, "score": 0.8, "speaker": "SPEAKER_00"},
        {"word": "£40"},
        {"word": "a", "start": 2.0, "end": 2.1, "speaker": "SPEAKER_00"},
        {"word": "month"},
    ]
    segment = {"start": 1.0, "end": 2.5, "text": "", "words": words, "speaker": "SPEAKER_00"}
    transcript = imported({"segments": [segment]})
    heard = transcript.utterances[0].words
    assert [(one.text, one.start_s, one.end_s) for one in heard] == [
        ("about", 1.0, 1.4),
        ("£40", 1.6, 1.8),
        ("a", 2.0, 2.1),
        ("month", 2.1, 2.1),
    ]
    assert transcript.utterances[0].speaker == "SPEAKER_00"
    assert transcript.notes == ("words without times, placed between their neighbours: 2",)


def test_words_that_end_before_they_start_are_swapped() -> None:
    words = [{"word": "one", "start": 2.0, "end": 1.0}, {"word": "New York", "start": 2, "end": 3}]
    segment = {"start": 1.0, "end": 3.0, "text": "", "words": words}
    transcript = imported({"segments": [segment]})
    assert [(one.text, one.start_s, one.end_s) for one in transcript.utterances[0].words] == [
        ("one", 1.0, 2.0),
        ("New", 2.0, 2.5),
        ("York", 2.5, 3.0),
    ]
    assert transcript.notes == ("words that end before they start, swapped: 1",)


def vcon(analysis: Any = (), dialog: Any = None, **more: Any) -> Any:
    recording = {"type": "recording", "duration": 10.0, "start": "2026-09-14T10:00:00"}
    return {
        "vcon": "0.0.1",
        "parties": [
            {"name": "Anna Smith", "meta": {"role": "agent"}},
            {"tel": "+441632960000", "role": "customer"},
        ],
        "dialog": dialog or [recording],
        "analysis": list(analysis),
        **more,
    }


MESSAGES = [
    {"speaker": "Agent", "message": "Good morning to you"},
    {"speaker": "Customer", "message": "Hi"},
]


def test_vcon_messages_without_times_are_spread_over_the_call() -> None:
    analyses = [{"type": "summary", "body": "nice"}, {"type": "transcript", "body": MESSAGES}]
    transcript = imported(vcon(analyses))
    assert shown(transcript) == [
        (None, "Anna Smith (agent)", 0.0, 8.0, "Good morning to you"),
        (None, "+441632960000 (customer)", 8.0, 10.0, "Hi"),
    ]
    assert transcript.origin.options == {"times": "estimated"}
    assert transcript.notes


def test_vcon_messages_with_times() -> None:
    timed = [{**one, "start": at, "end": at + 1, "speaker": at} for at, one in enumerate(MESSAGES)]
    transcript = imported(vcon([{"type": "transcript", "body": json.dumps(timed)}]))
    assert [(one.speaker, one.start_s, one.end_s) for one in transcript.utterances] == [
        ("Anna Smith (agent)", 0.0, 1.0),
        ("+441632960000 (customer)", 1.0, 2.0),
    ]
    assert transcript.origin.options == {}


def test_vcon_with_another_vendors_output() -> None:
    transcript = imported(vcon([{"type": "transcript", "body": AWS_ANALYTICS}]))
    assert [one.speaker for one in transcript.utterances] == [
        "Anna Smith (agent)",
        "+441632960000 (customer)",
    ]
    assert transcript.origin.model == "vcon"
    assert transcript.origin.options == {"separate_channels": True, "vendor": "aws-transcribe"}


def test_vcon_text_dialogs() -> None:
    dialog = [
        {"type": "text", "start": "2026-09-14T10:00:05Z", "parties": 1, "body": "Hi there"},
        {"type": "text", "start": "2026-09-14T10:00:00Z", "parties": [0, 1], "body": "Hello"},
    ]
    assert [row[1:3] for row in shown(imported(vcon(dialog=dialog)))] == [
        ("Anna Smith (agent)", 0.0),
        ("+441632960000 (customer)", 5.0),
    ]


def test_vcon_without_a_transcript() -> None:
    bare = vcon([{"type": "summary", "body": "nice"}])
    assert recognise("call.vcon.json", json.dumps(bare).encode()) is None
    with pytest.raises(UnknownFormat):
        imported(bare)


BROKEN_SEGMENTS = [{"start": "soon", "end": 2.0, "text": "a"}]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"segments": BROKEN_SEGMENTS}, r"segments\[0\]\.start is no time \('soon'\)"),
        (
            {"segments": [{"start": 3, "end": 2, "text": "a"}]},
            r"segments\[0\]\.end lies before the",
        ),
        ({"segments": [{"start": 0, "end": -2, "text": "a"}]}, r"end is no time \(-2\)"),
        ({"segments": [{"start": 0, "end": 1e12, "text": "a"}]}, "end is no time"),
        ({"segments": [{"start": 0, "end": 1, "text": ""}]}, "holds no words"),
        ({"segments": [{"start": 0, "end": 1, "text": "", "words": 7}]}, r"words is no list \(7\)"),
        ({**AWS_ANALYTICS, "JobStatus": "FAILED"}, "JobStatus says that the job did not complete"),
        (assemblyai(status="error"), "status says that the job did not complete"),
        (assemblyai(), "holds no words"),
        (standard(items=[{"type": "pronunciation"}]), r"results\.items\[0\] has no alternatives"),
        (standard(items=[standard_item("a", "x", "1")]), r"items\[0\]\.start_time is no time"),
        (vcon(dialog=[{"type": "text", "start": "now", "body": "a"}]), r"dialog\[0\]\.start is no"),
    ],
)
def test_wrong_fields_are_named(value: Any, message: str) -> None:
    with pytest.raises(TranscriptInvalid, match=message):
        imported(value)


@pytest.mark.parametrize(
    ("path", "importer", "speakers", "words"),
    [
        ("transcripts/aws-transcribe/example-call.json", "aws-transcribe", 2, 462),
        ("transcripts/aws-transcribe/amazonTranscribe.sample.json", "aws-transcribe", 1, 1791),
        ("transcripts/deepgram/dg_speakers.json", "deepgram", 3, 226),
        ("transcripts/deepgram/dg_transcription.json", "deepgram", 1, 62),
        ("transcripts/assemblyai/assemblyai_utterances.json", "assemblyai", 1, 60),
        ("transcripts/assemblyai/assemblyai-sample.json", "assemblyai", 1, 52),
        ("transcripts/whisper/whisper_timestamped.json", "whisper", 1, 59),
    ],
)
def test_transcripts_of_third_parties(path: str, importer: str, speakers: int, words: int) -> None:
    file = THIRD_PARTY / path
    if not file.is_file():
        pytest.skip(f"third-party data is not at {file}")
    assert recognise("any", file.read_bytes()) == importer
    transcript = import_transcript(file.name, file.read_bytes())
    assert len({one.speaker for one in transcript.utterances}) == speakers
    assert sum(len(one.words) for one in transcript.utterances) == words
    assert transcript.notes == ()


def test_vcons_of_third_parties() -> None:
    folder = THIRD_PARTY / "recordings" / "fake-vcons"
    files = sorted(folder.glob("*.vcon.json"))
    if not files:
        pytest.skip(f"third-party data is not at {folder}")
    for file in files:
        transcript = import_transcript(file.name, file.read_bytes())
        labels = {str(one.speaker) for one in transcript.utterances}
        assert {label.rpartition(" ")[2] for label in labels} == {"(agent)", "(customer)"}

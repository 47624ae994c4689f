"""More formats of vendors: Google, Azure, Speechmatics, Gong, WhisperX and OpenAI's API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calls.errors import TranscriptInvalid
from calls.transcript import Transcript
from models.importers import import_transcript, recognise

THIRD_PARTY = Path(__file__).parents[2] / ".." / "shared" / "data"

Shown = list[tuple[int | None, str | None, float, float, str]]


def imported(value: Any) -> Transcript:
    return import_transcript("call.json", json.dumps(value).encode())


def shown(transcript: Transcript) -> Shown:
    return [
        (one.channel, one.speaker, one.start_s, one.end_s, one.text)
        for one in transcript.utterances
    ]


def google_word(text: str, start: Any, end: Any, **more: Any) -> dict[str, Any]:
    return {"word": text, "startTime": start, "endTime": end, **more}


def google_result(*words: dict[str, Any], **more: Any) -> dict[str, Any]:
    transcript = " ".join(word["word"] for word in words)
    return {"alternatives": [{"transcript": transcript, "words": list(words)}], **more}


HELLO = google_result(
    google_word("Hello", "0.500s", "0.900s"), google_word("there.", "0.900s", "1.200s")
)
GOOGLE = {
    "results": [
        HELLO,
        google_result(google_word("Hi.", "3s", "3.400s", confidence=0.75), languageCode="en-us"),
    ]
}


def test_google_words_in_seconds() -> None:
    transcript = imported(GOOGLE)
    assert shown(transcript) == [
        (None, None, 0.5, 1.2, "Hello there."),
        (None, None, 3.0, 3.4, "Hi."),
    ]
    assert [one.probability for one in transcript.utterances[1].words] == [0.75]
    assert (transcript.origin.model, transcript.language) == ("google-stt", "en")


def test_google_durations_as_objects_leave_out_zeros() -> None:
    words = (
        google_word("Well", {}, {"seconds": "1", "nanos": 300_000_000}),
        google_word("yes", {"seconds": 1, "nanos": 300_000_000}, {"seconds": 2}),
    )
    assert shown(imported({"results": [google_result(*words)]})) == [
        (None, None, 0.0, 2.0, "Well yes")
    ]


def test_google_result_that_tells_all_words_again_with_speakers_is_read_once() -> None:
    tagged = [
        google_word("hello", "0.500s", "0.900s", speakerTag=1),
        google_word("there", "0.900s", "1.200s", speakerTag=1),
        google_word("hi", "3s", "3.400s", speakerTag=2),
    ]
    again = {"alternatives": [{"words": tagged}]}
    transcript = imported({"results": [*GOOGLE["results"], again]})
    assert shown(transcript) == [
        (None, "Speaker 1", 0.5, 1.2, "hello there"),
        (None, "Speaker 2", 3.0, 3.4, "hi"),
    ]
    assert transcript.notes == ()


def test_google_results_that_only_begin_alike_are_both_read() -> None:
    later = google_result(
        google_word("Hello", "9s", "9.400s"),
        google_word("there,", "9.400s", "9.600s"),
        google_word("again.", "9.600s", "9.900s"),
    )
    assert [row[4] for row in shown(imported({"results": [HELLO, later]}))] == [
        "Hello there.",
        "Hello there, again.",
    ]


def test_google_v2_offsets_labels_and_channels() -> None:
    def result(text: str, tag: int) -> dict[str, Any]:
        word = {"word": text, "startOffset": "1s", "endOffset": "1.5s", "speakerLabel": "1"}
        return {"alternatives": [{"transcript": text, "words": [word]}], "channelTag": tag}

    assert shown(imported({"results": [result("Hi", 1), result("Hey", 2)]})) == [
        (0, None, 1.0, 1.5, "Hi"),
        (1, None, 1.0, 1.5, "Hey"),
    ]
    alone = imported({"results": [result("Hi", 1)]})
    assert shown(alone) == [(None, "Speaker 1", 1.0, 1.5, "Hi")]
    per_file = {"results": {"gs://bucket/a.wav": {"transcript": {"results": [result("Hi", 1)]}}}}
    assert shown(imported(per_file)) == shown(alone)
    operation = {"name": "7", "done": True, "response": {"results": [result("Hi", 1)]}}
    assert shown(imported(operation)) == shown(alone)


def test_google_results_without_word_times_begin_where_the_one_before_ends() -> None:
    results = [
        {"alternatives": [{"transcript": "first part"}], "resultEndTime": "4.500s"},
        {"resultEndTime": "5s"},
        {"alternatives": [{"transcript": " second part"}], "resultEndTime": "9s"},
    ]
    transcript = imported({"results": results})
    assert shown(transcript) == [
        (None, None, 0.0, 4.5, "first part"),
        (None, None, 4.5, 9.0, "second part"),
    ]
    assert transcript.notes == ("results without word times, begun where the one before ends: 2",)


AZURE_FAST = {
    "durationMilliseconds": 5000,
    "combinedPhrases": [{"text": "Good morning. Hi there."}],
    "phrases": [
        {
            "speaker": 1,
            "offsetMilliseconds": 500,
            "durationMilliseconds": 900,
            "text": "Good morning.",
            "words": [
                {"text": "Good", "offsetMilliseconds": 500, "durationMilliseconds": 300},
                {"text": "morning.", "offsetMilliseconds": 800, "durationMilliseconds": 600},
            ],
            "locale": "en-US",
            "confidence": 0.9,
        },
        {
            "speaker": 2,
            "offsetMilliseconds": 2000,
            "durationMilliseconds": 500,
            "text": "Hi there.",
            "locale": "en-US",
        },
    ],
}


def test_azure_fast_transcription() -> None:
    transcript = imported(AZURE_FAST)
    assert shown(transcript) == [
        (None, "Speaker 1", 0.5, 1.4, "Good morning."),
        (None, "Speaker 2", 2.0, 2.5, "Hi there."),
    ]
    assert [len(one.words) for one in transcript.utterances] == [2, 0]
    assert (transcript.origin.model, transcript.language) == ("azure-speech", "en")


def test_azure_fast_transcription_of_two_channels() -> None:
    first, second = AZURE_FAST["phrases"]  # type: ignore[misc]
    phrases = [{**first, "channel": 0}, {**second, "channel": 1}]
    transcript = imported({**AZURE_FAST, "phrases": phrases})
    assert [(row[0], row[1]) for row in shown(transcript)] == [(0, None), (1, None)]
    assert transcript.origin.options == {"separate_channels": True}


def ticks(offset: float, duration: float) -> dict[str, Any]:
    return {"offsetInTicks": offset * 1e7, "durationInTicks": duration * 1e7}


AZURE_BATCH = {
    "source": "a.wav",
    "combinedRecognizedPhrases": [{"channel": 0, "display": "Is it Jane's?"}],
    "recognizedPhrases": [
        {
            "recognitionStatus": "Success",
            "channel": 0,
            "speaker": 1,
            "offset": "PT1M0.5S",
            "duration": "PT1.5S",
            **ticks(60.5, 1.5),
            "nBest": [
                {
                    "confidence": 0.9,
                    "lexical": "is it jane's forty dollars",
                    "display": "Is it Jane's $40?",
                    "words": [
                        {"word": "is", "confidence": 0.8, **ticks(60.5, 0.25)},
                        {"word": "it", **ticks(60.75, 0.25)},
                        {"word": "jane's", "offset": "PT1M1S", "duration": "PT0.25S"},
                        {"word": "forty", **ticks(61.25, 0.25)},
                        {"word": "dollars", **ticks(61.5, 0.5)},
                    ],
                },
                {"confidence": 0.2, "display": "Is it Jane?"},
            ],
        },
        {"recognitionStatus": "InitialSilenceTimeout", "channel": 0, **ticks(70, 1)},
    ],
}


def test_azure_batch_words_take_case_and_punctuation_from_the_display_form() -> None:
    transcript = imported(AZURE_BATCH)
    assert shown(transcript) == [(None, "Speaker 1", 60.5, 62.0, "Is it Jane's forty dollars?")]
    assert [one.start_s for one in transcript.utterances[0].words] == [
        60.5, 60.75, 61.0, 61.25, 61.5,
    ]  # fmt: skip
    assert transcript.utterances[0].words[0].probability == 0.8


def test_azure_batch_with_display_words_and_without_words() -> None:
    phrase = {"recognitionStatus": "Success", "offset": "PT0S", "duration": "PT2S"}
    display_words = [{"displayText": "Hello.", **ticks(0.5, 0.5)}]
    with_words = {**phrase, "nBest": [{"display": "Hello.", "displayWords": display_words}]}
    assert shown(imported({"recognizedPhrases": [with_words]})) == [
        (None, None, 0.5, 1.0, "Hello.")
    ]
    without = {**phrase, "nBest": [{"display": "Hello."}]}
    assert shown(imported({"recognizedPhrases": [without]})) == [(None, None, 0.0, 2.0, "Hello.")]


def matics(text: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    kind = more.pop("type", "word")
    best = {"content": text, "confidence": 0.75, "speaker": more.pop("speaker", "UU")}
    times = {"start_time": start, "end_time": end}
    return {"type": kind, "alternatives": [best], **times, **more}


SPEECHMATICS = {
    "format": "2.9",
    "metadata": {"type": "transcription", "transcription_config": {"language": "es"}},
    "results": [
        matics("Hola", 0.5, 0.9, speaker="S1"),
        matics(",", 0.9, 0.9, type="punctuation", attaches_to="previous", speaker="S1"),
        matics("¿", 1.0, 1.0, type="punctuation", attaches_to="next", speaker="S1"),
        matics("qué", 1.0, 1.2, speaker="S1"),
        matics("tal", 1.2, 1.5, speaker="S1"),
        matics("?", 1.5, 1.5, type="punctuation", attaches_to="previous", speaker="S1"),
        matics("Bien", 2.0, 2.4, speaker="S2"),
    ],
}


def test_speechmatics_speakers_and_punctuation() -> None:
    transcript = imported(SPEECHMATICS)
    assert shown(transcript) == [
        (None, "S1", 0.5, 1.5, "Hola, ¿qué tal?"),
        (None, "S2", 2.0, 2.4, "Bien"),
    ]
    assert (transcript.origin.model, transcript.language) == ("speechmatics", "es")


def test_speechmatics_without_diarization_names_nobody() -> None:
    results = [matics("Hi", 0.5, 0.9), matics("there", 1.0, 1.2)]
    assert shown(imported({"results": results})) == [(None, None, 0.5, 1.2, "Hi there")]


def test_speechmatics_channels_keep_their_own_punctuation() -> None:
    results = [
        matics("Hello", 0.5, 0.9, channel="channel_1"),
        matics("Yes", 0.8, 1.0, channel="channel_2"),
        matics("?", 0.9, 0.9, type="punctuation", attaches_to="previous", channel="channel_1"),
    ]
    assert shown(imported({"results": results})) == [
        (0, None, 0.5, 0.9, "Hello?"),
        (1, None, 0.8, 1.0, "Yes"),
    ]


def test_speechmatics_channels_with_labels_of_the_users_own() -> None:
    config = {"language": "en", "channel_diarization_labels": ["Agent", "Caller"]}
    results = [matics("Hi", 0.5, 0.9, channel="Caller"), matics("Hey", 1, 2, channel="Agent")]
    value = {"metadata": {"transcription_config": config}, "results": results}
    assert [(row[0], row[1]) for row in shown(imported(value))] == [(1, "Caller"), (0, "Agent")]


def test_speechmatics_entities_are_read_word_by_word_as_written() -> None:
    written = [matics("1", 1.0, 1.2), matics("January", 1.2, 1.6)]
    entity = matics("1 January", 1.0, 1.6, type="entity", written_form=written, spoken_form=[])
    transcript = imported({"results": [matics("on", 0.5, 0.9), entity]})
    assert [word.start_s for word in transcript.utterances[0].words] == [0.5, 1.0, 1.2]


GONG_CALL = {
    "callId": "7782342274025937895",
    "transcript": [
        {
            "speakerId": "6432345678555530067",
            "topic": "Intro",
            "sentences": [
                {"start": 460, "end": 1520, "text": "Good morning."},
                {"start": 1600, "end": 2500, "text": "How are you?"},
            ],
        },
        {"speakerId": None, "sentences": [{"start": 2400, "end": 3000, "text": "Fine."}]},
    ],
}
GONG = {"requestId": "4al018gzaztcr8nbukw", "records": {}, "callTranscripts": [GONG_CALL]}


def test_gong_sentences_in_milliseconds() -> None:
    transcript = imported(GONG)
    assert shown(transcript) == [
        (None, "6432345678555530067", 0.46, 1.52, "Good morning."),
        (None, "6432345678555530067", 1.6, 2.5, "How are you?"),
        (None, None, 2.4, 3.0, "Fine."),
    ]
    assert transcript.origin.model == "gong"


@pytest.mark.parametrize("count", [0, 2])
def test_gong_file_that_is_not_one_call_says_to_split_it(count: int) -> None:
    with pytest.raises(TranscriptInvalid, match=rf"holds {count} calls.* one file per call"):
        imported({"callTranscripts": [GONG_CALL] * count})


def test_openai_words_beside_segments_take_their_punctuation() -> None:
    value = {
        "task": "transcribe",
        "language": "english",
        "text": "Hello, you. Fine?",
        "segments": [
            {"id": 0, "start": 0.0, "end": 2.0, "text": " Hello, you."},
            {"id": 1, "start": 2.0, "end": 4.0, "text": " Fine?"},
        ],
        "words": [
            {"word": "Hello", "start": 0.1, "end": 0.5},
            {"word": "you", "start": 0.6, "end": 0.9},
            {"word": "Fine", "start": 2.1, "end": 2.5},
        ],
    }
    transcript = imported(value)
    assert shown(transcript) == [
        (None, None, 0.1, 0.9, "Hello, you."),
        (None, None, 2.1, 2.5, "Fine?"),
    ]
    assert transcript.language == "en"
    del value["segments"]
    assert [row[4] for row in shown(imported(value))] == ["Hello, you.", "Fine?"]


def test_whisperx_without_segments_is_read_from_its_words() -> None:
    words = [
        {"word": "Hi", "start": 0.1, "end": 0.5, "score": 0.9, "speaker": "SPEAKER_01"},
        {"word": "7"},
    ]
    transcript = imported({"segments": [], "word_segments": words, "language": "en"})
    assert [row[1] for row in shown(transcript)] == ["SPEAKER_01", None]
    assert transcript.notes == ("words without times, placed between their neighbours: 1",)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"results": [google_result(google_word("a", "soon", "1s"))]}, r"startTime is no duration"),
        ({"results": [google_result(google_word("a", -1, "1s"))]}, r"startTime is no duration"),
        ({"results": [{"alternatives": [{"transcript": "a"}]}]}, "enableWordTimeOffsets"),
        ({"results": [{**HELLO, "channelTag": 99}]}, r"results\[0\]\.channelTag is no channel"),
        (
            {"recognizedPhrases": [{"offset": "1 s", "duration": "PT1S", "nBest": []}]},
            r"recognizedPhrases\[0\]\.offset is no duration \('1 s'\)",
        ),
        ({"recognizedPhrases": [{"recognitionStatus": "Failure"}]}, "holds no words"),
        ({"combinedPhrases": [], "phrases": [{"offsetMilliseconds": 1}]}, "duration is no time"),
        ({"results": [matics("a", 2, "x")]}, r"results\[0\]\.end_time is no time"),
        (
            {"callTranscripts": [{"transcript": [{"sentences": [{"start": 2, "text": "a"}]}]}]},
            r"sentences\[0\]\.end is no time",
        ),
        ({"format": "nightcall.transcript", "version": 2}, r"version is no version .* 1 is"),
    ],
)
def test_wrong_fields_are_named(value: Any, message: str) -> None:
    with pytest.raises(TranscriptInvalid, match=message):
        imported(value)


@pytest.mark.parametrize(
    ("body", "vendor"),
    [
        (GOOGLE, "google-stt"),
        (AZURE_FAST, "azure-speech"),
        (AZURE_BATCH, "azure-speech"),
        (SPEECHMATICS, "speechmatics"),
        (GONG, "gong"),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_a_vcon_may_hold_any_vendors_transcript(body: Any, vendor: str, as_text: bool) -> None:
    analysis = {"type": "transcript", "body": json.dumps(body) if as_text else body}
    transcript = imported({"parties": [], "dialog": [], "analysis": [analysis]})
    assert transcript.origin.model == "vcon"
    assert transcript.origin.options["vendor"] == vendor
    assert [one.text for one in transcript.utterances] == [
        one.text for one in imported(body).utterances
    ]


def test_ibms_results_are_not_taken_for_googles() -> None:
    value = {"result_index": 0, "results": [{"final": True, "alternatives": [{"transcript": "a"}]}]}
    assert recognise("a", json.dumps(value).encode()) is None


@pytest.mark.parametrize(
    ("path", "importer", "speakers", "words"),
    [
        ("google-stt/gcpSttPunctuation.sample.json", "google-stt", 1, 1767),
        ("speechmatics/batch-job-transcript.json", "speechmatics", 1, 17),
        ("speechmatics/two_speakers.json", "speechmatics", 2, 4),
    ],
)
def test_transcripts_of_third_parties(path: str, importer: str, speakers: int, words: int) -> None:
    file = THIRD_PARTY / "transcripts" / path
    if not file.is_file():
        pytest.skip(f"third-party data is not at {file}")
    assert recognise("any", file.read_bytes()) == importer
    transcript = import_transcript(file.name, file.read_bytes())
    assert len({one.speaker for one in transcript.utterances}) == speakers
    assert sum(len(one.words) for one in transcript.utterances) == words
    assert transcript.notes == ()

"""A small transcript of our own in every format that can be read, for tests that damage them."""

from __future__ import annotations

import json
from typing import Any


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


VTT = """WEBVTT - a call
Language: en-GB

NOTE made by hand

1
00:00:01.000 --> 00:00:03.500 align:start
<v Anna Smith>Hello &amp; <i>welcome</i> to</v>

2
00:00:03.500 --> 00:00:05.000
<v Anna Smith>the café.</v>

00:05.250 --> 00:06.000
Ben Okafor: Hi: how are you?

00:06.000 --> 00:07.000
Ben Okafor: Fine?
"""

SRT = """1
00:00:01,000 --> 00:00:03,000
Anna Smith: Note: this is recorded — fine.

2
00:00:03,200 --> 00:00:05,000
Ben: So the question is: who
plans the work?

3
00:00:08,000 --> 00:00:09,000
Ben: We do.
"""

_LINES = [f"line number {at} was said" for at in range(7)]
ROLLING = "WEBVTT\n\n" + "\n\n".join(
    f"00:00:{at:02d}.000 --> 00:00:{at + 1:02d}.000\n{_LINES[at]}\n{_LINES[at + 1]}"
    for at in range(6)
)

_NATIVE = {
    "format": "nightcall.transcript",
    "version": 1,
    "duration_s": 9.5,
    "language": "en",
    "engine": "pocketsphinx",
    "model": "en-us",
    "redacted": {"card": 1},
    "speakers": [
        {"speaker": "ch0", "name": "Anna Smith", "role": "rep", "channel": 0},
        {"speaker": "ch1", "name": None, "role": "unknown", "channel": 1},
    ],
    "turns": [
        {
            "speaker": "ch0",
            "start_s": 0.5,
            "end_s": 1.5,
            "text": "Good morning.",
            "doubt": "",
            "words": [
                {"text": "Good", "start_s": 0.5, "end_s": 0.9, "probability": 0.5},
                {"text": "morning.", "start_s": 0.9, "end_s": 1.5, "probability": None},
            ],
        },
        {"speaker": "ch1", "start_s": 2, "end_s": 3, "text": "Hé", "words": []},
    ],
}

_AWS_STANDARD = {
    "jobName": "a",
    "status": "COMPLETED",
    "results": {
        "transcripts": [{"transcript": "Hello, you"}],
        "speaker_labels": {
            "segments": [{"items": [{"start_time": "0.5", "speaker_label": "spk_0"}]}]
        },
        "items": [
            {
                "type": "pronunciation",
                "start_time": "0.5",
                "end_time": "0.8",
                "alternatives": [{"content": "Hello", "confidence": "0.5"}],
            },
            {"type": "punctuation", "alternatives": [{"content": ",", "confidence": "0.0"}]},
            {
                "type": "pronunciation",
                "start_time": "0.8",
                "end_time": "1.0",
                "alternatives": [{"content": "you", "confidence": "0.5"}],
            },
        ],
    },
}

_AWS_CHANNELS = {
    "results": {
        "transcripts": [],
        "items": [],
        "channel_labels": {
            "channels": [
                {"channel_label": f"ch_{at}", "items": _AWS_STANDARD["results"]["items"]}  # type: ignore[index]
                for at in range(2)
            ]
        },
    }
}

_AWS_ANALYTICS = {
    "JobStatus": "COMPLETED",
    "LanguageCode": "en-US",
    "Participants": [{"ParticipantRole": "AGENT"}, {"ParticipantRole": "CUSTOMER"}],
    "Transcript": [
        {
            "ParticipantRole": "AGENT",
            "BeginOffsetMillis": 100,
            "EndOffsetMillis": 900,
            "Content": "Good.",
            "Items": [
                {
                    "Type": "pronunciation",
                    "Content": "Good",
                    "Confidence": 0.75,
                    "BeginOffsetMillis": 100,
                    "EndOffsetMillis": 400,
                },
                {"Type": "punctuation", "Content": ".", "Confidence": 0.0},
            ],
        },
        {"ParticipantRole": "CUSTOMER", "BeginOffsetMillis": 800, "EndOffsetMillis": 1200,
         "Content": "Hi"},
    ],
}  # fmt: skip

_DEEPGRAM = {
    "metadata": {"channels": 2, "duration": 5.5},
    "results": {
        "channels": [
            {
                "detected_language": "de",
                "alternatives": [
                    {
                        "transcript": "Hallo du",
                        "words": [
                            {"word": "hallo", "punctuated_word": "Hallo", "start": 0.5, "end": 0.9,
                             "confidence": 0.9, "speaker": 0},
                            {"word": "du", "start": 1.0, "end": 1.5},
                        ],
                    }
                ],
            },
            {"alternatives": [{"words": [{"word": "ja", "start": 1, "end": 2, "speaker": 1}]}]},
        ]
    },
}  # fmt: skip

_ASSEMBLYAI = {
    "status": "completed",
    "audio_url": "x",
    "audio_duration": 7,
    "language_code": "en_us",
    "words": [{"text": "Hello.", "start": 500, "end": 900, "confidence": 0.9}],
    "utterances": [
        {"speaker": "A", "channel": "1", "words": [{"text": "Hello.", "start": 500, "end": 900}]},
        {"speaker": "B", "channel": "2", "words": [{"text": "Hi.", "start": 1000, "end": 1200}]},
    ],
}

_GOOGLE = {
    "results": [
        {
            "channelTag": 1,
            "languageCode": "en-us",
            "resultEndTime": "1.500s",
            "alternatives": [
                {
                    "transcript": "Hello there.",
                    "words": [
                        {"word": "Hello", "startTime": "0.500s", "endTime": "0.900s"},
                        {"word": "there.", "startTime": "0.900s", "endTime": "1.200s"},
                    ],
                }
            ],
        },
        {"alternatives": [{"transcript": "Right then"}], "resultEndTime": {"seconds": "3"}},
        {
            "alternatives": [
                {
                    "words": [
                        {"word": "hello", "startTime": "0.500s", "endTime": "0.900s",
                         "speakerTag": 1, "confidence": 0.5},
                        {"word": "there", "startTime": "0.900s", "endTime": "1.200s",
                         "speakerTag": 1},
                        {"word": "right", "startOffset": {"seconds": 2, "nanos": 5e8},
                         "endOffset": "2.9s", "speakerLabel": "2"},
                        {"word": "then", "speakerTag": 2},
                    ]
                }
            ]
        },
    ]
}  # fmt: skip

_AZURE_FAST = {
    "durationMilliseconds": 5000,
    "combinedPhrases": [{"text": "Good morning. Hi."}],
    "phrases": [
        {
            "channel": 0,
            "speaker": 1,
            "offsetMilliseconds": 500,
            "durationMilliseconds": 900,
            "text": "Good morning.",
            "words": [{"text": "Good", "offsetMilliseconds": 500, "durationMilliseconds": 300}],
            "locale": "en-US",
        },
        {"channel": 1, "offsetMilliseconds": 2000, "durationMilliseconds": 500, "text": "Hi."},
    ],
}

_AZURE_BATCH = {
    "durationInTicks": 800000000,
    "duration": "PT1M20S",
    "combinedRecognizedPhrases": [],
    "recognizedPhrases": [
        {
            "recognitionStatus": "Success",
            "channel": 0,
            "speaker": 1,
            "offset": "PT1M0.5S",
            "duration": "PT1.5S",
            "offsetInTicks": 605000000.0,
            "durationInTicks": 15000000.0,
            "nBest": [
                {
                    "display": "Is it $40?",
                    "words": [
                        {"word": "is", "offset": "PT1M0.5S", "duration": "PT0.2S"},
                        {"word": "it", "offsetInTicks": 607500000, "durationInTicks": 2500000},
                        {"word": "forty", "offsetInTicks": 61e7, "durationInTicks": 1e6},
                    ],
                }
            ],
        },
        {"recognitionStatus": "Success", "offset": "PT70S", "duration": "PT1S",
         "nBest": [{"display": "Yes.", "displayWords": []}]},
    ],
}  # fmt: skip

_SPEECHMATICS = {
    "format": "2.9",
    "job": {"duration": 15},
    "metadata": {
        "transcription_config": {"language": "auto", "channel_diarization_labels": ["Agent"]}
    },
    "results": [
        {
            "type": kind,
            "start_time": at,
            "end_time": at + 0.5,
            "attaches_to": attached,
            "channel": channel,
            "alternatives": [
                {"content": text, "confidence": 0.5, "speaker": speaker, "language": "es"}
            ],
        }
        for at, (kind, text, speaker, attached, channel) in enumerate(
            [
                ("word", "Hola", "S1", None, "Agent"),
                ("punctuation", ",", "S1", "previous", "Agent"),
                ("punctuation", "¿", "UU", "next", "channel_2"),
                ("entity", "qué tal", "UU", None, "channel_2"),
            ]
        )
    ],
}

_GONG = {
    "callTranscripts": [
        {
            "callId": "7782342274025937895",
            "transcript": [
                {
                    "speakerId": "6432345678555530067",
                    "topic": "Intro",
                    "sentences": [{"start": 460, "end": 1520, "text": "Good morning."}],
                },
                {"speakerId": None, "sentences": [{"start": 1400, "end": 2000, "text": "Hi."}]},
            ],
        }
    ]
}

_WHISPERX = {
    "language": "en",
    "segments": [
        {
            "start": 1.0,
            "end": 2.5,
            "text": " about £40 a month",
            "speaker": "SPEAKER_00",
            "words": [
                {"word": "about", "start": 1.0, "end": 1.4, "score": 0.8, "speaker": "SPEAKER_00"},
                {"word": "£40"},
                {"word": "a", "start": 2.0, "end": 2.1, "speaker": "SPEAKER_01"},
            ],
        },
        {"start": 3, "end": 4.5, "text": "So."},
    ],
    "word_segments": [{"word": "about", "start": 1.0, "end": 1.4}],
}

_OPENAI = {
    "task": "transcribe",
    "duration": "8.470000267028809",
    "language": "english",
    "text": "Hello, you. Fine?",
    "segments": [
        {"start": 0.0, "end": 2.0, "text": " Hello, you."},
        {"start": 2.0, "end": 4.0, "text": " Fine?"},
    ],
    "words": [
        {"word": "Hello", "start": 0.1, "end": 0.5},
        {"word": "you", "start": 0.6, "end": 0.9},
        {"word": "Fine", "start": 2.1, "end": 2.5},
    ],
}

_PARTIES: dict[str, Any] = {
    "vcon": "0.4.0",
    "parties": [
        {"name": "Anna Smith", "role": "agent"},
        {"tel": "+441632960000", "meta": {"role": "customer"}},
    ],
    "dialog": [{"type": "recording", "duration": 10.0, "start": "2026-09-14T10:00:00"}],
}

_VCON_MESSAGES = {
    **_PARTIES,
    "analysis": [
        {"type": "summary", "body": "nice"},
        {
            "type": "transcript",
            "dialog": 0,
            "body": [
                {"speaker": "Agent", "message": "Good morning to you", "start": 0, "end": 2},
                {"speaker": 1, "message": "Hi"},
            ],
        },
    ],
}
_VCON_VENDOR = {
    **_PARTIES,
    "analysis": [{"type": "transcript", "encoding": "json", "body": json.dumps(_NATIVE)}],
}
_VCON_TEXTS = {
    **_PARTIES,
    "dialog": [
        {"type": "text", "start": "2026-09-14T10:00:05Z", "parties": [1, 0], "body": "Hello"},
        {"type": "text", "start": "2026-09-14T10:00:00+01:00", "originator": 0, "body": "Hi",
         "duration": 3},
    ],
}  # fmt: skip

SAMPLES: dict[str, bytes] = {
    "webvtt": VTT.encode(),
    "webvtt rolling": ROLLING.encode(),
    "srt": SRT.encode(),
    "nightcall": _json(_NATIVE),
    "aws-transcribe standard": _json(_AWS_STANDARD),
    "aws-transcribe channels": _json(_AWS_CHANNELS),
    "aws-transcribe analytics": _json(_AWS_ANALYTICS),
    "deepgram": _json(_DEEPGRAM),
    "assemblyai": _json(_ASSEMBLYAI),
    "google-stt": _json(_GOOGLE),
    "azure-speech fast": _json(_AZURE_FAST),
    "azure-speech batch": _json(_AZURE_BATCH),
    "speechmatics": _json(_SPEECHMATICS),
    "gong": _json(_GONG),
    "whisper x": _json(_WHISPERX),
    "whisper openai": _json(_OPENAI),
    "whisper words": _json({**_OPENAI, "segments": []}),
    "vcon messages": _json(_VCON_MESSAGES),
    "vcon vendor": _json(_VCON_VENDOR),
    "vcon texts": _json(_VCON_TEXTS),
}
"""The bytes of each; the first word of a name is the importer's."""

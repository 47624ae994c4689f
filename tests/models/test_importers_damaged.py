"""Damaged files, each with what becomes of it: repaired with a note, or refused with the place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from calls.errors import EmptyFile, InputError, TranscriptInvalid, UnknownFormat
from models.importers import import_transcript
from tests.models.transcripts import SAMPLES

VTT, SRT = SAMPLES["webvtt"], SAMPLES["srt"]
WHISPER, AWS = SAMPLES["whisper x"], SAMPLES["aws-transcribe standard"]
GONG, DEEPGRAM = SAMPLES["gong"], SAMPLES["deepgram"]
HALF = WHISPER[: len(WHISPER) // 2].rstrip()


def without(data: bytes, piece: bytes, instead: bytes = b"") -> bytes:
    assert piece in data
    return data.replace(piece, instead, 1)


def altered(name: str, path: str, value: Any) -> bytes:
    """The sample with another value at a path like `segments/0/start`."""
    whole = inner = json.loads(SAMPLES[name])
    *parents, last = [int(one) if one.isdecimal() else one for one in path.split("/")]
    for key in parents:
        inner = inner[key]
    inner[last] = value
    return json.dumps(whole).encode()


REFUSED: dict[str, tuple[bytes, type[InputError], str]] = {
    "json cut in half": (
        HALF, TranscriptInvalid, f"line {len(HALF.splitlines())}: the file ends in the",
    ),
    "json cut by one byte": (AWS[:-1], TranscriptInvalid, "the file ends in the middle"),
    "json without its beginning": (
        AWS[40:], TranscriptInvalid, r"line 1 begins no transcript known",
    ),
    "json with a comma too few": (
        without(AWS, b'"COMPLETED",', b'"COMPLETED"'), TranscriptInvalid,
        r"line 4: no valid JSON \(Expecting ',' delimiter, column 2\)",
    ),
    "two jsons in one file": (GONG * 2, TranscriptInvalid, r"line \d+: no valid JSON \(Extra data"),
    "json in which a quote flipped": (
        without(DEEPGRAM, b'"results"', b'"results#'), TranscriptInvalid,
        r"line \d+: no valid JSON",
    ),
    "a sidecar called a transcript": (b'{"call_id": "7"}', UnknownFormat, "no transcript format"),
    "a web page called vtt": (
        b"<!DOCTYPE html>\n<html>", TranscriptInvalid, "line 1 begins no transcript known",
    ),
    "sound called vtt": (
        b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00" + bytes(range(256)) * 9, TranscriptInvalid,
        "not text in any encoding|begins no transcript",
    ),
    "nothing but a byte order mark": (b"\xef\xbb\xbf\r\n", EmptyFile, "holds no text"),
    "vtt whose header is cut off": (VTT[9:], TranscriptInvalid, "line 1 begins no transcript"),
    "vtt cut inside a timing": (
        VTT[: VTT.index(b"05.000")], TranscriptInvalid, "line 11 is no cue timing",
    ),
    "vtt with a letter in a time": (
        without(VTT, b"00:05.250", b"00:O5.250"), TranscriptInvalid, "line 14 is no cue timing",
    ),
    "vtt that ends long before it starts": (
        without(VTT, b"00:06.000 --> 00:07.000", b"00:06.000 --> 00:00.100"), TranscriptInvalid,
        r"line 17: cue 4 ends at 0\.100 s, before it starts",
    ),
    "srt whose arrow lost its head": (
        without(SRT, b"08,000 -->", b"08,000 --"), TranscriptInvalid, "line 10 is no cue",
    ),
    "srt that begins in the middle": (
        SRT[SRT.index(b"plans") :], TranscriptInvalid, "line 1 begins no transcript",
    ),
    "a time with its unit forgotten": (
        altered("whisper x", "segments/1/end", 4_500_000), TranscriptInvalid,
        r"segments\[1\]\.end is no time \(4500000\)",
    ),
    "a segment that ends before it starts": (
        altered("whisper x", "segments/1/end", 2), TranscriptInvalid,
        r"segments\[1\]\.end lies before the start at 3\.0 s \(2\)",
    ),
    "a list that became text": (
        altered("aws-transcribe standard", "results/items", "Hello"), TranscriptInvalid,
        r"results\.items is no list \(a str\)",
    ),
    "a text without times": (
        b'{"text": "Good morning.", "usage": {"type": "tokens"}}', TranscriptInvalid,
        r"has no times\. Ask for response_format=verbose_json with timestamp_granularities",
    ),
    "a text whose segments were not asked for": (
        altered("whisper words", "words", []), TranscriptInvalid, r"has no times\. Ask",
    ),
    "a job that failed": (
        altered("assemblyai", "status", "error"), TranscriptInvalid, "did not complete",
    ),
    "an impossible channel": (
        altered("azure-speech fast", "phrases/0/channel", 1e300), TranscriptInvalid,
        r"phrases\[0\]\.channel is no channel",
    ),
    "a monologue without times": (
        without(GONG, b'"start": 460', b'"begin": 460'), TranscriptInvalid,
        r"callTranscripts\[0\]\.transcript\[0\]\.sentences\[0\]\.start is no time \(None\)",
    ),
    "json nested without end": (b"[" * 99_999, TranscriptInvalid, "line 1: .*(nested|ends in)"),
    "a message a week after the first": (
        altered("vcon texts", "dialog/0/start", "2027-01-01T00:00:00Z"), TranscriptInvalid,
        r"dialog\[0\]\.start lies a week or more after the first",
    ),
}  # fmt: skip

REPAIRED: dict[str, tuple[bytes, list[str], tuple[str, ...]]] = {
    "vtt called json, in utf-16 with windows line ends": (
        VTT.replace(b"\n", b"\r\n").decode().encode("utf-16"),
        ["Hello & welcome to", "the café.", "Hi: how are you?", "Fine?"],
        (),
    ),
    "vtt whose times are the wrong way round": (
        without(VTT, b"00:05.250 --> 00:06.000", b"00:06.000 --> 00:05.250"),
        ["Hello & welcome to", "the café.", "Hi: how are you?", "Fine?"],
        ("cue 3: end before start, swapped",),
    ),
    "vtt with a flipped byte in a letter": (
        without(VTT, "é".encode(), b"\xc3\x29").replace(b"Fine?", "Größe, später, früh".encode()),
        ["Hello & welcome to", "the caf�).", "Hi: how are you?", "Größe, später, früh"],
        ("characters damaged, replaced by �: 1",),
    ),
    "vtt without empty lines between cues": (
        without(VTT, b"</v>\n\n2\n", b"</v>\n2\n"),
        ["Hello & welcome to", "the café.", "Hi: how are you?", "Fine?"],
        ("cues not set apart by an empty line: 1",),
    ),
    "srt without its last cue's text": (
        SRT[: SRT.index(b"Ben: We")],
        ["Note: this is recorded — fine.", "So the question is: who plans the work?"],
        (),
    ),
    "srt without numbers": (
        without(without(without(SRT, b"1\n"), b"2\n"), b"3\n0", b"0"),
        ["Note: this is recorded — fine.", "So the question is: who plans the work?", "We do."],
        (),
    ),
    "srt whose second cue overlaps the first": (
        without(SRT, b"00:00:03,200", b"00:00:01,200"),
        ["Note: this is recorded — fine.", "So the question is: who plans the work?", "We do."],
        (),
    ),
    "words that lost their times": (
        altered("whisper openai", "words/1/end", None),
        ["Hello, you. Fine?"],
        ("words without times, placed between their neighbours: 1",),
    ),
    "words that end before they start": (
        altered("deepgram", "results/channels/1/alternatives/0/words/0/end", 0.5),
        ["Hallo du", "ja"],
        ("words that end before they start, swapped: 1",),
    ),
    "speakers that went missing": (
        without(GONG, b'"speakerId": "6432345678555530067",'),
        ["Good morning.", "Hi."],
        (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_place(name: str) -> None:
    data, error, message = REFUSED[name]
    with pytest.raises(error, match=message) as refused:
        import_transcript("call.any", data)
    assert str(refused.value).startswith("call.any: ")


@pytest.mark.parametrize("name", REPAIRED)
def test_repaired_with_a_note(name: str) -> None:
    data, texts, notes = REPAIRED[name]
    transcript = import_transcript("call.json", data, known_names=["Anna Smith", "Ben"])
    assert sorted(one.text for one in transcript.utterances) == sorted(texts)
    assert transcript.notes == notes

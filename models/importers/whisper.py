"""Whisper and its relatives (OpenAI's API, WhisperX, whisper-timestamped, faster-whisper dumps)."""

from __future__ import annotations

from collections.abc import Collection

from calls.errors import TranscriptInvalid
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance
from models.importers.content import Content
from models.importers.languages import primary_language
from models.importers.node import Node
from models.importers.words import WordList, whole_utterance

FORMAT = "whisper"


def recognises(content: Content) -> bool:
    """True for `segments` with start, end and text."""
    value = content.json
    segments = value.get("segments") if isinstance(value, dict) else None
    if not isinstance(segments, list) or not segments or not isinstance(segments[0], dict):
        return False
    return {"start", "end", "text"} <= segments[0].keys()


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The segments of a Whisper transcript, with words and speakers where it has them.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it.
    """
    result = Node(content.name, content.json)
    words = WordList(content.name)
    whole: list[Utterance] = []
    for segment in result["segments"]:
        listed = list(segment["words"])
        for word in listed:
            words.add(
                word.first("word", "text").text,
                # WhisperX gives numbers and amounts no times.
                _time(word["start"]),
                _time(word["end"]),
                probability=word.first("probability", "score", "confidence").probability,
                speaker=word["speaker"].label or segment["speaker"].label,
            )
        if not listed and segment["text"].text:
            times = segment["start"], segment["end"]
            speaker = segment["speaker"].label
            whole.append(whole_utterance(*times, segment["text"].text, speaker=speaker))
    if not words and not whole:
        raise TranscriptInvalid(content.name, "holds no words.", "Export the transcript again.")
    timed, notes = words.utterances() if words else ((), ())
    language = primary_language(result["language"].value)
    return Transcript(
        tuple(sorted((*timed, *whole), key=lambda one: one.start_s)),
        TranscriptOrigin(Engine.IMPORTED, FORMAT),
        language,
        "transcript" if language else "unknown",
        notes,
    )


def _time(node: Node) -> float | None:
    return None if node.value is None else node.seconds()

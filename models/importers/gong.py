"""Gong (`/v2/calls/transcript`): monologues of sentences, times in whole milliseconds."""

from __future__ import annotations

from collections.abc import Collection

from calls.errors import TranscriptInvalid
from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.node import Node
from models.importers.words import WordList, imported, whole_utterance

FORMAT = "gong"

_MS = 0.001


def recognises(content: Content) -> bool:
    """True for an object with `callTranscripts`."""
    return isinstance(content.json, dict) and isinstance(content.json.get("callTranscripts"), list)


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The sentences of one call, each with its speaker's id as label.

    Raises:
        TranscriptInvalid: if the file holds several calls, or a field is missing or wrong.
    """
    calls = list(Node(content.name, content.json)["callTranscripts"])
    if len(calls) != 1:
        raise TranscriptInvalid(
            content.name,
            f"callTranscripts holds {len(calls)} calls, and a file is one call.",
            "Split it: one file per call, each with one element in callTranscripts.",
        )
    words = WordList(content.name)
    for monologue in calls[0]["transcript"]:
        speaker = monologue["speakerId"].label
        for one in monologue["sentences"]:
            if text := one["text"].text:
                times = one["start"], one["end"]
                words.add_whole(whole_utterance(*times, text, speaker=speaker, unit_s=_MS))
    return imported(FORMAT, *words.utterances())

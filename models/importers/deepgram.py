"""Deepgram: one list of words per channel, with speaker numbers where diarization was on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.node import Node
from models.importers.words import WordList, imported

FORMAT = "deepgram"


def recognises(content: Content) -> bool:
    """True for a Deepgram response: `results.channels` with alternatives."""
    return _channels(content.json) is not None


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The words of a Deepgram response; a channel is given only if there are several.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it.
    """
    response = Node(content.name, content.json)
    channels = list(response["results"]["channels"])
    words = WordList(content.name)
    for at, channel in enumerate(channels):
        best = next(iter(channel["alternatives"]), None)
        if best is not None:
            add_words(words, best["words"], at if len(channels) > 1 else None)
    detected = next(
        (one["detected_language"] for one in channels if one["detected_language"]), None
    )
    return imported(
        FORMAT,
        *words.utterances(),
        language=detected.value if detected else None,
        options={"separate_channels": len(channels) > 1},
        duration_s=response["metadata"]["duration"].length_s(),
    )


def add_words(words: WordList, listed: Node, channel: int | None) -> None:
    """Adds Deepgram's words, with punctuation where it was asked for."""
    for word in listed:
        speaker = word["speaker"].label
        words.add(
            word.first("punctuated_word", "word").text,
            word["start"].seconds(),
            word["end"].seconds(),
            probability=word["confidence"].probability,
            speaker=None if speaker is None or channel is not None else f"Speaker {speaker}",
            channel=channel,
        )


def _channels(value: Any) -> list[Any] | None:
    results = value.get("results") if isinstance(value, dict) else None
    channels = results.get("channels") if isinstance(results, dict) else None
    if isinstance(channels, list) and channels and isinstance(channels[0], dict):
        return channels if "alternatives" in channels[0] else None
    return None

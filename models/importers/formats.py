"""Every format that can be read, and how it is told from the others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from calls.transcript import Transcript
from models.importers import (
    assemblyai,
    aws,
    azure,
    deepgram,
    gong,
    google,
    native,
    speechmatics,
    subrip,
    vtt,
    whisper,
)
from models.importers.content import Content


@dataclass(frozen=True, slots=True)
class Importer:
    """One format: its name, usual file endings, how it is told from others, and its reader."""

    name: str
    extensions: tuple[str, ...]
    recognises: Callable[[Content], bool]
    read: Callable[[Content, Collection[str]], Transcript]


# Tried in this order; the first that recognises a file reads it. Whisper's relatives have little
# in common but segments with times, so they come last.
FORMATS: tuple[Importer, ...] = (
    Importer(vtt.FORMAT, (".vtt",), vtt.recognises, vtt.read),
    Importer(subrip.FORMAT, (".srt",), subrip.recognises, subrip.read),
    Importer(native.FORMAT, (".json",), native.recognises, native.read),
    Importer(aws.FORMAT, (".json",), aws.recognises, aws.read),
    Importer(deepgram.FORMAT, (".json",), deepgram.recognises, deepgram.read),
    Importer(assemblyai.FORMAT, (".json",), assemblyai.recognises, assemblyai.read),
    Importer(google.FORMAT, (".json",), google.recognises, google.read),
    Importer(azure.FORMAT, (".json",), azure.recognises, azure.read),
    Importer(speechmatics.FORMAT, (".json",), speechmatics.recognises, speechmatics.read),
    Importer(gong.FORMAT, (".json",), gong.recognises, gong.read),
    Importer(whisper.FORMAT, (".json",), whisper.recognises, whisper.read),
)
"""The formats that hold one transcript, which a vCon may hold in turn."""


def importer_of(content: Content) -> Importer | None:
    """The first of `FORMATS` that recognises what a file holds; None if none does."""
    return next((one for one in FORMATS if one.recognises(content)), None)

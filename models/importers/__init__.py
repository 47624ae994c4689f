"""Ready transcripts of other tools and vendors, read as ours.

A format is recognised from what the file holds, never from its name. To add one, write a module
with `FORMAT`, `recognises` and `read`, and add its line to `IMPORTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from calls.errors import EmptyFile, TranscriptInvalid, UnknownFormat
from calls.transcript import Transcript
from models.importers import assemblyai, aws, deepgram, subrip, vcon, vtt, whisper
from models.importers.content import Content, read_content

IMPORT_VERSION = "1"
"""Grows when the same file would be read as another transcript."""


@dataclass(frozen=True, slots=True)
class Importer:
    """One format: its name, usual file endings, how it is told from others, and its reader."""

    name: str
    extensions: tuple[str, ...]
    recognises: Callable[[Content], bool]
    read: Callable[[Content, Collection[str]], Transcript]


# Tried in this order; the first that recognises a file reads it.
IMPORTERS: tuple[Importer, ...] = (
    Importer(vtt.FORMAT, (".vtt",), vtt.recognises, vtt.read),
    Importer(subrip.FORMAT, (".srt",), subrip.recognises, subrip.read),
    Importer(vcon.FORMAT, (".vcon.json", ".vcon"), vcon.recognises, vcon.read),
    Importer(aws.FORMAT, (".json",), aws.recognises, aws.read),
    Importer(deepgram.FORMAT, (".json",), deepgram.recognises, deepgram.read),
    Importer(assemblyai.FORMAT, (".json",), assemblyai.recognises, assemblyai.read),
    Importer(whisper.FORMAT, (".json",), whisper.recognises, whisper.read),
)


def recognise(name: str, data: bytes) -> str | None:
    """The name of the importer that knows this file; None if none does."""
    try:
        found = _importer_of(read_content(name, data))
    except (TranscriptInvalid, EmptyFile):
        return None
    return found.name if found else None


def import_transcript(name: str, data: bytes, *, known_names: Collection[str] = ()) -> Transcript:
    """The transcript that `data` holds.

    Args:
        name: file name relative to the recordings location, for messages.
        data: the bytes of the file.
        known_names: the people that the sidecar lists; a `Name:` prefix that is one of them is
            believed even if it occurs once.

    Raises:
        EmptyFile: if the file holds no text.
        TranscriptInvalid: if the file breaks its own format, naming the line or the field.
        UnknownFormat: if it is JSON that no importer knows.
    """
    content = read_content(name, data)
    importer = _importer_of(content)
    if importer is not None:
        return importer.read(content, known_names)
    known = ", ".join(one.name for one in IMPORTERS)
    if content.json is not None:
        raise UnknownFormat(name, "is JSON of no transcript format known.", f"Known: {known}.")
    lines = enumerate(content.text.splitlines(), start=1)
    first = next(number for number, line in lines if line.strip())
    problem = content.json_problem or f"line {first} begins no transcript known."
    raise TranscriptInvalid(name, problem, f"Known formats: {known}.")


def _importer_of(content: Content) -> Importer | None:
    return next((one for one in IMPORTERS if one.recognises(content)), None)

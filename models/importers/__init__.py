"""Ready transcripts of other tools and vendors, read as ours.

A format is recognised from what the file holds, never from its name. To add one, write a module
with `FORMAT`, `recognises` and `read`, and add its line to `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from calls.errors import EmptyFile, TranscriptInvalid, UnknownFormat
from calls.transcript import Transcript
from models.importers import vcon, whisper
from models.importers.content import Content, read_content
from models.importers.formats import FORMATS, Importer, importer_of

IMPORT_VERSION = "2"
"""Grows when the same file would be read as another transcript."""

VCON = Importer(vcon.FORMAT, (".vcon.json", ".vcon"), vcon.recognises, vcon.read)
IMPORTERS: tuple[Importer, ...] = (*FORMATS, VCON)
"""Every format that can be read. A vCon is a container, and may hold any of the others."""


# Recognised last, and in no vCon, where a note may look like it.
_WITHOUT_TIMES = Importer(whisper.FORMAT, (".json",), whisper.lacks_times, whisper.refuse)


def recognise(name: str, data: bytes) -> str | None:
    """The name of the importer that knows this file; None if none does, or it can't be used.

    A transcript without times is none: the recording beside it can still be heard.
    """
    try:
        found = _importer_of(read_content(name, data))
    except (TranscriptInvalid, EmptyFile):
        return None
    return found.name if found and found is not _WITHOUT_TIMES else None


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
        transcript = importer.read(content, known_names)
        return replace(transcript, notes=(*content.notes, *transcript.notes))
    known = ", ".join(one.name for one in IMPORTERS)
    if content.json is not None:
        raise UnknownFormat(name, "is JSON of no transcript format known.", f"Known: {known}.")
    if content.json_problem:
        raise TranscriptInvalid(name, content.json_problem, "Copy or export the file again.")
    lines = enumerate(content.text.splitlines(), start=1)
    first = next(number for number, line in lines if line.strip())
    raise TranscriptInvalid(
        name, f"line {first} begins no transcript known.", f"Known formats: {known}."
    )


def json_problem(name: str, data: bytes) -> str:
    """What keeps a file from being JSON, with its line and without what it says; "" if it is JSON.

    Says so where nothing is wrong but that the rest is missing.
    """
    try:
        content = read_content(name, data)
    except (TranscriptInvalid, EmptyFile) as error:
        return str(error.problem)
    return content.json_problem or ("" if content.json is not None else "line 1: no JSON.")


def _importer_of(content: Content) -> Importer | None:
    found = importer_of(content)
    return found or next((one for one in (VCON, _WITHOUT_TIMES) if one.recognises(content)), None)

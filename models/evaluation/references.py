"""What was really said: references in the formats people keep them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeVar

from calls.errors import EmptyFile, InputError, TranscriptInvalid, UnknownFormat
from calls.spans import Span
from calls.transcript import Transcript
from models.evaluation.nist import read_rttm, read_stm
from models.evaluation.spoken import Line, Spoken, spoken
from models.importers import import_transcript, recognise
from models.importers.content import read_content

PLAIN = frozenset({".txt", ".lab"})
"""Endings of plain text: words without speakers and times."""

TRANSCRIPTS = (".vcon.json", ".vcon", ".vtt", ".srt", ".json")
"""Endings of transcripts that Nightcall imports; a `.json` is one if its content says so."""

_Read = TypeVar("_Read")

_DOUBLE = ".vcon.json"
_PLAIN_SPEAKERS = "the reference names no speakers"
_PLAIN_TIMES = "the reference has no times"
_NO_WORDS = "the reference has no words, only speakers and times"


@dataclass(frozen=True, slots=True)
class Reference:
    """What was really said on one recording.

    Attributes:
        files: names of the files it was read from.
        said: words, speakers and times, as far as the files know them.
        ignored: spans in which nothing counts.
        language: as the file says; None where it does not.
    """

    files: tuple[str, ...]
    said: Spoken
    ignored: tuple[Span, ...] = ()
    language: str | None = None

    def with_speech(self, file: str, speech: Mapping[str, Sequence[Span]]) -> Reference:
        """The same words with the speakers' times of an RTTM file, which go before its own."""
        said = replace(self.said, speech=speech, no_times="")
        return replace(self, files=(*self.files, file), said=said)


def stem_of(name: str) -> str:
    """A file's name with its folders, without its endings: what a recording's files share."""
    path = PurePosixPath(name)
    if name.lower().endswith(_DOUBLE):
        return name[: -len(_DOUBLE)]
    return str(path.with_suffix(""))


def is_reference(name: str) -> bool:
    """True if files of that name are read as references."""
    lower = name.lower()
    known = (*TRANSCRIPTS, *PLAIN, ".stm", ".rttm")
    return lower.endswith(known) and not lower.endswith(".call.json")


def read_references(name: str, data: bytes) -> dict[str, Reference]:
    """The references in one file, by stem.

    A NIST file that is about several recordings holds one for each, named as it names them; else
    the stem is the file's own. A `.json` that is no transcript holds none.

    Args:
        name: file name relative to the folder of the references.
        data: its bytes.

    Raises:
        InputError: naming the file, and the line or field that can't be read.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".stm":
        segments = read_stm(name, _text(name, data))
        return _by_stem(
            name,
            {
                recording: Reference((name,), one.spoken(), tuple(one.ignored))
                for recording, one in segments.items()
            },
        )
    if ending in PLAIN:
        text = " ".join(_text(name, data).split())
        lines = (Line(None, text),) if text else ()
        said = Spoken(lines, no_speakers=_PLAIN_SPEAKERS, no_times=_PLAIN_TIMES)
        return {stem_of(name): Reference((name,), said)}
    transcript = read_transcript(name, data)
    if transcript is None:
        return {}
    said = spoken(transcript)
    if said.no_speakers:
        said = replace(said, no_speakers=_PLAIN_SPEAKERS)
    if said.no_times:
        said = replace(said, no_times=_PLAIN_TIMES)
    return {stem_of(name): Reference((name,), said, language=transcript.language)}


def read_speech(name: str, data: bytes) -> dict[str, Mapping[str, Sequence[Span]]]:
    """When each speaker speaks according to an RTTM file, by stem.

    Raises:
        InputError: naming the file and the line.
    """
    return _by_stem(name, dict(read_rttm(name, _text(name, data))))


def speech_only(file: str, speech: Mapping[str, Sequence[Span]]) -> Reference:
    """A reference for who speaks when, without words."""
    return Reference((file,), Spoken((), speech, no_words=_NO_WORDS, no_speakers=_NO_WORDS))


def read_transcript(name: str, data: bytes) -> Transcript | None:
    """The transcript in a file; None for a `.json` that is something else.

    Raises:
        InputError: naming the file, and the line or field that can't be read.
    """
    lower = name.lower()
    if lower.endswith(".json") and not lower.endswith(".vcon.json") and not recognise(name, data):
        return None
    try:
        return import_transcript(name, data)
    except UnknownFormat as error:
        raise TranscriptInvalid(name, "holds no transcript.", error.remedy) from None
    except InputError:
        raise
    except (ValueError, OverflowError, RecursionError) as error:
        problem = f"holds values that can't be read ({type(error).__name__})."
        raise TranscriptInvalid(name, problem, "Export the transcript again.") from None


def _text(name: str, data: bytes) -> str:
    """The text in a file; an empty file is a reference in which nothing is said."""
    try:
        return read_content(name, data).text
    except EmptyFile:
        return ""


def _by_stem(name: str, found: dict[str, _Read]) -> dict[str, _Read]:
    if len(found) <= 1:
        return {stem_of(name): one for one in found.values()}
    folder = PurePosixPath(name).parent
    return {str(folder / recording): one for recording, one in found.items()}

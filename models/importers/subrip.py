"""SubRip (.srt): timed text with `Name:` prefixes where the exporter knows the speakers."""

from __future__ import annotations

import re
from collections.abc import Collection

import srt

from calls.errors import TranscriptInvalid
from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.cue import Cue
from models.importers.cues import utterances_of
from models.importers.vtt import plain
from models.importers.words import imported

FORMAT = "srt"

_TIME = r"[0-9]{1,9}:[0-9]{1,9}:[0-9]{1,9}(?:[,.:][0-9]*)?"
_FIRST = re.compile(rf"(?:\d{{1,9}}\s*\n)?\s*{_TIME}\s*-->\s*{_TIME}")
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?![0-9:])")
# Microseconds, which the library would take for that many milliseconds.
_TOO_FINE = re.compile(r"([,.:][0-9]{3})[0-9]+")
_REMEDY = "Export the transcript as SRT again, or correct that line."


def recognises(content: Content) -> bool:
    """True for a file that begins with a cue number and a line of times."""
    return _FIRST.match(content.text.lstrip("\ufeff \t\n")) is not None


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The cues of an SRT file as utterances.

    Raises:
        TranscriptInvalid: if a cue can't be read, naming the line.
    """
    lines, text = _timings(content.name, content.text.lstrip("\ufeff"))
    try:
        subtitles = list(srt.parse(text))
    except srt.SRTParseError as error:
        line = text.count("\n", 0, error.expected_start) + 1
        # Not the error itself either: it would carry what was said into tracebacks.
        raise TranscriptInvalid(content.name, f"line {line} is no cue.", _REMEDY) from None
    except ValueError as error:  # a timestamp the library finds but can't read
        raise TranscriptInvalid(content.name, f"no valid SRT: {error}.", _REMEDY) from error
    if len(subtitles) != len(lines):
        raise TranscriptInvalid(
            content.name,
            f"{len(lines)} timing lines but {len(subtitles)} cues (first timing in line "
            f"{lines[0]}).",
            _REMEDY,
        )
    cues = [
        Cue(
            number,
            line,
            subtitle.start.total_seconds(),
            subtitle.end.total_seconds(),
            plain(subtitle.content),
        )
        for number, (line, subtitle) in enumerate(zip(lines, subtitles, strict=True), start=1)
    ]
    utterances, notes = utterances_of(content.name, cues, known_names)
    return imported(FORMAT, utterances, notes)


def _timings(name: str, text: str) -> tuple[list[int], str]:
    """Line numbers of the cue timings, from 1, and the text with times to the millisecond.

    A line with an arrow that is no timing is refused: the library would take it for speech.
    """
    numbers, lines = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if "-->" in line:
            if not _TIMING.match(line):
                raise TranscriptInvalid(name, f"line {number} is no cue timing.", _REMEDY)
            numbers.append(number)
            line = _TOO_FINE.sub(r"\1", line)
        lines.append(line)
    return numbers, "\n".join(lines)

"""WebVTT: Teams, Zoom, Meet and most captioning tools write it."""

from __future__ import annotations

import html
import re
from collections.abc import Collection

from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from calls.errors import TranscriptInvalid
from calls.transcript import Engine, Transcript, TranscriptOrigin
from models.importers.content import Content
from models.importers.cues import Cue, utterances_of
from models.importers.labels import Voiced, clean_name
from models.importers.languages import primary_language

FORMAT = "webvtt"

_TIMING = re.compile(
    r"\s*(?:\d+:)?[0-5]?\d:[0-5]?\d\.\d{1,3}\s*-->\s*(?:\d+:)?[0-5]?\d:[0-5]?\d\.\d{1,3}(?=\s|$)"
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"</?[a-z0-9:.][^<>]*>|</>", re.IGNORECASE)
_REMEDY = "Export the transcript as WebVTT again, or correct that line."


def recognises(content: Content) -> bool:
    """True for a file whose first line says WEBVTT."""
    return re.match(r"WEBVTT(?:\s|$)", content.text.lstrip("\ufeff")) is not None


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The cues of a WebVTT file as utterances.

    Raises:
        TranscriptInvalid: if a cue's timing can't be read, naming the line.
    """
    text = content.text.lstrip("\ufeff")
    lines = _timing_lines(content.name, text)
    try:
        parsed = WebVTT.from_string(text)
    except (MalformedCaptionError, MalformedFileError) as error:
        raise TranscriptInvalid(content.name, f"no valid WebVTT: {error}.", _REMEDY) from error
    if len(parsed.captions) != len(lines):
        raise TranscriptInvalid(
            content.name,
            f"{len(lines)} timing lines but {len(parsed.captions)} cues (first timing in line "
            f"{lines[0]}); a cue is not ended by an empty line.",
            _REMEDY,
        )
    cues = [
        Cue(
            number,
            line,
            _seconds(caption.start),
            _seconds(caption.end),
            plain(caption.raw_text),
            voices(caption.raw_text),
        )
        for number, (line, caption) in enumerate(zip(lines, parsed.captions, strict=True), start=1)
    ]
    utterances, notes = utterances_of(content.name, cues, known_names)
    if stray := _stray_lines(text):
        notes += (f"line {stray[0]}: text outside any cue was left out",)
    language = _language(parsed.metadata)
    return Transcript(
        utterances,
        TranscriptOrigin(Engine.IMPORTED, FORMAT),
        language,
        "transcript" if language else "unknown",
        notes,
    )


def plain(raw: str) -> str:
    """The text of a cue without tags and with entities resolved."""
    return html.unescape(_TAG.sub("", raw)).replace("\xa0", " ").strip()


def voices(raw: str) -> tuple[Voiced, ...]:
    """What each `<v Name>` of a cue says; empty where the cue has no voice tag."""
    found = list(_VOICE.finditer(raw))
    if not found:
        return ()
    parts = []
    if before := plain(raw[: found[0].start()]):
        parts.append(Voiced(None, before))
    ends = [match.start() for match in found[1:]] + [len(raw)]
    for match, end in zip(found, ends, strict=True):
        if text := plain(raw[match.end() : end]):
            name = clean_name(html.unescape(match.group(1)))
            parts.append(Voiced(name or None, text))
    return tuple(parts)


def _timing_lines(name: str, text: str) -> list[int]:
    """Line numbers of the cue timings, from 1.

    The parser skips a cue whose timing it can't read, and its words would be lost without a word.
    """
    numbers = []
    in_comment = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            in_comment = False
        elif line.startswith("NOTE"):
            in_comment = True
        elif "-->" in line and not in_comment:
            if not _TIMING.match(line):
                raise TranscriptInvalid(name, f"line {number} is no cue timing.", _REMEDY)
            numbers.append(number)
    if not numbers:
        raise TranscriptInvalid(name, "holds no cue.", "Export the transcript again.")
    return numbers


def _stray_lines(text: str) -> list[int]:
    """First lines of blocks that are neither cue, comment, style nor region."""
    stray = []
    number = 1
    for position, block in enumerate(re.split(r"\n\n", text)):
        body = block.lstrip("\n")
        known = body.startswith(("NOTE", "STYLE", "REGION")) or "-->" in body or position == 0
        if body.strip() and not known:
            stray.append(number + len(block) - len(body))
        number += block.count("\n") + 2
    return stray


def _seconds(timestamp: str) -> float:
    hours, minutes, seconds = timestamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _language(metadata: list[str]) -> str | None:
    """The language that the header states, e.g. `Language: en-GB`."""
    for line in metadata:
        key, _, value = line.partition(":")
        if key.strip().lower() == "language":
            return primary_language(value)
    return None

"""WebVTT: Teams, Zoom, Meet and most captioning tools write it."""

from __future__ import annotations

import html
import re
from collections.abc import Collection

from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from calls.errors import TranscriptInvalid
from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.cue import Cue
from models.importers.cues import utterances_of
from models.importers.labels import Voiced, clean_name
from models.importers.words import imported

FORMAT = "webvtt"

_TIME = r"(?:\d{1,9}:)?[0-5]?\d:[0-5]?\d[.,]\d+"
_TIMING = re.compile(rf"\s*({_TIME})\s*-->\s*({_TIME})(?=\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]*)>")
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
    lines, mended, mending = _mended(content.name, text)
    try:
        parsed = WebVTT.from_string(mended)
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
    notes = (*mending, *notes)
    if stray := _stray_lines(text):
        notes += (f"line {stray[0]}: text outside any cue was left out",)
    language = _language([*parsed.metadata, *_comments(text)])
    return imported(FORMAT, utterances, notes, language=language)


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


def _mended(name: str, text: str) -> tuple[list[int], str, list[str]]:
    """Line numbers of the cue timings, from 1; the text as the parser takes it; what was mended.

    The parser skips a cue whose timing it can't read, and its words would be lost without a word.
    """
    numbers: list[int] = []
    lines: list[str] = []
    commas = joined = 0
    in_comment = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            in_comment = False
        elif line.startswith("NOTE"):
            in_comment = True
        elif "-->" in line and not in_comment:
            found = _TIMING.match(line)
            if not found:
                raise TranscriptInvalid(name, f"line {number} is no cue timing.", _REMEDY)
            numbers.append(number)
            commas += "," in found[0]
            joined += _set_apart(lines, len(numbers))
            times = [one.replace(",", ".") for one in found.groups()]
            line = " --> ".join(_to_ms(one) for one in times) + line[found.end() :]
        lines.append(line)
    if not numbers:
        raise TranscriptInvalid(name, "holds no cue.", "Export the transcript again.")
    notes = []
    if commas:
        notes.append(f"cue times with a comma, read as a point: {commas}")
    if joined:
        notes.append(f"cues not set apart by an empty line: {joined}")
    return numbers, "\n".join(lines), notes


def _set_apart(lines: list[str], cue: int) -> bool:
    """True if an empty line was missing before a cue, whose number may be the last of `lines`."""
    if len(lines) < 2 or not lines[-1] or not lines[-2]:
        return False
    if lines[-1].strip() in (str(cue), str(cue - 1)):
        lines.insert(-1, "")
    else:
        lines.append("")
    return True


def _to_ms(time: str) -> str:
    """The time with at most three digits after the point, which is all that WebVTT has."""
    whole, _, fraction = time.partition(".")
    return f"{whole}.{fraction[:3]}"


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


def _comments(text: str) -> list[str]:
    """The one-line comments: Microsoft Stream writes `NOTE language:en-us`."""
    return [line.removeprefix("NOTE ") for line in text.split("\n") if line.startswith("NOTE ")]


def _language(lines: list[str]) -> str | None:
    """The language that the header or a comment states, e.g. `Language: en-GB`."""
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip().lower() == "language":
            return value
    return None

"""NIST's reference files: STM (who says what and when) and RTTM (who speaks when).

One file may hold the references of many recordings; readers return them by recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from calls.errors import TranscriptInvalid
from calls.spans import Span
from models.evaluation.spoken import Line, Spoken, merged

_COMMENT = ";;"
_LABEL = re.compile(r"<[^>]*>\s*")
_IGNORED = "ignore_time_segment_in_scoring"
_NOBODY = frozenset({"inter_segment_gap", "excluded_region"})
_CHOICE = re.compile(r"\{([^{}]*)\}")
_NEITHER = re.compile(r"(?:^|(?<=\s))@(?=\s|$)")


@dataclass(slots=True)
class Segments:
    """What an STM file says of one recording, in order of time."""

    lines: list[tuple[float, float, Line]] = field(default_factory=list)
    ignored: list[Span] = field(default_factory=list)

    def spoken(self) -> Spoken:
        """The segments as one side of a comparison."""
        ordered = sorted(self.lines, key=lambda one: one[:2])
        speech: dict[str, list[Span]] = {}
        for start_s, end_s, line in ordered:
            speech.setdefault(line.speaker or "", []).append((start_s, end_s))
        return Spoken(tuple(line for _, _, line in ordered), merged(speech))


def read_stm(name: str, text: str) -> dict[str, Segments]:
    """The segments of an STM file by recording.

    A line is `file channel speaker start end [<label>] text`; times are seconds. Of alternatives
    (`{ um / uh / @ }`) the first counts. A segment whose text is `IGNORE_TIME_SEGMENT_IN_SCORING`
    counts for nothing. Source: NIST SCTK, "infmts", definition of the STM format.

    Raises:
        TranscriptInvalid: naming the line.
    """
    found: dict[str, Segments] = {}
    for number, line in _lines(text):
        parts = line.split(maxsplit=5)
        if len(parts) < 5:
            raise _wrong(name, number, "has fewer than the five fields of an STM line")
        recording, _, speaker, start, end = parts[:5]
        span = _span(name, number, start, end)
        segments = found.setdefault(recording, Segments())
        said = _LABEL.sub("", parts[5], count=1) if _has_label(parts) else "".join(parts[5:])
        if said.strip().lower() == _IGNORED:
            segments.ignored.append(span)
        elif speaker.lower() not in _NOBODY:
            segments.lines.append((*span, Line(speaker, _first_choice(said))))
    if not found:
        raise TranscriptInvalid(name, "holds no segment.", "Export it again.")
    return found


def read_rttm(name: str, text: str) -> dict[str, dict[str, list[Span]]]:
    """When each speaker speaks, by recording.

    Lines of type `SPEAKER` count: `SPEAKER file channel start duration <NA> <NA> speaker …`; others
    are passed over. Source: NIST, Rich Transcription evaluation plan 2009, appendix on RTTM.

    Raises:
        TranscriptInvalid: naming the line.
    """
    found: dict[str, dict[str, list[Span]]] = {}
    for number, line in _lines(text):
        parts = line.split()
        if parts[0].upper() != "SPEAKER":
            continue
        if len(parts) < 8:
            raise _wrong(name, number, "has fewer than the eight fields of a SPEAKER line")
        start_s, duration_s = _seconds(name, number, parts[3]), _seconds(name, number, parts[4])
        own = found.setdefault(parts[1], {}).setdefault(parts[7], [])
        own.append((start_s, start_s + duration_s))
    if not found:
        raise TranscriptInvalid(name, "holds no SPEAKER line.", "Export it again.")
    return {recording: merged(speech) for recording, speech in found.items()}


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line and not line.startswith(_COMMENT):
            yield number, line


def _has_label(parts: list[str]) -> bool:
    return len(parts) > 5 and _LABEL.match(parts[5]) is not None


def _first_choice(text: str) -> str:
    """The text with the first of each group of alternatives; groups may be nested.

    Braces around a single mark (`{SMACK}`) hold a noise, not words.
    """
    while (group := _CHOICE.search(text)) is not None:
        first, *others = re.split(r"(?:^|(?<=\s))/(?=\s|$)", group.group(1))
        text = text[: group.start()] + (first if others else " ") + text[group.end() :]
    return " ".join(_NEITHER.sub(" ", text).split())


def _span(name: str, number: int, start: str, end: str) -> Span:
    start_s, end_s = _seconds(name, number, start), _seconds(name, number, end)
    if end_s < start_s:
        raise _wrong(name, number, f"ends at {end_s:g} s, before its start at {start_s:g} s")
    return start_s, end_s


def _seconds(name: str, number: int, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        # The text itself may be words of the call, so it is not shown.
        raise _wrong(name, number, "has something else than seconds where a time must stand")
    return seconds


def _wrong(name: str, number: int, problem: str) -> TranscriptInvalid:
    return TranscriptInvalid(name, f"line {number} {problem}.", "Correct or export it again.")

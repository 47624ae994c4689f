"""Turns as cues that can be read on a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from calls.transcript import Turn, Word
from models.exporters.exportable import Exportable, label_of, one_line, words_of

# Two lines of 42 characters are what subtitles are held to.
_MAX_SIGNS = 84
_PAUSE_S = 1.0
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class SpokenCue:
    """A stretch of one turn. Times are whole milliseconds, and the end lies after the start."""

    start_ms: int
    end_ms: int
    speaker: str
    text: str


def cues_of(call: Exportable) -> list[SpokenCue]:
    """All that was said, in order of time; turns with word times cut at sentences and pauses."""
    labels = {speaker.speaker: label_of(speaker) for speaker in call.speakers}
    cues = [
        SpokenCue(start_ms, max(end_ms, start_ms + 1), labels[turn.speaker], text)
        for turn in call.turns
        for start_ms, end_ms, text in _stretches(turn)
        if text
    ]
    return sorted(cues, key=lambda cue: cue.start_ms)


def clock(ms: int) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds and milliseconds."""
    seconds, millis = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, seconds, millis


def _stretches(turn: Turn) -> Iterator[tuple[int, int, str]]:
    timed = words_of(turn)
    if not timed:
        yield round(turn.start_s * 1000), round(turn.end_s * 1000), one_line(turn.text)
        return
    for words in _cut(timed):
        start_s = min(word.start_s for word in words)
        end_s = max(word.end_s for word in words)
        text = one_line(" ".join(word.text for word in words))
        yield round(start_s * 1000), round(end_s * 1000), text


def _cut(words: Iterable[Word]) -> Iterator[list[Word]]:
    """The words in stretches that fit on a screen."""
    own: list[Word] = []
    length = 0
    for word in words:
        if own and (
            length + len(word.text) > _MAX_SIGNS
            or own[-1].text.rstrip().endswith(_SENTENCE_ENDS)
            or word.start_s - own[-1].end_s > _PAUSE_S
        ):
            yield own
            own, length = [], 0
        own.append(word)
        length += len(word.text) + 1
    if own:
        yield own

"""Google Cloud Speech-to-Text, v1 and v2: results with alternatives, words with durations."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from calls.errors import TranscriptInvalid
from calls.transcript import Transcript, Utterance
from models.importers.content import Content
from models.importers.node import Node
from models.importers.words import WordList, imported

FORMAT = "google-stt"

_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
_STARTS = ("startTime", "startOffset", "start_time", "start_offset")
_ENDS = ("endTime", "endOffset", "end_time", "end_offset")
_RESULT_ENDS = ("resultEndTime", "resultEndOffset", "result_end_time", "result_end_offset")
_MARKS = ".,;:!?"
# So many words in a row, at the same time, are said once.
_SAME_WORDS = 5


@dataclass(frozen=True, slots=True)
class _Timed:
    """A word and its times, as far as it has any."""

    word: Node
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True, slots=True)
class _Result:
    """One stretch of audio as recognised. Without word times it has those of the stretch."""

    text: str
    words: tuple[_Timed, ...]
    start_s: float | None
    end_s: float | None

    @property
    def count(self) -> int:
        return len(self.words) or len(self.text.split())

    def first_words(self, count: int) -> list[str]:
        """The first words without case and punctuation."""
        texts = [one.word["word"].text for one in self.words[:count]] or self.text.split()[:count]
        return [one.casefold().strip(_MARKS) for one in texts]


def recognises(content: Content) -> bool:
    """True for a response whose results have alternatives with a transcript or words."""
    if not isinstance(content.json, dict):
        return False
    results = _results(Node(content.name, content.json)).value
    if not isinstance(results, list):
        return False
    alternatives = [one.get("alternatives") for one in results if isinstance(one, dict)]
    firsts = [one[0] for one in alternatives if isinstance(one, list) and one]
    # IBM's results look alike; each says whether it is final.
    return (
        bool(firsts)
        and all(
            isinstance(first, dict) and ("words" in first or "transcript" in first)
            for first in firsts
        )
        and not any("final" in one for one in results if isinstance(one, dict))
    )


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The words of a response; a channel is given only if there are several.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it, or if there are no times.
    """
    results = [one for one in _results(Node(content.name, content.json)) if one["alternatives"]]
    tags = [_channel(one) for one in results]
    separate = max(tags, default=0) > 0
    words = WordList(content.name)
    estimated = 0
    for tag in sorted(set(tags)):
        own = [one for one, of in zip(results, tags, strict=True) if of == tag]
        for result in _told_once(_timed(own)):
            channel = tag if separate else None
            _add(words, result, channel)
            estimated += not result.words
    utterances, notes = words.utterances()
    if estimated:
        notes += (f"results without word times, begun where the one before ends: {estimated}",)
    languages = [one.first("languageCode", "language_code") for one in results]
    language = next((one.value for one in languages if one), None)
    return imported(
        FORMAT, utterances, notes, language=language, options={"separate_channels": separate}
    )


def _results(whole: Node) -> Node:
    """The list of results, also inside a finished operation or a batch answer about one file."""
    results = (whole["response"] if whole["response"] else whole)["results"]
    if isinstance(results.value, dict) and len(results.value) == 1:
        answer = results[next(iter(results.value))]
        inner = answer["inlineResult"] if answer["inlineResult"] else answer
        return inner["transcript"]["results"]
    return results


def _channel(result: Node) -> int:
    """The channel of a result, from 0. Tags count from 1; 0 or none is a file of one channel."""
    tag = result.first("channelTag", "channel_tag")
    return (tag.channel(first=1) or 0) if tag and tag.value != 0 else 0


def _timed(results: Sequence[Node]) -> list[_Result]:
    """The results of one channel with their times, in order."""
    timed: list[_Result] = []
    before_s = 0.0
    for one in results:
        best = next(iter(one["alternatives"]))
        words = tuple(
            _Timed(word, _time(word.first(*_STARTS)), _time(word.first(*_ENDS)))
            for word in best["words"]
        )
        text = best["transcript"].text
        if words:
            starts = [word.start_s for word in words if word.start_s is not None]
            ends = [word.end_s for word in words if word.end_s is not None]
            timed.append(_Result(text, words, min(starts, default=None), max(ends, default=None)))
        elif text:
            end_s = _time(one.first(*_RESULT_ENDS))
            if end_s is None or end_s < before_s:
                raise TranscriptInvalid(
                    one.file,
                    f"{one.path} has neither words with times nor a time at which it ends.",
                    "Transcribe with enableWordTimeOffsets, or export it with times.",
                )
            timed.append(_Result(text, (), before_s, end_s))
        before_s = max([before_s, *(one.end_s for one in timed[-1:] if one.end_s is not None)])
    return timed


def _told_once(results: Sequence[_Result]) -> list[_Result]:
    """The results without those that a later one tells again.

    With diarization, a result repeats all words since the beginning, now with speakers. Results
    of one channel follow each other, so one that covers what came before is no new speech.
    """
    kept: list[_Result] = []
    for result in results:
        if kept and _retells(result, kept):
            kept = [result]
        else:
            kept.append(result)
    return kept


def _retells(result: _Result, before: Sequence[_Result]) -> bool:
    """True if the result begins with the same words, at a time when they were being said."""
    if result.count < sum(one.count for one in before):
        return False
    first = before[0]
    if result.start_s is not None and first.end_s is not None and result.start_s >= first.end_s:
        return False
    compared = min(_SAME_WORDS, first.count)
    return result.first_words(compared) == first.first_words(compared)


def _add(words: WordList, result: _Result, channel: int | None) -> None:
    if not result.words and result.start_s is not None and result.end_s is not None:
        text = " ".join(result.text.split())
        words.add_whole(Utterance(result.start_s, result.end_s, text, channel=channel))
    for one in result.words:
        word = one.word
        words.add(
            word["word"].text,
            one.start_s,
            one.end_s,
            # 0 says that no confidence was worked out.
            probability=word["confidence"].probability or None,
            speaker=_speaker(word) if channel is None else None,
            channel=channel,
        )


def _speaker(word: Node) -> str | None:
    """The speaker's label: a number, where 0 is none, or with some models a role."""
    label = word.first("speakerLabel", "speaker_label").label
    label = label or word.first("speakerTag", "speaker_tag").label
    if label is None or label == "0":
        return None
    return f"Speaker {label}" if label.isdecimal() else label


def _time(node: Node) -> float | None:
    """A duration in seconds: "1.300s", or an object whose parts may be left out if they are 0."""
    if node.value is None:
        return None
    if isinstance(node.value, dict):
        parts = [(node[key], unit_s) for key, unit_s in (("seconds", 1.0), ("nanos", 1e-9))]
        total = sum(part.seconds(unit_s=unit_s) for part, unit_s in parts if part.value is not None)
        return Node(node.file, total, node.path).seconds()
    found = _SECONDS.fullmatch(node.value) if isinstance(node.value, str) else None
    if found is None:
        raise node.wrong("is no duration like '1.300s'", shows_text=True)
    return Node(node.file, found[1], node.path).seconds()

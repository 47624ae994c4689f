"""Whisper and its relatives (OpenAI's API, WhisperX, whisper-timestamped, faster-whisper dumps)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from calls.errors import TranscriptInvalid
from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.display import as_displayed
from models.importers.node import Node
from models.importers.words import WordList, imported, whole_utterance

FORMAT = "whisper"

# What OpenAI's API answers with beside segments and words, which have the times.
_BESIDE_TIMES = frozenset({"text", "usage", "logprobs", "task", "language", "duration"})


def recognises(content: Content) -> bool:
    """True for `segments` with start, end and text, or for words beside an empty list of them."""
    value = content.json
    if not isinstance(value, dict):
        return False
    segments = value.get("segments")
    if isinstance(segments, list) and segments:
        first = segments[0]
        return isinstance(first, dict) and {"start", "end", "text"} <= first.keys()
    if isinstance(value.get("word_segments"), list) and isinstance(segments, list):
        return _are_words(value["word_segments"])
    # OpenAI's API, asked for word times alone, has no segments.
    return "text" in value and "status" not in value and _are_words(value.get("words"))


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The segments of a Whisper transcript, with words and speakers where it has them.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it.
    """
    result = Node(content.name, content.json)
    segments = list(result["segments"])
    beside = list(result["words"])
    words = WordList(content.name)
    if not segments:
        _add(words, list(result["word_segments"]) or beside, None, result["text"].text)
    elif beside and not any(list(one["words"]) for one in segments):
        for segment, own in zip(segments, _by_segment(segments, beside), strict=True):
            _add_segment(words, segment, own)
    else:
        for segment in segments:
            _add_segment(words, segment, list(segment["words"]))
    return imported(
        FORMAT,
        *words.utterances(),
        language=result["language"].value,
        duration_s=result["duration"].length_s(),
    )


def lacks_times(content: Content) -> bool:
    """True for an answer of OpenAI's API that holds a text and nothing with a time."""
    value = content.json
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return False
    return {key for key, inner in value.items() if inner not in ([], None)} <= _BESIDE_TIMES


def refuse(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """Nothing: where in the call something was said can't be made up.

    Raises:
        TranscriptInvalid: always, with what to ask for instead.
    """
    raise TranscriptInvalid(
        content.name,
        "has no times.",
        "Ask for response_format=verbose_json with timestamp_granularities, or deliver the "
        "recording alone.",
    )


def _are_words(value: Any) -> bool:
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and "word" in first and "start" in first


def _add_segment(words: WordList, segment: Node, own: Sequence[Node]) -> None:
    text, speaker = segment["text"].text, segment["speaker"].label
    if own:
        _add(words, own, speaker, text)
    elif text:
        times = segment["start"], segment["end"]
        words.add_whole(whole_utterance(*times, text, speaker=speaker))


def _add(words: WordList, own: Sequence[Node], speaker: str | None, display: str) -> None:
    """Adds words with times; those of OpenAI's API have their punctuation in the text alone."""
    texts = [one.first("word", "text").text for one in own]
    for word, text in zip(own, as_displayed(display, texts), strict=True):
        words.add(
            text,
            # WhisperX gives numbers and amounts no times.
            _time(word["start"]),
            _time(word["end"]),
            probability=word.first("probability", "score", "confidence").probability,
            speaker=word["speaker"].label or speaker,
        )


def _by_segment(segments: Sequence[Node], words: Sequence[Node]) -> list[list[Node]]:
    """The words that start in each segment; those before the first are the first's."""
    starts_s = [one["start"].seconds() for one in segments]
    own: list[list[Node]] = [[] for _ in segments]
    at = 0
    for word in words:
        start_s = _time(word["start"])
        while start_s is not None and at + 1 < len(starts_s) and starts_s[at + 1] <= start_s:
            at += 1
        own[at].append(word)
    return own


def _time(node: Node) -> float | None:
    return None if node.value is None else node.seconds()

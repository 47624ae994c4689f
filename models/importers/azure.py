"""Azure AI Speech: fast transcription, and the result files of batch transcription (v3 and later).

Both list phrases with channel, speaker and words. The fast interface counts milliseconds; batch
counts ticks of 100 ns or writes ISO 8601 durations ("PT1.59S").
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from calls.errors import TranscriptInvalid
from calls.transcript import Transcript, Utterance
from models.importers.content import Content
from models.importers.display import as_displayed
from models.importers.node import MAX_S, Node
from models.importers.words import WordList, imported

FORMAT = "azure-speech"

_MS = 0.001
_TICK_S = 1e-7
_ISO_DURATION = TypeAdapter(timedelta)


def recognises(content: Content) -> bool:
    """True for the answer of fast transcription or a result file of batch transcription."""
    value = content.json
    return isinstance(value, dict) and (_is_fast(value) or _is_batch(value))


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The phrases of an Azure transcript; a channel is given only if there are several.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it.
    """
    result = Node(content.name, content.json)
    phrases = list(_recognised(result) if _is_batch(content.json) else result["phrases"])
    separate = len({one["channel"].channel() for one in phrases}) > 1
    words = WordList(content.name)
    for phrase in phrases:
        channel = phrase["channel"].channel() if separate else None
        speaker = _speaker(phrase) if channel is None else None
        best = next(iter(phrase["nBest"]), phrase)
        listed = list(best["displayWords"]) or list(best["words"])
        display = best.first("text", "display").text
        if not listed:
            text = " ".join(display.split())
            words.add_whole(Utterance(*_span(phrase), text, channel=channel, speaker=speaker))
            continue
        texts = [one.first("text", "displayText", "word").text for one in listed]
        for word, text in zip(listed, as_displayed(display, texts), strict=True):
            probability = word["confidence"].probability
            words.add(text, *_span(word), probability=probability, speaker=speaker, channel=channel)
    locale = next((one["locale"].value for one in phrases if one["locale"]), None)
    return imported(
        FORMAT,
        *words.utterances(),
        language=locale,
        options={"separate_channels": separate},
        duration_s=_length_s(result),
    )


def _is_fast(value: dict[str, Any]) -> bool:
    return isinstance(value.get("phrases"), list) and "combinedPhrases" in value


def _is_batch(value: dict[str, Any]) -> bool:
    return isinstance(value.get("recognizedPhrases"), list)


def _recognised(result: Node) -> Iterator[Node]:
    """The phrases in which something was recognised; others have a status that says why not."""
    for phrase in result["recognizedPhrases"]:
        if phrase["recognitionStatus"].label in (None, "Success"):
            yield phrase


def _speaker(phrase: Node) -> str | None:
    """The speaker's number as a label; older files have it with the best guess."""
    number = phrase["speaker"].label or next(iter(phrase["nBest"]), phrase)["speaker"].label
    return f"Speaker {number}" if number else None


def _span(one: Node) -> tuple[float, float]:
    """Start and end of a phrase or word in seconds."""
    start_s, length_s = _time(one, "offset"), _time(one, "duration")
    if start_s + length_s > MAX_S:
        raise one["duration"].wrong("is no time within a week of the start", shows_text=True)
    return start_s, round(start_s + length_s, 3)


def _length_s(result: Node) -> float | None:
    """The length of the recording; None where there is none or it can't be one."""
    try:
        return _time(result, "duration") or None
    except TranscriptInvalid:
        return None  # no reason to refuse the words


def _time(one: Node, name: str) -> float:
    """The field of that name in seconds, in whichever unit the file has it."""
    for key, unit_s in ((f"{name}InTicks", _TICK_S), (f"{name}Milliseconds", _MS)):
        if one[key].value is not None:
            return one[key].seconds(unit_s=unit_s)
    plain = one[name]
    if not isinstance(plain.value, str):
        return plain.seconds(unit_s=_MS)  # the fast interface, while it was a preview
    try:
        length = _ISO_DURATION.validate_python(plain.text)
    except ValidationError:
        raise plain.wrong("is no duration", shows_text=True) from None
    return Node(plain.file, length.total_seconds(), plain.path).seconds()

"""Amazon Transcribe: standard jobs (with speaker or channel labels) and Call Analytics."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.node import Node
from models.importers.words import WordList, imported, whole_utterance

FORMAT = "aws-transcribe"

_MS = 0.001


def recognises(content: Content) -> bool:
    """True for the output of a standard or a Call Analytics job."""
    return _is_standard(content.json) or _is_analytics(content.json)


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The words of an Amazon Transcribe job with its speaker, channel or role labels.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it; if the job failed.
    """
    job = Node(content.name, content.json)
    status = job.first("JobStatus", "status")
    if status.label not in (None, "COMPLETED"):
        raise status.wrong("says that the job did not complete", shows_text=True)
    return _analytics(job) if _is_analytics(content.json) else _standard(job)


def _is_analytics(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("Transcript"), list)
        and ("Participants" in value or "ConversationCharacteristics" in value)
    )


def _is_standard(value: Any) -> bool:
    results = value.get("results") if isinstance(value, dict) else None
    return isinstance(results, dict) and "items" in results and "transcripts" in results


def _analytics(job: Node) -> Transcript:
    """Call Analytics: turns by role, each side heard on a channel of its own."""
    words = WordList(job.file)
    for segment in job["Transcript"]:
        role = segment.first("ParticipantRole", "ParticipantId").label
        items = list(segment["Items"])
        if not items and segment["Content"].text:
            times = segment["BeginOffsetMillis"], segment["EndOffsetMillis"]
            text = segment["Content"].text
            words.add_whole(whole_utterance(*times, text, speaker=role, unit_s=_MS))
        for item in items:
            if item["Type"].label == "punctuation":
                words.add_punctuation(item["Content"].text)
                continue
            words.add(
                item["Content"].text,
                item["BeginOffsetMillis"].seconds(unit_s=_MS),
                item["EndOffsetMillis"].seconds(unit_s=_MS),
                probability=item["Confidence"].probability,
                speaker=role,
            )
    # Call Analytics takes only two-channel audio, but does not say which side was on which.
    return imported(
        FORMAT,
        *words.utterances(),
        language=job["LanguageCode"].value,
        options={"separate_channels": True},
    )


def _standard(job: Node) -> Transcript:
    """A standard job: items, with labels per channel, per item or in a list of their own."""
    results = job["results"]
    words = WordList(job.file)
    channels = list(results["channel_labels"]["channels"])
    if channels:
        for at, channel in enumerate(channels):
            number = re.fullmatch(r"\D*(\d{1,2})", channel["channel_label"].text)
            _add_items(words, channel["items"], {}, int(number[1]) if number else at)
    else:
        _add_items(words, results["items"], dict(_speakers(results)), None)
    return imported(
        FORMAT,
        *words.utterances(),
        language=results["language_code"].value,
        options={"separate_channels": bool(channels)},
    )


def _add_items(
    words: WordList, items: Node, speakers: dict[str, str | None], channel: int | None
) -> None:
    for item in items:
        best = next(iter(item["alternatives"]), None)
        if best is None:
            raise item.wrong("has no alternatives")
        if item["type"].label == "punctuation":
            words.add_punctuation(best["content"].text)
            continue
        start = item["start_time"]
        words.add(
            best["content"].text,
            start.seconds(),
            item["end_time"].seconds(),
            probability=best["confidence"].probability,
            speaker=item["speaker_label"].label or speakers.get(str(start.value)),
            channel=channel,
        )


def _speakers(results: Node) -> Iterator[tuple[str, str | None]]:
    """The speaker of each item, by start time: older jobs keep them apart from the items."""
    for segment in results["speaker_labels"]["segments"]:
        for item in segment["items"]:
            yield str(item["start_time"].value), item["speaker_label"].label

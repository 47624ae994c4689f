"""Speechmatics (json-v2): one list of words, punctuation marks and entities."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from calls.transcript import Transcript
from models.importers.content import Content
from models.importers.node import Node
from models.importers.words import WordList, imported

FORMAT = "speechmatics"

_TYPES = frozenset({"word", "punctuation", "entity", "speaker_change"})
_NUMBERED = re.compile(r"channel_(\d{1,2})")
_NOBODY = "UU"  # the speaker where diarization is off or can't tell


def recognises(content: Content) -> bool:
    """True for results that are words or punctuation with a content."""
    results = content.json.get("results") if isinstance(content.json, dict) else None
    first = results[0] if isinstance(results, list) and results else None
    if not isinstance(first, dict) or "alternatives" not in first:
        return False
    return Node(content.name, first.get("type")).label in _TYPES


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The words of a Speechmatics transcript with its speakers or channels.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it.
    """
    job = Node(content.name, content.json)
    results = list(job["results"])
    config = job["metadata"]["transcription_config"]
    labels = [one.label for one in config["channel_diarization_labels"]]
    # In order of first mention, after those that the job was told.
    names = dict.fromkeys([*labels, *(one["channel"].label for one in results)])
    channels = [one for one in names if one is not None]
    separate = len({one["channel"].label for one in results} - {None}) > 1
    words = WordList(content.name)
    # By channel, because a mark belongs to the word before it on the same channel.
    for name in channels if separate else [None]:
        own = [one for one in results if not separate or one["channel"].label == name]
        at = channels.index(name) if name is not None else None
        _add(words, own, _number(name, at), name)
    language = config["language"].label
    if language in (None, "auto"):
        language = next((one.label for one in map(_language, results) if one), None)
    return imported(
        FORMAT,
        *words.utterances(),
        language=language,
        options={"separate_channels": separate},
        duration_s=job["job"]["duration"].length_s(),
    )


def _add(words: WordList, results: list[Node], channel: int | None, name: str | None) -> None:
    """Adds the words of one channel, or of a file that has one."""
    opening = ""
    for result in _written(results):
        best = next(iter(result["alternatives"]), None)
        if best is None:
            continue  # a change of speaker, say
        text = best["content"].text
        if result["type"].label == "punctuation":
            if result["attaches_to"].label == "next":
                opening += text
            else:
                words.add_punctuation(text)
            continue
        words.add(
            opening + text,
            result["start_time"].seconds(),
            result["end_time"].seconds(),
            probability=best["confidence"].probability,
            speaker=_speaker(best) if channel is None else _stated(name),
            channel=channel,
        )
        opening = ""


def _written(results: list[Node]) -> Iterator[Node]:
    """The results, with the written words of an entity ("1 January") in place of the entity."""
    for result in results:
        written = list(result["written_form"])
        yield from written or [result]


def _number(name: str | None, at: int | None) -> int | None:
    """The channel from 0: `channel_1` counts from 1, labels of the user's own go by their order."""
    found = _NUMBERED.fullmatch(name) if name else None
    return int(found[1]) - 1 if found and int(found[1]) else at


def _stated(name: str | None) -> str | None:
    """The label that the user gave a channel ("Agent"); a number says nothing."""
    return name if name and not _NUMBERED.fullmatch(name) else None


def _speaker(best: Node) -> str | None:
    label = best["speaker"].label
    return label if label != _NOBODY else None


def _language(result: Node) -> Node:
    return next(iter(result["alternatives"]), result)["language"]

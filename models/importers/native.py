"""Nightcall's own JSON, as `nightcall export --format json` writes it.

`models.exporters.native` documents the fields.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from calls.errors import TranscriptInvalid
from calls.labels import Role
from calls.transcript import Engine, Transcript, Utterance, Word
from models.importers.content import Content
from models.importers.node import Node
from models.importers.words import imported

FORMAT = "nightcall"
MARK = "nightcall.transcript"
"""What the field `format` says."""
VERSION = 1
"""Grows when a field changes its meaning; new fields leave it."""

_KIND = re.compile("[a-z_]{1,20}")


def recognises(content: Content) -> bool:
    """True for an object that says it is one."""
    return isinstance(content.json, dict) and content.json.get("format") == MARK


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The turns as utterances, with names and roles as labels.

    By what the words were heard is kept as the options `engine` and `model`.

    Raises:
        TranscriptInvalid: if a field is missing or wrong, naming it, or it is of another version.
    """
    whole = Node(content.name, content.json)
    if whole["version"].value != VERSION:
        raise whole["version"].wrong(f"is no version that can be read; {VERSION} is")
    speakers = {one["speaker"].label: one for one in whole["speakers"]}
    nobody = Node(content.name, None)
    utterances = [
        _utterance(turn, speakers.get(turn["speaker"].label, nobody)) for turn in whole["turns"]
    ]
    spoken = [one for one in utterances if one.text]
    if not spoken:
        raise TranscriptInvalid(content.name, "holds no words.", "Export the transcript again.")
    channels = {one.channel for one in spoken}
    transcript = imported(
        FORMAT,
        tuple(sorted(spoken, key=lambda one: one.start_s)),
        language=whole["language"].value,
        options={
            "separate_channels": len(channels) > 1 and None not in channels,
            **_heard_by(whole),
        },
        duration_s=whole["duration_s"].length_s(),
    )
    return replace(transcript, redacted=_redacted(whole["redacted"].value))


def _heard_by(whole: Node) -> dict[str, str]:
    """What listened, because its words stay as good or bad as they were; nothing if nobody did."""
    engine = whole["engine"].label
    if engine in (None, Engine.IMPORTED, Engine.NONE):
        return {}
    return {"engine": engine, "model": whole["model"].label or ""}


def _redacted(counts: Any) -> dict[str, int] | None:
    """What was masked before; whatever is no count of a kind is left out."""
    if not isinstance(counts, dict):
        return None
    return {
        kind: count
        for kind, count in counts.items()
        if _KIND.fullmatch(kind) and type(count) is int and count > 0
    }


def _utterance(turn: Node, speaker: Node) -> Utterance:
    start_s, end_s = _span(turn)
    words = tuple(
        Word(text, *_span(one), one["probability"].probability)
        for one in turn["words"]
        if (text := one["text"].text)
    )
    text = " ".join(word.text for word in words) or " ".join(turn["text"].text.split())
    return Utterance(
        min([start_s, *(word.start_s for word in words)]),
        max([end_s, *(word.end_s for word in words)]),
        text,
        channel=speaker["channel"].channel(),
        speaker=_label(speaker) or turn["speaker"].label,
        words=words,
        doubt=turn["doubt"].text,
    )


def _span(one: Node) -> tuple[float, float]:
    start_s, end_s = one["start_s"].seconds(), one["end_s"].seconds()
    if end_s < start_s:
        raise one["end_s"].wrong(f"lies before the start at {start_s} s", shows_text=True)
    return start_s, end_s


def _label(speaker: Node) -> str | None:
    """The name, else the label within the call, with the role where it is known."""
    name, role = speaker.first("name", "speaker").label, speaker["role"].label
    known = role in set(Role) - {Role.UNKNOWN}
    return f"{name} ({role})" if name and known else name

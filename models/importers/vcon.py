"""vCon, the IETF's container for conversations: transcripts under `analysis`, or text dialogs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from calls.errors import InputError, TranscriptInvalid
from calls.transcript import Transcript, Utterance
from models.importers import deepgram
from models.importers.content import Content, parse_json
from models.importers.formats import importer_of
from models.importers.node import MAX_S, Node
from models.importers.words import WordList, imported, whole_utterance, with_length

FORMAT = "vcon"

# 150 words a minute, where a text has no times at all.
_WORD_S = 0.4
_NO_TRANSCRIPT = "is a vCon without a transcript."
_ESTIMATED = {"times": "estimated"}


def recognises(content: Content) -> bool:
    """True for a JSON object with parties and dialogs that holds a transcript.

    One that only points to its recording is none of ours: that recording can still be heard.
    """
    value = content.json
    if not isinstance(value, dict) or not all(
        isinstance(value.get(key), list) for key in ("parties", "dialog")
    ):
        return False
    try:
        read(content)
    except InputError as error:
        return str(error.problem) != _NO_TRANSCRIPT
    return True


def read(content: Content, known_names: Collection[str] = ()) -> Transcript:
    """The first transcript in the container, with the parties' names and roles as labels.

    Raises:
        TranscriptInvalid: if it holds no transcript, or a field is wrong, naming it.
    """
    vcon = Node(content.name, content.json)
    parties = [_party(one, at) for at, one in enumerate(vcon["parties"])]
    # Other analyses (summaries, notes on how it was made) may have a transcript's shape too.
    analyses = sorted(vcon["analysis"], key=lambda one: one["type"].label != "transcript")
    for analysis in analyses:
        found = _from_analysis(analysis, vcon, known_names)
        if found is not None:
            if found.duration_s is None:
                found = with_length(found, _duration_s(analysis, vcon))
            return _with_names(found, vcon, parties)
    chat = _from_texts(vcon, parties)
    if chat is None:
        raise TranscriptInvalid(
            content.name,
            _NO_TRANSCRIPT,
            "Deliver its recording, or a vCon with an analysis of type 'transcript'.",
        )
    return chat


def _from_analysis(analysis: Node, vcon: Node, known_names: Collection[str]) -> Transcript | None:
    """The transcript in one analysis; None if its body is something else."""
    body = analysis["body"]
    content = Content(vcon.file, "", body.value)
    if isinstance(body.value, str):
        content = _parsed(vcon.file, body.value)
    inner = Node(vcon.file, content.json, body.path)
    if isinstance(inner.value, list):
        return _from_messages(inner, analysis, vcon)
    vendor = importer_of(content)
    if vendor is not None:
        found = vendor.read(content, known_names)
        options = {**found.origin.options, "vendor": found.origin.model}
        return replace(found, origin=replace(found.origin, model=FORMAT, options=options))
    if isinstance(inner.value, dict) and isinstance(inner.value.get("words"), list):
        words = WordList(vcon.file)  # one alternative of a Deepgram response
        deepgram.add_words(words, inner["words"], None)
        return imported(FORMAT, *words.utterances(), options={"vendor": deepgram.FORMAT})
    return None


def _parsed(file: str, text: str) -> Content:
    """A body that is text: JSON within the JSON, or captions."""
    try:
        return Content(file, text, parse_json(text))
    except ValueError:
        return Content(file, text)


def _from_messages(body: Node, analysis: Node, vcon: Node) -> Transcript | None:
    """A list of who said what, which may come without times."""
    messages = [(one, one.first("message", "text", "transcript")) for one in body]
    if not messages or not all(isinstance(text.value, str) for _, text in messages):
        return None
    said = [(one, text.text) for one, text in messages if text.text]
    if said and all(one["start"] and one["end"].number is not None for one, _ in said):
        utterances = [
            whole_utterance(one["start"], one["end"], text, speaker=one["speaker"].label)
            for one, text in said
        ]
        return imported(FORMAT, tuple(utterances))
    speakers = [one.first("speaker", "party").label for one, _ in said]
    return _spread(speakers, [text for _, text in said], _duration_s(analysis, vcon))


def _spread(
    speakers: Sequence[str | None], texts: Sequence[str], duration_s: float | None
) -> Transcript:
    """What was said, spread over the call by length of text, for want of any times."""
    counts = [len(text.split()) for text in texts]
    step_s = duration_s / max(1, sum(counts)) if duration_s else _WORD_S
    utterances = []
    start_s = 0.0
    for speaker, text, count in zip(speakers, texts, counts, strict=True):
        end_s = round(start_s + count * step_s, 3)
        utterances.append(Utterance(start_s, end_s, text, speaker=speaker))
        start_s = end_s
    notes = ("the transcript has no times: spread over the call by length of text",)
    return imported(FORMAT, tuple(utterances), notes, options=_ESTIMATED)


def _duration_s(analysis: Node, vcon: Node) -> float | None:
    """The length of the dialog that an analysis is about."""
    dialogs = list(vcon["dialog"])
    at = analysis["dialog"].number
    chosen = int(at) if at is not None and 0 <= at < len(dialogs) else 0
    return dialogs[chosen]["duration"].length_s() if dialogs else None


def _from_texts(vcon: Node, parties: Sequence[str]) -> Transcript | None:
    """The dialogs of type text, which have a start but no end; None if there are none."""
    said = [one for one in vcon["dialog"] if one["type"].label == "text" and one["body"].text]
    if not said:
        return None
    began = [_instant(one["start"]) for one in said]
    first = min(began)
    utterances = []
    for one, instant in sorted(zip(said, began, strict=True), key=lambda pair: pair[1]):
        start_s = (instant - first).total_seconds()
        text = " ".join(one["body"].text.split())
        length_s = one["duration"].seconds() if one["duration"] else len(text.split()) * _WORD_S
        if start_s + length_s > MAX_S:
            raise one["start"].wrong("lies a week or more after the first", shows_text=True)
        speaker = _sender(one, parties)
        utterances.append(Utterance(start_s, start_s + length_s, text, speaker=speaker))
    notes = ("messages have no end: estimated",)
    return imported(FORMAT, tuple(utterances), notes, options=_ESTIMATED)


def _sender(dialog: Node, parties: Sequence[str]) -> str | None:
    """The label of the party who wrote a message: the originator, else the first party."""
    listed = dialog["parties"]
    first = next(iter(listed), listed) if isinstance(listed.value, list) else listed
    number = dialog["originator"].number
    number = first.number if number is None else number
    return parties[int(number)] if number is not None and 0 <= number < len(parties) else None


def _instant(node: Node) -> datetime:
    try:
        instant = datetime.fromisoformat(node.text)
    except ValueError:
        raise node.wrong("is no date with time", shows_text=True) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _party(party: Node, at: int) -> str:
    """A label for a party: name and stated role, else what is known of them."""
    name = party.first("name", "mailto", "email", "tel").label or f"Party {at}"
    role = party["role"].label or party["meta"]["role"].label
    return f"{name} ({role})" if role else name


def _with_names(transcript: Transcript, vcon: Node, parties: Sequence[str]) -> Transcript:
    """The transcript with party labels for labels that are a party's position or sole role."""
    roles = [one["role"].label or one["meta"]["role"].label for one in vcon["parties"]]
    folded = [role.casefold() if role else None for role in roles]
    names: dict[str | None, str] = {str(at): party for at, party in enumerate(parties)}
    for label in {one.speaker for one in transcript.utterances if one.speaker} - names.keys():
        if folded.count(label.casefold()) == 1:
            names[label] = parties[folded.index(label.casefold())]
    return replace(
        transcript,
        utterances=tuple(
            replace(one, speaker=names.get(one.speaker, one.speaker))
            for one in transcript.utterances
        ),
    )

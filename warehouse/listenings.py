"""What was heard, as one Arrow file: a row per utterance with its words nested in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa

from calls.call import AudioFacts, ChannelLayout, Listening
from calls.quality import TranscriptQuality
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from warehouse.files import to_json
from warehouse.streams import first_metadata, from_stream, to_stream

FORMAT_VERSION = "2"
"""Bump when the layout changes. Older files stay readable, because the recording may be gone."""

_READABLE = {b"1", FORMAT_VERSION.encode()}
# What files of version 1 say nothing about.
_NEW_FACTS = {"quality": None, "redacted": None, "redaction": "", "duration_s": None}

_WORD = pa.struct(
    [
        pa.field("text", pa.string(), nullable=False),
        pa.field("start_s", pa.float64(), nullable=False),
        pa.field("end_s", pa.float64(), nullable=False),
        pa.field("probability", pa.float64()),
    ]
)
_SCHEMA = pa.schema(
    [
        pa.field("start_s", pa.float64(), nullable=False),
        pa.field("end_s", pa.float64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("channel", pa.int32()),
        pa.field("speaker", pa.string()),
        pa.field("doubt", pa.string(), nullable=False),
        pa.field("words", pa.list_(_WORD), nullable=False),
    ]
)
_FACTS = b"nightcall.listening"
_FORMAT = b"nightcall.format"


@dataclass(frozen=True, slots=True)
class ListeningHeader:
    """What a listening was made from and by, without its words."""

    heard_from: str
    redaction: str
    engine: Engine


def listening_to_bytes(listening: Listening) -> bytes:
    """The listening as an Arrow IPC stream; everything but the utterances lies in its schema."""
    transcript = listening.transcript
    facts = {
        "audio": asdict(listening.audio),
        "origin": _origin(transcript.origin),
        "language": transcript.language,
        "language_source": transcript.language_source,
        "notes": transcript.notes,
        "quality": _quality(transcript.quality),
        "redacted": None if transcript.redacted is None else dict(transcript.redacted),
        "duration_s": transcript.duration_s,
        "heard_from": listening.heard_from,
        "redaction": listening.redaction,
    }
    schema = _SCHEMA.with_metadata({_FORMAT: FORMAT_VERSION.encode(), _FACTS: to_json(facts)})
    said = transcript.utterances
    arrays = [
        pa.array([one.start_s for one in said], pa.float64()),
        pa.array([one.end_s for one in said], pa.float64()),
        pa.array([one.text for one in said], pa.string()),
        pa.array([one.channel for one in said], pa.int32()),
        pa.array([one.speaker for one in said], pa.string()),
        pa.array([one.doubt for one in said], pa.string()),
        _words(said),
    ]
    return to_stream([pa.Table.from_arrays(arrays, schema=schema)])


def listening_from_bytes(data: bytes) -> Listening | None:
    """The listening in such a file, equal to the one written; None when of an unknown version."""
    (table,) = from_stream(data)
    facts = _facts(table.schema.metadata or {})
    if facts is None:
        return None
    if "doubt" not in table.column_names:
        table = table.append_column("doubt", pa.array([""] * table.num_rows, pa.string()))
    transcript = Transcript(
        utterances=_utterances(table),
        origin=TranscriptOrigin(**{**facts["origin"], "engine": Engine(facts["origin"]["engine"])}),
        language=facts["language"],
        language_source=facts["language_source"],
        notes=tuple(facts["notes"]),
        quality=None if facts["quality"] is None else TranscriptQuality(**facts["quality"]),
        redacted=facts["redacted"],
        duration_s=facts["duration_s"],
    )
    return Listening(
        audio=_audio(facts["audio"]),
        transcript=transcript,
        heard_from=facts["heard_from"],
        redaction=facts["redaction"],
    )


def listening_header(data: bytes) -> ListeningHeader | None:
    """What a listening was made from; `data` may be cut off after the first rows."""
    facts = _facts(first_metadata(data))
    if facts is None:
        return None
    return ListeningHeader(
        facts["heard_from"], facts["redaction"], Engine(facts["origin"]["engine"])
    )


def _facts(metadata: Mapping[bytes, bytes]) -> dict[str, Any] | None:
    if metadata.get(_FORMAT) not in _READABLE:
        return None
    return {**_NEW_FACTS, **json.loads(metadata[_FACTS])}


def _quality(quality: TranscriptQuality | None) -> dict[str, Any] | None:
    if quality is None:
        return None
    # `asdict` would keep whatever Mapping the suspicions are, and JSON knows only dicts.
    return asdict(replace(quality, suspicions=dict(quality.suspicions)))


def _origin(origin: TranscriptOrigin) -> dict[str, Any]:
    # `asdict` would keep whatever Mapping the options are, and JSON knows only dicts.
    return {
        "engine": origin.engine,
        "model": origin.model,
        "revision": origin.revision,
        "compute_type": origin.compute_type,
        "options": dict(origin.options),
    }


def _words(said: tuple[Utterance, ...]) -> pa.Array:
    """The words of all utterances as one list column, built column by column for speed."""
    offsets = [0]
    for one in said:
        offsets.append(offsets[-1] + len(one.words))
    words = [word for one in said for word in one.words]
    values = pa.StructArray.from_arrays(
        [
            pa.array([word.text for word in words], pa.string()),
            pa.array([word.start_s for word in words], pa.float64()),
            pa.array([word.end_s for word in words], pa.float64()),
            pa.array([word.probability for word in words], pa.float64()),
        ],
        fields=list(_WORD),
    )
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def _utterances(table: pa.Table) -> tuple[Utterance, ...]:
    table = table.combine_chunks()
    plain = [table[name].to_pylist() for name in _SCHEMA.names if name != "words"]
    if not table.num_rows:
        return ()
    lists = table["words"].chunk(0)
    values = lists.flatten()
    words = [
        Word(*one) for one in zip(*(values.field(n).to_pylist() for n in range(4)), strict=True)
    ]
    bounds = lists.offsets.to_pylist()
    first = bounds[0]
    return tuple(
        Utterance(
            start_s, end_s, text, channel, speaker, tuple(words[begin - first : end - first]), doubt
        )
        for (start_s, end_s, text, channel, speaker, doubt), begin, end in zip(
            zip(*plain, strict=True), bounds[:-1], bounds[1:], strict=True
        )
    )


def _audio(facts: dict[str, Any]) -> AudioFacts:
    names = ("speech_s", "dead_channels", "copied_channels", "notes")
    tuples = {name: tuple(facts.get(name, ())) for name in names}
    return AudioFacts(**{**facts, **tuples, "layout": ChannelLayout(facts["layout"])})

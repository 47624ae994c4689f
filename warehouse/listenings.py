"""What was heard, as one Arrow file: a row per utterance with its words nested in it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from calls.call import AudioFacts, ChannelLayout, Listening
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from warehouse.files import to_json
from warehouse.streams import first_metadata, from_stream, to_stream

FORMAT_VERSION = "1"
"""Bump when the layout changes: files of another version count as not there, and are heard anew."""

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
        pa.field("words", pa.list_(_WORD), nullable=False),
    ]
)
_FACTS = b"nightcall.listening"
_FORMAT = b"nightcall.format"


def listening_to_bytes(listening: Listening) -> bytes:
    """The listening as an Arrow IPC stream; everything but the utterances lies in its schema."""
    transcript = listening.transcript
    facts = {
        "audio": asdict(listening.audio),
        "origin": _origin(transcript.origin),
        "language": transcript.language,
        "language_source": transcript.language_source,
        "notes": transcript.notes,
        "heard_from": listening.heard_from,
    }
    schema = _SCHEMA.with_metadata({_FORMAT: FORMAT_VERSION.encode(), _FACTS: to_json(facts)})
    said = transcript.utterances
    arrays = [
        pa.array([one.start_s for one in said], pa.float64()),
        pa.array([one.end_s for one in said], pa.float64()),
        pa.array([one.text for one in said], pa.string()),
        pa.array([one.channel for one in said], pa.int32()),
        pa.array([one.speaker for one in said], pa.string()),
        _words(said),
    ]
    return to_stream([pa.Table.from_arrays(arrays, schema=schema)])


def listening_from_bytes(data: bytes) -> Listening | None:
    """The listening in such a file, equal to the one written; None when of another version."""
    (table,) = from_stream(data)
    metadata = table.schema.metadata or {}
    if metadata.get(_FORMAT) != FORMAT_VERSION.encode():
        return None
    facts = json.loads(metadata[_FACTS])
    transcript = Transcript(
        utterances=_utterances(table),
        origin=TranscriptOrigin(**{**facts["origin"], "engine": Engine(facts["origin"]["engine"])}),
        language=facts["language"],
        language_source=facts["language_source"],
        notes=tuple(facts["notes"]),
    )
    return Listening(
        audio=_audio(facts["audio"]), transcript=transcript, heard_from=facts["heard_from"]
    )


def heard_from(data: bytes) -> str | None:
    """The bytes a listening was made from; `data` may be cut off after the first rows."""
    metadata = first_metadata(data)
    if metadata.get(_FORMAT) != FORMAT_VERSION.encode():
        return None
    return str(json.loads(metadata[_FACTS])["heard_from"])


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
        Utterance(start_s, end_s, text, channel, speaker, tuple(words[begin - first : end - first]))
        for (start_s, end_s, text, channel, speaker), begin, end in zip(
            zip(*plain, strict=True), bounds[:-1], bounds[1:], strict=True
        )
    )


def _audio(facts: dict[str, Any]) -> AudioFacts:
    tuples = {name: tuple(facts[name]) for name in ("speech_s", "dead_channels", "notes")}
    return AudioFacts(**{**facts, **tuples, "layout": ChannelLayout(facts["layout"])})

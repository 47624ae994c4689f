"""Nightcall's own JSON: everything that is known of the words.

One object with these fields; new ones may be added, none will change its meaning within a version:

- `format` ("nightcall.transcript"), `version` (1)
- `call_id`, `started_at` (RFC 3339, UTC), `duration_s`, `language` (ISO 639-1, or null)
- `engine` (what heard the words: "faster-whisper", "pocketsphinx", or "imported" for a ready
  transcript), `model` (the engine's model, or the format of the ready transcript)
- `redacted`: how often what was masked, by kind, or null if nothing was looked for
- `speakers`: `speaker` (the label within the call), `name`, `role` ("rep", "customer", "manager",
  "unknown"), `channel` (from 0, or null), `participant_id`, `email`
- `turns`: `speaker`, `start_s`, `end_s`, `text`, `is_backchannel`, `doubt` (why the words are not
  to be relied on, or ""), and `words`: `text`, `start_s`, `end_s`, `probability` (0 to 1, or null);
  `words` is empty where there are no word times

Times are seconds from the start of the recording, to the millisecond.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from calls.call import Speaker
from calls.transcript import Turn, Word
from models.exporters.exportable import Exportable, words_of
from models.importers.native import MARK, VERSION


def write(call: Exportable) -> str:
    """The call as indented JSON."""
    return to_json(document(call), indent=1) + "\n"


def document(call: Exportable) -> dict[str, Any]:
    """The call as the JSON object that the module describes."""
    return {
        "format": MARK,
        "version": VERSION,
        "call_id": call.call_id,
        "started_at": call.started_at.astimezone(UTC).isoformat(),
        "duration_s": round(call.duration_s, 3),
        "language": call.language,
        "engine": call.engine,
        "model": call.model,
        "redacted": None if call.redacted is None else dict(call.redacted),
        "speakers": [_speaker(one) for one in call.speakers],
        "turns": [_turn(one) for one in call.turns],
    }


def to_json(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON that any encoding can write: halves of characters are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _speaker(speaker: Speaker) -> dict[str, Any]:
    return {
        "speaker": speaker.speaker,
        "name": speaker.name,
        "role": speaker.role.value,
        "channel": speaker.channel,
        "participant_id": speaker.participant_id,
        "email": speaker.email,
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "speaker": turn.speaker,
        "start_s": round(turn.start_s, 3),
        "end_s": round(turn.end_s, 3),
        "text": turn.text,
        "is_backchannel": turn.is_backchannel,
        "doubt": turn.doubt,
        "words": [_word(word) for word in words_of(turn)],
    }


def _word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "start_s": round(word.start_s, 3),
        "end_s": round(word.end_s, 3),
        "probability": word.probability,
    }

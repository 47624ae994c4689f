"""What an exporter needs to know of a call, and how it names those who speak."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from calls.call import AttributedCall, Speaker
from calls.labels import Role
from calls.transcript import Engine, Turn, Word
from calls.trust import heard_by
from models.importers.labels import clean_name


@dataclass(frozen=True, slots=True)
class Exportable:
    """A call to be written out.

    `speakers` holds at least everybody whose turns it holds. `engine` and `model` say by what the
    words were heard, `redacted` what was masked in them: as in `calls.transcript`.
    """

    call_id: str
    started_at: datetime
    exported_at: datetime
    duration_s: float
    language: str | None
    speakers: tuple[Speaker, ...]
    turns: tuple[Turn, ...]
    engine: str = Engine.IMPORTED
    model: str = ""
    redacted: Mapping[str, int] | None = None

    @classmethod
    def of(cls, call: AttributedCall, *, exported_at: datetime) -> Exportable:
        """The turns of a call, with those who speak in them and nobody else."""
        speaking = {turn.speaker for turn in call.turns}
        ends_s = [turn.end_s for turn in call.turns]
        origin, engine = call.origin, heard_by(call.origin)
        is_own = engine == origin.engine
        return cls(
            call_id=call.recording.call_id,
            started_at=call.recording.started_at,
            exported_at=exported_at,
            duration_s=max([call.audio.duration_s, *ends_s]),
            language=call.language,
            speakers=tuple(one for one in call.speakers if one.speaker in speaking),
            turns=call.turns,
            engine=engine,
            model=origin.model if is_own else str(origin.options.get("model", "")),
            redacted=call.redacted,
        )


def label_of(speaker: Speaker) -> str:
    """What people call a speaker: the name, else the role with the voice's own label."""
    if name := clean_name(one_line(speaker.name or "")):
        return name
    label = f"Channel {speaker.channel}" if speaker.channel is not None else speaker.speaker
    if speaker.role is not Role.UNKNOWN:
        label = f"{speaker.role.value.capitalize()} {label}"
    return clean_name(one_line(label)) or "Speaker"


def words_of(turn: Turn) -> tuple[Word, ...]:
    """The words of a turn with their times; none where they don't say what its text says.

    Of the two, the text is what may be shown: something may have been masked in it.
    """
    said = [part for word in turn.words for part in word.text.split()]
    return turn.words if said == turn.text.split() else ()


def one_line(text: str) -> str:
    """The text with single spaces in place of line breaks and control characters."""
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text)
    return " ".join(plain.split())

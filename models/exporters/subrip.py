"""SubRip: `Name: text`, for players and tools that know no voices."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import srt

from models.exporters.cues import cues_of
from models.exporters.exportable import Exportable
from models.importers.vtt import plain

# What readers of `Name:` take for the end of the name.
_ENDS_A_NAME = re.compile(r"[:：()\[\]]+")
_MAX_NAME = 60


def write(call: Exportable) -> str:
    """The call as SRT. SRT has no metadata: language and roles stay behind."""
    subtitles = [
        srt.Subtitle(
            number,
            timedelta(milliseconds=cue.start_ms),
            timedelta(milliseconds=cue.end_ms),
            _line(f"{prefix(cue.speaker)}: {cue.text}"),
        )
        for number, cue in enumerate(cues_of(call), start=1)
    ]
    return str(srt.compose(subtitles, reindex=False))


def prefix(label: str) -> str:
    """The label as it can stand before a colon: without colons and brackets, 60 characters."""
    name = " ".join(_ENDS_A_NAME.sub(" ", label).split())[:_MAX_NAME]
    return name.strip(" -–—>") or "Speaker"


def _line(text: str) -> str:
    """The text; escaped only where a reader would take part of it for a tag or a timing.

    SRT itself knows no escapes, so "R&D" must stay as it is.
    """
    if "-->" in text or plain(text) != text:
        return html.escape(text, quote=False)
    return text

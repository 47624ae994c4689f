"""WebVTT with a voice tag on every cue."""

from __future__ import annotations

import html

from webvtt import Caption, WebVTT

from models.exporters.cues import clock, cues_of
from models.exporters.exportable import Exportable


def write(call: Exportable) -> str:
    """The call as WebVTT: `<v Name>`, with `&`, `<` and `>` escaped."""
    captions = [
        Caption(
            _time(cue.start_ms),
            _time(cue.end_ms),
            f"<v {_escaped(cue.speaker)}>{_escaped(cue.text)}",
        )
        for cue in cues_of(call)
    ]
    metadata = [f"Language: {call.language}"] if call.language else []
    return WebVTT(captions=captions, metadata=metadata).content.rstrip() + "\n"


def _time(ms: int) -> str:
    return "{:02d}:{:02d}:{:02d}.{:03d}".format(*clock(ms))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)

"""Whose words are taken at face value."""

from __future__ import annotations

import pytest

from calls.transcript import Engine, TranscriptOrigin
from calls.trust import WEAK_ENGINES, heard_by


@pytest.mark.parametrize(
    ("origin", "engine"),
    [
        (TranscriptOrigin(Engine.WHISPER, "small"), "faster-whisper"),
        (TranscriptOrigin(Engine.EMBEDDED, "en-us"), "pocketsphinx"),
        (TranscriptOrigin(Engine.IMPORTED, "webvtt"), "imported"),
        (
            TranscriptOrigin(Engine.IMPORTED, "nightcall", options={"engine": "pocketsphinx"}),
            "pocketsphinx",
        ),
        (TranscriptOrigin(Engine.IMPORTED, "nightcall", options={"engine": None}), "imported"),
        # Only what came back from an export goes by its option.
        (
            TranscriptOrigin(Engine.WHISPER, "small", options={"engine": "pocketsphinx"}),
            "faster-whisper",
        ),
    ],
)
def test_words_are_as_good_as_what_heard_them(origin: TranscriptOrigin, engine: str) -> None:
    assert heard_by(origin) == engine
    assert (heard_by(origin) in WEAK_ENGINES) == (engine == "pocketsphinx")

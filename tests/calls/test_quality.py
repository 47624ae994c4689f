"""When the words of a call as a whole are not to be relied on."""

from __future__ import annotations

import pytest

from calls.quality import TranscriptQuality


@pytest.mark.parametrize(
    ("quality", "because"),
    [
        (TranscriptQuality(0, 0, 0), ""),
        (TranscriptQuality(100, 95, 10, suspicious_chunks=2), ""),
        (TranscriptQuality(100, 80, 4, suspicious_chunks=1), ""),
        (TranscriptQuality(100, 60, 4), "words cover 60% of the speech"),
        (TranscriptQuality(100, 99, 3, suspicious_chunks=1),
         "the words of 1 of 3 passages are suspicious"),
        (TranscriptQuality(100, 10, 2, suspicious_chunks=2),
         "words cover 10% of the speech; the words of 2 of 2 passages are suspicious"),
    ],
)  # fmt: skip
def test_a_transcript_is_poor_where_speech_has_no_words_or_words_are_suspicious(
    quality: TranscriptQuality, because: str
) -> None:
    assert quality.low_because == because

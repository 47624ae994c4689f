"""The quality record that every listening leaves."""

from __future__ import annotations

import pytest

from models.decoding import DecodedChunk
from models.guards import Suspicion
from models.heard import HeardChunk, RawWord
from models.quality import quality_of
from tests.spoken import chunk_of, heard, voice, words_of

SAID = "so what we see with hotels of your size is that guests rate the arrival first"


def test_speech_that_words_follow_is_covered_whole() -> None:
    quality = quality_of([DecodedChunk(chunk_of(voice(6)), heard(SAID, end_s=5.8))])
    assert quality.speech_s == pytest.approx(6.0)
    assert quality.coverage_ratio == pytest.approx(1.0)
    assert (quality.chunks, quality.retried_chunks, quality.suspicious_chunks) == (1, 0, 0)
    assert quality.suspicions == {}


def test_a_dropped_passage_is_missing_from_the_coverage() -> None:
    words = (*words_of(SAID, end_s=5), *words_of(SAID, start_s=15, end_s=19.8))
    quality = quality_of([DecodedChunk(chunk_of(voice(20)), HeardChunk(words))])
    assert quality.coverage_ratio == pytest.approx(0.55, abs=0.02)


def test_a_word_stretched_over_a_dropped_passage_does_not_hide_it() -> None:
    stretched = HeardChunk((*words_of(SAID, end_s=5), RawWord("it", 5, 19.8, 0.9)))
    quality = quality_of([DecodedChunk(chunk_of(voice(20)), stretched)])
    assert quality.coverage_ratio is not None
    assert quality.coverage_ratio < 0.4


def test_wild_times_can_not_cover_more_than_there_is() -> None:
    wild = HeardChunk(tuple(RawWord(text, -1e9, 1e9) for text in SAID.split()))
    quality = quality_of([DecodedChunk(chunk_of(voice(4)), wild)])
    assert 0 <= quality.transcribed_s <= quality.speech_s


def test_chunks_are_counted_by_what_is_wrong_with_them() -> None:
    chunk, decoded = chunk_of(voice(3)), heard(SAID, end_s=2.8)
    quality = quality_of(
        [
            DecodedChunk(chunk, decoded),
            DecodedChunk(chunk, decoded, retried=True),
            DecodedChunk(chunk, decoded, (Suspicion.REPETITION, Suspicion.RATE), retried=True),
            DecodedChunk(chunk, decoded, (Suspicion.REPETITION,)),
        ]
    )
    assert (quality.chunks, quality.retried_chunks, quality.suspicious_chunks) == (4, 2, 2)
    assert quality.suspicions == {"rate": 1, "repetition": 2}
    assert quality.suspicious_ratio == 0.5


def test_a_call_without_speech_has_no_coverage() -> None:
    quality = quality_of([])
    assert quality.coverage_ratio is None
    assert quality.suspicious_ratio is None

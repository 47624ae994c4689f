"""Finding speech, packing it, and mapping times back to the recording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.audio import SAMPLE_RATE_HZ
from models.vad import CHUNK_S, Span, find_speech, pack
from tests.sounds import sample_speech, silence, tone

LIMIT = int(CHUNK_S * SAMPLE_RATE_HZ)


def test_speech_is_found_where_it_was_put() -> None:
    spoken = sample_speech(seconds=6)[0]
    channel = np.concatenate([silence(seconds=5)[0], spoken, silence(seconds=5)[0]])
    found = find_speech(channel)
    assert found
    assert found[0].start / SAMPLE_RATE_HZ == pytest.approx(5.0, abs=1.0)
    assert found[-1].end / SAMPLE_RATE_HZ <= 11.5


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.2, 10.0])
def test_silence_holds_no_speech(seconds: float) -> None:
    assert find_speech(silence(seconds=seconds)[0]) == ()


def test_a_tone_is_no_speech() -> None:
    assert find_speech(tone(seconds=5)[0]) == ()


spans = st.lists(
    st.tuples(st.integers(0, 8 * SAMPLE_RATE_HZ), st.integers(1, LIMIT)), min_size=1, max_size=8
)


def lay_out(gaps_and_lengths: list[tuple[int, int]]) -> list[Span]:
    laid, position = [], 0
    for gap, length in gaps_and_lengths:
        laid.append(Span(position + gap, position + gap + length))
        position += gap + length
    return laid


@given(spans)
def test_packing_loses_no_speech_and_fills_no_chunk_beyond_its_limit(
    gaps_and_lengths: list[tuple[int, int]],
) -> None:
    speech = lay_out(gaps_and_lengths)
    samples = np.arange(speech[-1].end, dtype=np.float32)
    chunks = list(pack(0, samples, speech))
    assert [span for chunk in chunks for span in chunk.spans] == speech
    for chunk in chunks:
        assert len(chunk.audio) <= LIMIT
        for span, audio in chunk.pieces():
            assert audio[0] == samples[span.start]
            assert len(audio) == span.samples


@given(spans, st.floats(0, 1))
def test_a_time_in_a_chunk_maps_back_to_the_sample_that_is_heard(
    gaps_and_lengths: list[tuple[int, int]], share: float
) -> None:
    speech = lay_out(gaps_and_lengths)
    samples = np.arange(speech[-1].end, dtype=np.float64)
    for chunk in pack(0, samples, speech):
        position = min(len(chunk.audio) - 1, int(share * len(chunk.audio)))
        packed_s = position / SAMPLE_RATE_HZ
        start_s, _ = chunk.word_times(packed_s, packed_s)
        assert start_s * SAMPLE_RATE_HZ == pytest.approx(chunk.audio[position], abs=0.01)


def test_a_word_stretched_over_dropped_silence_stays_in_one_stretch() -> None:
    second = SAMPLE_RATE_HZ
    speech = [Span(0, second), Span(10 * second, 12 * second)]
    (chunk,) = pack(0, np.zeros(12 * second, np.float32), speech)
    start_s, end_s = chunk.word_times(0.9, 1.6)
    assert (start_s, end_s) == pytest.approx((10.0, 10.6))

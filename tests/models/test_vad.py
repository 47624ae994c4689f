"""Finding speech, packing it, and mapping times back to the recording."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.audio import decode
from models.sound import SAMPLE_RATE_HZ, Samples, Sound
from models.vad import CHUNK_S, Span, find_speech, pack
from tests.sounds import sample_speech, silence, tone

LIMIT = int(CHUNK_S * SAMPLE_RATE_HZ)


def test_speech_is_found_where_it_was_put() -> None:
    spoken = sample_speech(seconds=6)[0]
    channel = np.concatenate([silence(seconds=5)[0], spoken, silence(seconds=5)[0]])
    found = find_speech(Sound.of(channel[None, :]), 0)
    assert found
    assert found[0].start / SAMPLE_RATE_HZ == pytest.approx(5.0, abs=1.0)
    assert found[-1].end / SAMPLE_RATE_HZ <= 11.5


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.2, 10.0])
def test_silence_holds_no_speech(seconds: float) -> None:
    assert find_speech(Sound.of(silence(seconds=seconds)), 0) == ()


def test_a_tone_is_no_speech() -> None:
    assert find_speech(Sound.of(tone(seconds=5)), 0) == ()


def heard(found: tuple[Span, ...], length: int) -> Samples:
    marked = np.zeros(length, bool)
    for span in found:
        marked[span.start : span.end] = True
    return marked


@pytest.mark.parametrize("block_s", [31.0, 45.0, 60.0])
def test_speech_is_found_alike_in_blocks_of_any_length(block_s: float) -> None:
    sound = Sound.of(np.tile(sample_speech(seconds=75), (1, 3)))
    at_once = find_speech(sound, 0, block_s=1000)
    in_blocks = find_speech(sound, 0, block_s=block_s)
    first, second = heard(at_once, sound.length), heard(in_blocks, sound.length)
    assert (first & second).sum() / (first | second).sum() > 0.98
    assert list(in_blocks) == sorted(in_blocks, key=lambda span: span.start)
    assert all(one.end <= other.start for one, other in pairwise(in_blocks))


def test_a_word_across_the_border_of_two_blocks_is_found_once_and_whole() -> None:
    spoken = sample_speech(seconds=4)
    for lead_s in (27.0, 28.5, 29.5, 30.2):
        sound = Sound.of(
            np.concatenate(
                [silence(seconds=lead_s, channels=2), spoken, silence(seconds=20, channels=2)],
                axis=1,
            )
        )
        at_once = find_speech(sound, 0, block_s=1000)
        in_blocks = find_speech(sound, 0, block_s=31)
        assert len(in_blocks) == len(at_once)
        missed = heard(at_once, sound.length) & ~heard(in_blocks, sound.length)
        assert missed.sum() / SAMPLE_RATE_HZ < 0.1


spans = st.lists(
    st.tuples(st.integers(0, 8 * SAMPLE_RATE_HZ), st.integers(1, LIMIT)), min_size=1, max_size=8
)


class Ramp(Sound):
    """Sound whose samples are their own positions."""

    channel_count = 1

    def __init__(self, length: int) -> None:
        self.length = length

    def read(self, start: int, end: int) -> Samples:
        return np.arange(start, end, dtype=np.float64)[None, :]

    def close(self) -> None:
        pass


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
    chunks = list(pack(0, Ramp(speech[-1].end), speech))
    assert [span for chunk in chunks for span in chunk.spans] == speech
    for chunk in chunks:
        assert len(chunk.audio) <= LIMIT
        for span, audio in chunk.pieces():
            assert audio[0] == span.start
            assert len(audio) == span.samples


@given(spans, st.floats(0, 1))
def test_a_time_in_a_chunk_maps_back_to_the_sample_that_is_heard(
    gaps_and_lengths: list[tuple[int, int]], share: float
) -> None:
    speech = lay_out(gaps_and_lengths)
    for chunk in pack(0, Ramp(speech[-1].end), speech):
        position = min(len(chunk.audio) - 1, int(share * len(chunk.audio)))
        packed_s = position / SAMPLE_RATE_HZ
        start_s, _ = chunk.word_times(packed_s, packed_s)
        assert start_s * SAMPLE_RATE_HZ == pytest.approx(chunk.audio[position], abs=0.01)


def test_a_word_stretched_over_dropped_silence_stays_in_one_stretch() -> None:
    second = SAMPLE_RATE_HZ
    speech = [Span(0, second), Span(10 * second, 12 * second)]
    (chunk,) = pack(0, Ramp(12 * second), speech)
    start_s, end_s = chunk.word_times(0.9, 1.6)
    assert (start_s, end_s) == pytest.approx((10.0, 10.6))


def test_a_voice_that_was_recorded_too_loud_is_heard(shared_recordings: Path) -> None:
    """On this side of a real call the search alone finds 44 s; it was cut off at full scale."""
    path = shared_recordings / "aws-lca" / "Auto_Repairs_49_UTC_caller.wav"
    with decode(path, name=path.name).sound as sound:
        found = find_speech(sound, 0)
    assert sum(span.samples for span in found) / SAMPLE_RATE_HZ > 65

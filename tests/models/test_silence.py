from __future__ import annotations

import numpy as np
import pytest

from models.silence import Shortened, peaks, shortened
from models.sound import SAMPLE_RATE_HZ, Sound
from models.vad import find_speech
from tests.sounds import sample_speech, silence

S = SAMPLE_RATE_HZ


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.1, 0.1, int(seconds * S)).astype(np.float32)


def zeros(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * S), np.float32)


def short(*parts: np.ndarray) -> tuple[np.ndarray, Shortened]:
    samples = np.concatenate(parts)
    return samples, shortened(samples, peaks(samples))


def test_every_kept_sample_knows_where_it_came_from() -> None:
    samples, found = short(zeros(5), noise(3), zeros(10), noise(2), zeros(4), noise(0.05))
    assert len(found.samples) < len(samples) - 14 * S
    for place in range(0, len(found.samples), 997):
        assert samples[found.origin(place)] == found.samples[place]
    assert np.count_nonzero(found.samples) == np.count_nonzero(samples)


def test_an_end_at_a_cut_stays_with_what_came_before() -> None:
    _, found = short(noise(3), zeros(10), noise(3))
    cut = found.starts[1]
    assert found.origin(cut, is_end=True) == cut
    assert found.origin(cut) == found.origins[1] > cut + 8 * S


@pytest.mark.parametrize("parts", [(noise(4),), (noise(2), zeros(2), noise(2)), ()])
def test_without_a_long_silence_nothing_is_left_out(parts: tuple[np.ndarray, ...]) -> None:
    samples = np.concatenate([*parts, zeros(0)])
    found = shortened(samples, peaks(samples))
    assert np.array_equal(found.samples, samples)
    assert found.origin(len(samples), is_end=True) == len(samples)


def test_of_silence_alone_nothing_is_left() -> None:
    _, found = short(zeros(20))
    assert found.samples.size == 0


def test_faint_noise_is_no_digital_silence() -> None:
    samples, found = short(noise(1) * 0.01, noise(20) * 0.003, noise(1))
    assert len(found.samples) == len(samples)


def test_speech_between_long_silences_is_found_where_it_was() -> None:
    spoken = sample_speech(seconds=6)[0]
    alone = find_speech(Sound.of(spoken[None, :]), 0)
    gap = silence(seconds=20)[0]
    found = find_speech(Sound.of(np.concatenate([gap, spoken, gap, spoken, gap])[None, :]), 0)
    for start in (20, 46):
        here = [one for one in found if start * S <= one.start < (start + 20) * S]
        assert here[0].start / S - start == pytest.approx(alone[0].start / S, abs=0.4)
        assert here[-1].end / S - start == pytest.approx(alone[-1].end / S, abs=0.6)
    assert sum(one.samples for one in found) / S < 2 * 6 + 3

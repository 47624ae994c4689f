"""Sound that need not fit into memory reads the same as an array would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import sound
from models.sound import SideBySide, Sound, Spool
from tests.sounds import tone

# One of 32,768 steps: what 16 bits keep.
STEP = 1 / 32_768


def noise(channels: int, samples: int, *, seed: int = 3) -> sound.Samples:
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (channels, samples)).astype(np.float32)


pieces = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 60)), min_size=1, max_size=8
)  # (channels, samples); no channels are silence


def laid(plan: list[tuple[int, int]], channels: int) -> sound.Samples:
    """What the pieces sound like one after the other, by the plainest code."""
    parts = []
    for number, (count, samples) in enumerate(plan):
        block = noise(max(1, count), samples, seed=number) if count else np.zeros((1, samples))
        if count == 1 or not count:
            block = np.repeat(block, channels, axis=0)
        elif count > channels:
            block = np.repeat(block.mean(axis=0, keepdims=True), channels, axis=0)
        elif count < channels:
            block = np.vstack([block, np.zeros((channels - count, samples))])
        parts.append(block)
    return np.concatenate(parts, axis=1).astype(np.float32)


@given(pieces, st.integers(1, 3), st.integers(-10, 300), st.integers(0, 300))
def test_any_window_reads_as_of_one_array(
    plan: list[tuple[int, int]], channels: int, start: int, length: int
) -> None:
    spool = Spool()
    for number, (count, samples) in enumerate(plan):
        if count:
            spool.write(noise(count, samples, seed=number))
        else:
            spool.write_silence(samples)
    whole = laid(plan, channels)
    with spool.sound(channels) as one:
        assert one.length == whole.shape[1]
        wanted = np.zeros((channels, length), np.float32)
        inside = whole[:, max(0, start) : max(0, start + length)]
        offset = max(0, -start)
        wanted[:, offset : offset + inside.shape[1]] = inside[:, : max(0, length - offset)]
        assert np.allclose(one.read(start, start + length), wanted, atol=STEP)
        for channel in range(channels):
            assert np.allclose(
                one.read_channel(channel, start, start + length), wanted[channel], atol=STEP
            )


def test_long_sound_goes_to_a_file_that_nobody_else_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "IN_MEMORY_BYTES", 1000)
    spool, blocks = Spool(tmp_path), [noise(2, 100, seed=number) for number in range(9)]
    for block in blocks:
        spool.write(block)
    with spool.sound(2) as one:
        assert np.allclose(one.read(0, 900), np.concatenate(blocks, axis=1), atol=STEP)
        assert list(tmp_path.iterdir()) == []  # unlinked at once: a killed run leaves nothing


def test_blocks_are_the_whole_sound_in_order() -> None:
    samples = noise(2, 1050)
    with Sound.of(samples) as one:
        starts, blocks = zip(*one.blocks(100), strict=True)
    assert starts == tuple(range(0, 1050, 100))
    assert np.allclose(np.concatenate(blocks, axis=1), samples, atol=STEP)


def test_full_scale_does_not_wrap_around() -> None:
    with Sound.of(np.array([[1.0, -1.0, 1.5]], np.float32)) as one:
        assert one.read(0, 3)[0] == pytest.approx([1.0, -1.0, 1.0], abs=2 * STEP)


def test_a_silence_can_be_shortened_afterwards() -> None:
    spool = Spool()
    spool.write(tone(seconds=0.01))
    spool.write_silence(500)
    spool.write(noise(1, 50))
    assert spool.since_silence() == 50
    assert spool.shorten_silence(200)
    assert not spool.shorten_silence(301)
    with spool.sound(1) as one:
        assert one.length == 160 + 300 + 50 == spool.laid
        assert not one.read(160, 460).any()
        assert np.allclose(one.read(460, 510), noise(1, 50), atol=STEP)


def test_files_side_by_side_are_one_channel_each_as_long_as_the_longest() -> None:
    first, second = noise(2, 300), noise(1, 200, seed=4)
    with SideBySide([Sound.of(first), Sound.of(second)]) as both:
        assert (both.channel_count, both.length) == (2, 300)
        assert np.allclose(both.read(0, 300)[0], first.mean(axis=0), atol=STEP)
        assert np.allclose(both.read_channel(1, 0, 200), second[0], atol=STEP)
        assert not both.read_channel(1, 200, 300).any()

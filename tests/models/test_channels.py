"""How channels relate: one signal, dead sides, cross-talk, separate sides; any number of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from calls.call import ChannelLayout
from models.audio import decode
from models.channels import ChannelFacts, ChannelMeter
from models.sound import SAMPLE_RATE_HZ, Samples
from tests.sounds import (
    encode,
    heard_on_each_other,
    hum,
    in_a_room,
    later,
    noise,
    sample_speech,
    silence,
    through_telephone,
    tone,
    unchanged,
)


def facts_of(samples: Samples, *, block: int = 10 * SAMPLE_RATE_HZ) -> ChannelFacts:
    meter = ChannelMeter(samples.shape[0])
    for start in range(0, samples.shape[1], block):
        meter.add(samples[:, start : start + block])
    return meter.facts()


def mixed_voices(*, seconds: float = 30.0) -> Samples:
    """Both sides of a call as one signal, of shape (samples,)."""
    return sample_speech(seconds=seconds).sum(axis=0)


def coded(signal: Samples, folder: Path, codec: str, suffix: str, rate_hz: int) -> Samples:
    """What a codec leaves of a signal, in its length."""
    pcm = signal[None, :: SAMPLE_RATE_HZ // rate_hz]
    path = encode(folder / f"coded.{suffix}", pcm, codec, rate_hz=rate_hz)
    sound = decode(path, name=path.name).sound
    with sound:
        return sound.read_channel(0, 0, signal.size)


@pytest.mark.parametrize(
    "copy_of",
    [
        unchanged,
        lambda signal: 0.05 * signal,
        lambda signal: -signal,
        lambda signal: 0.3 + 0.5 * signal,
        lambda signal: later(signal, 3),
        lambda signal: later(signal, -320),
        lambda signal: np.clip(4 * signal, -0.3, 0.3),
        lambda signal: signal + noise(seconds=30, level_db=-40)[0],
        lambda signal: signal + hum(seconds=30, level_db=-35)[0],
        through_telephone,
    ],
    ids=[
        "same",
        "much quieter",
        "poles swapped",
        "constant offset",
        "three samples later",
        "20 ms earlier",
        "overdriven",
        "noisy",
        "humming",
        "telephone band",
    ],
)
def test_one_signal_is_known_whatever_happened_to_its_copy(
    copy_of: Callable[[Samples], Samples],
) -> None:
    signal = mixed_voices()
    found = facts_of(np.stack([signal, copy_of(signal)]))
    assert found.layout is ChannelLayout.DUAL_MONO
    assert found.copies == {1: 0}
    assert found.own == (0,)


@pytest.mark.parametrize(
    ("codec", "suffix", "rate_hz"),
    [("libmp3lame", "mp3", 16000), ("libopus", "ogg", 16000), ("pcm_mulaw", "wav", 8000)],
)
def test_one_signal_is_known_after_a_lossy_codec(
    codec: str, suffix: str, rate_hz: int, tmp_path: Path
) -> None:
    signal = mixed_voices()
    copy = coded(signal, tmp_path, codec, suffix, rate_hz)
    found = facts_of(np.stack([signal, copy]))
    assert (found.layout, found.dead) == (ChannelLayout.DUAL_MONO, ())


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.7, 1.5])
def test_one_signal_is_known_in_the_shortest_of_recordings(seconds: float) -> None:
    signal = sample_speech(seconds=seconds, start_s=2)[0]
    assert facts_of(np.stack([signal, signal])).own == (0,)


def test_of_two_copies_the_one_that_starts_late_goes() -> None:
    signal = mixed_voices()
    late = signal.copy()
    late[: 10 * SAMPLE_RATE_HZ] = 0
    assert facts_of(np.stack([late, signal])).copies == {0: 1}
    assert facts_of(np.stack([signal, late])).copies == {1: 0}


def with_gaps(channel: Samples, *, seconds: int, at_once: bool) -> Samples:
    """One channel that lost so many seconds: in one piece, or one by one all along."""
    heard = channel.copy()
    last_s = channel.size / SAMPLE_RATE_HZ - 2
    starts_s = 20.37 + np.arange(seconds) if at_once else np.linspace(1.41, last_s, seconds)
    for first in (starts_s * SAMPLE_RATE_HZ).astype(int):
        heard[first : first + SAMPLE_RATE_HZ] = 0
    return heard


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
@pytest.mark.parametrize("seconds", [1, 2, 4, 8, 20])
@pytest.mark.parametrize("hurt", [0, 1])
def test_a_copy_with_lost_sound_is_a_copy_and_the_other_is_kept(
    hurt: int, seconds: int, at_once: bool
) -> None:
    signal = mixed_voices(seconds=80)
    both = [signal, signal]
    both[hurt] = with_gaps(signal, seconds=seconds, at_once=at_once)
    found = facts_of(np.stack(both))
    assert found.layout is ChannelLayout.DUAL_MONO
    assert found.own == (1 - hurt,)


@pytest.mark.parametrize(
    ("codec", "suffix", "rate_hz"),
    [("libmp3lame", "mp3", 16000), ("libopus", "ogg", 16000), ("pcm_mulaw", "wav", 8000)],
)
@pytest.mark.parametrize("seconds", [2, 20])
@pytest.mark.parametrize("hurt", [0, 1])
def test_lost_sound_is_known_after_a_lossy_codec(
    hurt: int, seconds: int, codec: str, suffix: str, rate_hz: int, tmp_path: Path
) -> None:
    signal = mixed_voices(seconds=80)
    both = [signal, signal]
    both[hurt] = with_gaps(signal, seconds=seconds, at_once=False)
    both[hurt] = coded(both[hurt], tmp_path, codec, suffix, rate_hz)
    found = facts_of(np.stack(both))
    assert found.layout is ChannelLayout.DUAL_MONO
    assert found.own == (1 - hurt,)


@pytest.mark.parametrize("announced_s", [5, 40])
def test_sides_that_talk_in_turn_after_one_announcement_on_both_are_separate(
    announced_s: int,
) -> None:
    """Each is digital silence while the other talks, as behind a noise gate."""
    rep, customer = sample_speech(seconds=80)
    frames = np.abs(rep[: rep.size // 800 * 800]).reshape(-1, 800).max(axis=1) > 0.005
    rep_talks = np.repeat(np.convolve(frames, np.ones(9), "same") > 0, 800)
    customer = np.where(rep_talks, 0, customer[: rep_talks.size])
    announcement = mixed_voices(seconds=announced_s)
    call = [np.concatenate([announcement, side]) for side in (rep[: rep_talks.size], customer)]
    found = facts_of(np.stack(call))
    assert found.layout is ChannelLayout.SEPARATE
    assert found.own == (0, 1)


@pytest.mark.parametrize("side", [0, 1])
def test_one_sentence_in_a_gated_call_is_a_side_of_its_own(side: int) -> None:
    """Whoever says it is silent otherwise, but for music on hold that both channels carry."""
    music = mixed_voices(seconds=60)
    rest = silence(seconds=40, channels=2)
    rest[1 - side, : 15 * SAMPLE_RATE_HZ] = sample_speech(seconds=15)[0]
    spoken = sample_speech(seconds=3, start_s=4.5)[1]
    rest[side, 20 * SAMPLE_RATE_HZ :][: spoken.size] = spoken
    found = facts_of(np.concatenate([np.stack([music, music]), rest], axis=1))
    assert side in found.own


def test_a_copy_with_one_more_sentence_is_no_copy() -> None:
    rep, customer = sample_speech(seconds=60)
    sentence = np.zeros_like(customer)
    spoken = np.flatnonzero(np.abs(customer) > 0.01)[0]
    sentence[spoken : spoken + 3 * SAMPLE_RATE_HZ] = customer[spoken : spoken + 3 * SAMPLE_RATE_HZ]
    found = facts_of(np.stack([rep, rep + sentence]))
    assert 1 in found.own


def test_two_sides_of_a_call_are_separate() -> None:
    found = facts_of(sample_speech(seconds=60))
    assert found.layout is ChannelLayout.SEPARATE
    assert (found.copies, found.dead, found.bleeds) == ({}, (), ())


def test_a_side_that_is_heard_late_is_still_a_side_of_its_own() -> None:
    call = sample_speech(seconds=60)
    call[1, : 40 * SAMPLE_RATE_HZ] = 0
    assert facts_of(call).layout is ChannelLayout.SEPARATE


def test_a_hum_on_both_sides_does_not_make_them_one() -> None:
    call = sample_speech(seconds=40) + hum(seconds=40, level_db=-45)
    assert facts_of(call).layout is ChannelLayout.SEPARATE


@pytest.mark.parametrize("path", [unchanged, through_telephone, in_a_room])
@pytest.mark.parametrize("level_db", [-10, -20, -30])
@pytest.mark.parametrize("delay", [0, 16, 320])
def test_cross_talk_is_found_with_its_level_and_delay(
    path: Callable[[Samples], Samples], level_db: float, delay: int
) -> None:
    call = sample_speech(seconds=60)
    found = facts_of(heard_on_each_other(call, level_db=level_db, delay=delay, path=path))
    assert found.layout is ChannelLayout.CROSS_TALK
    assert found.own == (0, 1)
    assert [(one.source, one.target) for one in found.bleeds] == [(0, 1), (1, 0)]
    for bleed in found.bleeds:
        assert bleed.level_db == pytest.approx(level_db, abs=6)  # a band has less, a room more
        if path is unchanged:
            assert bleed.delay == pytest.approx(delay, abs=1)


def test_an_echo_over_a_slow_network_is_cross_talk() -> None:
    call = heard_on_each_other(sample_speech(seconds=60), level_db=-20, delay=4000, one_way=True)
    (bleed,) = facts_of(call).bleeds
    assert (bleed.source, bleed.target) == (0, 1)
    assert bleed.delay == pytest.approx(4000, abs=1)


def test_a_channel_with_both_sides_beside_one_with_a_single_side_is_cross_talk_one_way() -> None:
    rep, customer = sample_speech(seconds=60)
    (bleed,) = facts_of(np.stack([rep, rep + customer])).bleeds
    assert (bleed.source, bleed.target) == (0, 1)


def test_words_of_both_at_once_are_no_cross_talk() -> None:
    call = sample_speech(seconds=60)
    call[1] = np.roll(call[1], 7 * SAMPLE_RATE_HZ)
    assert facts_of(call).bleeds == ()


@pytest.mark.parametrize(
    ("side", "is_dead"),
    [
        (silence(seconds=20), True),
        (noise(seconds=20, level_db=-75), True),
        (noise(seconds=20, level_db=-60), True),
        (hum(seconds=20, level_db=-45), True),
        (silence(seconds=20) + 0.5, True),
        (sample_speech(seconds=20)[:1] * 0.01, False),
        (noise(seconds=20, level_db=-60) + sample_speech(seconds=20)[:1] * 0.02, False),
        (tone(seconds=20), False),
    ],
    ids=[
        "silence",
        "line noise",
        "comfort noise",
        "hum",
        "constant offset",
        "very soft speech",
        "soft speech in noise",
        "tone",
    ],
)
def test_a_dead_side_is_one_without_any_voice(side: Samples, is_dead: bool) -> None:
    found = facts_of(np.concatenate([sample_speech(seconds=20)[1:], side]))
    assert found.dead == ((1,) if is_dead else ())
    assert found.layout is (ChannelLayout.ONE_DEAD if is_dead else ChannelLayout.SEPARATE)


def test_one_word_in_half_an_hour_keeps_a_side_alive() -> None:
    side = silence(seconds=1800)
    side[0, 16000 * 900 :][:8000] = 0.02 * sample_speech(seconds=0.5, start_s=3)[0]
    assert facts_of(np.concatenate([tone(seconds=1800), side])).dead == ()


def test_three_people_have_a_channel_each() -> None:
    first = sample_speech(seconds=30)
    third = sample_speech(seconds=30, start_s=40)[:1]
    found = facts_of(np.concatenate([first, third]))
    assert found.layout is ChannelLayout.SEPARATE
    assert found.own == (0, 1, 2)


def test_copies_and_dead_channels_are_found_among_many() -> None:
    rep, customer = sample_speech(seconds=40)
    quiet = np.zeros_like(rep)
    found = facts_of(np.stack([quiet, rep, customer, later(-0.5 * rep, 5), customer, quiet]))
    assert found.dead == (0, 5)
    assert found.copies == {3: 1, 4: 2}
    assert found.own == (1, 2)
    assert found.layout is ChannelLayout.ONE_DEAD


def test_one_voice_on_all_channels_that_sound_is_dual_mono() -> None:
    signal = mixed_voices()
    found = facts_of(np.stack([signal, np.zeros_like(signal), 0.5 * signal]))
    assert found.layout is ChannelLayout.DUAL_MONO
    assert (found.own, found.dead) == ((0,), (1,))


@pytest.mark.parametrize("block", [1, 999, 16_000, 100_000, 10**9])
def test_the_size_of_blocks_changes_nothing(block: int) -> None:
    call = heard_on_each_other(sample_speech(seconds=5.3 if block == 1 else 21.3), level_db=-20)
    if block == 1:
        block = 7
    assert facts_of(call, block=block) == facts_of(call, block=16_000)


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_a_recording_without_samples_is_no_error(channels: int) -> None:
    found = facts_of(np.zeros((channels, 0), np.float32))
    assert found.own == (0,)
    assert found.layout is (ChannelLayout.MONO if channels == 1 else ChannelLayout.DUAL_MONO)


REAL = {
    "aws-lca/Sample1_dual_mono.mp3": ChannelLayout.DUAL_MONO,
    "azure/multi_channel_35sec.wav": ChannelLayout.SEPARATE,
    "faster-whisper/hotwords.mp3": ChannelLayout.DUAL_MONO,
    "faster-whisper/jfk.flac": ChannelLayout.DUAL_MONO,
    "faster-whisper/stereo_diarization.wav": ChannelLayout.SEPARATE,
    "google/two_channel_16k.wav": ChannelLayout.SEPARATE,
}


@pytest.mark.parametrize("name", REAL)
def test_recordings_of_others_have_the_layout_one_hears(name: str, shared_recordings: Path) -> None:
    with decode(shared_recordings / name, name=name).sound as sound:
        assert facts_of(sound.read(0, sound.length)).layout is REAL[name]

"""Cross-talk: copies of the other side go, own speech stays, also while both speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.audio import decode
from models.channels import ChannelFacts, ChannelMeter
from models.cross_talk import CrossTalk, without_cross_talk
from models.sound import SAMPLE_RATE_HZ, Samples, Sound
from models.vad import Span, find_speech
from tests.sounds import (
    heard_on_each_other,
    in_a_room,
    noise,
    sample_speech,
    through_telephone,
    unchanged,
)

SECONDS = 60


def facts_of(samples: Samples) -> ChannelFacts:
    meter = ChannelMeter(samples.shape[0])
    meter.add(samples)
    return meter.facts()


def speech_in(samples: Samples) -> dict[int, tuple[Span, ...]]:
    with Sound.of(samples) as sound:
        return {channel: find_speech(sound, channel) for channel in range(samples.shape[0])}


def taken_apart(samples: Samples) -> tuple[dict[int, tuple[Span, ...]], CrossTalk]:
    """The speech that is found, and what is left of it."""
    speech = speech_in(samples)
    with Sound.of(samples) as sound:
        return speech, without_cross_talk(sound, speech, facts_of(samples))


def covered(spans: Sequence[Span], length: int) -> np.ndarray:
    flags = np.zeros(length, np.bool_)
    for span in spans:
        flags[span.start : span.end] = True
    return flags


def spoken(side: Samples) -> np.ndarray:
    """Where one hears the voice of a clean channel: within 30 dB of its loud moments."""
    frames = side[: side.size // 320 * 320].reshape(-1, 320)
    loudness = np.sqrt(np.mean(np.square(frames), axis=1))
    heard = loudness > np.percentile(loudness, 97) * 10 ** (-30 / 20)
    return np.pad(np.repeat(heard, 320), (0, side.size % 320))


def seconds(flags: np.ndarray) -> float:
    return float(np.sum(flags) / SAMPLE_RATE_HZ)


@pytest.mark.parametrize("path", [unchanged, through_telephone, in_a_room])
@pytest.mark.parametrize("level_db", [-10, -15, -20, -30])
def test_copies_go_and_own_speech_stays(
    path: Callable[[Samples], Samples], level_db: float
) -> None:
    call = sample_speech(seconds=SECONDS)
    speech, found = taken_apart(heard_on_each_other(call, level_db=level_db, path=path))
    length = call.shape[1]
    for channel, side in enumerate(call):
        kept = covered(found.speech[channel], length)
        own = spoken(side) & covered(speech[channel], length)
        assert seconds(own & ~kept) == 0
        # What is left beside own speech is the margin around it and copies shorter than a second.
        beside = covered(
            [Span(max(0, at.start), at.end) for at in speech_in(call)[channel]], length
        )
        assert seconds(kept & ~beside) < 0.1 * max(20.0, seconds(~beside))
        assert seconds(covered(speech[channel], length)) == pytest.approx(
            seconds(kept) + seconds(covered(found.suppressed[channel], length))
        )


@pytest.mark.parametrize("path", [unchanged, through_telephone, in_a_room])
def test_speech_of_both_at_once_stays_on_both_channels(
    path: Callable[[Samples], Samples],
) -> None:
    call = sample_speech(seconds=SECONDS)
    call[1] = np.roll(call[1], 5 * SAMPLE_RATE_HZ)  # the customer talks into the rep's sentences
    both = spoken(call[0]) & spoken(call[1])
    assert seconds(both) > 5
    _, found = taken_apart(heard_on_each_other(call, level_db=-15, path=path))
    for channel in (0, 1):
        kept = covered(found.speech[channel], call.shape[1])
        assert seconds(both & ~kept) == 0


def test_a_short_yes_into_the_others_speech_is_kept_with_room_around_it() -> None:
    rep, customer = sample_speech(seconds=SECONDS)
    first = int(np.flatnonzero(spoken(customer))[0])
    yes = np.zeros_like(customer)
    at = int(33.5 * SAMPLE_RATE_HZ)  # in the middle of a long sentence
    length = int(0.4 * SAMPLE_RATE_HZ)
    yes[at : at + length] = 0.5 * customer[first : first + length]
    _, found = taken_apart(heard_on_each_other(np.stack([rep, yes]), level_db=-20, one_way=True))
    margin = int(0.2 * SAMPLE_RATE_HZ)
    kept = covered(found.speech[1], rep.size)
    assert kept[at - margin : at + length + margin].all()
    assert seconds(kept) < 2.5
    assert seconds(covered(found.suppressed[1], rep.size)) > 25


def test_the_side_that_a_mixed_channel_repeats_is_taken_off_it() -> None:
    rep, customer = sample_speech(seconds=SECONDS)
    _, found = taken_apart(np.stack([rep, rep + customer]))
    kept = covered(found.speech[1], rep.size)
    assert seconds(spoken(customer) & ~kept) == 0
    assert seconds(spoken(rep) & kept) < 0.1 * seconds(spoken(rep))
    assert found.suppressed[0] == ()


def test_a_third_channel_with_both_sides_mixed_says_nothing_twice() -> None:
    rep, customer = sample_speech(seconds=SECONDS)
    speech, found = taken_apart(np.stack([rep, customer, 0.5 * (rep + customer)]))
    assert found.speech[2] == ()
    assert (found.speech[0], found.speech[1]) == (speech[0], speech[1])


def test_separate_sides_are_left_as_they_are() -> None:
    call = sample_speech(seconds=SECONDS)
    speech, found = taken_apart(call)
    assert found.speech == speech
    assert found.suppressed == {0: (), 1: ()}


def test_nothing_is_taken_off_where_the_other_side_is_silent() -> None:
    call = heard_on_each_other(sample_speech(seconds=SECONDS), level_db=-20)
    facts = facts_of(call)
    hiss = Span(0, 2 * SAMPLE_RATE_HZ)
    with Sound.of(noise(seconds=4, level_db=-60).repeat(2, axis=0)) as sound:
        found = without_cross_talk(sound, {0: (), 1: (hiss,)}, facts)
        assert found.speech == {0: (), 1: (hiss,)}
        later = Span(3 * SAMPLE_RATE_HZ, 4 * SAMPLE_RATE_HZ)
        found = without_cross_talk(sound, {0: (later,), 1: (hiss,)}, facts)
        assert found.speech[1] == (hiss,)


@pytest.mark.parametrize("speech", [{}, {0: ()}, {0: (), 1: ()}])
def test_no_speech_is_no_error(speech: dict[int, tuple[Span, ...]]) -> None:
    facts = facts_of(heard_on_each_other(sample_speech(seconds=30), level_db=-20))
    with Sound.of(np.zeros((2, 0), np.float32)) as sound:
        assert without_cross_talk(sound, speech, facts).speech == speech


def test_real_sides_with_cross_talk_lose_none_of_their_speech(shared_recordings: Path) -> None:
    name = "azure/multi_channel_35sec.wav"
    with decode(shared_recordings / name, name=name).sound as sound:
        call = sound.read(0, sound.length)
    speech, found = taken_apart(heard_on_each_other(call, level_db=-20))
    for channel in (0, 1):
        own = covered(speech_in(call)[channel], call.shape[1]) & spoken(call[channel])
        own &= covered(speech[channel], call.shape[1])
        assert seconds(own & ~covered(found.speech[channel], call.shape[1])) == 0


class Counted(Sequence[Span]):
    """Spans that count how often one of them is looked at."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self.looks = 0

    def __len__(self) -> int:
        return len(self._spans)

    def __getitem__(self, at: Any) -> Any:
        found = self._spans[at]
        self.looks += 1 if isinstance(found, Span) else len(found)
        return found


def test_a_span_is_held_against_the_others_speech_around_it_and_no_more() -> None:
    """In an hour of one span a second, all pairs would be 13 million."""
    call = heard_on_each_other(sample_speech(seconds=30), level_db=-20, one_way=True)
    facts = facts_of(call)
    spans = [Span(at * SAMPLE_RATE_HZ, at * SAMPLE_RATE_HZ + 4_000) for at in range(3600)]
    source = Counted(spans)
    with Sound.of(call) as sound:
        without_cross_talk(sound, {0: source, 1: spans}, facts)
    assert source.looks < 100 * len(spans)


@pytest.mark.parametrize("level", [0.1, 0.25])
def test_two_sides_mixed_into_each_other_lose_no_speech(level: float) -> None:
    """Mixed digitally, without delay or noise: each copy explains its own original."""
    clean = sample_speech(seconds=40)
    mixed = clean + np.float32(level) * clean[::-1]
    sound = Sound.of(mixed)
    meter = ChannelMeter(2)
    meter.add(sound.read(0, sound.length))
    speech = {channel: find_speech(sound, channel) for channel in (0, 1)}
    crossed = without_cross_talk(sound, speech, meter.facts())
    alone = Sound.of(clean)
    for channel in (0, 1):
        said_s = sum(span.samples for span in find_speech(alone, channel)) / SAMPLE_RATE_HZ
        kept_s = sum(span.samples for span in crossed.speech[channel]) / SAMPLE_RATE_HZ
        assert kept_s > 0.95 * said_s

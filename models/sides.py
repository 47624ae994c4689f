"""Two channels compared: does one repeat the other, and who is heard on whose channel?

All is judged from one `coherence.Relation` per second, so any length of recording stays small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Quieter than this throughout (dBFS) is no recorded voice but line noise or nothing.
DEAD_DB = -70.0
# Noise that in so many seconds never varies by more than this (dB) and stays quieter than that
# (dBFS) is no voice either.
_STEADY_S, _STEADY_DB, _STEADY_BELOW_DB = 10, 3.0, -50.0
# The seconds of a voice that tell most (dB): within this of its loud ones, this above its noise.
_TELLING_DB, _OVER_NOISE_DB = 15.0, 6.0
# The share from which a second says: one signal; and below which: another signal.
_ONE_SIGNAL, _OTHER_SIGNAL = 0.7, 0.5
# The share from which a second says: a copy of the other side. Rooms leave no more. Now and then
# unrelated voices share as much, but never several times with the same delay.
_COPY = 0.35
# A copy keeps its level against the other channel within this (dB).
_ONE_LEVEL_DB = 6.0
# Share of its seconds that a copy may add (a codec's first second) or have otherwise.
_MAY_ADD, _MAY_LACK = 0.005, 0.02
# A copy may lose so much of what is said meanwhile (share): with less of it, the seconds in which
# it is silent are more likely those in which the other channel has somebody else.
_MAY_LOSE = 0.3
# A second that lost more than this share of itself says nothing about what is left of it.
_HURT = 0.1
# Of two copies the later one is kept only if it holds so many seconds more.
_MORE_S = 0.1
# Delays that differ by less than this are one delay (samples; 1 ms).
_ONE_DELAY = 16
# Cross-talk is quieter than its source by this (dB), unless only one of the two has own speech.
_QUIETER_DB = 4.0
# Two copies that mirror each other are one, unless the weaker share comes this close to the other.
_MIRRORED = 0.7
# So many seconds must agree on the delay before anything is called cross-talk.
_AGREEING_S = 3

Floats = NDArray[np.float32]
_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bleed:
    """What is said on `source` is also heard on `target`.

    `level_db`: how loud the copy is against its source (negative: quieter). `delay`: samples by
    which it is later. `share`: of the target's energy that the source explains while only the copy
    is heard, in [0, 1].
    """

    source: int
    target: int
    level_db: float
    delay: int
    share: float


@dataclass(frozen=True, slots=True)
class Seconds:
    """How a pair of channels relates in every second, see `coherence.Relation`."""

    forward: Floats
    backward: Floats
    delay: Floats
    level_db: Floats
    first_lost: Floats
    second_lost: Floats

    def turned(self) -> Seconds:
        """The same seen from the other channel."""
        return Seconds(
            self.backward,
            self.forward,
            -self.delay,
            -self.level_db,
            self.second_lost,
            self.first_lost,
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One channel in every second: its loudness in dBFS, whether it sounds, whether it tells much.

    Telling seconds are about as loud as the loud ones of its voice, and louder than its noise.
    """

    loudness: Floats
    sounds: _Flags
    telling: _Flags

    @classmethod
    def of(cls, loudness: Floats, noise_db: float) -> Side:
        """From the loudness of every second and the loudness of the quiet moments between words."""
        sounds = loudness >= DEAD_DB
        loud_db = float(np.percentile(loudness[sounds], 95)) if sounds.any() else DEAD_DB
        telling_db = max(loud_db - _TELLING_DB, min(noise_db + _OVER_NOISE_DB, loud_db - 3))
        return cls(loudness, sounds, sounds & (loudness >= telling_db))

    @property
    def is_dead(self) -> bool:
        """True if nobody is ever heard."""
        if not self.sounds.any():
            return True
        loudest, quietest = float(self.loudness.max()), float(self.loudness.min())
        steady = self.loudness.size >= _STEADY_S and loudest - quietest < _STEADY_DB
        return steady and loudest < _STEADY_BELOW_DB


def repeats(kept: Side, copy: Side, seconds: Seconds) -> bool:
    """True when the copy is the signal of the other channel and adds nothing to it.

    It may have another volume and delay, swapped poles, noise, a codec's losses, and gaps: where
    it is silent while the other sounds, its sound was lost, and nothing is compared. It may start
    late or end early.
    """
    both = np.flatnonzero(kept.sounds & copy.sounds)
    if not both.size:
        return False
    while_both = np.zeros(kept.sounds.shape, np.bool_)
    while_both[both[0] : both[-1] + 1] = True
    by_kept = kept.telling & while_both
    if np.sum(seconds.second_lost[by_kept]) > _MAY_LOSE * np.sum(by_kept):
        return False
    alike = np.minimum(seconds.forward, seconds.backward) >= _ONE_SIGNAL
    alike &= kept.telling | copy.telling
    hurt = (seconds.second_lost > np.maximum(_HURT, seconds.first_lost)) & ~alike
    if np.sum(alike) * 2 <= np.sum((copy.telling & while_both | by_kept) & ~hurt):
        return False
    louder_db = seconds.level_db - np.median(seconds.level_db[alike])
    adds = copy.telling & ((seconds.forward < _OTHER_SIGNAL) | (louder_db > _ONE_LEVEL_DB))
    lacks = by_kept & ((seconds.backward < _COPY) | (louder_db < -_ONE_LEVEL_DB))
    return bool(
        np.sum(adds & ~hurt) <= _MAY_ADD * np.sum(copy.telling)
        and np.sum(lacks & ~hurt) <= _MAY_LACK * np.sum(by_kept)
    )


def holds_more(first: Side, other: Side, seconds: Seconds) -> bool:
    """True when the other channel clearly has more of what is said than the first."""
    lost_s = np.sum(seconds.first_lost[other.telling]), np.sum(seconds.second_lost[first.telling])
    return bool(lost_s[0] > lost_s[1] + _MORE_S)


def bleeds_of(first: int, other: int, sides: Sequence[Side], seconds: Seconds) -> list[Bleed]:
    """Who is heard on whose channel, of two."""
    one_way = _bleed(first, other, sides, seconds)
    other_way = _bleed(other, first, sides, seconds.turned())
    found = [both for both in (one_way, other_way) if both]
    if len(found) == 2 and abs(found[0][0].delay + found[1][0].delay) <= _ONE_DELAY:
        # While both speak, a soft voice is also explained by its own copy: that is no copy.
        best = max(typical for _, typical in found)
        found = [(bleed, typical) for bleed, typical in found if typical >= _MIRRORED * best]
    return [bleed for bleed, _ in found]


def _bleed(
    source: int, target: int, sides: Sequence[Side], seconds: Seconds
) -> tuple[Bleed, float] | None:
    """What of the source is heard on the target, and the share it explains in a typical second."""
    copied = (seconds.forward >= _COPY) & (seconds.level_db <= -_QUIETER_DB)
    if _holds_both(sides[source], sides[target], seconds):
        alike = np.minimum(seconds.forward, seconds.backward) >= _ONE_SIGNAL
        copied |= alike & (seconds.level_db <= _QUIETER_DB)
    copied &= sides[source].telling & sides[target].sounds
    if not copied.any():
        return None
    delay = _common(seconds.delay[copied])
    copied &= np.abs(seconds.delay - delay) <= _ONE_DELAY
    if np.sum(copied) < _AGREEING_S:
        return None
    level_db = float(np.median(seconds.level_db[copied]))
    # In most seconds the target speaks as well, or is noisy: the best ones show the copy alone.
    typical, alone = np.percentile(seconds.forward[copied], (50, 90))
    return Bleed(source, target, level_db, delay, share=float(alone)), float(typical)


def _holds_both(source: Side, target: Side, seconds: Seconds) -> bool:
    """True when the target carries both sides and the source only one (as "mixed" tracks do)."""
    target_alone = int(np.sum(target.telling & (seconds.forward < _COPY)))
    source_alone = int(np.sum(source.telling & (seconds.backward < _COPY)))
    return target_alone >= _AGREEING_S and source_alone * 10 <= target_alone


def _common(delays: Floats) -> int:
    """The delay that most of them are close to."""
    ordered = np.sort(delays)
    close = np.searchsorted(ordered, ordered + _ONE_DELAY, "right") - np.searchsorted(
        ordered, ordered - _ONE_DELAY
    )
    return int(ordered[int(np.argmax(close))])

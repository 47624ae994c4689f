"""How the channels of a recording relate: measured, because headers lie.

Many stereo files carry one signal twice, some carry a side that was never recorded, and on some a
side is heard faintly on the other's channel. All is measured second by second, see `coherence`.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import combinations

import numpy as np

from calls.call import ChannelLayout
from models.coherence import Relation, Stretch, relation
from models.sides import DEAD_DB, Bleed, Seconds, Side, bleeds_of, holds_more, repeats
from models.sound import SAMPLE_RATE_HZ, Samples

_NUMBERS = tuple(one.name for one in fields(Seconds))


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """How the channels of one recording relate.

    `dead`: channels that are silent throughout. `copies`: channel → the channel whose signal it
    repeats, which is the earliest one that holds all of it. `noise_db`: how loud the quiet moments
    of each channel are, in dBFS; empty for a single channel.
    """

    channel_count: int
    layout: ChannelLayout
    dead: tuple[int, ...] = ()
    copies: Mapping[int, int] = field(default_factory=dict)
    bleeds: tuple[Bleed, ...] = ()
    noise_db: tuple[float, ...] = ()

    @property
    def own(self) -> tuple[int, ...]:
        """The channels to listen to: neither dead nor a copy."""
        gone = {*self.dead, *self.copies}
        return tuple(one for one in range(self.channel_count) if one not in gone)


class ChannelMeter:
    """Measures how channels relate, from blocks of any size; keeps some numbers per second."""

    def __init__(self, channel_count: int) -> None:
        self._count = channel_count
        self._pairs = tuple(combinations(range(channel_count), 2))
        self._waiting: Samples = np.zeros((channel_count, 0), np.float32)
        self._loudness = array("f")
        self._quiet = array("f")
        self._relations = {pair: array("f") for pair in self._pairs}

    def add(self, block: Samples) -> None:
        """Takes the next samples, of shape (channels, samples)."""
        if not self._pairs:
            return
        if self._waiting.shape[1]:
            block = np.concatenate([self._waiting, block], axis=1)
        whole = block.shape[1] // SAMPLE_RATE_HZ * SAMPLE_RATE_HZ
        for start in range(0, whole, SAMPLE_RATE_HZ):
            self._measure(block[:, start : start + SAMPLE_RATE_HZ])
        self._waiting = block[:, whole:].copy()

    def facts(self) -> ChannelFacts:
        """What all of the sound says. Nothing may be added any more."""
        if not self._pairs:
            return ChannelFacts(self._count, ChannelLayout.MONO)
        rest, self._waiting = self._waiting, self._waiting[:, :0]
        if rest.shape[1] >= SAMPLE_RATE_HZ // 2 or not self._loudness:
            self._measure(rest)
        loudness, quiet = (
            np.asarray(numbers, np.float32).reshape(-1, self._count).T
            for numbers in (self._loudness, self._quiet)
        )
        noise_db = np.percentile(quiet, 10, axis=1).tolist()
        pairs = {
            pair: Seconds(*np.asarray(numbers, np.float32).reshape(-1, len(_NUMBERS)).T)
            for pair, numbers in self._relations.items()
        }
        sides = [Side.of(one, noise) for one, noise in zip(loudness, noise_db, strict=True)]
        return replace(_facts(sides, pairs), noise_db=tuple(noise_db))

    def _measure(self, second: Samples) -> None:
        channels = [Stretch(one) for one in second]
        # The loudest tenth: one word fills it, a click does not.
        quiet, loudness = np.percentile([one.loudness for one in channels], (10, 90), axis=-1)
        self._loudness.extend(loudness.tolist())
        self._quiet.extend(quiet.tolist())
        sounds = (loudness >= DEAD_DB).tolist()
        for (first, other), numbers in self._relations.items():
            if sounds[first] and sounds[other]:
                found = relation(channels[first], channels[other])
            else:
                found = Relation(
                    forward=0.0,
                    backward=0.0,
                    delay=0,
                    level_db=float(loudness[other] - loudness[first]),
                    first_lost=float(sounds[other]),
                    second_lost=float(sounds[first]),
                )
            numbers.extend(getattr(found, name) for name in _NUMBERS)


def _facts(sides: Sequence[Side], pairs: Mapping[tuple[int, int], Seconds]) -> ChannelFacts:
    count = len(sides)
    dead = tuple(one for one in range(count) if sides[one].is_dead)
    if len(dead) == count:
        return ChannelFacts(
            count, ChannelLayout.DUAL_MONO, copies=dict.fromkeys(range(1, count), 0)
        )
    live = [one for one in range(count) if one not in dead]
    copies = _copies(live, sides, pairs)
    own = [one for one in live if one not in copies]
    bleeds = tuple(
        bleed
        for first, other in combinations(own, 2)
        for bleed in bleeds_of(first, other, sides, pairs[first, other])
    )
    if len(own) == 1 and copies:
        layout = ChannelLayout.DUAL_MONO
    elif bleeds:
        layout = ChannelLayout.CROSS_TALK
    else:
        layout = ChannelLayout.ONE_DEAD if dead else ChannelLayout.SEPARATE
    return ChannelFacts(count, layout, dead, copies, bleeds)


def _copies(
    live: Sequence[int], sides: Sequence[Side], pairs: Mapping[tuple[int, int], Seconds]
) -> dict[int, int]:
    kept_for: dict[int, int] = {}
    for first, other in combinations(live, 2):
        if first in kept_for or other in kept_for:
            continue
        seconds = pairs[first, other]
        more = holds_more(sides[first], sides[other], seconds)
        if not more and repeats(sides[first], sides[other], seconds):
            kept_for[other] = first
        elif repeats(sides[other], sides[first], seconds.turned()):
            # What was a copy of the one that goes is a copy of the one that stays.
            kept_for |= {one: other for one, its in kept_for.items() if its == first}
            kept_for[first] = other
    return kept_for

"""Cross-talk: what the other side says, heard faintly on a channel, is not said twice.

`ChannelFacts.bleeds` says who is heard on whose channel, how loud and how late. Where both channels
have speech, each moment of the quieter one is asked whether there is more in it than the copy: it
is the copy alone while what the source does not explain is no louder than copies leave.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.channels import ChannelFacts
from models.coherence import FRAME, HOP, decibels, explained, powers, spectra
from models.sides import Bleed
from models.sound import SAMPLE_RATE_HZ, Sound
from models.vad import Span

# A moment is three spectra (0.1 s); it is judged by the two before and after it as well (0.5 s).
_SPECTRA, _NEIGHBOURS = 3, 2
_MOMENT = _SPECTRA * HOP
# A channel's own speech is louder than its noise by this (dB),
_OVER_NOISE_DB = 6.0
# and louder than what the source leaves unexplained of a copy by this,
_OWN_DB = 5.0
# which is at least so much below the copy (hard to hear at all) and at most so much (dB).
_LEFT_DB = (-8.0, -2.0)
# Own speech in fewer moments is chance: the shortest word is found in five.
_OWN_MOMENTS = 3
# Kept around own speech, so that no word loses its first or last sound (seconds).
_MARGIN_S = 0.3
# Copies shorter than this beside own speech stay (seconds).
_COPY_S = 1.0
# What is so much louder than the copy should be is no copy.
_LOUDER_DB = 10.0
# Speech reaches so far beyond what the voice activity detection says of it (seconds).
_REACH_S = 0.3

_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CrossTalk:
    """Speech per channel without the copies; and the copies, which are not to be transcribed."""

    speech: dict[int, tuple[Span, ...]]
    suppressed: dict[int, tuple[Span, ...]]


def without_cross_talk(
    sound: Sound, speech: Mapping[int, Sequence[Span]], facts: ChannelFacts
) -> CrossTalk:
    """Takes away what is only a quieter copy of what is said on another channel.

    What is said while the other side speaks stays. A span is cut only where a copy alone is heard
    for a second or more, and never within 0.3 s of the channel's own speech.
    """
    kept: dict[int, tuple[Span, ...]] = {}
    gone: dict[int, tuple[Span, ...]] = {}
    for channel, spans in speech.items():
        bleeds = [one for one in facts.bleeds if one.target == channel and speech.get(one.source)]
        own: list[Span] = []
        copies: list[Span] = []
        for span in spans:
            pieces = list(_pieces(_own_moments(sound, span, bleeds, speech, facts), span))
            own.extend(piece for piece, is_copy in pieces if not is_copy)
            copies.extend(piece for piece, is_copy in pieces if is_copy)
        kept[channel], gone[channel] = tuple(own), tuple(copies)
    return CrossTalk(kept, gone)


def _own_moments(
    sound: Sound,
    span: Span,
    bleeds: Sequence[Bleed],
    speech: Mapping[int, Sequence[Span]],
    facts: ChannelFacts,
) -> _Flags:
    """For each moment of a span: True if the channel's own speech is heard, or may be."""
    own = np.ones(_moments_in(span), np.bool_)
    for bleed in bleeds:
        spoken = _spoken(span, bleed, speech[bleed.source])
        if spoken.any():
            noise_db = facts.noise_db[bleed.target] if facts.noise_db else -np.inf
            own &= ~spoken | _more_than_copy(sound, span, bleed, noise_db)
    return own


def _moments_in(span: Span) -> int:
    frames = 1 + max(0, span.samples - FRAME) // HOP
    return -(-frames // _SPECTRA)


def _spoken(span: Span, bleed: Bleed, source: Sequence[Span]) -> _Flags:
    """For each moment of a span: True if the other side speaks, as its copy would be heard."""
    spoken = np.zeros(_moments_in(span), np.bool_)
    reach = int(_REACH_S * SAMPLE_RATE_HZ)
    begin = span.start - bleed.delay
    first_near = bisect_left(source, begin - reach, key=lambda one: one.end)
    first_after = bisect_left(source, begin + span.samples + reach, key=lambda one: one.start)
    for one in source[first_near:first_after]:
        first, last = one.start - reach - begin, one.end + reach - begin
        spoken[max(0, first // _MOMENT) : max(0, last // _MOMENT + 1)] = True
    return spoken


def _more_than_copy(sound: Sound, span: Span, bleed: Bleed, noise_db: float) -> _Flags:
    delay = bleed.delay
    source = spectra(sound.read_channel(bleed.source, span.start - delay, span.end - delay))
    target = spectra(sound.read_channel(bleed.target, span.start, span.end))
    share = explained(
        _around(np.square(np.abs(source))),
        _around(np.square(np.abs(target))),
        _around(np.conj(source) * target),
    )
    copy_db = decibels(_around(powers(source))) + bleed.level_db
    rest_db = decibels(_around(powers(target)) * (1 - share))
    left_db = float(np.clip(decibels(1 - bleed.share) + _OWN_DB, *_LEFT_DB))
    target_db = decibels(_around(powers(target)))
    more: _Flags = (rest_db > copy_db + left_db) & (rest_db > noise_db + _OVER_NOISE_DB)
    # Where each side is heard on the other's channel, an own voice is "explained" by its own copy
    # there; but it is far louder than a copy would be here.
    louder: _Flags = target_db > copy_db + _LOUDER_DB
    return more | louder


def _around(values: Any) -> Any:
    """Means of what belongs to spectra, around each moment, along the first axis."""
    count = values.shape[0]
    moments = -(-count // _SPECTRA)
    rest = [(0, moments * _SPECTRA - count)] + [(0, 0)] * (values.ndim - 1)
    by_moment = np.pad(values, rest).reshape(moments, _SPECTRA, *values.shape[1:]).sum(axis=1)
    wide = np.complex128 if np.iscomplexobj(values) else np.float64
    sums = np.zeros((moments + 1, *values.shape[1:]), wide)
    np.cumsum(by_moment, axis=0, out=sums[1:])
    first = np.maximum(0, np.arange(moments) - _NEIGHBOURS)
    last = np.minimum(moments, np.arange(moments) + _NEIGHBOURS + 1)
    spectra_there = np.minimum(last * _SPECTRA, count) - first * _SPECTRA
    return (sums[last] - sums[first]) / spectra_there.reshape(-1, *[1] * (values.ndim - 1))


def _pieces(own: _Flags, span: Span) -> Iterator[tuple[Span, bool]]:
    """A span cut where it is a copy alone: each piece, and whether it is a copy."""
    own = own.copy()
    if not own.all():
        for first, last, is_own in _runs(own):
            if is_own and last - first < _OWN_MOMENTS:
                own[first:last] = False
    if not own.any():
        yield span, True
        return
    at = span.start
    margin = int(_MARGIN_S * SAMPLE_RATE_HZ)
    for first, last, is_own in _runs(own):
        if is_own:
            continue
        # At the ends of a span there is no own speech to keep away from.
        start = span.start + first * _MOMENT + margin if first else span.start
        end = span.start + last * _MOMENT - margin if last < own.size else span.end
        if end - start >= _COPY_S * SAMPLE_RATE_HZ:
            if start > at:
                yield Span(at, start), False
            yield Span(start, end), True
            at = end
    if at < span.end:
        yield Span(at, span.end), False


def _runs(flags: _Flags) -> list[tuple[int, int, bool]]:
    """Stretches of one value: first, one past the last, and the value."""
    edges = [0, *(np.flatnonzero(np.diff(flags)) + 1).tolist(), flags.size]
    return [(first, last, bool(flags[first])) for first, last in pairwise(edges)]

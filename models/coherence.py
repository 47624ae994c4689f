"""Coherence: how much of one sound a linear filter makes out of another.

A volume, swapped poles, a telephone's band, a codec and the first echoes of a room are such
filters; another voice is not. Measured over seconds of speech, at the best delay of up to 0.3 s:
unrelated voices share 0.07 of their energy in the median and 0.44 in one second of a thousand; one
voice through codecs and filters shares 0.7 and more, through a room whose echoes are as loud as
the voice itself 0.3 to 0.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.sides import DEAD_DB
from models.sound import SAMPLE_RATE_HZ, Samples

FRAME = 1024
"""Samples per spectrum: 64 ms, longer than the first echoes and the pitch period of any voice."""
HOP = 512
"""Samples between spectra."""

Spectra = NDArray[np.complex64]

# 200 to 7000 Hz: no hum, no constant offset, and nothing that resampling touches.
_LOWEST_HZ, _HIGHEST_HZ = 200, 7000
_BAND = slice(_LOWEST_HZ * FRAME // SAMPLE_RATE_HZ, _HIGHEST_HZ * FRAME // SAMPLE_RATE_HZ + 1)
_WINDOW = np.hanning(FRAME + 1)[:-1].astype(np.float32)
_TO_POWER = 2.0 / (FRAME * float(np.sum(_WINDOW**2)))

# A copy comes at most this much later or earlier (samples; 0.3 s, an echo over a slow network).
_LONGEST_DELAY = int(0.3 * SAMPLE_RATE_HZ)
# The spectra of sounds that differ by less than this may be compared as they are (samples; 1 ms).
_NO_DELAY = 16
# So few spectra agree by chance; shorter pieces are compared by plain correlation.
_ENOUGH_SPECTRA = 8
# From this share on, both ways, sounds are one signal as they are: no delay needs to be searched.
_ONE_SIGNAL = 0.7
# Where the correlation at the best delay is lower, it is there by chance: in 900 seconds with a
# copy through rooms and telephones it was 0.09 and more.
_UNLIKE = 0.08
# A sound is lost while it is silent and the other is loud: within this of its own loudest moment,
# and this above its quiet ones, so that noise is not missed where it was not copied (dB).
_LOUD_DB, _OVER_NOISE_DB = 12.0, 6.0
# Transforms of such multiples are fast (samples).
_FAST = 1024
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Relation:
    """How a second sound relates to a first one.

    `forward`: share of the second's energy that the first explains; `backward`: the reverse, both
    in [0, 1]. `delay`: samples by which the second is later. `level_db`: how much louder it is.
    `first_lost`, `second_lost`: share of the time in which it is silent while the other is loud.
    """

    forward: float
    backward: float
    delay: int
    level_db: float
    first_lost: float = 0.0
    second_lost: float = 0.0


class Stretch:
    """About a second of one channel, and what comparisons need of it: each is made only once.

    Args:
        samples: of shape (n,).
        found: its spectra, where they are known.
    """

    def __init__(self, samples: Samples, found: Spectra | None = None) -> None:
        self.samples = samples
        self._found = found

    @cached_property
    def spectra(self) -> Spectra:
        """Spectra of shape (frames, bins)."""
        return spectra(self.samples) if self._found is None else self._found

    def without(self, samples: int) -> Stretch:
        """The same without its first samples; without its last ones, if negative."""
        if samples > 0:
            return Stretch(self.samples[samples:])
        length = self.samples.size + samples
        known = self.spectra[: _frames(length)] if length >= FRAME else None
        return Stretch(self.samples[:length], known)

    @cached_property
    def power(self) -> NDArray[np.float64]:
        """Power per bin, summed over frames."""
        power: NDArray[np.float64] = np.sum(self._squares, axis=0, dtype=np.float64)
        return power

    @cached_property
    def loudness(self) -> NDArray[np.float64]:
        """Loudness of each frame, in dBFS."""
        if not self.samples.any():
            return np.asarray(decibels(np.zeros(_frames(self.samples.size))))
        found: NDArray[np.float64] = decibels(np.sum(self._squares, axis=1) * _TO_POWER)
        return found

    @cached_property
    def whole(self) -> Spectra:
        """One spectrum of everything, with silence behind it for the longest delay."""
        return np.fft.rfft(self.samples, _size(self.samples.size)).astype(np.complex64, copy=False)

    @cached_property
    def _squares(self) -> NDArray[np.float32]:
        return np.square(self.spectra.real) + np.square(self.spectra.imag)


def _frames(samples: int) -> int:
    return 1 + max(0, samples - FRAME) // HOP


def spectra(samples: Samples) -> Spectra:
    """Spectra of samples of shape (..., n): (..., frames, bins), 200 to 7000 Hz.

    Less than a frame is filled up with silence.
    """
    missing = FRAME - samples.shape[-1]
    if missing > 0:
        samples = np.pad(samples, [(0, 0)] * (samples.ndim - 1) + [(0, missing)])
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME, axis=-1)[..., ::HOP, :]
    return np.fft.rfft(frames * _WINDOW, axis=-1)[..., _BAND].astype(np.complex64)


def powers(found: Spectra) -> NDArray[np.float32]:
    """Power of each frame, of shape (..., frames); a full-scale sine has 0.5."""
    power: NDArray[np.float32] = np.sum(np.square(np.abs(found)), axis=-1) * np.float32(_TO_POWER)
    return power


def decibels(power: Any) -> Any:
    """Power in dB; nothing at all is -120 dB."""
    return 10 * np.log10(np.asarray(power, np.float64) + _NOTHING)


def explained(source: Any, target: Any, cross: Any) -> Any:
    """Share of the target's energy that the source explains, in [0, 1].

    Takes sums over frames, each of shape (..., bins): power of the source, power of the target,
    and the target times the conjugate source.
    """
    shared = np.sum(np.square(np.abs(cross)) / (source + _NOTHING), axis=-1)
    return np.minimum(1.0, shared / (np.sum(target, axis=-1) + _NOTHING))


def relation(first: Stretch, second: Stretch) -> Relation:
    """How two sounds of the same length relate, whatever delay is between them."""
    cross = _cross(first, second)
    shares = _shares(first, second, cross)
    if min(shares) >= _ONE_SIGNAL and len(first.spectra) >= _ENOUGH_SPECTRA:
        delay, likeness = _short_delay(cross), 1.0
    else:
        delay, likeness = _delay(first, second)
    if abs(delay) > _NO_DELAY and likeness >= _UNLIKE:
        first, second = first.without(-delay), second.without(delay)
        shares = _shares(first, second, _cross(first, second))
    if len(first.spectra) < _ENOUGH_SPECTRA:
        shares = (likeness**2, likeness**2)
    level_db = float(decibels(np.sum(second.power)) - decibels(np.sum(first.power)))
    return Relation(
        *shares, delay, level_db, first_lost=_lost(first, second), second_lost=_lost(second, first)
    )


def _cross(first: Stretch, second: Stretch) -> NDArray[np.complex64]:
    cross: NDArray[np.complex64] = np.sum(np.conj(first.spectra) * second.spectra, axis=0)
    return cross


def _shares(first: Stretch, second: Stretch, cross: NDArray[np.complex64]) -> tuple[float, float]:
    """What the first explains of the second, and the reverse."""
    return (
        float(explained(first.power, second.power, cross)),
        float(explained(second.power, first.power, cross)),
    )


def _lost(one: Stretch, other: Stretch) -> float:
    """Share of the frames in which one is silent while the other is loud."""
    silent = one.loudness < DEAD_DB
    if not silent.any():
        return 0.0
    quiet_db, loudest_db = np.sort(other.loudness)[[silent.size // 10, -1]]
    loud_db = max(DEAD_DB, loudest_db - _LOUD_DB, quiet_db + _OVER_NOISE_DB)
    return float(np.mean(silent & (other.loudness >= loud_db)))


def _short_delay(cross: NDArray[np.complex64]) -> int:
    """By how many samples the second of two sounds is later that are alike as they are."""
    bins = np.zeros(FRAME // 2 + 1, np.complex64)
    bins[_BAND] = cross
    best = int(np.argmax(np.abs(np.fft.irfft(bins, FRAME))))
    return best if best < FRAME // 2 else best - FRAME


def _size(samples: int) -> int:
    """Length of the transforms in which delays of so many samples are searched."""
    return -(-(samples + _reach(samples)) // _FAST) * _FAST


def _reach(samples: int) -> int:
    return min(_LONGEST_DELAY, samples // 2)


def _delay(first: Stretch, second: Stretch) -> tuple[int, float]:
    """By how many samples the second is later, and the correlation there, in [0, 1]."""
    length = first.samples.size
    reach, size = _reach(length), _size(length)
    audible = slice(_LOWEST_HZ * size // SAMPLE_RATE_HZ, None)
    shared = np.conj(first.whole) * second.whole
    shared[: audible.start] = 0
    lags = np.abs(np.fft.irfft(shared, size))
    near = np.concatenate([lags[size - reach :], lags[: reach + 1]])
    best = int(np.argmax(near))
    energy = [
        float(np.vdot(one.whole[audible], one.whole[audible]).real) for one in (first, second)
    ]
    loudness = 2 / size * float(np.sqrt(np.prod(energy))) + _NOTHING
    return best - reach, min(1.0, float(near[best]) / loudness)

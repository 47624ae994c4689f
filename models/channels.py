"""How the channels of a recording relate: measured, because headers lie.

Many stereo files carry one signal twice, and some carry a side that was never recorded.
"""

from __future__ import annotations

import numpy as np

from calls.call import ChannelLayout
from models.audio import Samples

# Quieter than this RMS (about -70 dBFS) throughout is no recorded voice but line noise or nothing.
DEAD_RMS = 10 ** (-70 / 20)
# Correlation above which two channels are one signal; separate phone sides stay far below.
SAME_SIGNAL_CORRELATION = 0.98


def measure_layout(samples: Samples) -> tuple[ChannelLayout, tuple[int, ...]]:
    """The layout of samples of shape (channels, samples), and the channels that are dead."""
    channels = samples.shape[0]
    if channels == 1:
        return ChannelLayout.MONO, ()
    dead = tuple(index for index in range(channels) if _rms(samples[index]) < DEAD_RMS)
    if dead and len(dead) < channels:
        return ChannelLayout.ONE_DEAD, dead
    if all(_same_signal(samples[0], samples[index]) for index in range(1, channels)):
        return ChannelLayout.DUAL_MONO, ()
    return ChannelLayout.SEPARATE, ()


def _rms(channel: Samples) -> float:
    """Loudness about the mean: a constant offset is no sound."""
    return float(np.std(channel, dtype=np.float64)) if channel.size else 0.0


def _same_signal(first: Samples, second: Samples) -> bool:
    """True for one signal at any volume, also where one side has its poles swapped."""
    if np.array_equal(first, second):
        return True
    loudness = _rms(first) * _rms(second)
    if loudness == 0:
        return False
    means = float(np.mean(first, dtype=np.float64)) * float(np.mean(second, dtype=np.float64))
    covariance = float(np.vdot(first, second)) / first.size - means
    return abs(covariance) / loudness > SAME_SIGNAL_CORRELATION

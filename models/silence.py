"""Leaving out digital silence before a search for speech.

A telephone system that records each side by itself writes zeros while that side is quiet: more than
half of such a channel. A voice detector takes as long for them as for speech, and finds nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.sound import SAMPLE_RATE_HZ, Samples

# Three steps of 16 bits: what is softer holds neither a voice nor a room.
_SILENCE = 1e-4
_FRAME = SAMPLE_RATE_HZ // 10
# Shorter ones are not worth a cut.
_LEAST_FRAMES = 25
# What stays at each end: more than enough for a detector to end one stretch of speech and to begin
# the next.
_KEPT_FRAMES = 7


@dataclass(frozen=True, slots=True)
class Shortened:
    """Samples without the long silences, and where each stretch of them came from.

    `starts` are the places in `samples` where a stretch begins, `origins` its places in the sound.
    """

    samples: Samples
    starts: Sequence[int]
    origins: Sequence[int]

    def origin(self, place: int, *, is_end: bool = False) -> int:
        """Where in the sound a place in the shortened samples was.

        Args:
            place: samples from the start of the shortened samples.
            is_end: True for the end of a span: at a cut it belongs to the stretch before.
        """
        found = (bisect_left if is_end else bisect_right)(self.starts, place)
        stretch = max(0, found - 1)
        return self.origins[stretch] + place - self.starts[stretch]


def peaks(samples: Samples) -> NDArray[np.float32]:
    """The greatest magnitude in each tenth of a second; an unfinished last one included."""
    whole = len(samples) // _FRAME * _FRAME
    found = np.abs(samples[:whole]).reshape(-1, _FRAME).max(axis=1)
    rest = np.abs(samples[whole:])
    return np.append(found, rest.max()) if rest.size else found


def shortened(samples: Samples, loudness: NDArray[np.float32]) -> Shortened:
    """The samples without their long digital silences.

    Args:
        samples: one channel at 16 kHz.
        loudness: the `peaks` of the same samples.
    """
    kept = list(_kept(loudness < _SILENCE, len(samples)))
    lengths = [end - start for start, end in kept]
    return Shortened(
        samples=np.concatenate([samples[start:end] for start, end in kept] or [samples[:0]]),
        starts=[0, *np.cumsum(lengths[:-1]).tolist()] if kept else [0],
        origins=[start for start, _ in kept] or [0],
    )


def _kept(is_silent: NDArray[np.bool_], length: int) -> Iterator[tuple[int, int]]:
    """The stretches to keep as start and end in samples."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_silent, [False])).astype(np.int8)))
    start = 0
    for first, last in edges.reshape(-1, 2).tolist():
        if last - first < _LEAST_FRAMES:
            continue
        # At the very start and end of the sound there is no speech beside the silence.
        cut = (first + _KEPT_FRAMES) * _FRAME if first else 0
        end = (last - _KEPT_FRAMES) * _FRAME if last < len(is_silent) else length
        if cut > start:
            yield start, cut
        start = end
    if start < length:
        yield start, length

"""How loud each part of a chunk is: words where there is no sound were not said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.sound import SAMPLE_RATE_HZ, Samples

WINDOW_S = 0.05
"""Levels are of windows this long: shorter than a syllable."""

# Of 254 stretches of speech in 28 recordings, telephone and studio, the softest reaches -37 dB and
# is 19 dB below the loudest of its chunk; of those over 1 s, the steadiest varies by 18 dB.
NEAR_SILENCE_DB = -50.0
BELOW_SPEECH_DB = 30.0
# Noise that varies less than this between its loud and its soft windows is a hum, a fan, a line.
STEADY_DB = 8.0
_STEADY_S = 1.0

_SILENCE_DB = -120.0
_WINDOW = int(WINDOW_S * SAMPLE_RATE_HZ)


@dataclass(frozen=True, slots=True)
class Loudness:
    """The level of each window of a chunk, in dB (0 is full scale, so levels are negative)."""

    levels_db: NDArray[np.float32]

    @classmethod
    def of(cls, audio: Samples) -> Loudness:
        """The levels of packed samples; the last window may be shorter."""
        finite = np.nan_to_num(np.asarray(audio, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        padded = np.pad(finite, (0, -finite.size % _WINDOW))
        power = np.mean(np.square(padded.reshape(-1, _WINDOW), dtype=np.float64), axis=1)
        levels = 10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DB / 10)))
        return cls(levels.astype(np.float32))

    @property
    def loudest_db(self) -> float:
        """The level of the loudest window; -120 where there is none."""
        return float(self.levels_db.max(initial=_SILENCE_DB))

    def is_quiet(self, start_s: float, end_s: float) -> bool:
        """True when nothing between these times is as loud as somebody speaking."""
        return not self._is_loud(start_s, end_s).any()

    def is_voiceless(self, start_s: float, end_s: float) -> bool:
        """True when what sounds between these times is near-silence or steady noise."""
        return self.is_quiet(start_s, end_s) or self._is_steady(start_s, end_s)

    def sounding_s(self, start_s: float, end_s: float) -> float:
        """Seconds between these times that are as loud as somebody speaking."""
        return float(self._is_loud(start_s, end_s).sum()) * WINDOW_S

    def _is_steady(self, start_s: float, end_s: float) -> bool:
        levels = self._between(start_s, end_s)
        if levels.size * WINDOW_S < _STEADY_S:
            return False
        soft, loud = np.percentile(levels, (10, 95))
        return bool(loud - soft < STEADY_DB)

    def _is_loud(self, start_s: float, end_s: float) -> NDArray[np.bool_]:
        limit = max(NEAR_SILENCE_DB, self.loudest_db - BELOW_SPEECH_DB)
        return np.asarray(self._between(start_s, end_s) >= limit)

    def _between(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        first = max(0, int(start_s / WINDOW_S))
        return self.levels_db[first : max(first, math.ceil(end_s / WINDOW_S))]

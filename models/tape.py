"""Sound and silence laid end to end while a file decodes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from models.sound import SAMPLE_RATE_HZ, Samples, Sound, Spool

# A clock that steps back so soon after a hole was wrong about the hole (seconds).
SECOND_THOUGHTS_S = 10.0
# Channels that sound for a shorter stretch than this are a damaged header's invention (seconds).
SHORTEST_LAYOUT_S = 1.0


class Tape:
    """What has been decoded so far, at 16 kHz.

    A run is sound of one form (layout, rate, sample format) without a hole; each has a resampler
    of its own, because a resampler takes one form only.

    Args:
        folder: where sound goes that is too long for memory; None means the system's own place.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.end_s = 0.0
        self.heard_s = 0.0
        self.silent = 0
        self._spool = Spool(folder)
        self._run_from = 0
        self._form: tuple[str, int, str] | None = None
        self._resampler: av.AudioResampler | None = None
        self._longest_runs: dict[int, int] = {}  # samples by channel count

    def add(self, frame: av.AudioFrame) -> None:
        """Lays one frame. Raises FFmpegError or ValueError if the frame can't be resampled."""
        form = (frame.layout.name, frame.sample_rate, frame.format.name)
        if self._resampler is None or form != self._form:
            self.end_run()
            # Packed samples: PyAV crashes on arrays of eight planes or more.
            self._resampler = av.AudioResampler("flt", frame.layout, SAMPLE_RATE_HZ)
            self._form = form
        frame.pts = None  # the resampler is to see one steady stream
        self._lay(self._resampler.resample(frame))
        frame_s = frame.samples / frame.sample_rate
        self.end_s += frame_s
        self.heard_s += frame_s

    def end_run(self) -> None:
        """Gets the rest out of the resampler; the next frame starts a new one."""
        ended, self._resampler = self._resampler, None
        if ended:
            with contextlib.suppress(av.FFmpegError, ValueError):  # at most some milliseconds
                self._lay(ended.resample(None))
        self._run_from = self._spool.laid
        self.end_s = self._spool.laid / SAMPLE_RATE_HZ

    def fill(self, seconds: float) -> None:
        """Lays silence up to `seconds` beyond the sound so far."""
        until = round((self.end_s + seconds) * SAMPLE_RATE_HZ)
        self.end_run()
        silence = max(0, until - self._spool.laid)
        self._spool.write_silence(silence)
        self.silent += silence
        self.end_run()

    def take_back(self, seconds: float) -> None:
        """Shortens the last silence if it is recent and long enough."""
        since = self._spool.since_silence()
        if since is None or since > SECOND_THOUGHTS_S * SAMPLE_RATE_HZ:
            return
        surplus = round(seconds * SAMPLE_RATE_HZ)
        if self._spool.shorten_silence(surplus):
            self.silent -= surplus
            self._run_from -= surplus
            self.end_s -= seconds

    def silence_note(self) -> str | None:
        """How much of it no packet holds; None where that is within what codecs do."""
        seconds = self.silent / SAMPLE_RATE_HZ
        return f"{seconds:.1f} s without packets are kept as silence" if seconds >= 0.5 else None

    def sound(self) -> Sound:
        """All of it, in the most channels that sounded for longer than damage explains."""
        runs = self._longest_runs or {1: 0}  # a sample or two leave nothing after resampling
        real = [count for count in runs if runs[count] >= SHORTEST_LAYOUT_S * SAMPLE_RATE_HZ]
        channels = max(real) if real else max(runs, key=lambda count: runs[count])
        return self._spool.sound(channels)

    def close(self) -> None:
        """Gives back what the tape holds."""
        self._spool.close()

    def _lay(self, frames: Sequence[av.AudioFrame | None]) -> None:
        for frame in filter(None, frames):  # a resampler with nothing to do gives its input back
            channels = frame.layout.nb_channels
            packed = frame.to_ndarray().astype(np.float32, copy=False)
            self._spool.write(_in_range(packed.reshape(-1, channels).T))
            run = self._spool.laid - self._run_from
            self._longest_runs[channels] = max(run, self._longest_runs.get(channels, 0))


def _in_range(block: Samples) -> Samples:
    """What is no number in a damaged float file is silence; what is too loud is cut."""
    if not np.isfinite(block).all():
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(block, -1, 1)

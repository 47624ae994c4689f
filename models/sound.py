"""Decoded sound that does not have to fit into memory: short in memory, long in a temporary file.

Samples are kept as 16-bit integers (what telephones and Whisper's own training data have) and read
back as float32 in [-1, 1], a window at a time.
"""

from __future__ import annotations

import abc
import io
import shutil
import tempfile
import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000
"""What Silero VAD, Whisper and the embedded engine expect."""

# Longer sound goes to a temporary file: 17 minutes of two channels.
IN_MEMORY_BYTES = 64 * 2**20

_BYTES = 2
_FULL_SCALE = 32_768

Samples = NDArray[np.float32]


class Sound(abc.ABC):
    """All channels of one call on one clock, at 16 kHz. Positions are samples from its start."""

    channel_count: int
    length: int

    @abc.abstractmethod
    def read(self, start: int, end: int) -> Samples:
        """Samples of shape (channels, end - start); what lies beyond the end is silence."""

    @abc.abstractmethod
    def close(self) -> None:
        """Gives the memory or the temporary file back."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.length / SAMPLE_RATE_HZ

    def read_channel(self, channel: int, start: int, end: int) -> Samples:
        """Samples of one channel, of shape (end - start,)."""
        return np.ascontiguousarray(self.read(start, end)[channel])

    def blocks(self, size: int) -> Iterator[tuple[int, Samples]]:
        """The whole sound in order: where each block starts, and its samples."""
        for start in range(0, self.length, size):
            yield start, self.read(start, min(self.length, start + size))

    @staticmethod
    def of(samples: Samples) -> Sound:
        """Sound that is in memory already, of shape (channels, samples)."""
        spool = Spool()
        spool.write(samples)
        return spool.sound(samples.shape[0])

    def __enter__(self) -> Sound:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(slots=True)
class _Piece:
    """Samples of one channel count without a break; silence (no channels) takes no space."""

    channels: int
    samples: int
    offset: int


class Spool:
    """Takes sound as it is decoded; `sound` gives it back for reading.

    Args:
        folder: where sound goes that is too long for memory; None means the system's own place.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.laid = 0
        self._folder = folder
        self._file: IO[bytes] = io.BytesIO()
        self._bytes = 0
        self._pieces: list[_Piece] = []
        self._last_silence: int | None = None  # its place among the pieces

    def write(self, block: Samples) -> None:
        """Adds samples of shape (channels, samples)."""
        channels, samples = block.shape
        if not samples:
            return
        scaled = np.rint(block.T * _FULL_SCALE)
        pcm = np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
        if self._bytes <= IN_MEMORY_BYTES < self._bytes + pcm.nbytes:
            self._go_to_disk()
        self._file.write(pcm.tobytes())
        if self._pieces and self._pieces[-1].channels == channels:
            self._pieces[-1].samples += samples
        else:
            self._pieces.append(_Piece(channels, samples, self._bytes))
        self._bytes += pcm.nbytes
        self.laid += samples

    def write_silence(self, samples: int) -> None:
        """Adds silence."""
        if samples > 0:
            self._last_silence = len(self._pieces)
            self._pieces.append(_Piece(0, samples, self._bytes))
            self.laid += samples

    def since_silence(self) -> int | None:
        """Samples laid since the last silence; None if there was none."""
        if self._last_silence is None:
            return None
        return sum(one.samples for one in self._pieces[self._last_silence + 1 :])

    def shorten_silence(self, samples: int) -> bool:
        """Takes that much off the last silence; False, and nothing happens, if it is shorter."""
        if self._last_silence is None or self._pieces[self._last_silence].samples < samples:
            return False
        self._pieces[self._last_silence].samples -= samples
        self.laid -= samples
        return True

    def sound(self, channels: int) -> Sound:
        """All of it with that many channels. Nothing may be written any more."""
        pieces = [one for one in self._pieces if one.samples]
        return _SpooledSound(self._file, pieces, channels)

    def close(self) -> None:
        """Gives the memory or the temporary file back."""
        self._file.close()

    def _go_to_disk(self) -> None:
        in_memory, self._file = self._file, tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        in_memory.seek(0)
        shutil.copyfileobj(in_memory, self._file)


class _SpooledSound(Sound):
    def __init__(self, file: IO[bytes], pieces: Sequence[_Piece], channels: int) -> None:
        self.channel_count = channels
        self.length = sum(one.samples for one in pieces)
        self._file = file
        self._pieces = pieces
        self._ends = list(accumulate(one.samples for one in pieces))
        self._lock = threading.Lock()  # channels are searched for speech in threads

    def read(self, start: int, end: int) -> Samples:
        samples = np.zeros((self.channel_count, max(0, end - start)), np.float32)
        at = max(0, start)
        for index in range(bisect_right(self._ends, at), len(self._pieces)):
            piece, last = self._pieces[index], min(end, self._ends[index])
            if at >= last:
                break
            if piece.channels:
                within = at - (self._ends[index] - piece.samples)
                block = self._block(piece, within, last - at)
                samples[:, at - start : last - start] = _with_channels(block, self.channel_count)
            at = last
        return samples

    def close(self) -> None:
        self._file.close()

    def _block(self, piece: _Piece, first: int, count: int) -> Samples:
        frame = piece.channels * _BYTES
        with self._lock:
            self._file.seek(piece.offset + first * frame)
            data = self._file.read(count * frame)
        packed = np.frombuffer(data, "<i2").reshape(-1, piece.channels)
        return packed.T.astype(np.float32) / np.float32(_FULL_SCALE)


class SideBySide(Sound):
    """One sound per participant, all starting at the same instant: each is one channel."""

    def __init__(self, sounds: Sequence[Sound]) -> None:
        self.channel_count = len(sounds)
        self.length = max(one.length for one in sounds)
        self._sounds = tuple(sounds)

    def read(self, start: int, end: int) -> Samples:
        """Samples of shape (participants, end - start)."""
        return np.stack([_mixed(one.read(start, end)) for one in self._sounds])

    def read_channel(self, channel: int, start: int, end: int) -> Samples:
        """Samples of one participant."""
        return _mixed(self._sounds[channel].read(start, end))

    def close(self) -> None:
        """Gives the memory or the temporary files back."""
        for one in self._sounds:
            one.close()


def _with_channels(block: Samples, channels: int) -> Samples:
    """A block of another layout: one channel is heard on all, several that are too many on each."""
    there = block.shape[0]
    if there > channels:
        return _mixed(block)[None, :]
    if 1 < there < channels:
        return np.pad(block, ((0, channels - there), (0, 0)))
    return block


def _mixed(block: Samples) -> Samples:
    mixed: Samples = block.mean(axis=0, dtype=np.float32)
    return mixed

"""Sound for tests: pieces of the sample calls, tones, silence, and files that hold them."""

from __future__ import annotations

import functools
import wave
from pathlib import Path

import numpy as np

from models.audio import SAMPLE_RATE_HZ, Samples, decode

SAMPLES = Path(__file__).parents[1] / "data_samples" / "recordings"


@functools.cache
def _sample_call() -> Samples:
    path = SAMPLES / "millbrook-cliches.ogg"
    return decode(path, name=path.name).samples


def sample_speech(*, seconds: float, start_s: float = 0.0) -> Samples:
    """Real (synthesised) speech of shape (2, samples): rep on channel 0, customer on 1."""
    first = int(start_s * SAMPLE_RATE_HZ)
    return _sample_call()[:, first : first + int(seconds * SAMPLE_RATE_HZ)].copy()


def silence(*, seconds: float, channels: int = 1) -> Samples:
    """Digital silence."""
    return np.zeros((channels, int(seconds * SAMPLE_RATE_HZ)), np.float32)


def tone(*, seconds: float, hertz: float = 440.0, level: float = 0.3) -> Samples:
    """A sine of shape (1, samples)."""
    time_s = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (level * np.sin(2 * np.pi * hertz * time_s)).astype(np.float32)[None, :]


def write_wav(path: Path, samples: Samples, *, rate_hz: int = SAMPLE_RATE_HZ) -> Path:
    """A 16-bit wav file with as many channels as `samples` has rows."""
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm.T.tobytes())
    return path

"""Sound for tests: pieces of the sample calls, tones, silence, and files that hold them."""

from __future__ import annotations

import functools
import wave
from collections.abc import Callable
from pathlib import Path

import av
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


def clicks(*at_s: float, seconds: float, rate_hz: int = SAMPLE_RATE_HZ) -> Samples:
    """Silence of shape (1, samples) with a short loud beep that begins at each of `at_s`."""
    samples = np.zeros((1, int(seconds * rate_hz)), np.float32)
    beep = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(rate_hz // 100) / rate_hz)
    for start_s in at_s:
        first = round(start_s * rate_hz)
        samples[0, first : first + beep.size] = beep
    return samples


def clicks_found(channel: Samples) -> list[float]:
    """When the beeps of `clicks` begin, in seconds."""
    loud = np.flatnonzero(np.abs(channel) > 0.2) / SAMPLE_RATE_HZ
    return [float(at) for at in loud[np.diff(loud, prepend=-1.0) > 0.1]]


def encode(
    path: Path,
    samples: Samples,
    codec: str,
    *,
    rate_hz: int = SAMPLE_RATE_HZ,
    keep: Callable[[float], bool] = lambda at_s: True,
    later_s: float = 0.0,
    video_s: float = 0.0,
    options: dict[str, str] | None = None,
) -> Path:
    """A compressed file of mono samples.

    Args:
        path: its suffix names the container.
        samples: of shape (1, samples).
        codec: FFmpeg's name of the encoder.
        rate_hz: of the samples.
        keep: whether the packet at a time is written; lost packets leave a gap in the times.
        later_s: by how much all times of the sound are later.
        video_s: the length of a video beside it; 0 for none.
        options: for the container.
    """
    with av.open(str(path), "w", options=options or {}) as container:
        audio = container.add_stream(codec, rate=rate_hz, layout="mono")
        if video_s:
            _add_video(container, video_s)
        resampler = av.AudioResampler(audio.format, "mono", rate_hz, audio.frame_size or 1024)
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate_hz, 0
        for piece in (*resampler.resample(frame), *resampler.resample(None), None):
            for packet in audio.encode(piece):
                if keep(float(packet.pts * packet.time_base)):
                    packet.pts += round(later_s / packet.time_base)
                    packet.dts = packet.pts
                    container.mux(packet)
    return path


def _add_video(container: av.container.OutputContainer, seconds: float) -> None:
    video = container.add_stream("mpeg4", rate=5)
    video.width = video.height = 64
    video.pix_fmt = "yuv420p"
    for index in range(int(seconds * 5)):
        frame = av.VideoFrame(64, 64, "yuv420p")
        frame.pts = index
        for packet in video.encode(frame):
            container.mux(packet)
    container.mux(video.encode(None))

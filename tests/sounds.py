"""Sound for tests: pieces of the sample calls, tones, silence, and files that hold them."""

from __future__ import annotations

import functools
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from calls.call import ChannelLayout
from models.audio import decode
from models.channels import ChannelMeter
from models.sound import SAMPLE_RATE_HZ, Samples

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


def noise(*, seconds: float, level_db: float, seed: int = 0) -> Samples:
    """White noise of shape (1, samples); `level_db` is its RMS in dBFS."""
    sound = np.random.default_rng(seed).standard_normal((1, int(seconds * SAMPLE_RATE_HZ)))
    return (sound * 10 ** (level_db / 20)).astype(np.float32)


def tones(
    *hertz: float, seconds: float, on_s: float = 0.0, off_s: float = 0.0, level: float = 0.2
) -> Samples:
    """Sines at once, of shape (1, samples); with `on_s` they sound for that long, then pause."""
    time_s = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    sound = level * sum(np.sin(2 * np.pi * one * time_s) for one in hertz) / len(hertz)
    if on_s:
        sound = sound * (time_s % (on_s + off_s) < on_s)
    return np.asarray(sound, np.float32)[None, :]


def dialling(digits: str, *, level: float = 0.2) -> Samples:
    """The touch tones of a number, 0.1 s each with pauses as long, of shape (1, samples)."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    keys = "123456789*0#"
    pause = silence(seconds=0.1)
    heard = [
        piece
        for digit in digits
        for piece in (
            tones(
                rows[keys.index(digit) // 3],
                columns[keys.index(digit) % 3],
                seconds=0.1,
                level=level,
            ),
            pause,
        )
    ]
    return np.concatenate(heard, axis=1)


def hum(*, seconds: float, level_db: float, hertz: float = 50.0) -> Samples:
    """Mains hum with its overtones, of shape (1, samples)."""
    time_s = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    sound = sum(np.sin(2 * np.pi * hertz * n * time_s + n) / n for n in range(1, 12))
    return _at_level(np.asarray(sound), level_db)


def hold_music(*, seconds: float, level_db: float = -20.0, seed: int = 0) -> Samples:
    """A melody with vibrato over chords and a beat, of shape (1, samples)."""
    chance = np.random.default_rng(seed)
    length = int(seconds * SAMPLE_RATE_HZ)
    sound = np.zeros(length + 4 * SAMPLE_RATE_HZ)
    at_s = 0.0
    while at_s < seconds:
        steps, lasts_s = chance.choice([0, 2, 4, 5, 7, 9, 11, 12]), chance.choice([0.3, 0.6, 1.2])
        _add(sound, at_s, note(262 * 2 ** (steps / 12), seconds=lasts_s, vibrato=0.006)[0])
        at_s += lasts_s
    for bar, chord in enumerate(
        [(0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14)] * int(1 + seconds)
    ):
        if bar * 2.4 >= seconds:
            break
        for steps in chord:
            _add(sound, bar * 2.4, 0.2 * note(131 * 2 ** (steps / 12), seconds=2.4)[0])
    for beat in range(int(seconds / 0.3)):
        fade = np.exp(-np.arange(800) / 120)
        _add(sound, beat * 0.3, 0.3 * chance.standard_normal(800) * fade)
    return _at_level(sound[:length], level_db)


def note(hertz: float, *, seconds: float, vibrato: float = 0.0, level: float = 0.5) -> Samples:
    """One note with six overtones, of shape (1, samples)."""
    time_s = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    swing = 1 + vibrato * np.sin(2 * np.pi * 5.5 * time_s)
    phase = 2 * np.pi * np.cumsum(hertz * swing) / SAMPLE_RATE_HZ
    fade = np.minimum(1, np.minimum(time_s, seconds - time_s) / 0.05)
    sound = level * fade * sum(np.sin(n * phase) / n for n in range(1, 7))
    return np.asarray(sound, np.float32)[None, :]


def later(channel: Samples, samples: int) -> Samples:
    """One channel, of shape (samples,), moved to later (or, negative, to earlier) in its length."""
    moved = np.zeros_like(channel)
    if samples >= 0:
        moved[samples:] = channel[: channel.size - samples]
    else:
        moved[:samples] = channel[-samples:]
    return moved


def through_telephone(channel: Samples) -> Samples:
    """One channel as a telephone's earpiece gives it: 300 to 3400 Hz."""
    at = np.arange(-128, 129)
    taps = sum(
        sign * 2 * edge / SAMPLE_RATE_HZ * np.sinc(2 * edge / SAMPLE_RATE_HZ * at)
        for sign, edge in ((1, 3400), (-1, 300))
    )
    return _filtered(channel, np.asarray(taps) * np.hanning(at.size), first=at.size // 2)


def in_a_room(channel: Samples, *, echo_s: float = 0.3, seed: int = 0) -> Samples:
    """One channel with a room's echoes, as loud together as the direct sound.

    `echo_s`: until they have fallen by 60 dB.
    """
    at = np.arange(int(echo_s * SAMPLE_RATE_HZ))
    echoes = np.random.default_rng(seed).standard_normal(at.size) * 10 ** (-3 * at / at.size)
    echoes[:16] = 0
    taps = echoes / np.sqrt(np.sum(np.square(echoes)))
    taps[0] = 1
    return _filtered(channel, taps, first=0)


def other_voice(channel: Samples, *, higher: float) -> Samples:
    """One channel as another voice would say it at the same time: all its sounds are higher."""
    size = 1024
    window = np.hanning(size)
    sound = np.zeros(channel.size + size)
    for first in range(0, channel.size - 2 * size, size // 2):
        at = first + np.arange(size) * higher
        sound[first : first + size] += window * np.interp(at, np.arange(channel.size), channel)
    return sound[: channel.size].astype(np.float32)


def unchanged(channel: Samples) -> Samples:
    """One channel as it is."""
    return channel


def heard_on_each_other(
    call: Samples,
    *,
    level_db: float,
    delay: int = 80,
    path: Callable[[Samples], Samples] = unchanged,
    one_way: bool = False,
) -> Samples:
    """A two-channel call in which each side is also heard on the other's channel.

    Args:
        call: of shape (2, samples).
        level_db: how loud the copies are against their source.
        delay: samples by which they are later.
        path: what happens to a voice on its way to the other's channel.
        one_way: True if only channel 0 is heard on channel 1.
    """
    gain = np.float32(10 ** (level_db / 20))
    copies = np.stack([later(path(side), delay) * gain for side in call[::-1]])
    if one_way:
        copies[0] = 0
    seconds = 1 + call.shape[1] / SAMPLE_RATE_HZ
    line = [noise(seconds=seconds, level_db=-65, seed=seed)[0] for seed in (1, 2)]
    return call + copies + np.stack(line)[:, : call.shape[1]]


def _filtered(channel: Samples, taps: np.ndarray, *, first: int) -> Samples:
    size = 1 << (channel.size + taps.size).bit_length()
    sound = np.fft.irfft(np.fft.rfft(channel, size) * np.fft.rfft(taps, size), size)
    return sound[first : first + channel.size].astype(np.float32)


def _add(sound: np.ndarray, at_s: float, piece: np.ndarray) -> None:
    first = int(at_s * SAMPLE_RATE_HZ)
    sound[first : first + piece.size] += piece[: max(0, sound.size - first)]


def _at_level(sound: np.ndarray, level_db: float) -> Samples:
    return (sound / np.std(sound) * 10 ** (level_db / 20)).astype(np.float32)[None, :]


def layout_of(samples: Samples) -> tuple[ChannelLayout, tuple[int, ...]]:
    """The layout that is measured, and the channels that are dead."""
    meter = ChannelMeter(samples.shape[0])
    meter.add(samples)
    facts = meter.facts()
    return facts.layout, facts.dead

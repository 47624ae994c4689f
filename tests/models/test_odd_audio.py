"""Unusual but whole files: they decode, and each channel stays itself."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from calls.call import ChannelLayout
from calls.errors import UndecodableAudio
from models.audio import decode
from models.sound import SAMPLE_RATE_HZ
from tests.sounds import clicks, clicks_found, encode, layout_of, silence, tone, write_wav


def raw_wav(path: Path, samples: np.ndarray, *, rate_hz: int = SAMPLE_RATE_HZ) -> Path:
    """A mono wav file with the samples as they are: bytes, or floats with whatever they hold."""
    kind = 3 if samples.dtype.kind == "f" else 1
    size = samples.dtype.itemsize
    head = struct.pack("<HHIIHH", kind, 1, rate_hz, rate_hz * size, size, size * 8)
    data = samples.tobytes()
    chunks = b"fmt " + struct.pack("<I", len(head)) + head
    chunks += b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)
    return path


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 48_000])
def test_one_sample_is_audio(tmp_path: Path, rate_hz: int) -> None:
    path = write_wav(tmp_path / "a.wav", np.full((1, 1), 0.5, np.float32), rate_hz=rate_hz)
    assert decode(path, name="a.wav").duration_s < 0.01


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_every_sample_format_of_wav_has_the_same_level(tmp_path: Path, dtype: type) -> None:
    samples = tone(seconds=1)[0]
    raw = (samples * 127 + 128).astype(np.uint8) if dtype is np.uint8 else samples.astype(dtype)
    found = decode(raw_wav(tmp_path / "a.wav", raw), name="a.wav")
    assert np.abs(found.samples).max() == pytest.approx(0.3, abs=0.02)


def test_studio_rates_come_down_to_ours(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", clicks(1.5, seconds=3, rate_hz=96_000), rate_hz=96_000)
    found = decode(path, name="a.wav")
    assert found.sample_rate_hz == 96_000
    assert clicks_found(found.samples[0]) == pytest.approx([1.5], abs=0.005)


# PyAV's own arrays of eight planes or more end the whole process with a segmentation fault.
@pytest.mark.parametrize("channels", [3, 4, 6, 8, 10, 16])
@pytest.mark.parametrize("rate_hz", [8000, 16_000])
def test_many_channels_stay_separate(tmp_path: Path, channels: int, rate_hz: int) -> None:
    time_s = np.arange(2 * rate_hz) / rate_hz
    hertz = [200 + 100 * index for index in range(channels)]
    samples = np.stack([0.3 * np.sin(2 * np.pi * one * time_s) for one in hertz])
    path = write_wav(tmp_path / "a.wav", samples.astype(np.float32), rate_hz=rate_hz)
    found = decode(path, name="a.wav").samples
    spectra = np.abs(np.fft.rfft(found[:, :32_000]))
    assert [int(peak / 2) for peak in spectra.argmax(axis=1)] == hertz
    assert layout_of(found) == (ChannelLayout.SEPARATE, ())


def test_a_cover_picture_is_no_sound(tmp_path: Path) -> None:
    plain = encode(tmp_path / "plain.mp3", clicks(2, seconds=4), "libmp3lame")
    path = tmp_path / "a.mp3"
    picture = b"\0image/png\0\x03\0" + _png() + bytes(100_000)
    frame = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    size = len(frame)
    tag = b"ID3\x03\0\0" + bytes((size >> 7 * place) & 127 for place in (3, 2, 1, 0))
    path.write_bytes(tag + frame + plain.read_bytes())
    found = decode(path, name="a.mp3")
    assert clicks_found(found.samples[0]) == pytest.approx([2], abs=0.02)
    assert (found.truncated, found.notes) == (False, ())
    path.write_bytes(path.read_bytes()[: -plain.stat().st_size // 2])
    assert decode(path, name="a.mp3").truncated  # its header is found behind the picture


def _png() -> bytes:
    codec = av.CodecContext.create("png", "w")
    codec.width = codec.height = 8
    codec.pix_fmt = "rgb24"
    codec.time_base = Fraction(1)
    frame = av.VideoFrame(8, 8, "rgb24")
    return b"".join(bytes(packet) for packet in codec.encode(frame))


def test_the_sound_of_a_video_is_heard(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", clicks(2, seconds=4), "aac", video_s=4)
    found = decode(path, name="a.mp4")
    assert clicks_found(found.samples[0]) == pytest.approx([2], abs=0.07)


def test_a_stream_without_sound_is_refused(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", silence(seconds=0))
    with pytest.raises(UndecodableAudio, match="no frames"):
        decode(path, name="a.wav")


def test_zeros_are_silence(tmp_path: Path) -> None:
    found = decode(write_wav(tmp_path / "a.wav", silence(seconds=2, channels=2)), name="a.wav")
    assert not found.samples.any()
    assert found.notes == ()


@pytest.mark.parametrize("rate_hz", [8000, 16_000])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_no_number_spoils_nothing_around_it(
    tmp_path: Path, bad: float, rate_hz: int
) -> None:
    samples = clicks(0.5, 2.5, seconds=3, rate_hz=rate_hz)[0]
    samples[rate_hz : rate_hz + 5] = bad
    found = decode(raw_wav(tmp_path / "a.wav", samples, rate_hz=rate_hz), name="a.wav").samples
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1
    around = np.concatenate([found[0, 10_000:15_900], found[0, 16_200:39_900]])
    assert np.abs(around).max() < 0.01
    assert clicks_found(found[0, 16_200:]) == pytest.approx([2.5 - 16_200 / 16_000], abs=0.005)

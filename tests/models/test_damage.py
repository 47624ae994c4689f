"""Holes, damage and cut ends: every word keeps its time, and what is missing is said."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from models.audio import _record, decode
from models.sound import SAMPLE_RATE_HZ
from models.truncation import Clock, Damage
from tests.sounds import clicks, clicks_found, encode, silence, tone, write_wav

RIGHT_S = 0.05  # how far word times may be off


def zeroed(path: Path, *, start: float, share: float) -> Path:
    """The file with zeros in place of a stretch of its bytes."""
    data = bytearray(path.read_bytes())
    first, count = int(len(data) * start), int(len(data) * share)
    data[first : first + count] = bytes(count)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("suffix", ["webm", "ogg", "mkv"])
def test_a_gap_without_packets_is_silence_of_that_length(tmp_path: Path, suffix: str) -> None:
    samples = clicks(2, 17, seconds=20, rate_hz=48_000)
    path = encode(
        tmp_path / f"a.{suffix}",
        samples,
        "libopus",
        rate_hz=48_000,
        keep=lambda at_s: not 4 < at_s < 14,
    )
    found = decode(path, name="a")
    assert found.duration_s == pytest.approx(20, abs=0.1)
    assert clicks_found(found.samples[0]) == pytest.approx([2, 17], abs=RIGHT_S)
    assert not found.truncated
    assert not found.damaged
    assert any("without packets are kept as silence" in note for note in found.notes)


def test_many_short_gaps_do_not_add_up(tmp_path: Path) -> None:
    # As a recorder writes that sends one packet in 0.4 s while nobody speaks.
    spoken = [float(at) for at in range(2, 60, 7)]
    samples = clicks(*spoken, seconds=60, rate_hz=48_000)
    path = encode(
        tmp_path / "a.webm",
        samples,
        "libopus",
        rate_hz=48_000,
        keep=lambda at_s: any(abs(at_s - at) < 0.5 for at in spoken) or at_s % 0.4 < 0.02,
    )
    found = decode(path, name="a.webm")
    assert clicks_found(found.samples[0]) == pytest.approx(spoken, abs=RIGHT_S)


def test_a_sound_that_begins_after_the_video_keeps_its_offset(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", clicks(1, 6, seconds=8), "aac", later_s=3, video_s=15)
    found = decode(path, name="a.mp4")
    assert clicks_found(found.samples[0]) == pytest.approx([4, 9], abs=0.07)  # AAC delays by 64 ms
    assert not found.truncated  # the video is longer, the sound is whole


def test_a_longer_video_makes_no_cut_off_sound_of_a_whole_one(tmp_path: Path) -> None:
    samples = clicks(1, 6, seconds=8, rate_hz=48_000)
    path = encode(tmp_path / "a.mkv", samples, "libopus", rate_hz=48_000, later_s=3, video_s=15)
    found = decode(path, name="a.mkv")
    assert clicks_found(found.samples[0]) == pytest.approx([4, 9], abs=RIGHT_S)
    assert not found.truncated


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mkv", "aac"), ("flac", "flac"), ("mp3", "libmp3lame"), ("ogg", "flac")]
)
def test_damage_does_not_shift_what_comes_after_it(tmp_path: Path, suffix: str, codec: str) -> None:
    noise = 0.02 * np.random.default_rng(3).standard_normal((1, 30 * SAMPLE_RATE_HZ))
    samples = clicks(2, 26, seconds=30) + noise.astype(np.float32)
    path = zeroed(encode(tmp_path / f"a.{suffix}", samples, codec), start=0.4, share=0.1)
    found = decode(path, name="a")
    heard = clicks_found(found.samples[0])
    assert heard[-1] - heard[0] == pytest.approx(24, abs=RIGHT_S)
    assert found.duration_s == pytest.approx(30, abs=0.1)
    assert not found.truncated
    assert found.notes


def test_damaged_packets_are_counted_and_not_called_a_cut(tmp_path: Path) -> None:
    path = zeroed(encode(tmp_path / "a.mp3", tone(seconds=20), "libmp3lame"), start=0.4, share=0.1)
    found = decode(path, name="a.mp3")
    assert found.damaged
    assert not found.truncated
    assert "1 damaged packet passed over" in found.notes[0]


@pytest.mark.parametrize(("suffix", "codec"), [("flac", "flac"), ("mp3", "libmp3lame")])
def test_a_cut_end_is_told_where_the_header_knows_the_length(
    tmp_path: Path, suffix: str, codec: str
) -> None:
    path = encode(tmp_path / f"a.{suffix}", tone(seconds=20), codec)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = decode(path, name="a")
    assert found.truncated
    assert found.notes[0].startswith("truncated: the header promises 20")


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [("a.aac", "aac", {}), ("a.mp3", "libmp3lame", {"write_xing": "0"})],
    ids=["raw aac", "mp3 without a Xing frame"],
)
def test_a_guessed_length_is_no_promise(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    # Loud noise, then silence: a length guessed from the first frames' bit rate is far off.
    rng = np.random.default_rng(3)
    noise = 0.3 * rng.standard_normal((1, 20 * SAMPLE_RATE_HZ)).astype(np.float32)
    samples = np.concatenate([silence(seconds=60), noise], axis=1)
    found = decode(encode(tmp_path / name, samples, codec, options=options), name=name)
    assert found.duration_s == pytest.approx(80, abs=0.5)
    assert (found.truncated, found.notes) == (False, ())


def test_a_change_of_layout_and_rate_keeps_both_parts(tmp_path: Path) -> None:
    first = encode(tmp_path / "1.mp3", tone(seconds=3), "libmp3lame")
    stereo = tmp_path / "2.mp3"
    with av.open(str(stereo), "w") as container:
        stream = container.add_stream("libmp3lame", rate=44_100, layout="stereo")
        sides = np.concatenate([tone(seconds=5, hertz=300), tone(seconds=5, hertz=700)])
        pcm = np.ascontiguousarray((sides * 32767).astype(np.int16).T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="stereo")
        frame.sample_rate = SAMPLE_RATE_HZ
        resampler = av.AudioResampler(stream.format, "stereo", 44_100, stream.frame_size)
        for piece in (*resampler.resample(frame), *resampler.resample(None), None):
            container.mux(stream.encode(piece))
    path = tmp_path / "both.mp3"
    path.write_bytes(first.read_bytes() + stereo.read_bytes())
    found = decode(path, name="both.mp3")
    assert found.samples.shape[0] == 2
    assert found.duration_s == pytest.approx(8, abs=0.3)
    middle = found.samples[:, 5 * SAMPLE_RATE_HZ : 7 * SAMPLE_RATE_HZ]
    strongest = [int(np.abs(np.fft.rfft(side)).argmax() / 2) for side in middle]
    assert strongest == [300, 700]
    assert np.abs(found.samples[:, SAMPLE_RATE_HZ : 2 * SAMPLE_RATE_HZ]).max(axis=1).min() > 0.2


def test_flipped_bits_never_crash_the_decoder(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tone(seconds=10), "libmp3lame")
    whole = path.read_bytes()
    for seed in range(10):
        rng = np.random.default_rng(seed)
        data = np.frombuffer(whole, np.uint8).copy()
        hit = rng.integers(len(data) // 4, len(data), len(data) // 50)
        data[hit] ^= rng.integers(1, 255, hit.size, dtype=np.uint8)
        path.write_bytes(data.tobytes())
        found = decode(path, name="a.mp3")
        assert found.samples.shape[0] == 1  # a few frames that claim two channels are damage
        assert found.duration_s < 20


def frame_at(seconds: float, samples: int = 320) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
    frame.sample_rate = SAMPLE_RATE_HZ
    frame.time_base, frame.pts = Fraction(1, 1000), round(seconds * 1000)
    return frame


def test_times_beyond_what_the_file_promises_are_not_believed() -> None:
    frame = frame_at(9000)
    assert Clock(True, 0.0, 60.0).lead_s(frame, 10.0) == 0
    assert Clock(True, 0.0, 10_000.0).lead_s(frame, 10.0) == pytest.approx(8990)


@pytest.mark.parametrize(
    ("wrong_s", "silent_s"),
    [(13.0, 0.0), (5.0, 0.0), (10_000_000.0, 0.0)],
    ids=["ahead", "back", "absurd"],
)
def test_one_wrong_time_leaves_no_silence_behind(wrong_s: float, silent_s: float) -> None:
    times = [index * 0.02 for index in range(1000)]
    times[500] = wrong_s
    tape = _record(iter([frame_at(at) for at in times]), Clock(True, 0.0, math.inf), Damage())
    assert tape.end_s == pytest.approx(20, abs=0.001)
    assert tape.silent / SAMPLE_RATE_HZ == pytest.approx(silent_s, abs=0.03)


def test_a_clock_that_starts_again_adds_and_removes_nothing() -> None:
    times = [index * 0.02 for index in (*range(500), *range(1000))]
    tape = _record(iter([frame_at(at) for at in times]), Clock(True, 0.0, math.inf), Damage())
    assert tape.end_s == pytest.approx(30, abs=0.001)


def test_lost_bytes_last_as_long_as_good_ones() -> None:
    damage = Damage(good_bytes=1000)
    damage.count(ValueError("x"), lost_bytes=500)
    assert damage.lost_s(heard_s=4.0) == 2.0


def test_a_cut_wav_is_truncated_and_not_damaged(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(seconds=10))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = decode(path, name="a.wav")
    assert (found.truncated, found.damaged) == (True, False)

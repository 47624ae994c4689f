"""Decoding: every channel on one clock, damage told, nothing invented."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from calls.call import ChannelLayout
from calls.errors import EmptyFile, UndecodableAudio
from models.audio import decode
from models.sound import SAMPLE_RATE_HZ
from tests.sounds import SAMPLES, layout_of, sample_speech, silence, tone, write_wav


def test_channels_keep_their_order_and_length(tmp_path: Path) -> None:
    samples = np.concatenate([tone(seconds=2), silence(seconds=2)])
    found = decode(write_wav(tmp_path / "a.wav", samples), name="a.wav")
    assert found.samples.shape == (2, 2 * SAMPLE_RATE_HZ)
    assert np.abs(found.samples[0]).max() == pytest.approx(0.3, abs=0.01)
    assert np.abs(found.samples[1]).max() == 0
    assert not found.truncated


def test_a_click_is_found_where_it_was_put_after_resampling(tmp_path: Path) -> None:
    rate_hz = 8000
    samples = np.zeros((2, 10 * rate_hz), np.float32)
    samples[1, 7 * rate_hz] = 1.0
    found = decode(write_wav(tmp_path / "a.wav", samples, rate_hz=rate_hz), name="a.wav")
    heard_at_s = np.abs(found.samples[1]).argmax() / SAMPLE_RATE_HZ
    assert heard_at_s == pytest.approx(7.0, abs=0.005)


def test_an_open_file_is_decoded_like_a_path(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(seconds=1))
    from_path = decode(path, name="a.wav").samples
    from_file = decode(io.BytesIO(path.read_bytes()), name="a.wav").samples
    assert np.array_equal(from_path, from_file)


def test_a_zero_byte_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    with pytest.raises(EmptyFile, match=r"calls/empty\.wav: the file is empty"):
        decode(path, name="calls/empty.wav")


def test_text_named_wav_is_refused_without_naming_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("these are my notes\n" * 100)
    with pytest.raises(UndecodableAudio, match="no audio can be decoded") as caught:
        decode(path, name="notes.wav")
    assert str(tmp_path) not in str(caught.value)


def test_a_truncated_wav_keeps_what_decodes_and_says_so(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(seconds=10))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = decode(path, name="a.wav")
    assert found.truncated
    assert found.duration_s == pytest.approx(5, abs=0.1)
    assert "the header promises 320000 bytes" in found.notes[0]


def test_a_truncated_ogg_keeps_what_decodes_and_says_so(tmp_path: Path) -> None:
    whole = (SAMPLES / "millbrook-cliches.ogg").read_bytes()
    path = tmp_path / "a.ogg"
    path.write_bytes(whole[: len(whole) // 2])
    found = decode(path, name="a.ogg")
    assert found.truncated
    assert 10 < found.duration_s < 60


def test_a_wav_that_was_streamed_without_a_length_is_whole(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(seconds=1))
    data = bytearray(path.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert not decode(path, name="a.wav").truncated


def test_the_samples_are_whole() -> None:
    for path in SAMPLES.glob("*.ogg"):
        assert not decode(path, name=path.name).truncated, path.name


def test_lost_ogg_pages_are_silence_and_not_called_a_cut(tmp_path: Path) -> None:
    whole = SAMPLES / "millbrook-cliches.ogg"
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = b"\0" * 20_000
    path = tmp_path / "a.ogg"
    path.write_bytes(data)
    found = decode(path, name="a.ogg")
    assert not found.truncated
    assert found.duration_s == pytest.approx(decode(whole, name="a").duration_s, abs=0.05)
    assert "without packets are kept as silence" in found.notes[0]


def test_the_samples_decode_to_two_separate_sides() -> None:
    layout, dead = layout_of(sample_speech(seconds=20))
    assert layout is ChannelLayout.SEPARATE
    assert dead == ()


@pytest.mark.parametrize(
    ("samples", "layout", "dead"),
    [
        (tone(seconds=1), ChannelLayout.MONO, ()),
        (np.repeat(tone(seconds=1), 2, axis=0), ChannelLayout.DUAL_MONO, ()),
        (np.concatenate([tone(seconds=1), silence(seconds=1)]), ChannelLayout.ONE_DEAD, (1,)),
        (np.concatenate([silence(seconds=1), tone(seconds=1)]), ChannelLayout.ONE_DEAD, (0,)),
        (silence(seconds=1, channels=2), ChannelLayout.DUAL_MONO, ()),
        (
            np.concatenate([tone(seconds=1), tone(seconds=1, hertz=523)]),
            ChannelLayout.SEPARATE,
            (),
        ),
    ],
    ids=["mono", "same signal", "right dead", "left dead", "all silent", "different"],
)
def test_the_layout_is_measured(
    samples: np.ndarray, layout: ChannelLayout, dead: tuple[int, ...]
) -> None:
    assert layout_of(samples) == (layout, dead)


def test_one_signal_at_two_volumes_is_one_signal() -> None:
    loud = tone(seconds=1)
    assert layout_of(np.concatenate([loud, loud * 0.2]))[0] is ChannelLayout.DUAL_MONO


def test_one_signal_with_its_poles_swapped_is_one_signal() -> None:
    signal = sample_speech(seconds=5)[:1]
    assert layout_of(np.concatenate([signal, -signal]))[0] is ChannelLayout.DUAL_MONO


def test_a_constant_offset_is_no_sound() -> None:
    signal = sample_speech(seconds=5)[:1] * 0.4
    offset = np.full_like(signal, 0.5)
    assert layout_of(np.concatenate([signal + 0.5, offset])) == (
        ChannelLayout.ONE_DEAD,
        (1,),
    )
    both = sample_speech(seconds=20) * 0.4 + 0.5
    assert layout_of(both)[0] is ChannelLayout.SEPARATE

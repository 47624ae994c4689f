"""Tones, music, noise and silence give no words; speech stays, however soft or drowned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.audio import decode
from models.not_speech import other_sounds, why_not_speech, without_other_sounds
from models.sound import SAMPLE_RATE_HZ, Samples, Sound
from models.vad import Span, find_speech
from tests.sounds import (
    SAMPLES,
    clicks,
    dialling,
    hold_music,
    hum,
    in_a_room,
    noise,
    note,
    sample_speech,
    silence,
    through_telephone,
    tone,
    tones,
    unchanged,
)

SHORTEST = SAMPLE_RATE_HZ // 10

MADE: dict[str, Callable[[], Samples]] = {
    "silence": lambda: silence(seconds=20),
    "comfort noise": lambda: noise(seconds=20, level_db=-65),
    "loud noise": lambda: noise(seconds=20, level_db=-25),
    "hum": lambda: hum(seconds=20, level_db=-30),
    "hum of a transformer": lambda: hum(seconds=20, level_db=-30, hertz=120),
    "clicks": lambda: clicks(*np.arange(1, 19, 0.7), seconds=20),
    "1 kHz": lambda: tone(seconds=20, hertz=1000),
    "dial tone": lambda: tones(350, 440, seconds=20),
    "ringing": lambda: tones(440, 480, seconds=20, on_s=2, off_s=4),
    "ringing in Europe": lambda: tones(425, seconds=20, on_s=1, off_s=4),
    "busy": lambda: tones(480, 620, seconds=20, on_s=0.5, off_s=0.5),
    "fax calling": lambda: tones(1100, seconds=20, on_s=0.5, off_s=3),
    "fax answering": lambda: tones(2100, seconds=20),
    "dialling": lambda: dialling("0123456789*#" * 4),
    "ringing on a noisy line": lambda: (
        tones(440, 480, seconds=20, on_s=2, off_s=4) + noise(seconds=20, level_db=-45)
    ),
    "held notes": lambda: np.concatenate([note(220 * 2**n, seconds=5) for n in range(4)], axis=1),
    "hold music": lambda: hold_music(seconds=20),
    "other hold music": lambda: hold_music(seconds=20, seed=1),
}


def speech_in(channel: Samples) -> tuple[Span, ...]:
    """What is left of the speech that voice activity detection finds in one channel."""
    with Sound.of(channel[None, :]) as sound:
        return without_other_sounds(sound, 0, find_speech(sound, 0))


@pytest.mark.parametrize("path", [unchanged, through_telephone, in_a_room])
@pytest.mark.parametrize("kind", MADE)
def test_what_is_no_speech_gives_no_speech(kind: str, path: Callable[[Samples], Samples]) -> None:
    for gain in (1.0, 0.1, 0.01):
        assert speech_in(np.float32(gain) * path(MADE[kind]()[0])) == (), gain


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (silence(seconds=1), "too quiet"),
        (noise(seconds=1, level_db=-75), "too quiet"),
        (np.zeros((1, 0), np.float32), "too quiet"),
        (tone(seconds=1), "tone"),
        (tones(350, 440, seconds=1) + noise(seconds=1, level_db=-60), "tone"),
        (hum(seconds=1, level_db=-30, hertz=120), "tone"),
        (tones(440, 480, seconds=3) + sample_speech(seconds=3, start_s=2)[:1] * 0.2, ""),
        (sample_speech(seconds=4)[:1], ""),
    ],
    ids=[
        "silence",
        "line noise",
        "nothing",
        "sine",
        "dial tone in noise",
        "hum",
        "soft speech over ringing",
        "speech",
    ],
)
def test_a_reason_is_given_for_what_is_no_speech(made: Samples, reason: str) -> None:
    assert why_not_speech(made[0]) == reason


def test_a_held_note_in_music_is_music() -> None:
    music = hold_music(seconds=20)[0] + note(262, seconds=20, level=0.5)[0]
    held = Span(int(8.0 * SAMPLE_RATE_HZ), int(8.7 * SAMPLE_RATE_HZ))
    with Sound.of(music[None, :]) as sound:
        assert other_sounds(sound, 0, [held]) == {held: "music"}
        nearby = Span(held.end + SAMPLE_RATE_HZ, held.end + 2 * SAMPLE_RATE_HZ)
        assert held not in other_sounds(sound, 0, [held, nearby])


def test_a_held_note_in_silence_may_be_a_voice() -> None:
    channel = np.zeros(20 * SAMPLE_RATE_HZ, np.float32)
    held = Span(8 * SAMPLE_RATE_HZ, 9 * SAMPLE_RATE_HZ)
    channel[held.start : held.end] = note(150, seconds=1, vibrato=0.01)[0]
    channel[held.start : held.end] += noise(seconds=1, level_db=-35)[0]
    with Sound.of(channel[None, :]) as sound:
        assert other_sounds(sound, 0, [held]) == {}


def test_a_span_at_either_end_of_the_sound_is_judged_too() -> None:
    with Sound.of(tone(seconds=1)) as sound:
        whole = Span(0, sound.length)
        assert other_sounds(sound, 0, [whole]) == {whole: "tone"}
        assert other_sounds(sound, 0, []) == {}


@pytest.mark.parametrize("loudest_db", [-20, -40, -55, -60])
def test_soft_speech_is_speech(loudest_db: float) -> None:
    """The loudest 0.1 s of the sample speech has -17 dBFS."""
    rep = sample_speech(seconds=30)[0]
    with Sound.of(rep[None, :] * np.float32(10 ** ((loudest_db + 17) / 20))) as sound:
        found = find_speech(sound, 0)
        assert found
        assert without_other_sounds(sound, 0, found) == found


@pytest.mark.parametrize(
    "other",
    [
        hold_music(seconds=30),
        tones(350, 440, seconds=30),
        tones(440, 480, seconds=30, on_s=2, off_s=4),
        hum(seconds=30, level_db=-25),
        noise(seconds=30, level_db=-35),
    ],
    ids=["music", "dial tone", "ringing", "hum", "noise"],
)
@pytest.mark.parametrize("louder_db", [-10, 0, 6])
def test_speech_over_other_sounds_is_speech(other: Samples, louder_db: float) -> None:
    rep = sample_speech(seconds=30)[0]
    gain = np.std(rep) / np.std(other) * 10 ** (louder_db / 20)
    mixed = (0.3 * (rep + gain * other[0]))[None, :].astype(np.float32)
    with Sound.of(mixed) as sound:
        found = find_speech(sound, 0)
        assert found
        assert without_other_sounds(sound, 0, found) == found


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.ogg")), ids=lambda path: path.stem)
def test_no_speech_of_the_samples_is_lost(path: Path) -> None:
    with decode(path, name=path.name).sound as sound:
        for channel in range(sound.channel_count):
            assert other_sounds(sound, channel, find_speech(sound, channel)) == {}


def test_no_speech_of_real_recordings_is_lost(shared_recordings: Path) -> None:
    """Some 200 stretches: calls, a meeting, hesitations, laughter, several codecs."""
    names = [
        path
        for suffix in ("wav", "mp3", "flac")
        for path in sorted(shared_recordings.rglob(f"*.{suffix}"))
        if path.parent.name != "damaged"
    ]
    judged = 0
    for path in names:
        with decode(path, name=path.name).sound as sound:
            for channel in range(sound.channel_count):
                found = find_speech(sound, channel)
                judged += len(found)
                gone = other_sounds(sound, channel, found)
                # Where a long stretch is divided, some silent milliseconds may stand alone.
                heard = {span: why for span, why in gone.items() if span.samples >= SHORTEST}
                assert heard == {}, path.name
    assert judged > 150

"""Whatever is done to a recording, the reader gives sound that is in order or says what is wrong.

`FUZZ_EXAMPLES` makes the random part as long as wanted.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.errors import EmptyFile, UndecodableAudio
from models.audio import DecodedAudio, decode
from models.sound import SAMPLE_RATE_HZ
from tests.sounds import encode, sample_speech, write_wav

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
SECONDS = 6.0
CODECS = {
    "mp3": "libmp3lame",
    "ogg": "libopus",
    "flac": "flac",
    "m4a": "aac",
    "webm": "libopus",
    "mkv": "flac",
    "aac": "aac",
}
FORMATS = ("wav", *CODECS)


class Files(dict[str, bytes]):
    """Files by suffix, which hypothesis need not print."""

    def __repr__(self) -> str:
        return "files"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A few seconds of speech in every container."""
    folder = tmp_path_factory.mktemp("whole")
    speech = sample_speech(seconds=SECONDS)
    paths = {"wav": write_wav(folder / "a.wav", speech)}
    for suffix, codec in CODECS.items():
        rate_hz = 48_000 if codec == "libopus" else SAMPLE_RATE_HZ
        mono = np.repeat(speech[:1], rate_hz // SAMPLE_RATE_HZ, axis=1)
        paths[suffix] = encode(folder / f"a.{suffix}", mono, codec, rate_hz=rate_hz)
    return Files({suffix: path.read_bytes() for suffix, path in paths.items()})


def heard(data: bytes) -> DecodedAudio | None:
    """The sound of a damaged file, if any; anything but sound in order or a clear error fails."""
    with suppress(EmptyFile, UndecodableAudio):
        return sound_in_order(decode(io.BytesIO(data), name="damaged"))
    return None


def sound_in_order(found: DecodedAudio) -> DecodedAudio:
    with found.sound:
        samples = found.samples
    assert samples.dtype == np.float32
    assert samples.shape[0] >= 1
    assert np.isfinite(samples).all()
    assert np.abs(samples).max(initial=0.0) <= 1.0
    assert found.duration_s == samples.shape[1] / SAMPLE_RATE_HZ
    return found


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_cut_in_the_middle_gives_its_first_half_or_says_why_not(
    files: Files, suffix: str
) -> None:
    whole = files[suffix]
    found = heard(whole[: len(whole) // 2])
    if suffix == "m4a":  # its index comes last
        assert found is None
        return
    assert found is not None
    assert SECONDS / 4 < found.duration_s < SECONDS * 0.8
    # Streams without any length are whole wherever they end.
    assert found.truncated or suffix in ("mkv", "webm", "aac", "mp3")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_file_with_flipped_bytes_gives_most_of_its_sound_or_says_so(
    files: Files, suffix: str, seed: int
) -> None:
    random = np.random.default_rng(seed)
    data = np.frombuffer(files[suffix], np.uint8).copy()
    body = slice(2048, len(data) - 2048)
    hits = random.integers(body.start, body.stop, max(3, len(data) // 2000))
    data[hits] ^= random.integers(1, 255, hits.size, dtype=np.uint8)
    found = heard(data.tobytes())
    assert found is not None
    assert found.duration_s < SECONDS * 2
    # An Ogg page with one wrong byte is lost whole, a second of sound; then that is said.
    assert found.duration_s > SECONDS / 3 or found.truncated


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_mislabelled_file_is_heard_as_what_it_is(
    files: Files, suffix: str, tmp_path: Path
) -> None:
    wrong = tmp_path / ("call.mp3" if suffix != "mp3" else "call.wav")
    wrong.write_bytes(files[suffix])
    found = decode(wrong, name=wrong.name)
    with found.sound:
        assert found.duration_s == pytest.approx(SECONDS, abs=0.2)
        assert np.abs(found.samples).max() > 0.1


@st.composite
def damage(draw: st.DrawFn) -> list[tuple[str, float, float, int]]:
    """What is done, where it begins and how long it is (shares of the file), and a seed."""
    kinds = st.sampled_from(["cut", "flip", "drop", "repeat", "junk", "zero"])
    share = st.floats(0, 1, allow_nan=False)
    return draw(
        st.lists(st.tuples(kinds, share, share, st.integers(0, 2**16)), min_size=1, max_size=3)
    )


def damaged(data: bytes, what: list[tuple[str, float, float, int]]) -> bytes:
    for kind, at, length, seed in what:
        first = int(at * len(data))
        last = min(len(data), first + 1 + int(length * min(len(data), 5000)))
        random = np.random.default_rng(seed)
        noise = random.integers(0, 256, max(0, last - first), dtype=np.uint8).tobytes()
        data = {
            "cut": data[:first],
            "flip": data[:first] + noise[:20] + data[first + len(noise[:20]) :],
            "drop": data[:first] + data[last:],
            "repeat": data[:last] + data[first:],
            "junk": data[:first] + noise + data[first:],
            "zero": data[:first] + bytes(last - first) + data[last:],
        }[kind]
    return data


@pytest.mark.parametrize("suffix", FORMATS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(what=damage())
def test_no_damage_gets_beyond_the_reader(
    files: Files, suffix: str, what: list[tuple[str, float, float, int]]
) -> None:
    found = heard(damaged(files[suffix], what))
    if found is not None:
        # Damaged times may open a hole; they may not make a call of days out of seconds.
        assert found.duration_s < 4 * 3600 + 10 * SECONDS

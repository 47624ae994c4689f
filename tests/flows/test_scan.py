"""Which files are looked at, and which are still being written."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from calls.errors import UsageError
from calls.settings import DiscoverySettings
from flows.discovery.location import Location
from flows.discovery.scan import FileKind, Scan, kind_of, scan
from tests.sounds import silence, write_wav

NOW = 1_800_000_000.0


def put(folder: Path, name: str, *, age_s: float = 3600, data: bytes = b"x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def scanned(folder: Path, settle_s: float = 10, wait_s: float = 10, **changes: object) -> Scan:
    """A scan at `NOW` that does not really wait: sleeping moves the clock."""
    clock = [NOW]

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        for change in changes.values():
            assert callable(change)
            change()

    settings = DiscoverySettings(settle_s=settle_s, settle_wait_s=wait_s)
    return scan(Location(str(folder)), settings, now=lambda: clock[0], sleep=sleep)


def names(found: Scan) -> list[str]:
    return [file.name for file, _ in found.files]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wav", FileKind.AUDIO),
        ("deep/folder/A.MP3", FileKind.AUDIO),
        ("a.call.json", FileKind.SIDECAR),
        ("a.vcon.json", FileKind.JSON),
        ("a.vtt", FileKind.TRANSCRIPT),
        ("calls.csv", FileKind.CALL_LIST),
        ("other.csv", FileKind.OTHER),
        ("notes.pdf", FileKind.OTHER),
    ],
)
def test_a_file_is_what_its_name_says(name: str, kind: FileKind) -> None:
    assert kind_of(name) is kind


def test_a_recording_without_a_telling_name_is_known_by_how_it_begins(recordings: Path) -> None:
    data = write_wav(recordings / "x.wav", silence(seconds=1)).read_bytes()
    put(recordings, "call-0815", data=data)
    put(recordings, "notes.doc", data=b"dear diary")
    (recordings / "x.wav").unlink()
    found = scanned(recordings)
    assert names(found) == ["call-0815"]
    assert [file.name for file in found.ignored] == ["notes.doc"]


def test_hidden_files_and_the_warehouse_inside_the_location_are_passed_over(
    recordings: Path,
) -> None:
    put(recordings, "a.wav")
    put(recordings, ".part/b.wav")
    put(recordings, ".c.wav")
    put(recordings, "warehouse/d.wav")
    files = Location(str(recordings)).files(without=recordings / "warehouse")
    assert [file.name for file in files] == ["a.wav"]


def test_a_missing_location_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--recordings"):
        Location(str(tmp_path / "nowhere")).files()


def test_settled_files_are_taken_without_waiting(recordings: Path) -> None:
    put(recordings, "a.wav", age_s=11)

    def never() -> None:
        raise AssertionError("it waited")

    assert names(scanned(recordings, change=never)) == ["a.wav"]


def test_a_young_file_that_stays_the_same_settles_within_the_run(recordings: Path) -> None:
    put(recordings, "a.wav", age_s=3)
    assert names(scanned(recordings)) == ["a.wav"]


def test_a_file_that_grows_while_we_look_is_left_for_the_next_run(recordings: Path) -> None:
    put(recordings, "a.wav", age_s=60)
    put(recordings, "b.wav", age_s=3)
    found = scanned(recordings, change=lambda: put(recordings, "b.wav", age_s=-9, data=b"xx"))
    assert names(found) == ["a.wav"]
    assert [file.name for file in found.unsettled] == ["b.wav"]


def test_a_long_settling_time_is_not_waited_for(recordings: Path) -> None:
    put(recordings, "a.wav", age_s=3)

    def never() -> None:
        raise AssertionError("it waited")

    found = scanned(recordings, settle_s=600, change=never)
    assert [file.name for file in found.unsettled] == ["a.wav"]


def test_a_clock_that_is_hours_ahead_does_not_hold_a_file_back_for_ever(recordings: Path) -> None:
    put(recordings, "a.wav", age_s=-7200)
    assert names(scanned(recordings)) == ["a.wav"]


def test_a_bucket_is_listed_and_read_like_a_folder() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/calls-bucket/day/a.wav", b"sound")
    try:
        location = Location("memory://calls-bucket")
        (file,) = location.files()
        assert file.name == "day/a.wav"
        assert abs(file.mtime_ns / 1e9 - time.time()) < 60
        assert location.read("day/a.wav") == b"sound"
        with location.audio("day/a.wav") as stream:
            assert not isinstance(stream, Path)
            assert stream.read() == b"sound"
    finally:
        memory.rm("/calls-bucket", recursive=True)

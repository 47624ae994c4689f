"""The files of the location by what they contribute, without those still being written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from calls.settings import DiscoverySettings
from flows.discovery.location import FoundFile, Location

# Everything PyAV is likely to decode; files of other names are judged by how they begin.
AUDIO_ENDINGS = frozenset(
    ending
    for group in (
        ("aac", "amr", "ape", "awb", "flac", "gsm", "mp2", "mp3", "mpga", "spx", "wma", "wv"),
        ("aif", "aifc", "aiff", "au", "caf", "oga", "ogg", "opus", "ra", "wav", "wave"),
        ("3gp", "m4a", "m4b", "mka", "mkv", "mov", "mp4", "weba", "webm"),
    )
    for ending in group
)
TRANSCRIPT_ENDINGS = frozenset({"vtt", "srt"})
SIDECAR_ENDING = ".call.json"
CALL_LISTS = frozenset({"calls.csv", "calls.parquet"})

# How recordings begin, for files whose name says nothing.
_MAGIC = (b"RIFF", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"#!AMR", b"\x1aE\xdf\xa3")
# A clock that is this far ahead is wrong; such a file is not "still being written" for ever.
_WRONG_CLOCK_S = 3600.0


class FileKind(StrEnum):
    """What a file in the location can be."""

    AUDIO = "audio"
    TRANSCRIPT = "transcript"
    SIDECAR = "sidecar"
    JSON = "json"  # a transcript or a sidecar: its content decides
    CALL_LIST = "call_list"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in the location now."""

    files: tuple[tuple[FoundFile, FileKind], ...]
    unsettled: tuple[FoundFile, ...]
    ignored: tuple[FoundFile, ...]


def kind_of(name: str) -> FileKind:
    """What a file is by its name alone."""
    path = PurePosixPath(name.lower())
    ending = path.suffix.removeprefix(".")
    if path.name in CALL_LISTS:
        return FileKind.CALL_LIST
    if path.name.endswith(SIDECAR_ENDING):
        return FileKind.SIDECAR
    if ending == "json":
        return FileKind.JSON
    if ending in AUDIO_ENDINGS:
        return FileKind.AUDIO
    return FileKind.TRANSCRIPT if ending in TRANSCRIPT_ENDINGS else FileKind.OTHER


def scan(
    location: Location,
    settings: DiscoverySettings,
    *,
    warehouse: Path | None = None,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Scan:
    """The settled files with their kinds, those left for the next run, and those of no use here.

    A file younger than `settle_s` gets one more look in this run if that costs at most
    `settle_wait_s`; one that has changed meanwhile is still being written.
    """
    files = location.files(without=warehouse)
    young = [file for file in files if _age_left(file, settings.settle_s, now()) > 0]
    writing = _look_again(location, young, settings, now=now, sleep=sleep) if young else set()
    kinds = [(file, _kind(location, file)) for file in files if file.name not in writing]
    return Scan(
        files=tuple((file, kind) for file, kind in kinds if kind is not FileKind.OTHER),
        unsettled=tuple(file for file in files if file.name in writing),
        ignored=tuple(file for file, kind in kinds if kind is FileKind.OTHER),
    )


def _age_left(file: FoundFile, settle_s: float, now: float) -> float:
    """Seconds until the file counts as settled; 0 or less when it does."""
    age = now - file.mtime_ns / 1e9
    return 0.0 if age < -_WRONG_CLOCK_S else settle_s - age


def _look_again(
    location: Location,
    young: Sequence[FoundFile],
    settings: DiscoverySettings,
    *,
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> set[str]:
    """Names of the files that are still being written after one more look."""
    wait_s = max(_age_left(file, settings.settle_s, now()) for file in young)
    if wait_s > settings.settle_wait_s:
        # Waiting for the youngest would hold up the night; take those that settle in time.
        in_time = [
            file
            for file in young
            if _age_left(file, settings.settle_s, now()) <= settings.settle_wait_s
        ]
        wait_s = settings.settle_wait_s if in_time else 0.0
    if wait_s > 0:
        sleep(wait_s)
    return {
        file.name
        for file in young
        if location.look_again(file) != file or _age_left(file, settings.settle_s, now()) > 0
    }


def _kind(location: Location, file: FoundFile) -> FileKind:
    kind = kind_of(file.name)
    if kind is not FileKind.OTHER or file.size_bytes == 0:
        return kind
    try:
        start = location.head(file.name, 12)
    except OSError:
        return FileKind.OTHER  # nobody can tell what it is
    is_audio = start.startswith(_MAGIC) or start[4:8] == b"ftyp"
    return FileKind.AUDIO if is_audio else FileKind.OTHER

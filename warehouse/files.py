"""Files written whole or not at all, and locks: the ground the warehouse stands on."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_numbers = itertools.count()


def make_folder(path: Path) -> None:
    """Returns when the folder exists; it and its new parents can be entered by the owner only."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        path.mkdir(mode=PRIVATE_FOLDER)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Returns when the names in that folder are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def to_json(facts: Any, *, indent: int | None = None) -> bytes:
    """The facts as JSON that gives back every text exactly; points in time become texts."""
    text = json.dumps(facts, ensure_ascii=False, indent=indent, default=_iso)
    # A file name that is no UTF-8 has lone surrogates; what they become here is JSON's own escape.
    return text.encode("utf-8", "backslashreplace")


def _iso(value: object) -> str:
    """What JSON has no form for: dates and points in time, as ISO 8601."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"JSON holds no {type(value).__name__}.")


def write_synced(path: Path, data: bytes | memoryview) -> None:
    """Returns when a new file holds the bytes, on disk; an existing file is refused."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes | memoryview, *, staging: Path) -> None:
    """Returns when `path` holds the bytes, on disk; until then it holds what it held before.

    Args:
        path: the file; its folder is made when missing.
        data: what it shall hold.
        staging: a folder on the same file system where the unfinished file may lie.
    """
    make_folder(staging)
    make_folder(path.parent)
    unfinished = staging / staging_name()
    try:
        write_synced(unfinished, data)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def staging_name() -> str:
    """A file name nobody else uses now, and that no reader of `*.parquet` takes for a table."""
    return f"{os.getpid()}-{next(_numbers)}-{os.urandom(4).hex()}.tmp"


def sweep(staging: Path) -> int:
    """How many unfinished files were removed. Only call it while nobody else writes there."""
    if not staging.is_dir():
        return 0
    left = list(staging.glob("*.tmp"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


@contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[int]:
    """The descriptor of a lock file while the lock is held; the system frees it if we die.

    Raises:
        BlockingIOError: if `wait` is False and another holds the lock.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(descriptor, how if wait else how | fcntl.LOCK_NB)
        yield descriptor
    finally:
        os.close(descriptor)

"""The place a mirror lies in: an object store through fsspec, or a folder."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import fsspec

from calls.errors import MirrorUnreachable, NightcallError, UsageError
from calls.mirror_url import is_url

MARKER = "mirror.json"
"""Says whose mirror this is and whether it is in line. No table reader looks at it."""

TABLE_FILE = re.compile(r"[a-z_]+/(?:[a-z_]+=\d{4}-\d\d-\d\d/)?part-\d+\.parquet")
"""The names that a mirror writes and removes; all others in the place are left alone."""

_S3_OPTIONS = {
    # Parts of a large file are held in memory together, and several files are under way.
    "max_concurrency": 2,
    "config_kwargs": {
        # s3fs waits 15 s for an answer. What a slow line has still to send by then (the system
        # buffers up to 4 MB) would be sent again and again.
        "read_timeout": 60,
        # s3fs tries again by itself; five times five would keep the night from its end.
        "retries": {"mode": "standard", "max_attempts": 2},
    },
}

_UNFINISHED = re.compile(r"\.mirror-[0-9a-f]+\.tmp")


class Remote:
    """Files in the place of a mirror, by their name below it."""

    def __init__(self, place: str) -> None:
        """Opens the place; nothing is asked of it yet.

        Args:
            place: a URL, or the path of a folder.

        Raises:
            UsageError: the library for that kind of URL is missing.
        """
        self.place = place
        # Not one that somebody else opened: its listings may be old.
        options: dict[str, Any] = {"skip_instance_cache": True}
        if place.startswith("s3://"):
            options |= _S3_OPTIONS
        try:
            self._fs, root = fsspec.core.url_to_fs(place, **options)
        except (ImportError, ValueError) as error:
            raise UsageError(
                f"{place}: can't be opened: {error}. s3:// needs `.venv/bin/pip install s3fs`, "
                "gs:// gcsfs, az:// and abfs:// adlfs."
            ) from error
        self._root = str(root).rstrip("/")

    def sizes(self) -> dict[str, int]:
        """The size in bytes of every file in the place, by name.

        What a killed run left half written in a folder is removed. Only one may do this at a time.

        Raises:
            MirrorUnreachable: the place can't be reached, or there is no such bucket or folder.
        """
        with self._reaching():
            self._fs.invalidate_cache()
            if not is_url(self.place) and not self._fs.isdir(self._root):
                raise MirrorUnreachable(self.place, "there is no such folder: make it, or mount it")
            found = self._fs.find(f"{self._root}/", detail=True).items()
        sizes = {
            path[len(self._root) + 1 :]: int(info["size"])
            for path, info in found
            if info["type"] == "file"
        }
        for name in [name for name in sizes if _UNFINISHED.fullmatch(name)]:
            self.remove(name)
            del sizes[name]
        return sizes

    def put(self, source: Path, name: str) -> None:
        """Returns when the file is there as a whole; until then its earlier version is."""
        with self._reaching():
            self._write(name, partial(self._fs.put_file, str(source)))

    def remove(self, name: str) -> None:
        """Returns when the file is no longer there."""
        with self._reaching():
            try:
                self._fs.rm_file(self._path(name))
            except FileNotFoundError:
                return  # somebody else was faster

    def read(self, name: str) -> bytes:
        """All bytes of a file."""
        with self._reaching():
            return bytes(self._fs.cat_file(self._path(name)))

    def marker(self) -> dict[str, Any] | None:
        """What the place says about the mirror in it; None if it says nothing.

        Raises:
            UsageError: there is a file of that name that is no marker.
        """
        with self._reaching():
            try:
                data = self._fs.cat_file(self._path(MARKER))
            except FileNotFoundError:
                return None
        try:
            facts = json.loads(data)
            return {name: facts[name] for name in ("id", "time_zone", "schemas", "in_line_at")}
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"{self.place}: {MARKER} there is not Nightcall's. Name another prefix."
            ) from None

    def mark(self, mirror_id: str, time_zone: str, schemas: dict[str, int], *, whole: bool) -> None:
        """Returns when the place says whose it is, and whether it is in line now."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        facts = {
            "id": mirror_id,
            "time_zone": time_zone,
            "schemas": schemas,
            "in_line_at": now if whole else None,
        }
        data = json.dumps(facts, indent=1).encode()

        def write(target: str) -> None:
            self._fs.pipe_file(target, data)

        with self._reaching():
            self._write(MARKER, write)

    def keeps_versions(self) -> bool | None:
        """True where what is replaced or removed stays readable; None where that can't be told."""
        if not is_url(self.place):
            return False
        bucket = self._root.split("/")[0]
        try:
            answer = self._fs.call_s3("get_bucket_versioning", Bucket=bucket)
        except Exception:
            return None  # not S3, or no right to ask
        # A bucket that has stopped keeping versions still has those from before.
        return answer.get("Status") in ("Enabled", "Suspended")

    def _write(self, name: str, write: Callable[[str], object]) -> None:
        """Writes to that name as a whole: an object store does by itself, a folder doesn't."""
        final = self._path(name)
        if is_url(self.place):
            write(final)
            return
        unfinished = self._path(f".mirror-{secrets.token_hex(8)}.tmp")
        Path(final).parent.mkdir(parents=True, exist_ok=True)
        write(unfinished)
        Path(unfinished).replace(final)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Turns what goes wrong on the way into one error that names the place."""
        try:
            yield
        except (NightcallError, AttributeError, NameError, TypeError):
            raise  # a defect is nothing that waiting mends
        except Exception as error:
            # Each library has errors of its own, with no base in common.
            raise MirrorUnreachable(self.place, _reason(error)) from error


def _reason(error: Exception) -> str:
    """The kind of error, and its text where that is the file system's and holds no address."""
    text = str(error) if isinstance(error, OSError) else ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

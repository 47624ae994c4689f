"""The recordings location: a folder or any fsspec URL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem

from calls.errors import UsageError

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in the location. `name` is relative to it, with forward slashes."""

    name: str
    size_bytes: int
    mtime_ns: int

    @property
    def modified_at(self) -> datetime:
        """The modification time as an instant in UTC."""
        return datetime.fromtimestamp(self.mtime_ns / 1e9, UTC)


class Location:
    """Lists and opens what lies in a folder or bucket; writes nothing, and removes only what an
    erasure was told to remove.
    """

    def __init__(self, url: str) -> None:
        """Opens the location.

        Raises:
            UsageError: the URL is of a kind that can't be opened here, or carries a password.
        """
        if not url.strip():
            raise UsageError("The recordings location is empty. Name a folder with --recordings.")
        if urlsplit(url).password:
            raise UsageError(
                "The recordings URL carries a password, which would end up in Prefect's records. "
                "Leave it out; the file system libraries take credentials from the environment."
            )
        try:
            self._fs, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise UsageError(
                f"The recordings location {url!r} can't be opened: {error}. Folders work as they "
                "are; s3://, gs://, az:// and sftp:// need `.venv/bin/pip install s3fs` (gcsfs, "
                "adlfs, paramiko)."
            ) from error
        # Resolved, so that a warehouse inside the location is recognised behind any link.
        self._root = str(Path(root).resolve()) if self._is_local else str(root).rstrip("/")
        self._url = url

    def require(self) -> None:
        """Returns when there is such a folder.

        Raises:
            UsageError: there is none.
        """
        if not self._fs.isdir(self._root):
            raise UsageError(
                f"The recordings location {self._url!r} is no folder. "
                "Name an existing folder or bucket with --recordings."
            )

    def files(self, *, without: Path | None = None) -> list[FoundFile]:
        """Every file below the location in order of name; hidden files and folders are left out.

        Args:
            without: a local folder inside the location to pass over (the warehouse).

        Raises:
            UsageError: the location does not exist.
        """
        self._fs.invalidate_cache()  # what an earlier night in this process has seen
        self.require()
        passed_over = f"{without.resolve().as_posix()}/" if without is not None else None
        found = []
        for path, info in self._fs.find(self._root, detail=True).items():
            if info.get("type") != "file" and not self._leads_nowhere(path):
                continue  # pipes and sockets hold no recording
            if passed_over and self._is_local and path.startswith(passed_over):
                continue
            name = path[len(self._root) :].lstrip("/")
            if not any(part.startswith(".") for part in name.split("/")):
                found.append(FoundFile(name, int(info["size"] or 0), _mtime_ns(info)))
        return sorted(found, key=lambda file: file.name)

    def look_again(self, file: FoundFile) -> FoundFile | None:
        """The file as it is now; None when it has gone."""
        self._fs.invalidate_cache()
        try:
            info = self._fs.info(self._path(file.name))
        except FileNotFoundError:
            return None
        return FoundFile(file.name, int(info["size"] or 0), _mtime_ns(info))

    def read(self, name: str) -> bytes:
        """All bytes of a small file."""
        with self._open(name) as stream:
            return stream.read()

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a file."""
        with self._open(name) as stream:
            return stream.read(size)

    def sha256(self, name: str) -> str:
        """The hash of a file's bytes, 64 hex digits."""
        digest = hashlib.sha256()
        with self._open(name) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def remove(self, name: str) -> None:
        """Returns when there is no such file any more.

        Raises:
            OSError: it can't be removed.
        """
        try:
            self._fs.rm_file(self._path(name))
        except FileNotFoundError:
            return
        finally:
            self._fs.invalidate_cache()

    @contextmanager
    def audio(self, name: str) -> Iterator[Path | BinaryIO]:
        """What an audio decoder reads: the path of a local file, an open file elsewhere."""
        if self._is_local:
            yield Path(self._path(name))
        else:
            with self._open(name) as stream:
                yield stream

    def _leads_nowhere(self, path: str) -> bool:
        """True for a link whose file is missing: somebody meant something to be here."""
        return self._is_local and Path(path).is_symlink() and not Path(path).exists()

    @property
    def _is_local(self) -> bool:
        return isinstance(self._fs, LocalFileSystem)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _open(self, name: str) -> BinaryIO:
        return cast(BinaryIO, self._fs.open(self._path(name), "rb"))


def _mtime_ns(info: dict[str, Any]) -> int:
    """The modification time under the several names that file systems give it."""
    for key in ("mtime", "LastModified", "last_modified", "updated", "created"):
        value = info.get(key)
        if isinstance(value, datetime):
            return int(value.timestamp() * 1e9)
        if isinstance(value, int | float):
            return int(value * 1e9)
        if isinstance(value, str):
            return int(datetime.fromisoformat(value).timestamp() * 1e9)
    return 0

"""Hashes of files that earlier nights have hashed already are not made again."""

from __future__ import annotations

from collections.abc import Mapping

from flows.discovery.candidates import Part
from flows.discovery.location import Location
from warehouse.seen import SeenFile


class Hasher:
    """Hashes files, remembering what earlier nights hashed: bytes are read once."""

    def __init__(self, location: Location, seen: Mapping[str, SeenFile]) -> None:
        self._location = location
        self._seen = seen
        self.now: dict[str, SeenFile] = {}

    def sha256(self, part: Part) -> str:
        """The hash of a part's bytes; a file of the same size and time is not read again."""
        file = part.file
        if file.name in self.now:
            return self.now[file.name].sha256
        before = self._seen.get(file.name)
        if before and (before.size_bytes, before.mtime_ns) == (file.size_bytes, file.mtime_ns):
            self.now[file.name] = before
        else:
            digest = self._location.sha256(file.name)
            # A touched file with the same bytes still belongs to its call.
            key = before.source_key if before is not None and before.sha256 == digest else None
            self.now[file.name] = SeenFile(file.name, file.size_bytes, file.mtime_ns, digest, key)
        return self.now[file.name].sha256

    def forget(self, name: str) -> None:
        """Returns when nothing of that file is remembered for the next night."""
        self.now.pop(name, None)

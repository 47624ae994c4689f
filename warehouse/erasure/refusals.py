"""What discovery refuses for ever: bytes and ids of erased calls, known by their hashes alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calls.errors import WarehouseDamaged
from warehouse.erasure.key import ErasureKey, Kind, load_key
from warehouse.schemas.erasures import FILE_HASHES_BETWEEN
from warehouse.seen import SeenFile

_RECORD = "erasures.jsonl"
_BETWEEN = "\0"


_MARK = re.compile(r"erased-[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Refusals:
    """The hashes on record of one warehouse; false while nothing was ever erased there."""

    key: ErasureKey | None = None
    hashes: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        return self.key is not None and bool(self.hashes)

    def has_bytes(self, sha256: str) -> bool:
        """True for the SHA-256 of a file of an erased call, or its source key."""
        return self._has(Kind.BYTES, sha256)

    def has_call_id(self, call_id: str) -> bool:
        """True for the id of an erased call."""
        return self._has(Kind.CALL_ID, call_id)

    def mark(self, kind: Kind, name: str, size_bytes: int, mtime_ns: int) -> str:
        """By what a refused file is known again without reading it, or naming it anywhere."""
        assert self.key is not None
        return f"erased-{self.key.hash(kind, f'{name}{_BETWEEN}{size_bytes}{_BETWEEN}{mtime_ns}')}"

    def _has(self, kind: Kind, value: str) -> bool:
        return self.key is not None and bytes.fromhex(self.key.hash(kind, value)) in self.hashes


def load_refusals(root: Path) -> Refusals:
    """What discovery refuses in the warehouse of that folder.

    Raises:
        WarehouseDamaged: calls were erased, but the key to their hashes is gone: nobody could tell
            which recordings are theirs, and they would land again.
    """
    hashes = frozenset(map(bytes.fromhex, _on_record(root)))
    key = load_key(root)
    if hashes and key is None:
        raise WarehouseDamaged(
            "state/erasure.key is missing, and without it the recordings of erased calls can't be "
            "told from others: they would land again. Put the file back from a backup; "
            "docs/erasure.md says what to do without one."
        )
    return Refusals(key, hashes)


def _on_record(root: Path) -> Iterator[str]:
    """Every hash on record, line by line: the record may be long, and rows are not needed."""
    try:
        lines = (root / "work" / _RECORD).read_bytes().splitlines()
    except FileNotFoundError:
        return
    for number, line in enumerate(lines, start=1):
        try:
            facts = json.loads(line)
            found = [facts["source_key_hash"], facts["call_id_hash"]]
            found += (facts["file_hashes"] or "").split(FILE_HASHES_BETWEEN)
        except (ValueError, TypeError, KeyError) as error:
            raise WarehouseDamaged(
                f"work/{_RECORD}: line {number} can't be read ({type(error).__name__}). Put it "
                "back from a backup: without it an erased call may land again."
            ) from error
        yield from filter(None, found)


def is_mark(file: SeenFile) -> bool:
    """True for what is remembered of a refused file: its mark in place of its name."""
    return _MARK.fullmatch(file.name) is not None


def as_seen(mark: str) -> SeenFile:
    """A mark as discovery remembers it from one night to the next."""
    return SeenFile(name=mark, size_bytes=0, mtime_ns=0, sha256="", source_key=None)

"""The warehouse's own key, and the hashes made with it: who lacks the key can't look anything up.

A plain SHA-256 of a recording or an id could be compared with that of any file or id at hand; a
hash made with 32 random bytes that lie in this warehouse only says nothing elsewhere.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.files import write_whole

KEY_BYTES = 32
STAND_IN_HEX_DIGITS = 12


class Kind(StrEnum):
    """What is hashed. Two kinds never share a hash, whatever their values."""

    BYTES = "bytes"  # SHA-256 of a file, or a source key: of one file they are the same
    CALL_ID = "call id"
    FILE = "file"  # name, size and time of a file whose bytes belong to an erased call
    SIDECAR = "sidecar"  # the same of a recording whose sidecar carries an erased call id
    NAME = "name"  # what stands in tables for a recording's name


@dataclass(frozen=True, slots=True)
class ErasureKey:
    """The key; it never shows in a message or a log."""

    secret: bytes = field(repr=False)

    def hash(self, kind: Kind, value: str) -> str:
        """64 hex digits: HMAC-SHA-256 (RFC 2104) of the value."""
        data = f"{kind}\0{value}".encode("utf-8", "surrogateescape")
        return hmac.new(self.secret, data, "sha256").hexdigest()

    def stand_in(self, name: str, key: str | None) -> str:
        """What tables hold in place of the name of a recording, for the call of that source key."""
        digest = self.hash(Kind.NAME, f"{key or ''}\0{name}")
        return f"erased-{digest[:STAND_IN_HEX_DIGITS]}"


def load_key(root: Path) -> ErasureKey | None:
    """The key of that warehouse; None before its first erasure.

    Raises:
        WarehouseDamaged: the file is not what was written.
    """
    try:
        secret = layout.erasure_key(root).read_bytes()
    except FileNotFoundError:
        return None
    if len(secret) != KEY_BYTES:
        raise WarehouseDamaged(
            f"state/erasure.key: holds {len(secret)} bytes where {KEY_BYTES} are expected. Put the "
            "file back from a backup; docs/erasure.md says what to do without one."
        )
    return ErasureKey(secret)


def make_key(root: Path) -> ErasureKey:
    """The key of that warehouse, made now if this is its first erasure."""
    key = load_key(root)
    if key is None:
        key = ErasureKey(os.urandom(KEY_BYTES))
        write_whole(layout.erasure_key(root), key.secret, staging=layout.unfinished(root))
    return key

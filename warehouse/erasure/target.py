"""One call to erase: everything it is known by, so that nothing about it is missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Target:
    """One call to erase.

    Args:
        erasure_id: names its row in `erasures`.
        ids: the call as people name it, then the ids of recordings it had replaced.
        keys: its source keys: its own, then those of recordings it had replaced or taken in. Empty
            for a recording in quarantine that was never read.
        hashes: SHA-256 of its files, as far as no other call has them too.
        names: its files, relative to the recordings location.
        call_date: when it was; None where that is not known.
    """

    erasure_id: str
    ids: tuple[str, ...]
    keys: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    call_date: date | None = None

    @property
    def call_id(self) -> str:
        """The call as people name it."""
        return self.ids[0]

    @property
    def key(self) -> str | None:
        """Its own source key."""
        return self.keys[0] if self.keys else None

    @property
    def bytes_known(self) -> frozenset[str]:
        """All that tells its bytes: source keys and hashes of files."""
        return frozenset((*self.keys, *self.hashes))


class Targets:
    """All calls of one erasure, looked up by what they are known by."""

    def __init__(self, targets: tuple[Target, ...]) -> None:
        self.all = targets
        self._by_key = {key: one for one in targets for key in one.keys}
        self._by_bytes = {known: one for one in targets for known in one.bytes_known}
        self._by_id = {call_id: one for one in targets for call_id in one.ids}
        self._by_name = {name: one for one in targets for name in one.names}

    @property
    def keys(self) -> frozenset[str]:
        """Every source key."""
        return frozenset(self._by_key)

    @property
    def ids(self) -> frozenset[str]:
        """Every call id."""
        return frozenset(self._by_id)

    def of_bytes(self, sha256: str) -> Target | None:
        """The call that has a file, or a source key, of that hash."""
        return self._by_bytes.get(sha256)

    def of_id(self, call_id: str | None) -> Target | None:
        """The call of that id."""
        return self._by_id.get(call_id) if call_id is not None else None

    def has_name(self, name: str) -> bool:
        """True for the name of a file of one of the calls."""
        return name in self._by_name

    def of_trace(self, key: str | None, call_id: str | None, name: str) -> Target | None:
        """The call that a row or record about a recording belongs to.

        The source key decides where it is known; a name alone only where it is not, because a
        recording may be replaced by another under its name.
        """
        if key is not None and key in self._by_bytes:
            return self._by_bytes[key]
        if call_id is not None and call_id in self._by_id:
            return self._by_id[call_id]
        return self._by_name.get(name) if key is None else None

"""The calls a warehouse knows, wherever it knows them from: tables, artifacts, quarantine."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from calls.call import Recording, Source
from calls.errors import WarehouseDamaged
from calls.metadata import CallMetadata
from warehouse.artifacts import SOURCE, ArtifactStore
from warehouse.erasure.target import Target
from warehouse.landed import Landed
from warehouse.quarantine import QuarantineRecord
from warehouse.rows import call_date
from warehouse.seen import SeenFile
from warehouse.store import Warehouse

DERIVED_HEX_DIGITS = 16
"""A call without an id of its own is named after so many digits of its source key."""


@dataclass
class KnownCalls:
    """Every call of one warehouse by source key, and every recording set aside.

    Args:
        warehouse: the warehouse; hold its night lock, so that what is found stays as it is.
    """

    warehouse: Warehouse
    _sources: dict[str, Recording | None] = field(default_factory=dict)

    @property
    def _artifacts(self) -> ArtifactStore:
        return self.warehouse.artifacts

    @cached_property
    def landed(self) -> dict[str, Landed]:
        """The calls in the tables."""
        return self.warehouse.landed()

    @cached_property
    def outside(self) -> dict[str, Recording | None]:
        """Calls with artifacts that are in no table: waiting, set aside, or replaced by another."""
        keys = [key for key in self._artifacts.known_keys() if key not in self.landed]
        return {key: self.source(key) for key in keys}

    @cached_property
    def quarantine(self) -> list[QuarantineRecord]:
        """The recordings set aside."""
        return self.warehouse.quarantine.all()

    @cached_property
    def seen(self) -> dict[str, SeenFile]:
        """The files discovery has seen, by name."""
        return self.warehouse.seen.load()

    @cached_property
    def seen_by_bytes(self) -> dict[str, list[SeenFile]]:
        """The files discovery has seen, by the hash of their bytes."""
        found: dict[str, list[SeenFile]] = {}
        for one in self.seen.values():
            found.setdefault(one.sha256, []).append(one)
        return found

    def source(self, key: str) -> Recording | None:
        """What is on record of the call of that source key; None if nothing can be read."""
        if key not in self._sources:
            try:
                self._sources[key] = self._artifacts.load_source(key)
            except WarehouseDamaged:
                self._sources[key] = None
        return self._sources[key]

    def id_of(self, key: str) -> str:
        """The id of the call of that source key; where nothing says it, the one made of its key."""
        if key in self.landed:
            return self.landed[key].call_id
        source = self.source(key)
        return source.call_id if source is not None else f"rec-{key[:DERIVED_HEX_DIGITS]}"

    def ids(self) -> set[str]:
        """Every call id."""
        return {*self._by_id, *self._set_aside}

    def of_participant(self, email: str) -> Iterator[str]:
        """The ids of calls on which that person is, or is listed, in whatever case it is written.

        Sidecars also list people who were not heard, or whom the sidecar excludes.
        """
        sought = email.casefold()
        with self.warehouse.reading():
            people = self.warehouse.participants.select("call_id", "email", "participant_id")
            rows = people.collect().iter_rows()
        for call_id, *names in rows:
            if any(name is not None and name.casefold() == sought for name in names):
                yield call_id
        yield from self._listed(sought, lambda facts: lists(facts, email))
        for record in self.quarantine:
            if record.call_id and sought in record.message.casefold():
                yield record.call_id

    def of_account(self, account: str) -> Iterator[str]:
        """The ids of calls with that account, in whatever case it is written."""
        sought = account.casefold()
        for one in self.landed.values():
            if one.account is not None and one.account.casefold() == sought:
                yield one.call_id
        yield from self._listed('"account"', lambda facts: is_of(facts, account))

    def before(self, day: date) -> Iterator[str]:
        """The ids of calls that were held before that day.

        A recording that was replaced goes with the call that has its id now, not before.
        """
        for call_id, keys in self._by_id.items():
            dates = [self._date(key) for key in keys if key in self.landed] or [
                self._date(key) for key in keys
            ]
            if all(one is not None and one < day for one in dates):
                yield call_id

    def targets(self, call_ids: Iterable[str]) -> list[Target]:
        """The calls of those ids with everything they are known by; unknown ids are left out."""
        found = []
        for call_id in dict.fromkeys(call_ids):
            if call_id in self._by_id:
                found.append(self._target(call_id, self._by_id[call_id]))
            elif call_id in self._set_aside:
                record = self._set_aside[call_id]
                keys = (record.source_key,) if record.source_key else ()
                found.append(Target(new_erasure_id(), (call_id,), keys, names=(record.name,)))
        return found

    @cached_property
    def _by_id(self) -> dict[str, list[str]]:
        """Source keys by call id: those in the tables first, then by age, the newest first."""
        by_id: dict[str, list[str]] = {}
        for key in (*self.landed, *sorted(self.outside, key=self._age, reverse=True)):
            by_id.setdefault(self.id_of(key), []).append(key)
        return by_id

    @cached_property
    def _set_aside(self) -> dict[str, QuarantineRecord]:
        """Recordings in quarantine by the id they claim."""
        return {one.call_id: one for one in self.quarantine if one.call_id}

    @cached_property
    def _replaced_by_name(self) -> dict[str, list[str]]:
        """The source keys of recordings that were replaced under their own name, by that name."""
        found: dict[str, list[str]] = {}
        for key, source in self.outside.items():
            now = self.seen.get(source.name) if source is not None else None
            if source is None or now is None or key in (now.source_key, now.sha256):
                continue  # what was last seen under the name waits; it was not replaced
            found.setdefault(source.name, []).append(key)
        return found

    def _target(self, call_id: str, keys: list[str]) -> Target:
        files = [one for key in keys for one in self._files(key)]
        # What was replaced under its own name, or taken in by this call, has another id perhaps.
        recordings = [source.name for key in keys if (source := self.source(key)) is not None]
        earlier = [key for name in recordings for key in self._replaced_by_name.get(name, ())]
        earlier += [one.sha256 for one in files if one.sha256 in self.outside]
        all_keys = tuple(dict.fromkeys((*keys, *earlier)))
        files += [one for key in earlier if key not in keys for one in self._files(key)]
        hashes = {one.sha256 for one in files}.difference(all_keys)
        own = {one for one in hashes if not self._is_shared(one, all_keys)}
        names = {one.name for one in files}
        names.update(
            one.name for known in (*all_keys, *own) for one in self.seen_by_bytes.get(known, ())
        )
        names.update(one.name for one in self.quarantine if one.source_key in all_keys)
        return Target(
            erasure_id=new_erasure_id(),
            ids=tuple(dict.fromkeys((call_id, *self._former_ids(all_keys)))),
            keys=all_keys,
            hashes=tuple(sorted(own)),
            names=tuple(sorted(names)),
            call_date=self._date(keys[0]),
        )

    def _former_ids(self, keys: tuple[str, ...]) -> Iterator[str]:
        """The ids of recordings that a call had replaced, unless another call has them now."""
        for call_id in map(self.id_of, keys):
            if set(self._by_id[call_id]) <= set(keys):
                yield call_id

    def _files(self, key: str) -> tuple[Source, ...]:
        source = self.source(key)
        return source.sources if source is not None else ()

    def _is_shared(self, sha256: str, keys: tuple[str, ...]) -> bool:
        """True where another call has the same file: a side on which nobody speaks, say."""
        owners = {one.source_key for one in self.seen_by_bytes.get(sha256, ())}
        return bool(owners.difference(keys, (None,)))

    def _date(self, key: str) -> date | None:
        """The call date, where it is known."""
        if key in self.landed:
            began = self.landed[key].started_at
        else:
            source = self.source(key)
            began = source.started_at if source is not None else None
        return call_date(began, self.warehouse.time_zone) if began is not None else None

    def _age(self, key: str) -> tuple[date, str]:
        return self._date(key) or date.min, key

    def _listed(self, text: str, is_meant: Callable[[CallMetadata], bool]) -> Iterator[str]:
        """The ids of calls whose sidecar holds a text and is meant; few are parsed."""
        for key in self._artifacts.known_keys():
            try:
                data = (self._artifacts.folder(key) / SOURCE).read_bytes()
            except FileNotFoundError:
                continue
            if text not in data.decode("utf-8", "replace").casefold():
                continue
            source = self.source(key)
            if source is not None and is_meant(source.metadata):
                yield self.id_of(key)


def lists(facts: CallMetadata, email: str) -> bool:
    """True if that person is among the participants of a sidecar."""
    sought = email.casefold()
    return any(
        name is not None and name.casefold() == sought
        for person in facts.participants
        for name in (person.email, person.id)
    )


def is_of(facts: CallMetadata, account: str) -> bool:
    """True if a sidecar names that account."""
    return facts.account is not None and facts.account.casefold() == account.casefold()


def new_erasure_id() -> str:
    """A name for the erasure of one call that nobody has used."""
    return f"e-{secrets.token_hex(8)}"

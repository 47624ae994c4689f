"""What lies in the recordings location of some calls, whatever it is called there now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from calls.call import Source, source_key
from calls.errors import InputError, SidecarInvalid
from calls.metadata import CallMetadata
from calls.settings import DiscoverySettings
from flows.discovery.candidates import Candidate, Part, stem_of
from flows.discovery.facts import read_facts
from flows.discovery.grouping import group_by
from flows.discovery.hashing import Hasher
from flows.discovery.location import FoundFile, Location
from flows.discovery.scan import FileKind, kind_of, scan
from warehouse.erasure.refusals import Refusals
from warehouse.erasure.target import Target, Targets
from warehouse.seen import SeenFile


@dataclass(frozen=True, slots=True)
class Lying:
    """The files of one call in the location.

    Args:
        files: what holds its bytes, and its sidecars.
        claims: recordings with other bytes whose sidecar carries its id: perhaps another call.
        lists: call lists with a row about it, which is to be removed by hand.
    """

    files: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Facts beside a recording; several in one file where it is a call list."""

    stem: str
    file: FoundFile
    facts: CallMetadata | SidecarInvalid

    @property
    def is_list(self) -> bool:
        """True for a row of a call list."""
        return kind_of(self.file.name) is FileKind.CALL_LIST

    @property
    def call_id(self) -> str | None:
        """The id it gives, if it can be read."""
        return self.facts.call_id if isinstance(self.facts, CallMetadata) else None


class RecordingsThere:
    """The candidates of a location with their sidecars; hashes are made where they are needed.

    Args:
        location: the recordings.
        settings: which files make a call.
        warehouse: the warehouse folder, passed over where it lies inside the location.
        seen: the files discovery has hashed.
    """

    def __init__(
        self,
        location: Location,
        settings: DiscoverySettings,
        warehouse: Path,
        seen: Mapping[str, SeenFile],
    ) -> None:
        self.location = location
        self._hasher = Hasher(location, seen)
        self._seen = seen
        # What is still being written is looked at as it is: it may be of an erased call too.
        at_once = settings.model_copy(update={"settle_s": 0.0})
        found = scan(location, at_once, warehouse=warehouse)
        facts = read_facts(location, found)
        self.sidecars = [
            Sidecar(stem, file, known) for stem, (file, known) in facts.sidecars.items()
        ]
        self.candidates = group_by(facts, found, at_once)

    def of(self, targets: Targets, sizes: frozenset[int]) -> dict[str, Lying]:
        """What lies there of some calls, by erasure id; of some there may be nothing.

        Args:
            targets: the calls.
            sizes: the sizes of their files in bytes; others are not read.
        """
        mine: dict[str, list[Candidate]] = defaultdict(list)
        claims: dict[str, list[Candidate]] = defaultdict(list)
        for one in self.candidates:
            if (target := self._by_bytes(one, targets, sizes)) is not None:
                mine[target.erasure_id].append(one)
            elif one.parts and (target := targets.of_id(one.metadata.call_id)) is not None:
                claims[target.erasure_id].append(one)
        return {
            one.erasure_id: self._lying(
                mine[one.erasure_id], claims[one.erasure_id], frozenset(one.ids)
            )
            for one in targets.all
        }

    def refused(self, refusals: Refusals) -> Lying:
        """What lies there of calls that were erased before."""
        mine, claims = [], []
        for one in self.candidates:
            hashes = [self._sha256(part) for part in _parts(one)]
            keys = [*hashes, self.natural_key(one)]
            if any(key is not None and refusals.has_bytes(key) for key in keys):
                mine.append(one)
            elif (call_id := one.metadata.call_id) is not None and refusals.has_call_id(call_id):
                claims.append(one)
        ids = {one.call_id for one in self.sidecars if one.call_id is not None}
        erased = frozenset(call_id for call_id in ids if refusals.has_call_id(call_id))
        return self._lying(mine, claims, erased)

    def where(self, is_meant: Callable[[CallMetadata], bool], text: str) -> Iterator[Candidate]:
        """The candidates whose sidecar is meant, or holds that text if it can't be read.

        Args:
            is_meant: judges a sidecar that can be read.
            text: what is looked for in one that can't.
        """
        for one in self.candidates:
            if isinstance(one.problem, InputError) and one.sidecar is not None:
                name = one.sidecar.name
                if kind_of(name) is not FileKind.CALL_LIST and self._holds(name, text):
                    yield one
            elif is_meant(one.metadata):
                yield one

    def natural_key(self, candidate: Candidate) -> str | None:
        """The source key a candidate would have; None if it can't be read."""
        sources = [self._source(part) for part in candidate.parts]
        whole = [one for one in sources if one is not None]
        return source_key(whole) if whole and len(whole) == len(sources) else None

    def key_on_record(self, candidate: Candidate) -> str | None:
        """The source key under which discovery has taken a candidate, if it has."""
        for part in _parts(candidate):
            before = self._seen.get(part.file.name)
            if before is not None and before.source_key is not None and _same(before, part.file):
                return before.source_key
        return None

    def hashes(self, candidate: Candidate) -> tuple[str, ...]:
        """The hashes of a candidate's files, as far as they can be read."""
        found = (self._sha256(part) for part in _parts(candidate))
        return tuple(one for one in found if one is not None)

    @cached_property
    def _sidecars_by_stem(self) -> Mapping[str, list[Sidecar]]:
        return _grouped(self.sidecars, lambda one: one.stem)

    @cached_property
    def _sidecars_by_id(self) -> Mapping[str, list[Sidecar]]:
        return _grouped(self.sidecars, lambda one: one.call_id)

    @cached_property
    def _of_stem(self) -> Mapping[str, list[Candidate]]:
        """The candidates that a sidecar of each stem is about."""
        by_stem: dict[str, list[Candidate]] = {}
        for one in self.candidates:
            for stem in _stems(one):
                by_stem.setdefault(stem, []).append(one)
        return by_stem

    def _by_bytes(
        self, candidate: Candidate, targets: Targets, sizes: frozenset[int]
    ) -> Target | None:
        """The call that a candidate is of, if one of its files is."""
        parts = list(_parts(candidate))
        # A file under a name that a call had is read whatever its size.
        likely = [
            part
            for part in parts
            if part.file.size_bytes in sizes or targets.has_name(part.file.name)
        ]
        hashes = [self._sha256(part) for part in likely]
        keys = [*hashes, self.natural_key(candidate) if len(parts) > 1 and likely else None]
        found = (targets.of_bytes(key) for key in keys if key is not None)
        return next((one for one in found if one is not None), None)

    def _lying(self, mine: list[Candidate], claims: list[Candidate], ids: frozenset[str]) -> Lying:
        own = {id(one) for one in mine}
        files = {part.file.name for one in mine for part in _parts(one)}
        lists = set()
        for one in self._about(mine, ids):
            others = [other for other in self._of_stem.get(one.stem, ()) if id(other) not in own]
            if one.is_list:
                lists.add(one.file.name)
            elif not others:  # else it is another recording's sidecar as well
                files.add(one.file.name)
        return Lying(
            tuple(sorted(files)),
            tuple(sorted(one.name for one in claims)),
            tuple(sorted(lists)),
        )

    def _about(self, mine: list[Candidate], ids: frozenset[str]) -> Iterator[Sidecar]:
        """The sidecars beside some candidates, and those that carry one of the ids."""
        for stem in {stem for one in mine for stem in _stems(one)}:
            yield from self._sidecars_by_stem.get(stem, ())
        for call_id in ids:
            yield from self._sidecars_by_id.get(call_id, ())

    def _source(self, part: Part) -> Source | None:
        digest = self._sha256(part)
        if digest is None:
            return None
        file = part.file
        return Source(file.name, part.kind, digest, file.size_bytes, file.modified_at)

    def _sha256(self, part: Part) -> str | None:
        try:
            return self._hasher.sha256(part) if part.file.size_bytes else None
        except OSError:
            return None

    def _holds(self, name: str, text: str) -> bool:
        try:
            data = self.location.read(name)
        except OSError:
            return False
        return text.casefold() in data.decode("utf-8", "replace").casefold()


def _grouped(
    sidecars: Iterable[Sidecar], key: Callable[[Sidecar], str | None]
) -> dict[str, list[Sidecar]]:
    """The sidecars by what each has; those that lack it are left out."""
    found: dict[str, list[Sidecar]] = defaultdict(list)
    for one in sidecars:
        if (value := key(one)) is not None:
            found[value].append(one)
    return found


def _parts(candidate: Candidate) -> Iterator[Part]:
    yield from candidate.parts
    yield from candidate.mixed_down


def _stems(candidate: Candidate) -> set[str]:
    return {candidate.stem, *(stem_of(part.file.name) for part in _parts(candidate))}


def _same(before: SeenFile, file: FoundFile) -> bool:
    return (before.size_bytes, before.mtime_ns) == (file.size_bytes, file.mtime_ns)

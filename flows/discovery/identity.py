"""Candidates → calls: the same bytes are one call, one id is one recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from calls.call import Source, source_key
from calls.errors import (
    CallIdConflict,
    EmptyFile,
    InputError,
    SourceConflict,
    SourceUnreadable,
)
from calls.metadata import CallMetadata
from flows.discovery.candidates import Candidate, Part

CALL_ID_HEX_DIGITS = 16


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call the warehouse already holds: its id, and the file it was taken from."""

    call_id: str
    recording: str
    is_truncated: bool = False


@dataclass(frozen=True, slots=True)
class IdentifiedCall:
    """A candidate with its source key and call id.

    `retires` are keys of calls that leave the tables once this one has landed: it replaces them,
    or it has taken their recordings in.
    """

    key: str
    call_id: str
    sources: tuple[Source, ...]
    metadata: CallMetadata
    retires: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The recording, else the transcript."""
        return self.sources[0].name


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file that adds nothing to a call, and why."""

    source: Source
    key: str
    call_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A candidate that can't be taken, and why."""

    candidate: Candidate
    error: InputError
    key: str | None = None
    call_id: str | None = None


@dataclass(slots=True)
class Identified:
    """What came of the candidates."""

    calls: list[IdentifiedCall] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def identify(
    candidates: Sequence[Candidate],
    *,
    sha256: Callable[[Part], str],
    known: Mapping[str, KnownCall],
) -> Identified:
    """The calls among the candidates, with duplicates and conflicts taken out.

    What the warehouse knows already comes first, then the older file: of two that contradict each
    other the later is refused, and both are named.

    Args:
        candidates: what lies in the location.
        sha256: the hash of a file's bytes.
        known: calls in the warehouse by source key.
    """
    return _Identification(sha256, known).run(candidates)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who holds a call id."""

    key: str
    name: str
    replaces: bool = False
    modified_ns: int = 0


@dataclass(frozen=True, slots=True)
class _Hashed:
    """A candidate whose bytes have been read."""

    candidate: Candidate
    sources: tuple[Source, ...]
    mixed_down: tuple[Source, ...]

    @property
    def natural_key(self) -> str:
        return source_key(self.sources)


class _Identification:
    """The candidates of one night, taken one after another."""

    def __init__(self, sha256: Callable[[Part], str], known: Mapping[str, KnownCall]) -> None:
        self._sha256 = sha256
        self._known = known
        self._owners = {one.call_id: _Owner(key, one.recording) for key, one in known.items()}
        self._unfinished: dict[str, list[str]] = {}
        for key, one in known.items():
            if one.is_truncated:
                self._unfinished.setdefault(one.recording, []).append(key)
        self._taken: dict[str, IdentifiedCall] = {}
        self._done = Identified()

    def run(self, candidates: Sequence[Candidate]) -> Identified:
        hashed = [one for candidate in candidates if (one := self._hashed(candidate))]
        natural = {one.natural_key for one in hashed}
        calls = [(one, self._identified(one, natural)) for one in sorted(hashed, key=self._order)]
        for _, call in calls:
            self._free_id(call)  # ids may be swapped: all are given anew
        for one, call in calls:
            self._take(one, call)
        return self._done

    def _hashed(self, candidate: Candidate) -> _Hashed | None:
        """The candidate with its hashes; None when it had to be refused."""
        error = candidate.problem or _empty(candidate)
        if error is None:
            try:
                return _Hashed(
                    candidate,
                    tuple(self._source(part) for part in candidate.parts),
                    tuple(self._source(part) for part in candidate.mixed_down),
                )
            except OSError as problem:
                error = SourceUnreadable(
                    candidate.name,
                    f"it can't be read ({problem.strerror or type(problem).__name__}).",
                    "It is tried again every night.",
                )
        self._done.refused.append(Refused(candidate, error))
        return None

    def _source(self, part: Part) -> Source:
        return Source(
            name=part.file.name,
            kind=part.kind,
            sha256=self._sha256(part),
            size_bytes=part.file.size_bytes,
            modified_at=part.file.modified_at,
            role=part.role,
            participant=part.participant,
        )

    def _order(self, one: _Hashed) -> tuple[bool, int, str]:
        landed = self._known.get(one.natural_key)
        is_known = landed is not None and landed.recording == one.sources[0].name
        return (not is_known, one.candidate.first_modified_ns, one.sources[0].name)

    def _identified(self, one: _Hashed, natural: set[str]) -> IdentifiedCall:
        """Gives the candidate its key.

        A call keeps the key it landed with when a recording joins its transcript, or the other side
        joins a lone one: its own file is then among the sources. Further calls whose file is among
        them have been taken in, and a call that landed from an unfinished copy of the file goes.
        """
        own = one.natural_key
        absorbed = [
            source.sha256
            for source in one.sources
            if source.sha256 in self._known
            and source.sha256 != own
            and source.sha256 not in natural
            and self._known[source.sha256].recording == source.name
        ]
        key = own if own in self._known or not absorbed else absorbed.pop(0)
        call_id = one.candidate.metadata.call_id or f"rec-{key[:CALL_ID_HEX_DIGITS]}"
        unfinished = self._unfinished.get(one.sources[0].name, ())
        gone = [other for other in unfinished if other != key and other not in natural]
        return IdentifiedCall(key, call_id, one.sources, one.candidate.metadata, (*absorbed, *gone))

    def _take(self, one: _Hashed, call: IdentifiedCall) -> None:
        if (first := self._taken.get(call.key)) is not None:
            self._same_bytes(one, call, first)
            return
        owner = self._owners.get(call.call_id)
        if owner is not None and owner.key != call.key and owner.key not in call.retires:
            is_later = one.candidate.first_modified_ns > owner.modified_ns
            replaces = call.metadata.replaces and (is_later or not owner.replaces)
            if owner.replaces and not replaces:
                return  # this is the recording that the owner has replaced
            if not replaces and not self._is_rewritten(owner, call):
                self._refuse(one, call, _id_conflict(call, owner))
                return
            call = _retiring(call, owner.key)
            self._done.calls = [other for other in self._done.calls if other.key != owner.key]
        self._owners[call.call_id] = _Owner(
            call.key, call.name, call.metadata.replaces, one.candidate.first_modified_ns
        )
        self._taken[call.key] = call
        self._done.calls.append(call)
        self._done.duplicates += [
            Duplicate(source, call.key, call.call_id, f"a mix of the sides of {call.name!r}.")
            for source in one.mixed_down
        ]

    def _is_rewritten(self, owner: _Owner, call: IdentifiedCall) -> bool:
        """True when the same file with the same id holds other bytes now: it was copied again."""
        return owner.name == call.name and owner.key not in self._taken

    def _free_id(self, call: IdentifiedCall) -> None:
        """Frees the id that a call had, until it is given one again."""
        before = self._known.get(call.key)
        owner = self._owners.get(before.call_id) if before is not None else None
        if before is not None and owner is not None and owner.key == call.key:
            del self._owners[before.call_id]

    def _same_bytes(self, one: _Hashed, call: IdentifiedCall, first: IdentifiedCall) -> None:
        if call.metadata.call_id and first.metadata.call_id not in (None, call.call_id):
            self._refuse(one, call, _source_conflict(call, first))
            return
        reason = f"the same bytes as {first.name!r}; it stays one call."
        self._done.duplicates.append(Duplicate(call.sources[0], first.key, first.call_id, reason))

    def _refuse(self, one: _Hashed, call: IdentifiedCall, error: InputError) -> None:
        self._done.refused.append(Refused(one.candidate, error, call.key, call.call_id))


def _empty(candidate: Candidate) -> EmptyFile | None:
    for part in candidate.parts:
        if not part.file.size_bytes:
            return EmptyFile(
                part.file.name, "the file is empty (0 bytes).", "Copy the recording again."
            )
    return None


def _retiring(call: IdentifiedCall, key: str) -> IdentifiedCall:
    retires = (*call.retires, key)
    return IdentifiedCall(call.key, call.call_id, call.sources, call.metadata, retires)


def _id_conflict(call: IdentifiedCall, owner: _Owner) -> CallIdConflict:
    return CallIdConflict(
        call.name,
        f"its call_id {call.call_id!r} already belongs to {owner.name!r}.",
        'Give one of them another id, or set "replaces": true in the sidecar of the recording '
        "that is right.",
    )


def _source_conflict(call: IdentifiedCall, first: IdentifiedCall) -> SourceConflict:
    return SourceConflict(
        call.name,
        f"its bytes are those of {first.name!r}, but its call_id is {call.call_id!r} and the "
        f"other's is {first.call_id!r}.",
        "Remove one of the two files, or give both the same id.",
    )

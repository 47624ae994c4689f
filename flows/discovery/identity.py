"""Candidates → calls: the same bytes are one call, one id is one recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from calls.call import Source, SourceKind, source_key
from calls.errors import CallIdConflict, EmptyFile, InputError, SourceConflict
from calls.metadata import CallMetadata
from flows.discovery.grouping import Candidate, Part

CALL_ID_HEX_DIGITS = 16


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call the warehouse already holds: its id, and the file it was taken from."""

    call_id: str
    recording: str


@dataclass(frozen=True, slots=True)
class IdentifiedCall:
    """A candidate with its source key and call id."""

    key: str
    call_id: str
    sources: tuple[Source, ...]
    metadata: CallMetadata

    @property
    def name(self) -> str:
        """The recording, else the transcript."""
        return self.sources[0].name


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file whose bytes are those of another call."""

    source: Source
    key: str
    call_id: str
    original: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A candidate that can't be taken, and why."""

    candidate: Candidate
    sources: tuple[Source, ...]
    error: InputError
    key: str | None = None
    call_id: str | None = None


@dataclass(slots=True)
class Identified:
    """What came of the candidates. `retired` are keys of calls that a newer recording replaces."""

    calls: list[IdentifiedCall] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who holds a call id."""

    key: str
    name: str
    replaces: bool = False


@dataclass(slots=True)
class _Ledger:
    """Keys and ids given so far."""

    owners: dict[str, _Owner]
    taken: dict[str, IdentifiedCall] = field(default_factory=dict)


def identify(
    candidates: Sequence[Candidate],
    *,
    sha256: Callable[[Part], str],
    keys_by_hash: Mapping[str, str],
    known: Mapping[str, KnownCall],
) -> Identified:
    """The calls among the candidates, with duplicates and conflicts taken out.

    What the warehouse knows already comes first, then the older file: of two that contradict each
    other the later is refused, and both are named.

    Args:
        candidates: what lies in the location.
        sha256: the hash of a file's bytes.
        keys_by_hash: source keys that earlier nights gave to files with these hashes; a call keeps
            its key when a transcript or another side is added to it later.
        known: calls in the warehouse by source key.
    """
    done = Identified()
    ledger = _Ledger(owners={one.call_id: _Owner(key, one.recording) for key, one in known.items()})
    identified = []
    for candidate in candidates:
        if candidate.problem is not None:
            done.refused.append(Refused(candidate, (), candidate.problem))
        elif empty := next((part for part in candidate.parts if not part.file.size_bytes), None):
            error = EmptyFile(
                empty.file.name, "the file is empty (0 bytes).", "Copy the recording again."
            )
            done.refused.append(Refused(candidate, (), error))
        else:
            identified.append((candidate, _identified(candidate, sha256, keys_by_hash)))
    identified.sort(key=lambda pair: _order(pair[0], pair[1], known))
    for candidate, call in identified:
        _take(candidate, call, ledger, done)
    return done


def _identified(
    candidate: Candidate, sha256: Callable[[Part], str], keys_by_hash: Mapping[str, str]
) -> IdentifiedCall:
    sources = tuple(
        Source(
            name=part.file.name,
            kind=part.kind,
            sha256=sha256(part),
            size_bytes=part.file.size_bytes,
            modified_at=part.file.modified_at,
            role=part.role,
            participant=part.participant,
        )
        for part in candidate.parts
    )
    earlier = (keys_by_hash[one.sha256] for one in sources if one.sha256 in keys_by_hash)
    key = next(earlier, None) or source_key(sources)
    call_id = candidate.metadata.call_id or f"rec-{key[:CALL_ID_HEX_DIGITS]}"
    return IdentifiedCall(key, call_id, sources, candidate.metadata)


def _order(
    candidate: Candidate, call: IdentifiedCall, known: Mapping[str, KnownCall]
) -> tuple[bool, int, str]:
    landed = known.get(call.key)
    is_known = landed is not None and landed.recording == call.name
    return (not is_known, candidate.first_modified_ns, call.name)


def _take(candidate: Candidate, call: IdentifiedCall, ledger: _Ledger, done: Identified) -> None:
    if (first := ledger.taken.get(call.key)) is not None:
        _same_bytes(candidate, call, first, done)
        return
    owner = ledger.owners.get(call.call_id)
    if owner is not None and owner.key != call.key:
        if owner.replaces:
            return  # this is the recording that the owner has replaced
        if not call.metadata.replaces:
            error = CallIdConflict(
                call.name,
                f"its call_id {call.call_id!r} already belongs to {owner.name!r}.",
                'Give one of them another id, or set "replaces": true in the sidecar of the '
                "recording that is right.",
            )
            done.refused.append(Refused(candidate, call.sources, error, call.key, call.call_id))
            return
        done.calls = [one for one in done.calls if one.key != owner.key]
        done.retired.append(owner.key)
    ledger.owners[call.call_id] = _Owner(call.key, call.name, call.metadata.replaces)
    ledger.taken[call.key] = call
    done.calls.append(call)


def _same_bytes(
    candidate: Candidate, call: IdentifiedCall, first: IdentifiedCall, done: Identified
) -> None:
    if call.metadata.call_id and first.metadata.call_id not in (None, call.call_id):
        error = SourceConflict(
            call.name,
            f"its bytes are those of {first.name!r}, but its call_id is {call.call_id!r} and "
            f"the other's is {first.call_id!r}.",
            "Remove one of the two files, or give both the same id.",
        )
        done.refused.append(Refused(candidate, call.sources, error, call.key, call.call_id))
        return
    kept = {(one.name, one.sha256) for one in first.sources}
    done.duplicates += [
        Duplicate(source, first.key, first.call_id, first.name)
        for source in call.sources
        if (source.name, source.sha256) not in kept and source.kind is SourceKind.AUDIO
    ] or [Duplicate(call.sources[0], first.key, first.call_id, first.name)]

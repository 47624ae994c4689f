"""Recordings of erased calls that still lie in the location: refused, and named nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from calls.call import SourceKind, audio_key
from flows.discovery.candidates import Candidate, Part
from flows.discovery.hashing import Hasher
from warehouse.erasure.key import Kind
from warehouse.erasure.refusals import Refusals, as_seen
from warehouse.seen import SeenFile


@dataclass(frozen=True, slots=True)
class ErasedRecording:
    """A recording that is refused. `stand_in` is what stands for its name.

    `by_bytes` is False where only its sidecar carries the id of an erased call: then it may be
    another call, which needs an id of its own. `is_new` is True in the night it is met first.
    """

    stand_in: str
    by_bytes: bool
    is_new: bool


@dataclass(slots=True)
class WithoutErased:
    """The candidates that may be taken, and what is remembered of the others.

    `marks` stand in for the names of refused files, so that the next night reads none of them.
    """

    candidates: list[Candidate] = field(default_factory=list)
    refused: list[ErasedRecording] = field(default_factory=list)
    marks: list[SeenFile] = field(default_factory=list)


def without_erased(
    candidates: Iterable[Candidate], refusals: Refusals, hasher: Hasher, marked: frozenset[str]
) -> WithoutErased:
    """The candidates without those of erased calls.

    A candidate is of an erased call if one of its files is, whatever its name now is, or if its
    sidecar carries the id. What can't be read is left to `identify`, which says what is wrong.

    Args:
        candidates: what lies in the location.
        refusals: what the warehouse refuses.
        hasher: gives the hashes of files; forgets those of refused ones.
        marked: the marks of files that earlier nights have refused.
    """
    done = WithoutErased()
    for candidate in candidates:
        kind = _refused_by(candidate, refusals, hasher, marked) if refusals else None
        if kind is None:
            done.candidates.append(candidate)
            continue
        assert refusals.key is not None
        marks = [_mark(refusals, kind, part) for part in _parts(candidate)]
        for part in _parts(candidate):
            hasher.forget(part.file.name)
        done.marks += map(as_seen, marks)
        done.refused.append(
            ErasedRecording(
                stand_in=refusals.key.stand_in(candidate.name, None),
                by_bytes=kind is Kind.FILE,
                is_new=marked.isdisjoint(marks),
            )
        )
    return done


def _refused_by(
    candidate: Candidate, refusals: Refusals, hasher: Hasher, marked: frozenset[str]
) -> Kind | None:
    """By what a candidate is known to be of an erased call; None if it is of none."""
    parts = list(_parts(candidate))
    call_id = candidate.metadata.call_id
    by_id = Kind.SIDECAR if call_id is not None and refusals.has_call_id(call_id) else None
    for kind in (Kind.FILE, by_id):
        if kind and any(_mark(refusals, kind, part) in marked for part in parts):
            return kind
    try:
        hashes = {part.file.name: hasher.sha256(part) for part in parts if part.file.size_bytes}
    except OSError:
        hashes = {}
    audio = [
        hashes[part.file.name]
        for part in candidate.parts
        if part.kind is SourceKind.AUDIO and part.file.name in hashes
    ]
    keys = [*hashes.values(), *([audio_key(audio)] if audio else [])]
    return Kind.FILE if any(refusals.has_bytes(key) for key in keys) else by_id


def _parts(candidate: Candidate) -> Iterator[Part]:
    yield from candidate.parts
    yield from candidate.mixed_down


def _mark(refusals: Refusals, kind: Kind, part: Part) -> str:
    file = part.file
    return refusals.mark(kind, file.name, file.size_bytes, file.mtime_ns)

"""Files → candidate calls: what belongs together by stem, by suffix, by sidecar, by call id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from calls.call import SourceKind
from calls.errors import SidecarInvalid
from calls.metadata import CallMetadata
from calls.settings import DiscoverySettings
from flows.discovery.candidates import (
    Candidate,
    Facts,
    Part,
    combined,
    contradiction,
    stem_of,
)
from flows.discovery.facts import read_facts
from flows.discovery.location import FoundFile, Location
from flows.discovery.scan import FileKind, Scan, kind_of
from flows.discovery.sides import gather_facts, participant_sets


def group(location: Location, scan: Scan, settings: DiscoverySettings) -> list[Candidate]:
    """Every candidate call in the location, in order of stem.

    A group with a file that is still being written is left out as a whole. Sidecars whose
    recording is not there make no candidate, unless they are wrong: a wrong one is reported.
    """
    return group_by(read_facts(location, scan), scan, settings)


def group_by(facts: Facts, scan: Scan, settings: DiscoverySettings) -> list[Candidate]:
    """As `group`, with the facts read already; they are used up."""
    audio = [file for file, kind in scan.files if kind is FileKind.AUDIO]
    sets, alone = participant_sets(audio, scan.unsettled, facts, settings)
    for stem, members in sets.items():
        gather_facts(stem, members, facts)
    parts: dict[str, list[Part]] = defaultdict(list, sets)
    mixed: dict[str, list[Part]] = defaultdict(list)
    for file in alone:
        stem = stem_of(file.name)
        (mixed if stem in sets else parts)[stem].append(Part(file, SourceKind.AUDIO))
    candidates: list[Candidate] = []
    for stem in sorted(parts.keys() | facts.transcripts.keys() | facts.sidecars.keys()):
        candidates += _of_stem(stem, parts[stem], mixed[stem], facts, whole=stem in sets)
    settled = [one for one in candidates if not _waits(one, scan.unsettled)]
    return _join_by_call_id(settled) + facts.strangers


def _waits(candidate: Candidate, unsettled: Sequence[FoundFile]) -> bool:
    """True while a file that may belong to the candidate is still being written."""
    stems = {candidate.stem, *(stem_of(part.file.name) for part in candidate.parts)}
    folder = str(PurePosixPath(candidate.stem).parent)
    return any(
        stem_of(file.name) in stems
        or (
            kind_of(file.name) is FileKind.CALL_LIST
            and str(PurePosixPath(file.name).parent) == folder
        )
        for file in unsettled
    )


def _of_stem(
    stem: str, audio: Sequence[Part], mixed: Sequence[Part], facts: Facts, *, whole: bool
) -> list[Candidate]:
    """The candidates of one stem: one, unless several recordings share the stem by accident."""
    transcripts = [Part(file, SourceKind.TRANSCRIPT) for file in facts.transcripts.get(stem, ())]
    unknown = facts.broken_lists.get(str(PurePosixPath(stem).parent), CallMetadata())
    sidecar, metadata = facts.sidecars.get(stem, (None, unknown))
    problem = metadata if isinstance(metadata, SidecarInvalid) else None
    known = metadata if isinstance(metadata, CallMetadata) else CallMetadata()
    if not audio and not transcripts:
        # A wrong row of a call list is reported even where its recording is not (yet) there.
        return [Candidate(stem, (), sidecar=sidecar, problem=problem)] if problem else []
    groups = [list(audio)] if whole or not audio else [[part] for part in audio]
    groups[0] += transcripts
    return [
        Candidate(stem, tuple(parts), known, sidecar, problem, tuple(mixed)) for parts in groups
    ]


def _join_by_call_id(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Adds a transcript of another stem to the recording with the same call id."""
    by_id: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        if one.metadata.call_id and one.problem is None:
            by_id[one.metadata.call_id].append(one)
    joined: dict[int, Candidate | None] = {}
    for same in by_id.values():
        heard = [one for one in same if _has_audio(one)]
        read = [one for one in same if not _has_audio(one)]
        if len(heard) == 1 and read:
            whole = heard[0]
            for one in read:
                whole = _with_transcript(whole, one)
                joined[id(one)] = None
            joined[id(heard[0])] = whole
    kept = (joined.get(id(one), one) for one in candidates)
    return [one for one in kept if one is not None]


def _with_transcript(call: Candidate, text: Candidate) -> Candidate:
    """The call with a transcript that has a sidecar of its own."""
    both = combined(call.metadata, text.metadata)
    parts = (*call.parts, *text.parts)
    if both is not None:
        return replace(call, parts=parts, metadata=both)
    assert call.sidecar is not None
    assert text.sidecar is not None  # nothing else gives a candidate an id
    return replace(call, parts=parts, problem=contradiction(text.sidecar, call.sidecar))


def _has_audio(candidate: Candidate) -> bool:
    return any(part.kind is SourceKind.AUDIO for part in candidate.parts)

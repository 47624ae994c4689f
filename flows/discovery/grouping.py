"""Files → candidate calls: what belongs together by stem, by suffix, by sidecar, by call id."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from calls.call import SourceKind
from calls.errors import InputError, SidecarInvalid, UnknownFormat
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.settings import DiscoverySettings
from flows.discovery.location import FoundFile, Location
from flows.discovery.scan import AUDIO_ENDINGS, SIDECAR_ENDING, FileKind, Scan
from flows.discovery.sidecars import is_sidecar, parse_call_list, parse_sidecar, validate
from models.importers import IMPORTERS, recognise


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a candidate, before its bytes have been hashed."""

    file: FoundFile
    kind: SourceKind
    role: Role | None = None
    participant: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Files that look like one call. `problem` says why they can't be taken as one."""

    stem: str
    parts: tuple[Part, ...]
    metadata: CallMetadata = field(default_factory=CallMetadata)
    sidecar: FoundFile | None = None
    problem: InputError | None = None

    @property
    def name(self) -> str:
        """The file to name when speaking of this call: its recording, else what there is."""
        if self.parts:
            return self.parts[0].file.name
        return self.sidecar.name if self.sidecar is not None else self.stem

    @property
    def first_modified_ns(self) -> int:
        """When the oldest file of the candidate was written."""
        return min((part.file.mtime_ns for part in self.parts), default=0)


@dataclass(slots=True)
class _Facts:
    """What is known by stem besides the recordings themselves."""

    transcripts: dict[str, list[FoundFile]] = field(default_factory=lambda: defaultdict(list))
    sidecars: dict[str, tuple[FoundFile, CallMetadata | SidecarInvalid]] = field(
        default_factory=dict
    )
    strangers: list[Candidate] = field(default_factory=list)


def group(location: Location, scan: Scan, settings: DiscoverySettings) -> list[Candidate]:
    """Every candidate call in the location, in order of stem.

    A group with a file that is still being written is left out as a whole. Sidecars whose
    recording is not there make no candidate, unless they are wrong: a wrong one is reported.
    """
    facts = _read_facts(location, scan)
    unsettled = {stem_of(file.name) for file in scan.unsettled}
    audio = [file for file, kind in scan.files if kind is FileKind.AUDIO]
    sets, alone = _participant_sets(audio, facts, settings)
    parts: dict[str, list[Part]] = defaultdict(list)
    for stem, members in sets.items():
        parts[stem] = members
    candidates = []
    for file in alone:
        parts[stem_of(file.name)].append(Part(file, SourceKind.AUDIO))
    for stem in sorted(parts.keys() | facts.transcripts.keys() | facts.sidecars.keys()):
        if stem not in unsettled and not _waits(parts[stem], unsettled):
            candidates += _of_stem(stem, parts[stem], facts, whole=stem in sets)
    return _join_by_call_id(candidates) + facts.strangers


def stem_of(name: str) -> str:
    """A file's name without its endings: what a recording and its sidecar share."""
    lower = name.lower()
    for ending in (SIDECAR_ENDING, ".vcon.json", ".vcon"):
        if lower.endswith(ending):
            name = name[: -len(ending)]
            break
    else:
        return str(PurePosixPath(name).with_suffix(""))
    # "a.wav.call.json" names the same call as "a.call.json".
    path = PurePosixPath(name)
    is_audio = path.suffix.lower().removeprefix(".") in AUDIO_ENDINGS
    return str(path.with_suffix("")) if is_audio else name


def _read_facts(location: Location, scan: Scan) -> _Facts:
    facts = _Facts()
    rows: dict[str, tuple[FoundFile, CallMetadata | SidecarInvalid]] = {}
    for file, kind in scan.files:
        stem = stem_of(file.name)
        if kind is FileKind.TRANSCRIPT:
            facts.transcripts[stem].append(file)
        elif kind is FileKind.SIDECAR:
            facts.sidecars[stem] = (file, _sidecar(location, file))
        elif kind is FileKind.JSON:
            _read_json(location, file, facts)
        elif kind is FileKind.CALL_LIST:
            _read_call_list(location, file, rows, facts)
    facts.sidecars = rows | facts.sidecars  # a call's own sidecar wins over the list
    return facts


def _sidecar(location: Location, file: FoundFile) -> CallMetadata | SidecarInvalid:
    try:
        return parse_sidecar(file.name, location.read(file.name))
    except SidecarInvalid as error:
        return error


def _read_json(location: Location, file: FoundFile, facts: _Facts) -> None:
    """A `.json` of any other name: a transcript if an importer knows it, else maybe a sidecar."""
    data = location.read(file.name)
    stem = stem_of(file.name)
    if recognise(file.name, data) is not None:
        facts.transcripts[stem].append(file)
        return
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        content, why = None, f"is no valid JSON ({error})"
    else:
        why = "is neither a transcript of a known format nor a sidecar"
    if is_sidecar(content):
        try:
            facts.sidecars.setdefault(stem, (file, validate(file.name, content)))
        except SidecarInvalid as error:
            facts.sidecars.setdefault(stem, (file, error))
        return
    known = ", ".join(importer.name for importer in IMPORTERS)
    fields = ", ".join(CallMetadata.model_fields)
    problem = UnknownFormat(
        file.name, f"{why}.", f"Transcripts known: {known}. Sidecar fields: {fields}."
    )
    part = Part(file, SourceKind.TRANSCRIPT)
    facts.strangers.append(Candidate(file.name, (part,), problem=problem))


def _read_call_list(
    location: Location,
    file: FoundFile,
    rows: dict[str, tuple[FoundFile, CallMetadata | SidecarInvalid]],
    facts: _Facts,
) -> None:
    folder = PurePosixPath(file.name).parent
    try:
        for recording, found in parse_call_list(file.name, location.read(file.name)):
            path = PurePosixPath(recording)
            known = path.suffix.lower().removeprefix(".") in AUDIO_ENDINGS | {"vtt", "srt", "json"}
            stem = str(folder / (path.with_suffix("") if known else path))
            rows[stem] = (file, found)
    except SidecarInvalid as error:
        facts.strangers.append(Candidate(file.name, (), sidecar=file, problem=error))


def _participant_sets(
    audio: Sequence[FoundFile], facts: _Facts, settings: DiscoverySettings
) -> tuple[dict[str, list[Part]], list[FoundFile]]:
    """Calls recorded as one file per participant, and the recordings that stand alone."""
    by_name = {file.name: file for file in audio}
    sets = _listed_sets(by_name, facts) | _suffix_sets(by_name, settings)
    taken = {part.file.name for parts in sets.values() for part in parts}
    return sets, [file for file in audio if file.name not in taken]


def _listed_sets(by_name: Mapping[str, FoundFile], facts: _Facts) -> dict[str, list[Part]]:
    """Sets that a sidecar lists. A file that is not there makes the sidecar wrong."""
    sets = {}
    for stem, (sidecar, metadata) in list(facts.sidecars.items()):
        if isinstance(metadata, SidecarInvalid) or not metadata.files:
            continue
        folder = PurePosixPath(sidecar.name).parent
        parts = []
        for listed in metadata.files:
            file = by_name.get(str(folder / listed.name))
            if file is None:
                error = SidecarInvalid(
                    sidecar.name,
                    f"files: {listed.name!r} does not lie beside the sidecar.",
                    "Copy it there or correct the name.",
                )
                facts.sidecars[stem] = (sidecar, error)
                continue
            participant = metadata.participant_of(listed)
            role = metadata.participants[participant].role
            parts.append(Part(file, SourceKind.AUDIO, role, participant))
        sets[stem] = parts
    return sets


def _suffix_sets(
    by_name: Mapping[str, FoundFile], settings: DiscoverySettings
) -> dict[str, list[Part]]:
    """Sets whose file names say whose side each file is; one alone makes no set."""
    found: dict[str, list[Part]] = defaultdict(list)
    for file in by_name.values():
        stem = stem_of(file.name)
        for suffix, role in settings.participant_suffixes.items():
            if stem.lower().endswith(suffix) and len(stem) > len(suffix):
                found[stem[: -len(suffix)]].append(Part(file, SourceKind.AUDIO, role))
    order = list(Role)
    return {
        stem: sorted(parts, key=lambda part: order.index(part.role or Role.UNKNOWN))
        for stem, parts in found.items()
        if len(parts) > 1 and len({part.role for part in parts}) == len(parts)
    }


def _waits(parts: Iterable[Part], unsettled: set[str]) -> bool:
    return any(stem_of(part.file.name) in unsettled for part in parts)


def _of_stem(stem: str, audio: Sequence[Part], facts: _Facts, *, whole: bool) -> list[Candidate]:
    """The candidates of one stem: one, unless several recordings share the stem by accident."""
    transcripts = [Part(file, SourceKind.TRANSCRIPT) for file in facts.transcripts.get(stem, ())]
    sidecar, metadata = facts.sidecars.get(stem, (None, CallMetadata()))
    problem = metadata if isinstance(metadata, SidecarInvalid) else None
    known = metadata if isinstance(metadata, CallMetadata) else CallMetadata()
    if not audio and not transcripts:
        # A wrong row of a call list is reported even where its recording is not (yet) there.
        return [Candidate(stem, (), sidecar=sidecar, problem=problem)] if problem else []
    groups = [list(audio)] if whole or not audio else [[part] for part in audio]
    first, *others = groups
    first += transcripts
    return [Candidate(stem, tuple(parts), known, sidecar, problem) for parts in (first, *others)]


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
            parts = (*heard[0].parts, *(part for one in read for part in one.parts))
            joined[id(heard[0])] = replace(heard[0], parts=parts)
            joined.update({id(one): None for one in read})
    kept = (joined.get(id(one), one) for one in candidates)
    return [one for one in kept if one is not None]


def _has_audio(candidate: Candidate) -> bool:
    return any(part.kind is SourceKind.AUDIO for part in candidate.parts)

"""Files → candidate calls: what belongs together by stem, by suffix, by sidecar, by call id."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from calls.call import SourceKind
from calls.errors import InputError, SidecarInvalid, UnknownFormat
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.settings import DiscoverySettings
from flows.discovery.location import FoundFile, Location
from flows.discovery.scan import AUDIO_ENDINGS, SIDECAR_ENDING, FileKind, Scan, kind_of
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
    """Files that look like one call. `problem` says why they can't be taken as one.

    `mixed_down` is a recording of all sides beside one file per participant: it adds nothing.
    """

    stem: str
    parts: tuple[Part, ...]
    metadata: CallMetadata = field(default_factory=CallMetadata)
    sidecar: FoundFile | None = None
    problem: InputError | None = None
    mixed_down: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """The file to name when speaking of this call: its recording, else what there is."""
        if self.parts:
            return self.parts[0].file.name
        if self.sidecar is None:
            return self.stem
        is_own = stem_of(self.sidecar.name) == self.stem
        return self.sidecar.name if is_own else f"{self.sidecar.name}: {self.stem}"

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
    # Folders whose call list can't be read: nobody knows what it says of the recordings there.
    broken_lists: dict[str, SidecarInvalid] = field(default_factory=dict)


def group(location: Location, scan: Scan, settings: DiscoverySettings) -> list[Candidate]:
    """Every candidate call in the location, in order of stem.

    A group with a file that is still being written is left out as a whole. Sidecars whose
    recording is not there make no candidate, unless they are wrong: a wrong one is reported.
    """
    facts = _read_facts(location, scan)
    audio = [file for file, kind in scan.files if kind is FileKind.AUDIO]
    sets, alone = _participant_sets(audio, scan.unsettled, facts, settings)
    for stem, members in sets.items():
        _gather_facts(stem, members, facts)
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
    except OSError as error:
        return _unreadable(file, error)


def _read_json(location: Location, file: FoundFile, facts: _Facts) -> None:
    """A `.json` of any other name: a transcript if an importer knows it, else maybe a sidecar."""
    stem = stem_of(file.name)
    try:
        data = location.read(file.name)
    except OSError as error:
        facts.sidecars.setdefault(stem, (file, _unreadable(file, error)))
        return
    if recognise(file.name, data) is not None:
        facts.transcripts[stem].append(file)
        return
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
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
            if isinstance(found, SidecarInvalid) and not recording:
                # It belongs to no recording, so nothing else would report it.
                facts.strangers.append(Candidate(found.name, (), problem=found))
                continue
            path = PurePosixPath(recording)
            known = path.suffix.lower().removeprefix(".") in AUDIO_ENDINGS | {"vtt", "srt", "json"}
            stem = str(folder / (path.with_suffix("") if known else path))
            rows[stem] = (file, found)
    except SidecarInvalid as error:
        facts.broken_lists[str(folder)] = error
    except OSError as error:
        facts.broken_lists[str(folder)] = _unreadable(file, error)
    else:
        return
    problem = facts.broken_lists[str(folder)]
    facts.strangers.append(Candidate(stem_of(file.name), (), sidecar=file, problem=problem))


def _unreadable(file: FoundFile, error: OSError) -> SidecarInvalid:
    why = error.strerror or type(error).__name__
    return SidecarInvalid(file.name, f"can't be read ({why}).", "Make the file readable.")


def _participant_sets(
    audio: Sequence[FoundFile],
    unsettled: Sequence[FoundFile],
    facts: _Facts,
    settings: DiscoverySettings,
) -> tuple[dict[str, list[Part]], list[FoundFile]]:
    """Calls recorded as one file per participant, and the recordings that stand alone."""
    by_name = {file.name: file for file in audio}
    # A listed file that is still being written is there: its whole call waits.
    sets = _listed_sets({**{file.name: file for file in unsettled}, **by_name}, facts)
    for part in (part for parts in sets.values() for part in parts):
        by_name.pop(part.file.name, None)  # what a sidecar says goes before what a name suggests
    for stem, members in _suffix_sets(by_name, settings).items():
        if stem not in sets:
            sets[stem] = members
            for part in members:
                del by_name[part.file.name]
    return sets, list(by_name.values())


def _gather_facts(stem: str, members: Sequence[Part], facts: _Facts) -> None:
    """Moves what lies beside the single sides to the call they make up.

    Two sidecars for one call are refused: dropping one could drop an `exclude`.
    """
    for side in dict.fromkeys(stem_of(part.file.name) for part in members):
        if side == stem:
            continue
        facts.transcripts[stem] += facts.transcripts.pop(side, [])
        file, metadata = facts.sidecars.pop(side, (None, None))
        if file is None or metadata is None:
            continue
        if stem not in facts.sidecars:
            facts.sidecars[stem] = (file, metadata)
            continue
        first, _ = facts.sidecars[stem]
        error = SidecarInvalid(
            file.name,
            f"the call of this recording has another sidecar, {first.name!r}.",
            "Keep one of the two.",
        )
        facts.sidecars[stem] = (first, error)


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
    stem: str, audio: Sequence[Part], mixed: Sequence[Part], facts: _Facts, *, whole: bool
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
            parts = (*heard[0].parts, *(part for one in read for part in one.parts))
            joined[id(heard[0])] = replace(heard[0], parts=parts)
            joined.update({id(one): None for one in read})
    kept = (joined.get(id(one), one) for one in candidates)
    return [one for one in kept if one is not None]


def _has_audio(candidate: Candidate) -> bool:
    return any(part.kind is SourceKind.AUDIO for part in candidate.parts)

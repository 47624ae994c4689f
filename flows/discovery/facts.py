"""What is known besides the recordings: sidecars, call lists, ready transcripts."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from calls.call import SourceKind
from calls.errors import InputError, SidecarInvalid, TranscriptInvalid, UnknownFormat
from calls.metadata import CallMetadata
from flows.discovery.candidates import Candidate, Facts, Part, stem_of
from flows.discovery.location import FoundFile, Location
from flows.discovery.scan import AUDIO_ENDINGS, FileKind, Scan
from flows.discovery.sidecars import is_sidecar, parse_call_list, parse_sidecar, validate
from models.importers import IMPORTERS, import_transcript, json_problem, recognise


def read_facts(location: Location, scan: Scan) -> Facts:
    """The facts in the location by stem; what can't be read is there as the error it caused."""
    facts = Facts()
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


def _read_json(location: Location, file: FoundFile, facts: Facts) -> None:
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
    except (ValueError, RecursionError):
        content, broken = None, True
        why = json_problem(file.name, data).removesuffix(".") or "is no JSON in UTF-8"
    else:
        broken = False
        why = "is neither a transcript of a known format nor a sidecar"
    if is_sidecar(content):
        try:
            facts.sidecars.setdefault(stem, (file, validate(file.name, content)))
        except SidecarInvalid as error:
            facts.sidecars.setdefault(stem, (file, error))
        return
    known = ", ".join(importer.name for importer in IMPORTERS)
    fields = ", ".join(CallMetadata.model_fields)
    remedy = f"Transcripts known: {known}. Sidecar fields: {fields}."
    if broken:
        remedy = "Deliver the file again, whole."
    problem: InputError = UnknownFormat(file.name, f"{why}.", remedy)
    try:
        import_transcript(file.name, data)
    except TranscriptInvalid as error:  # nearly one: that says more
        problem = error if not broken else problem
    except InputError:
        pass
    part = Part(file, SourceKind.TRANSCRIPT)
    facts.strangers.append(Candidate(file.name, (part,), problem=problem))


def _read_call_list(
    location: Location,
    file: FoundFile,
    rows: dict[str, tuple[FoundFile, CallMetadata | SidecarInvalid]],
    facts: Facts,
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

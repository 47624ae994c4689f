"""Calls recorded as one file per participant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from calls.call import SourceKind
from calls.errors import SidecarInvalid
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.settings import DiscoverySettings
from flows.discovery.candidates import Facts, Part, combined, contradiction, stem_of
from flows.discovery.location import FoundFile


def participant_sets(
    audio: Sequence[FoundFile],
    unsettled: Sequence[FoundFile],
    facts: Facts,
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


def gather_facts(stem: str, members: Sequence[Part], facts: Facts) -> None:
    """Moves what lies beside the single sides to the call they make up.

    Two sidecars for one call are put together, and refused where they contradict each other:
    dropping one could drop an `exclude`.
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
        first, already = facts.sidecars[stem]
        if isinstance(already, SidecarInvalid):
            continue
        if isinstance(metadata, CallMetadata):
            both = combined(already, metadata)
            facts.sidecars[stem] = (first, both or contradiction(file, first))
        else:
            facts.sidecars[stem] = (first, metadata)


def _listed_sets(by_name: Mapping[str, FoundFile], facts: Facts) -> dict[str, list[Part]]:
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

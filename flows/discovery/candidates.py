"""Candidate calls: files that look like one call, before their bytes have been read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from calls.call import SourceKind
from calls.errors import InputError, SidecarInvalid
from calls.labels import Role
from calls.metadata import CallMetadata
from flows.discovery.location import FoundFile
from flows.discovery.scan import AUDIO_ENDINGS, SIDECAR_ENDING


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
class Facts:
    """What is known by stem besides the recordings themselves."""

    transcripts: dict[str, list[FoundFile]] = field(default_factory=lambda: defaultdict(list))
    sidecars: dict[str, tuple[FoundFile, CallMetadata | SidecarInvalid]] = field(
        default_factory=dict
    )
    strangers: list[Candidate] = field(default_factory=list)
    # Folders whose call list can't be read: nobody knows what it says of the recordings there.
    broken_lists: dict[str, SidecarInvalid] = field(default_factory=dict)


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


def combined(first: CallMetadata, second: CallMetadata) -> CallMetadata | None:
    """What two sidecars of one call say together; None where they contradict each other."""
    given = {name: getattr(first, name) for name in first.model_fields_set}
    for name in second.model_fields_set:
        value = getattr(second, name)
        if given.setdefault(name, value) != value:
            return None
    return CallMetadata.model_validate(given)


def contradiction(file: FoundFile, other: FoundFile) -> SidecarInvalid:
    """The error of a sidecar that contradicts another of the same call."""
    return SidecarInvalid(
        file.name,
        f"it contradicts {other.name!r}, the sidecar of the same call.",
        "Correct one of the two, or keep only one.",
    )

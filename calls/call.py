"""One call on its way through the night: where it came from, how it sounded, who spoke."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from calls.labels import Role
from calls.measures import Measure
from calls.metadata import CallMetadata
from calls.moment import Moment
from calls.transcript import Transcript, TranscriptOrigin, Turn


class SourceKind(StrEnum):
    """What one file contributes to a call."""

    AUDIO = "audio"
    TRANSCRIPT = "transcript"


class Status(StrEnum):
    """What has become of a recording. The enum is closed: nothing else is ever stored.

    Reserved, nothing sets them yet: `DISCOVERED`, `ERASED` and `REFUSED` (erasure).
    """

    DISCOVERED = "discovered"
    AWAITING_TRANSCRIPTION = "awaiting_transcription"
    TRANSCRIBED = "transcribed"
    ANALYSED = "analysed"
    LANDED = "landed"
    DUPLICATE = "duplicate"
    NO_SPEECH = "no_speech"
    QUARANTINED = "quarantined"
    ERASED = "erased"
    REFUSED = "refused"


class ChannelLayout(StrEnum):
    """How the channels of a recording relate, as measured (never as the header claims)."""

    NONE = "none"  # a transcript without audio
    MONO = "mono"
    DUAL_MONO = "dual_mono"  # several channels, one signal: treated as mono
    SEPARATE = "separate"  # one party per channel
    ONE_DEAD = "one_dead"  # one party per channel, and one side is silent throughout
    FILES = "files"  # one file per participant


class StartedAtSource(StrEnum):
    """Where a call's start time was found, best first."""

    SIDECAR = "sidecar"
    FILE_NAME = "file_name"
    CONTAINER = "container"
    FILE_TIME = "file_time"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a call. `name` is relative to the recordings location."""

    name: str
    kind: SourceKind
    sha256: str
    size_bytes: int
    modified_at: datetime
    role: Role | None = None  # for one file per participant, as the file name says
    participant: int | None = None  # position in the sidecar's participants


def source_key(sources: Sequence[Source]) -> str:
    """The key of what was heard or read: 64 hex digits.

    One recording: the SHA-256 of its bytes. One file per participant: of the sorted hashes. A
    transcript without audio: of the transcript. Sidecars never take part.
    """
    audio = sorted(one.sha256 for one in sources if one.kind is SourceKind.AUDIO)
    if len(audio) == 1:
        return audio[0]
    if audio:
        return hashlib.sha256("".join(audio).encode()).hexdigest()
    return next(one.sha256 for one in sources if one.kind is SourceKind.TRANSCRIPT)


@dataclass(frozen=True, slots=True)
class Recording:
    """The sources of one call and the facts beside them, before anything is listened to."""

    key: str
    call_id: str
    sources: tuple[Source, ...]
    metadata: CallMetadata
    started_at: datetime
    started_at_source: StartedAtSource

    @property
    def audio(self) -> tuple[Source, ...]:
        """The sources that can be heard."""
        return tuple(one for one in self.sources if one.kind is SourceKind.AUDIO)

    @property
    def transcripts(self) -> tuple[Source, ...]:
        """The sources that can be read without listening."""
        return tuple(one for one in self.sources if one.kind is SourceKind.TRANSCRIPT)

    @property
    def name(self) -> str:
        """The file a person would open to hear (or read) this call."""
        return (self.audio or self.transcripts)[0].name


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What decoding measured. For a transcript without audio only `duration_s` has a meaning."""

    duration_s: float
    channel_count: int
    layout: ChannelLayout
    sample_rate_hz: int | None = None
    codec: str | None = None
    container: str | None = None
    speech_s: tuple[float, ...] = ()  # detected speech per channel
    dead_channels: tuple[int, ...] = ()
    truncated: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listening:
    """The expensive artifact: what was heard, by channel. It knows no roles.

    `heard_from` names the bytes it was made from.
    """

    audio: AudioFacts
    transcript: Transcript
    heard_from: str = ""


class RoleSource(StrEnum):
    """Why we believe who is who, most trusted first."""

    SIDECAR = "sidecar"
    VENDOR = "vendor"
    CHANNEL = "channel"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Speaker:
    """One voice on the call after attribution.

    `speaker` names it within the call ("ch0", or the vendor's label). `heard` is False for a
    participant whose side could not be heard at all; `not_heard_reason` then says why.
    """

    speaker: str
    role: Role
    channel: int | None = None
    participant_id: str | None = None
    name: str | None = None
    email: str | None = None
    heard: bool = True
    not_heard_reason: str = ""


@dataclass(frozen=True, slots=True)
class AttributedCall:
    """A call ready to be read: turns with speakers, and all that is known beside them."""

    recording: Recording
    audio: AudioFacts
    origin: TranscriptOrigin
    language: str | None
    language_source: str
    speakers: tuple[Speaker, ...]
    role_source: RoleSource
    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()

    def with_role(self, role: Role) -> tuple[Speaker, ...]:
        """The speakers who have that role."""
        return tuple(one for one in self.speakers if one.role is role)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the analyzers found in one call: plain rows, no spaCy objects.

    `language_covered` is False if no playbook speaks the call's language: nothing was looked for.
    """

    moments: tuple[Moment, ...]
    measures: tuple[Measure, ...]
    analyzers: tuple[str, ...]
    version: str
    playbook_version: str
    language_covered: bool

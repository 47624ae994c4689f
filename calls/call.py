"""One call on its way through the night: where it came from, how it sounded, who spoke."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from calls.chain import Chain
from calls.claim import ClaimSaid
from calls.earlier import EarlierCall
from calls.labels import Role
from calls.measures import Measure
from calls.metadata import CallMetadata
from calls.moment import Moment
from calls.quality import TranscriptQuality
from calls.question import Question
from calls.transcript import Transcript, TranscriptOrigin, Turn


class SourceKind(StrEnum):
    """What one file contributes to a call."""

    AUDIO = "audio"
    TRANSCRIPT = "transcript"


class Status(StrEnum):
    """What has become of a recording. The enum is closed: nothing else is ever stored.

    Reserved, nothing sets it yet: `DISCOVERED`.
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
    CROSS_TALK = "cross_talk"  # one party per channel, and a side is heard faintly on the other's
    ONE_DEAD = "one_dead"  # one party per channel, and one side is silent throughout
    FILES = "files"  # one file per participant

    @property
    def is_one_signal(self) -> bool:
        """True if all people are heard as one."""
        return self in (ChannelLayout.MONO, ChannelLayout.DUAL_MONO)

    @property
    def is_separate(self) -> bool:
        """True if each channel carries one side of the call."""
        return self is not ChannelLayout.NONE and not self.is_one_signal


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
    audio = [one.sha256 for one in sources if one.kind is SourceKind.AUDIO]
    if audio:
        return audio_key(audio)
    return next(one.sha256 for one in sources if one.kind is SourceKind.TRANSCRIPT)


def audio_key(hashes: Sequence[str]) -> str:
    """The key of a call by the SHA-256 of each of its audio files, in any order."""
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()


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
    copied_channels: tuple[
        int, ...
    ] = ()  # carry the same signal as an earlier one: not listened to
    truncated: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listening:
    """The expensive artifact: what was heard, by channel. It knows no roles.

    `heard_from` names the bytes it was made from; `redaction` what has been masked in its words,
    and by which version (`models.redaction`).
    """

    audio: AudioFacts
    transcript: Transcript
    heard_from: str = ""
    redaction: str = ""


class RoleSource(StrEnum):
    """Why we believe who is who, most trusted first."""

    CORRECTED = "corrected"  # a person has said so (`nightcall swap`)
    SIDECAR = "sidecar"
    VENDOR = "vendor"
    CHANNEL = "channel"
    WORDING = "wording"  # what the voices say leaves little doubt
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


NO_SPEECH = "no speech"
"""Why nothing is known of what was said, where nobody said anything."""


@dataclass(frozen=True, slots=True)
class AttributedCall:
    """A call ready to be read: turns with speakers, and all that is known beside them.

    `is_mixed` is True if one voice stands for everybody, because nothing tells them apart.
    `earlier` are the calls before it with the same customer, oldest first.
    """

    recording: Recording
    audio: AudioFacts
    origin: TranscriptOrigin
    language: str | None
    language_source: str
    speakers: tuple[Speaker, ...]
    role_source: RoleSource
    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()
    quality: TranscriptQuality | None = None
    redacted: Mapping[str, int] | None = None
    is_mixed: bool = False
    earlier: tuple[EarlierCall, ...] = ()

    @property
    def wordless_because(self) -> str:
        """Why nothing that was said is known; empty where something is."""
        if self.turns:
            return ""
        missed_s = self.quality.speech_s if self.quality is not None else 0.0
        return f"no words for {missed_s:.0f} s of speech" if missed_s else NO_SPEECH

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
    model_version: str = ""
    chains: tuple[Chain, ...] = ()
    claims: tuple[ClaimSaid, ...] = ()
    questions: tuple[Question, ...] = ()

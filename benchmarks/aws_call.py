"""One job of Amazon Transcribe Call Analytics: its words, Amazon's measures of them, and ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

from analyzers import floor
from analyzers.reading import Reader
from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Listening,
    Recording,
    Source,
    SourceKind,
    StartedAtSource,
)
from calls.metadata import CallMetadata
from calls.settings import AttributionSettings, Settings
from calls.spans import Span, close_gaps
from models.attribution import attribute
from models.importers import import_transcript


@dataclass(frozen=True, slots=True)
class Overlap:
    """One of AWS's segments that starts while another participant's is under way."""

    by: str
    at_s: float
    length_s: float
    is_backchannel: bool
    """By our reading, it begins with an acknowledgement that takes no turn."""


class AwsCall:
    """One Call Analytics job: its words, AWS's measures of them, and ours."""

    def __init__(self, name: str, data: bytes) -> None:
        self._job: dict[str, Any] = json.loads(data)
        self._theirs: dict[str, Any] = self._job["ConversationCharacteristics"]
        self.call = _attributed(name, data)
        reading = Reader(Settings(analyzers=("talk",))).read(self.call)
        self._ours = {(one.name, one.speaker): one for one in reading.measures}
        self.participants = [one.speaker for one in self.call.speakers]

    def ours(self, name: str, speaker: str | None = None) -> float:
        """The value of one of our measures."""
        measure = self._ours[name, speaker]
        if measure.value is None:
            raise ValueError(f"{name} of {speaker or 'the call'}: {measure.reason}")
        return float(measure.value)

    def words(self, speaker: str) -> list[Span]:
        """When each word of a participant is said."""
        turns = (turn for turn in self.call.turns if turn.speaker == speaker)
        return [(word.start_s, word.end_s) for turn in turns for word in turn.words]

    def talk_s(self, speaker: str, *, gap_s: float) -> float:
        """What our talk time would be with own gaps up to `gap_s` closed."""
        return floor.length_s(close_gaps(self.words(speaker), gap_s=gap_s))

    def aws_talk_s(self, speaker: str | None = None) -> float:
        """AWS's talk time of a participant, or of all of them."""
        times = self._theirs["TalkTime"]
        of = times if speaker is None else times["DetailsByParticipant"][speaker]
        return float(of["TotalTimeMillis"]) / 1000

    def aws_words_per_min(self, speaker: str) -> float:
        """AWS's talk speed, in whole words."""
        of = self._theirs["TalkSpeed"]["DetailsByParticipant"]
        return float(of[speaker]["AverageWordsPerMinute"])

    def aws_interruptions(self, speaker: str) -> list[Span]:
        """From when until when, according to AWS, a participant interrupts."""
        found = self._theirs["Interruptions"]["InterruptionsByInterrupter"].get(speaker, ())
        return [(one["BeginOffsetMillis"] / 1000, one["EndOffsetMillis"] / 1000) for one in found]

    def aws_silence_s(self) -> float:
        """AWS's non-talk time."""
        return float(self._theirs["NonTalkTime"]["TotalTimeMillis"]) / 1000

    def aws_duration_s(self) -> float:
        """AWS's length of the conversation."""
        return float(self._theirs["TotalConversationDurationMillis"]) / 1000

    def segments(self) -> list[tuple[float, float, str]]:
        """AWS's segments in order of start: start, end and participant."""
        return sorted(
            (
                one["BeginOffsetMillis"] / 1000,
                one["EndOffsetMillis"] / 1000,
                str(one["ParticipantRole"]),
            )
            for one in self._job["Transcript"]
        )

    def masked(self, speaker: str) -> int:
        """How many items of a participant stand for something that AWS has redacted."""
        own = (one for one in self._job["Transcript"] if one["ParticipantRole"] == speaker)
        return sum(item["Content"] == "[PII]" for segment in own for item in segment["Items"])

    def overlaps(self) -> list[Overlap]:
        """Where AWS's segments overlap, in order of time."""
        segments, found = self.segments(), []
        asides = {(one.speaker, one.start_s) for one in self.call.turns if one.is_backchannel}
        for at, (start_s, end_s, by) in enumerate(segments):
            others = (end for _, end, of in segments[:at] if of != by)
            until_s = min(end_s, max(others, default=0.0))
            if until_s > start_s:
                is_aside = (by, start_s) in asides
                found.append(Overlap(by, start_s, until_s - start_s, is_aside))
        return found

    def quiet_s(self) -> list[float]:
        """Seconds of every stretch in which nobody says a word; longest first."""
        said = close_gaps(word for one in self.participants for word in self.words(one))
        gaps = (after[0] - before[1] for before, after in pairwise(said))
        return sorted(gaps, reverse=True)


def _attributed(name: str, data: bytes) -> AttributedCall:
    transcript = import_transcript(name, data)
    end_s = max(one.end_s for one in transcript.utterances)
    listening = Listening(AudioFacts(end_s, 0, ChannelLayout.NONE), transcript)
    key, now = sha256(data).hexdigest(), datetime.now(UTC)
    source = Source(name, SourceKind.TRANSCRIPT, key, len(data), now)
    recording = Recording(
        key, name, (source,), CallMetadata(), now, started_at_source=StartedAtSource.FILE_TIME
    )
    return attribute(recording, listening, AttributionSettings())

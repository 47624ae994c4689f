"""What a call can bear to have measured of its talk, and with what doubts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzers import floor
from analyzers.questions import count_questions
from calls.call import AttributedCall, Speaker
from calls.labels import Role
from calls.spans import Span
from calls.transcript import Engine, Turn
from calls.trust import (
    doubts_about_completeness,
    doubts_about_roles,
    doubts_about_voices,
    doubts_about_words,
)

if TYPE_CHECKING:
    from analyzers.annotated import AnnotatedCall

# What a measure rests on, beside there being speech at all.
_NEEDS_EVERYBODY = frozenset(
    {
        "listen_s",
        "interruptions_made_count",
        "interruptions_suffered_count",
        "reply_gap_s",
        "silence_s",
        "silence_ratio",
        "overlap_s",
        "switches_per_min",
    }
)
_NEEDS_CHANNELS = frozenset(
    {"interruptions_made_count", "interruptions_suffered_count", "overlap_s"}
)
_NEEDS_TWO = frozenset({"listen_s", "reply_gap_s", "switches_per_min"})
_NEEDS_NO_TIMES = frozenset({"word_count", "turn_count", "question_count", "switches_per_min"})
_NEEDS_PEOPLE = frozenset({"turn_count", "switches_per_min"})
# Where the times of words are not known, these rest on borders that exporters round or pad.
_WEAK_WITHOUT_WORD_TIMES = frozenset({"silence_s", "silence_ratio", "reply_gap_s"})
_TEXT = frozenset({"word_count", "words_per_min", "question_count"})

_ROLES_OF = {
    "rep_talk_s": (Role.REP,),
    "customer_talk_s": (Role.CUSTOMER,),
    "talk_ratio": (Role.REP, Role.CUSTOMER),
    "question_count": (Role.REP,),
    "longest_monologue_s": (Role.REP,),
}


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """A call's turns by speaker and what stands in the way of measuring it."""

    call: AttributedCall
    by_speaker: Mapping[str, tuple[Turn, ...]]
    talk_spans: Mapping[str, list[Span]]
    questions: Mapping[str, int]
    covered: bool

    @classmethod
    def of(cls, annotated: AnnotatedCall) -> TalkFacts:
        """The facts of a call whose turns have been read."""
        call = annotated.call
        questions = dict.fromkeys((one.speaker for one in call.speakers), 0)
        for turn, doc in zip(call.turns, annotated.docs, strict=True):
            questions[turn.speaker] += count_questions(doc)
        turns = {
            one.speaker: tuple(turn for turn in call.turns if turn.speaker == one.speaker)
            for one in call.speakers
        }
        spans = {name: floor.talk_spans(own) for name, own in turns.items()}
        return cls(call, turns, spans, questions, annotated.covered)

    def spans(self, speakers: Iterable[str]) -> list[list[Span]]:
        """When each of the speakers talks."""
        return [self.talk_spans[speaker] for speaker in speakers]

    def speaker_obstacle(self, name: str, speaker: Speaker) -> str:
        """Why this measure of that speaker can't be taken, or nothing."""
        if not speaker.heard:
            return speaker.not_heard_reason
        if not self.by_speaker[speaker.speaker]:
            return "no speech"
        if self.call.is_mixed:
            return "all voices are on one channel"
        return self._obstacle(name)

    def call_obstacle(self, name: str) -> str:
        """Why this measure of the call can't be taken, or nothing."""
        if self.call.wordless_because:
            return self.call.wordless_because
        for role in _ROLES_OF.get(name, ()):
            if obstacle := self._role_obstacle(role):
                return obstacle
        if name in _NEEDS_PEOPLE and self.call.is_mixed:
            return "all voices are on one channel"
        return self._obstacle(name)

    def _role_obstacle(self, role: Role) -> str:
        people = self.call.with_role(role)
        if not people:
            unknown = self.call.with_role(Role.UNKNOWN)
            return "speaker roles unknown" if unknown else f"no {role} on the call"
        return next((one.not_heard_reason for one in people if not one.heard), "")

    def _obstacle(self, name: str) -> str:
        """Why this measure can't be taken of anybody on this call, or nothing."""
        if name == "question_count" and not self.covered:
            return f"language {self.call.language!r} has no playbook"
        if name not in _NEEDS_NO_TIMES and self.call.origin.options.get("times") == "estimated":
            return "the transcript has no times"
        if name in _NEEDS_CHANNELS and not self._is_separate():
            return "needs one channel per party"
        if name in _NEEDS_TWO and len(self.call.speakers) < 2:
            return "needs two speakers"
        return self._unheard() if name in _NEEDS_EVERYBODY else ""

    def _unheard(self) -> str:
        """Why somebody could not be heard, or nothing."""
        return next((one.not_heard_reason for one in self.call.speakers if not one.heard), "")

    def _is_separate(self) -> bool:
        """True if each party was heard on a channel of its own, by us or by the vendor."""
        origin = self.call.origin
        if origin.options.get("separate_channels") is True:
            return True
        layout_separates = self.call.audio.layout.is_separate or origin.engine is Engine.IMPORTED
        channels = [one.channel for one in self.call.speakers]
        return layout_separates and None not in channels and len(channels) > 1

    def doubts(self, name: str, speaker: str | None) -> list[str]:
        """Why a measure that could be taken is to be read with care."""
        doubts = list(doubts_about_completeness(self.call))
        if name in _TEXT:
            doubts += doubts_about_words(self.call)
        if any(turn.doubt for turn in self._turns_behind(name, speaker)):
            doubts.append("some of the words are doubtful")
        if name in _WEAK_WITHOUT_WORD_TIMES and not all(turn.words for turn in self.call.turns):
            doubts.append("no word times")
        if name == "longest_monologue_s" and (reason := self._unheard()):
            doubts.append(reason)
        unknown = any(one.heard for one in self.call.with_role(Role.UNKNOWN))
        if speaker is None and name in _ROLES_OF and unknown:
            doubts.append("a speaker's role is unknown")
        if speaker is None and name in _ROLES_OF:
            doubts += doubts_about_roles(self.call)
        elif speaker is not None or name in _NEEDS_PEOPLE:
            doubts += doubts_about_voices(self.call)
        return doubts

    def _turns_behind(self, name: str, speaker: str | None) -> Iterator[Turn]:
        """The turns that a measure rests on."""
        if speaker is not None:
            yield from self.by_speaker[speaker]
        else:
            roles = _ROLES_OF.get(name, tuple(Role))
            yield from (turn for turn in self.call.turns if turn.role in roles)

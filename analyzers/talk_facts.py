"""What a call can bear to have measured of its talk, and with what doubts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from analyzers.fillers import FillerCount, fillers_in
from analyzers.floor import (
    Floor,
    Interruption,
    after_question_gaps,
    interruptions,
    reply_gaps,
)
from analyzers.questions import find_questions
from analyzers.spoken_times import SpokenTimes
from calls.call import Speaker
from calls.labels import Role
from calls.transcript import Engine, Turn
from calls.trust import (
    doubts_about_completeness,
    doubts_about_roles,
    doubts_about_voices,
    doubts_about_words,
    heard_by,
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
        "after_question_gap_s",
    }
)
_NEEDS_CHANNELS = frozenset(
    {"interruptions_made_count", "interruptions_suffered_count", "overlap_s"}
)
_NEEDS_TWO = frozenset({"listen_s", "reply_gap_s", "after_question_gap_s", "switches_per_min"})
_QUESTIONS = frozenset(
    {"question_count", "customer_question_count", "questions_per_30_min", "after_question_gap_s"}
)
_FILLERS = frozenset({"filler_count", "fillers_per_min"})
_NEEDS_PLAYBOOK = _QUESTIONS | _FILLERS
_NEEDS_NO_TIMES = frozenset(
    {
        "word_count",
        "turn_count",
        "question_count",
        "customer_question_count",
        "filler_count",
        "switches_per_min",
    }
)
_NEEDS_PEOPLE = frozenset({"turn_count", "switches_per_min"})
# Where the times of words are not known, these rest on borders that exporters round or pad.
_WEAK_WITHOUT_WORD_TIMES = frozenset(
    {"silence_s", "silence_ratio", "reply_gap_s", "after_question_gap_s"}
)
_TEXT = _QUESTIONS | _FILLERS | {"word_count", "words_per_min", "pace_deviation_per_min"}
# So many words without a single "um" are not how people talk: somebody has tidied them.
_TIDY_WORDS = 300

_ROLES_OF = {
    "rep_talk_s": (Role.REP,),
    "customer_talk_s": (Role.CUSTOMER,),
    "talk_ratio": (Role.REP, Role.CUSTOMER),
    "talk_of_call_ratio": (Role.REP,),
    "question_count": (Role.REP,),
    "questions_per_30_min": (Role.REP,),
    "customer_question_count": (Role.CUSTOMER,),
    "longest_monologue_s": (Role.REP,),
    "monologue_count": (Role.REP,),
    "longest_customer_story_s": (Role.CUSTOMER,),
    "reply_gap_s": (Role.REP,),
    "after_question_gap_s": (Role.REP,),
}
_MONOLOGUES = frozenset({"longest_monologue_s", "monologue_count", "longest_customer_story_s"})


class TalkFacts:
    """What the measures of a call are computed from, and what stands in the way of measuring it.

    Each fact is found when the first measure asks for it.
    """

    def __init__(self, annotated: AnnotatedCall) -> None:
        self.call = annotated.call
        self.by_speaker: dict[str, list[Turn]] = {one.speaker: [] for one in self.call.speakers}
        for turn in self.call.turns:
            self.by_speaker[turn.speaker].append(turn)
        self._docs = annotated.docs
        self._language = annotated.docs[0].lang_ if annotated.docs else ""
        self._covered = annotated.covered

    @cached_property
    def floor(self) -> Floor:
        """Who talks when."""
        return Floor(self.call.turns)

    @cached_property
    def question_counts(self) -> Mapping[str, int]:
        """How many questions each speaker asks."""
        counts = dict.fromkeys(self.by_speaker, 0)
        for turn, doc in zip(self.call.turns, self._docs, strict=True):
            counts[turn.speaker] += len(find_questions(doc))
        return counts

    @cached_property
    def question_gaps(self) -> Sequence[tuple[str, float]]:
        """Who waited how long after own questions; see `analyzers.floor.after_question_gaps`."""
        turns = self.call.turns
        ends_s = [
            one
            for turn, doc in zip(turns, self._docs, strict=True)
            if (asked := find_questions(doc))
            for one in _question_ends(turn, [one.end for one in asked])
        ]
        return after_question_gaps(turns, ends_s)

    @cached_property
    def reply_gaps(self) -> Sequence[tuple[str, float]]:
        """Who replied after how long; see `analyzers.floor.reply_gaps`."""
        return reply_gaps(self.call.turns)

    @cached_property
    def interruptions(self) -> Sequence[Interruption]:
        """Who interrupted whom; see `analyzers.floor.interruptions`."""
        return interruptions(self.call.turns)

    @cached_property
    def fillers(self) -> Mapping[str, FillerCount]:
        """The fillers of each speaker."""
        return {name: _fillers(own, self._language) for name, own in self.by_speaker.items()}

    @cached_property
    def word_counts(self) -> Mapping[str, int]:
        """How many words each speaker says."""
        spoken = self.by_speaker.items()
        return {name: sum(turn.word_count for turn in own) for name, own in spoken}

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
        if name in _NEEDS_PLAYBOOK and not self._covered:
            return f"language {self.call.language!r} has no playbook"
        if name in _FILLERS and fillers_in(self._language) is None:
            return f"language {self._language!r} has no list of fillers"
        if name not in _NEEDS_NO_TIMES and not self.call.origin.has_times:
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
        doubts = list(self._doubts_about_completeness)
        if name in _TEXT:
            doubts += doubts_about_words(self.call)
        if self._rests_on_doubtful(name, speaker):
            doubts.append("some of the words are doubtful")
        if name in _WEAK_WITHOUT_WORD_TIMES and not self._has_word_times:
            doubts.append("no word times")
        if name in _FILLERS:
            doubts += self._tidied()
        if name in _MONOLOGUES and (reason := self._unheard()):
            doubts.append(reason)
        if speaker is None and name in _ROLES_OF:
            if any(one.heard for one in self.call.with_role(Role.UNKNOWN)):
                doubts.append("a speaker's role is unknown")
            doubts += doubts_about_roles(self.call)
        elif speaker is not None or name in _NEEDS_PEOPLE:
            doubts += doubts_about_voices(self.call)
        return doubts

    def _tidied(self) -> list[str]:
        """Why fillers that were said may not stand in the transcript."""
        if heard_by(self.call.origin) == Engine.WHISPER:
            return ["Whisper leaves most fillers out"]
        words = sum(self.word_counts.values())
        is_tidy = not any(one.hesitations for one in self.fillers.values())
        return (
            [f"no 'um' in {words} words: the transcript seems tidied"]
            if (is_tidy and words >= _TIDY_WORDS)
            else []
        )

    def _rests_on_doubtful(self, name: str, speaker: str | None) -> bool:
        """True if some of the words that a measure rests on are doubtful."""
        if speaker is not None:
            return any(turn.speaker == speaker for turn in self._doubtful)
        roles = _ROLES_OF.get(name)
        return any(roles is None or turn.role in roles for turn in self._doubtful)

    @cached_property
    def _doubts_about_completeness(self) -> Sequence[str]:
        return doubts_about_completeness(self.call)

    @cached_property
    def _doubtful(self) -> Sequence[Turn]:
        """The turns some of whose words are doubtful."""
        return [turn for turn in self.call.turns if turn.doubt]

    @cached_property
    def _has_word_times(self) -> bool:
        return all(turn.words for turn in self.call.turns)


def _question_ends(turn: Turn, ends: Sequence[int]) -> Iterator[tuple[str, float]]:
    """Who asked, and when the last word of each question of a turn ended, where that is known."""
    times = SpokenTimes(turn) if ends else None
    for end in ends:
        # Within a turn without word times nothing says when a question ended.
        if times is not None and (turn.words or not turn.text[end:].strip()):
            yield turn.speaker, times.after(end)


def _fillers(turns: Iterable[Turn], language: str) -> FillerCount:
    """The fillers of all those turns."""
    fillers = fillers_in(language)
    counts = [fillers.count(turn.text) for turn in turns] if fillers else []
    return FillerCount(sum(one.fillers for one in counts), sum(one.hesitations for one in counts))

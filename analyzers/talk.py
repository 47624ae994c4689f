"""Talk measures of a call and of each speaker, and how far each of them can be trusted.

What the numbers mean is defined in `analyzers.floor`. A number that the recording can't bear is
not measurable and says why; it is never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from analyzers import floor
from analyzers.talk_facts import TalkFacts
from calls.labels import Role
from calls.measures import Measure, State, not_measurable

if TYPE_CHECKING:
    from analyzers.annotated import AnnotatedCall

SPEAKER_MEASURES = (
    "talk_s",
    "listen_s",
    "word_count",
    "words_per_min",
    "turn_count",
    "question_count",
    "longest_monologue_s",
    "interruptions_made_count",
    "interruptions_suffered_count",
    "reply_gap_s",
)
CALL_MEASURES = (
    "rep_talk_s",
    "customer_talk_s",
    "talk_ratio",
    "silence_s",
    "silence_ratio",
    "overlap_s",
    "turn_count",
    "question_count",
    "longest_monologue_s",
    "switches_per_min",
)
TALK_MEASURES = tuple(dict.fromkeys(SPEAKER_MEASURES + CALL_MEASURES))
"""Every name that `talk` yields."""

# A pace measured on less than this is a coincidence.
_MIN_PACE_TALK_S = 5.0
_NO_DURATION = "the duration is unknown"

Value = float | int | str
"""What a measure's function returns: the number, or why there is none."""


def talk(annotated: AnnotatedCall) -> Iterator[Measure]:
    """The talk measures of every speaker and of the call, each exactly once.

    The measures of one speaker:

    - `talk_s`: union of the speaker's words with own gaps up to 1.5 s closed, as `TalkTime` of
      Amazon Transcribe Call Analytics seems to be made (see `analyzers.floor.talk_spans`).
    - `listen_s`: time in which somebody else talks and this speaker does not.
    - `word_count`, `words_per_min`: words, and words per minute of own talk. Amazon's `TalkSpeed`
      is the same idea, and 1 % lower on the one call that could be compared.
    - `turn_count`: turns that take the floor; `question_count`: questions and requests, which Gong
      and Fireflies count per call too.
    - `longest_monologue_s`, `interruptions_made_count`, `interruptions_suffered_count`,
      `reply_gap_s` (median): see `analyzers.floor`.

    The measures of the call:

    - `rep_talk_s`, `customer_talk_s`: sums over the people of that role; `talk_ratio` =
      rep / (rep + customer), so overlap counts for both, as in Amazon's total and in BuilderIO's
      Calls. Others (Atrium) divide by the length of the call; with `silence_s` that can be derived
      too.
    - `silence_s`: time in which nobody talks, own gaps up to 1.5 s being talk; `silence_ratio` of
      the duration; `overlap_s`. Amazon's `NonTalkTime` is something else: long silences only (in
      Amazon Connect, from 3 s).
    - `turn_count` without backchannels; `switches_per_min`: changes of speaker per minute of call,
      which Gong's "interactivity" is said to rest on.
    - `question_count`, `longest_monologue_s`: the reps'.
    """
    facts = TalkFacts.of(annotated)
    for speaker in facts.call.speakers:
        for name in SPEAKER_MEASURES:
            reason = facts.speaker_obstacle(name, speaker)
            value = reason or _OF_SPEAKER[name](facts, speaker.speaker)
            yield _measure(facts, name, value, speaker.speaker)
    for name in CALL_MEASURES:
        value = facts.call_obstacle(name) or _OF_CALL[name](facts)
        yield _measure(facts, name, value, None)


def _measure(facts: TalkFacts, name: str, value: Value, speaker: str | None) -> Measure:
    """The measure with its state: measurable or not, and with what doubts."""
    if isinstance(value, str):
        return not_measurable(name, value, speaker)
    doubts = facts.doubts(name, speaker)
    measure = Measure(name, round(value, 3) if isinstance(value, float) else value, speaker)
    if doubts:
        return replace(measure, state=State.LOW_CONFIDENCE, reason="; ".join(doubts))
    return measure


def _listen_s(facts: TalkFacts, speaker: str) -> Value:
    others = facts.spans(name for name in facts.by_speaker if name != speaker)
    own = facts.spans([speaker])
    return floor.length_s(floor.union(*others, *own)) - floor.length_s(own[0])


def _word_count(facts: TalkFacts, speaker: str) -> int:
    return sum(turn.word_count for turn in facts.by_speaker[speaker])


def _words_per_min(facts: TalkFacts, speaker: str) -> Value:
    talk_s = _talk_s(facts, speaker)
    if talk_s < _MIN_PACE_TALK_S:
        return f"less than {_MIN_PACE_TALK_S:g} s of talk"
    return _word_count(facts, speaker) * 60.0 / talk_s


def _interruptions(facts: TalkFacts, speaker: str, *, made: bool) -> Value:
    found = floor.interruptions(facts.call.turns)
    return sum((one.by if made else one.of) == speaker for one in found)


def _reply_gap_s(facts: TalkFacts, speaker: str) -> Value:
    gaps = [gap_s for name, gap_s in floor.reply_gaps(facts.call.turns) if name == speaker]
    return median(gaps) if gaps else "no reply without overlap"


def _talk_s(facts: TalkFacts, speaker: str) -> float:
    return floor.length_s(facts.spans([speaker])[0])


def _turn_count(facts: TalkFacts, speaker: str) -> int:
    return sum(not turn.is_backchannel for turn in facts.by_speaker[speaker])


def _question_count(facts: TalkFacts, speaker: str) -> int:
    return facts.questions[speaker]


def _longest_monologue_s(facts: TalkFacts, speaker: str) -> float:
    return floor.longest_monologue_s(speaker, facts.call.turns)


_OF_SPEAKER: Mapping[str, Callable[[TalkFacts, str], Value]] = {
    "talk_s": _talk_s,
    "listen_s": _listen_s,
    "word_count": _word_count,
    "words_per_min": _words_per_min,
    "turn_count": _turn_count,
    "question_count": _question_count,
    "longest_monologue_s": _longest_monologue_s,
    "interruptions_made_count": partial(_interruptions, made=True),
    "interruptions_suffered_count": partial(_interruptions, made=False),
    "reply_gap_s": _reply_gap_s,
}


def _role_talk_s(facts: TalkFacts, *, role: Role) -> float:
    return sum(_talk_s(facts, one.speaker) for one in facts.call.with_role(role))


def _talk_ratio(facts: TalkFacts) -> Value:
    rep_s = _role_talk_s(facts, role=Role.REP)
    both_s = rep_s + _role_talk_s(facts, role=Role.CUSTOMER)
    return rep_s / both_s if both_s else "no speech"


def _silence_s(facts: TalkFacts) -> Value:
    duration_s = facts.call.audio.duration_s
    if duration_s <= 0:
        return _NO_DURATION
    return max(0.0, duration_s - floor.length_s(floor.union(*facts.spans(facts.by_speaker))))


def _silence_ratio(facts: TalkFacts) -> Value:
    silence_s = _silence_s(facts)
    return silence_s if isinstance(silence_s, str) else silence_s / facts.call.audio.duration_s


def _overlap_s(facts: TalkFacts) -> float:
    return floor.overlap_s(facts.by_speaker.values())


def _all_turns_count(facts: TalkFacts) -> int:
    return sum(_turn_count(facts, speaker) for speaker in facts.by_speaker)


def _rep_question_count(facts: TalkFacts) -> int:
    return sum(_question_count(facts, one.speaker) for one in facts.call.with_role(Role.REP))


def _rep_monologue_s(facts: TalkFacts) -> float:
    return max(_longest_monologue_s(facts, one.speaker) for one in facts.call.with_role(Role.REP))


def _switches_per_min(facts: TalkFacts) -> Value:
    duration_s = facts.call.audio.duration_s
    if duration_s <= 0:
        return _NO_DURATION
    return floor.switch_count(facts.call.turns) * 60.0 / duration_s


_OF_CALL: Mapping[str, Callable[[TalkFacts], Value]] = {
    "rep_talk_s": partial(_role_talk_s, role=Role.REP),
    "customer_talk_s": partial(_role_talk_s, role=Role.CUSTOMER),
    "talk_ratio": _talk_ratio,
    "silence_s": _silence_s,
    "silence_ratio": _silence_ratio,
    "overlap_s": _overlap_s,
    "turn_count": _all_turns_count,
    "question_count": _rep_question_count,
    "longest_monologue_s": _rep_monologue_s,
    "switches_per_min": _switches_per_min,
}

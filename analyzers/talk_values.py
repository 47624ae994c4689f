"""How each talk measure is computed from the facts of a call, where nothing stands in its way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from math import fsum, sqrt
from statistics import median

from analyzers.floor import MONOLOGUE_S, switch_count
from analyzers.talk_facts import TalkFacts
from calls.labels import Role

# A pace measured on less than this is a coincidence.
_MIN_PACE_TALK_S = 5.0
# Fewer stretches have no typical pace to vary from.
_MIN_PACE_TURNS = 4
_NO_DURATION = "the duration is unknown"

Value = float | int | str
"""What a measure's function returns: the number, or why there is none."""


def _listen_s(facts: TalkFacts, speaker: str) -> Value:
    return facts.floor.anybody_s - _talk_s(facts, speaker)


def _word_count(facts: TalkFacts, speaker: str) -> int:
    return facts.word_counts[speaker]


def _words_per_min(facts: TalkFacts, speaker: str) -> Value:
    talk_s = _talk_s(facts, speaker)
    if talk_s < _MIN_PACE_TALK_S:
        return f"less than {_MIN_PACE_TALK_S:g} s of talk"
    return _word_count(facts, speaker) * 60.0 / talk_s


def _interruptions(facts: TalkFacts, speaker: str, *, made: bool) -> Value:
    return sum((one.by if made else one.of) == speaker for one in facts.interruptions)


def _reply_gap_s(facts: TalkFacts, speaker: str) -> Value:
    return _typical_reply_gap_s(facts, [speaker])


def _typical_reply_gap_s(facts: TalkFacts, speakers: Collection[str]) -> Value:
    gaps = [gap_s for name, gap_s in facts.reply_gaps if name in speakers]
    return median(gaps) if gaps else "no reply without overlap"


def _after_question_gap_s(facts: TalkFacts, speaker: str) -> Value:
    return _typical_question_gap_s(facts, [speaker])


def _typical_question_gap_s(facts: TalkFacts, speakers: Collection[str]) -> Value:
    gaps = [gap_s for name, gap_s in facts.question_gaps if name in speakers]
    return median(gaps) if gaps else "no question whose end is known"


def _pace_deviation(facts: TalkFacts, speaker: str) -> Value:
    turns = facts.floor.turns_talk_s(speaker, least_s=_MIN_PACE_TALK_S)
    paces = [turn.word_count * 60.0 / talk_s for turn, talk_s in turns]
    if len(paces) < _MIN_PACE_TURNS:
        return f"fewer than {_MIN_PACE_TURNS} turns of {_MIN_PACE_TALK_S:g} s"
    # As `statistics.pstdev`, which reckons in fractions, a hundred times as slow.
    mean = fsum(paces) / len(paces)
    return sqrt(fsum((one - mean) ** 2 for one in paces) / len(paces))


def _filler_count(facts: TalkFacts, speaker: str) -> int:
    return facts.fillers[speaker].fillers


def _fillers_per_min(facts: TalkFacts, speaker: str) -> Value:
    talk_s = _talk_s(facts, speaker)
    if talk_s < _MIN_PACE_TALK_S:
        return f"less than {_MIN_PACE_TALK_S:g} s of talk"
    return facts.fillers[speaker].fillers * 60.0 / talk_s


def _talk_s(facts: TalkFacts, speaker: str) -> float:
    return facts.floor.talk_s.get(speaker, 0)


def _turn_count(facts: TalkFacts, speaker: str) -> int:
    return sum(not turn.is_backchannel for turn in facts.by_speaker[speaker])


def _question_count(facts: TalkFacts, speaker: str) -> int:
    return facts.question_counts[speaker]


def _longest_monologue_s(facts: TalkFacts, speaker: str) -> float:
    return facts.floor.longest_monologue_s(speaker)


OF_SPEAKER: Mapping[str, Callable[[TalkFacts, str], Value]] = {
    "talk_s": _talk_s,
    "listen_s": _listen_s,
    "word_count": _word_count,
    "words_per_min": _words_per_min,
    "pace_deviation_per_min": _pace_deviation,
    "filler_count": _filler_count,
    "fillers_per_min": _fillers_per_min,
    "turn_count": _turn_count,
    "question_count": _question_count,
    "longest_monologue_s": _longest_monologue_s,
    "interruptions_made_count": partial(_interruptions, made=True),
    "interruptions_suffered_count": partial(_interruptions, made=False),
    "reply_gap_s": _reply_gap_s,
    "after_question_gap_s": _after_question_gap_s,
}

"""The measures of one speaker by name; what they mean stands in `analyzers.talk`."""


def _role_talk_s(facts: TalkFacts, *, role: Role) -> float:
    return sum(_talk_s(facts, one.speaker) for one in facts.call.with_role(role))


def _talk_ratio(facts: TalkFacts) -> Value:
    rep_s = _role_talk_s(facts, role=Role.REP)
    both_s = rep_s + _role_talk_s(facts, role=Role.CUSTOMER)
    return rep_s / both_s if both_s else "no speech"


def _talk_of_call_ratio(facts: TalkFacts) -> Value:
    duration_s = facts.call.audio.duration_s
    return _role_talk_s(facts, role=Role.REP) / duration_s if duration_s > 0 else _NO_DURATION


def _silence_s(facts: TalkFacts) -> Value:
    duration_s = facts.call.audio.duration_s
    if duration_s <= 0:
        return _NO_DURATION
    return max(0.0, duration_s - facts.floor.anybody_s)


def _silence_ratio(facts: TalkFacts) -> Value:
    silence_s = _silence_s(facts)
    return silence_s if isinstance(silence_s, str) else silence_s / facts.call.audio.duration_s


def _overlap_s(facts: TalkFacts) -> float:
    return facts.floor.overlap_s


def _all_turns_count(facts: TalkFacts) -> int:
    return sum(_turn_count(facts, speaker) for speaker in facts.by_speaker)


def _role_question_count(facts: TalkFacts, *, role: Role) -> int:
    return sum(_question_count(facts, one) for one in _names(facts, role))


def _questions_per_30_min(facts: TalkFacts) -> Value:
    duration_s = facts.call.audio.duration_s
    if duration_s <= 0:
        return _NO_DURATION
    return _role_question_count(facts, role=Role.REP) * 1800.0 / duration_s


def _role_monologue_s(facts: TalkFacts, *, role: Role) -> float:
    return max(_longest_monologue_s(facts, one) for one in _names(facts, role))


def _monologue_count(facts: TalkFacts) -> int:
    return sum(
        one >= MONOLOGUE_S
        for name in _names(facts, Role.REP)
        for one in facts.floor.stretches_s(name)
    )


def _rep_reply_gap_s(facts: TalkFacts) -> Value:
    return _typical_reply_gap_s(facts, _names(facts, Role.REP))


def _rep_question_gap_s(facts: TalkFacts) -> Value:
    return _typical_question_gap_s(facts, _names(facts, Role.REP))


def _names(facts: TalkFacts, role: Role) -> list[str]:
    return [one.speaker for one in facts.call.with_role(role)]


def _switches_per_min(facts: TalkFacts) -> Value:
    duration_s = facts.call.audio.duration_s
    if duration_s <= 0:
        return _NO_DURATION
    return switch_count(facts.call.turns) * 60.0 / duration_s


OF_CALL: Mapping[str, Callable[[TalkFacts], Value]] = {
    "rep_talk_s": partial(_role_talk_s, role=Role.REP),
    "customer_talk_s": partial(_role_talk_s, role=Role.CUSTOMER),
    "talk_ratio": _talk_ratio,
    "talk_of_call_ratio": _talk_of_call_ratio,
    "silence_s": _silence_s,
    "silence_ratio": _silence_ratio,
    "overlap_s": _overlap_s,
    "turn_count": _all_turns_count,
    "question_count": partial(_role_question_count, role=Role.REP),
    "questions_per_30_min": _questions_per_30_min,
    "customer_question_count": partial(_role_question_count, role=Role.CUSTOMER),
    "longest_monologue_s": partial(_role_monologue_s, role=Role.REP),
    "monologue_count": _monologue_count,
    "longest_customer_story_s": partial(_role_monologue_s, role=Role.CUSTOMER),
    "switches_per_min": _switches_per_min,
    "reply_gap_s": _rep_reply_gap_s,
    "after_question_gap_s": _rep_question_gap_s,
}
"""The measures of the whole call by name."""

"""Coaching sessions: does the manager work on behaviour or on the number, and what comes of it.

The kind that helps is job-embedded and there to "diagnose, correct and reinforce behaviours"
(Dixon and Adamson, in Harvard Business Review and The Challenger Sale, 2011); its counterpart walks
the account list and never discusses the conversation. That is told per turn by the labels
`coaching_behavior` and `spreadsheet_coaching`; here they are put in relation to the manager's talk,
and the passages and practices are found that make coaching concrete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzers import floor
from analyzers.annotated import AnnotatedCall
from analyzers.clock import minutes_and_seconds
from analyzers.coaching_cues import CoachingCues, Heard, Practice, coaching_cues_in
from analyzers.found import NO_LABELS, Found
from analyzers.measurable import Value, coaching_obstacle, doubt, measure
from analyzers.quotes import quote_around
from calls.call import AttributedCall
from calls.labels import Hint, Label, Mark, Role
from calls.measures import Measure
from calls.moment import FoundBy, Moment
from calls.transcript import Turn

COACHING_MEASURES = (
    "manager_talk_ratio",
    "coaching_behavior_count",
    "spreadsheet_coaching_count",
    "coaching_behavior_ratio",
    "spreadsheet_coaching_ratio",
    "moment_referred_count",
    "practice_agreed_count",
    "practice_observable_count",
)
"""Every name that `coaching` yields."""

VERSION = "1"
_NEEDS_LABELS = (
    "coaching_behavior_count",
    "spreadsheet_coaching_count",
    "coaching_behavior_ratio",
    "spreadsheet_coaching_ratio",
)
_NEEDS_TIMES = ("manager_talk_ratio", "coaching_behavior_ratio", "spreadsheet_coaching_ratio")
_BOTH = frozenset({Role.MANAGER, Role.REP})
# A practice that comes up again within so many turns is being settled, not a second one.
_SAME_PRACTICE_TURNS = 3
# "Agreed" comes at once, or after one word of the other's.
_ACCEPTED_WITHIN = 2


def coaching(annotated: AnnotatedCall, found: Found) -> Iterator[Moment | Measure]:
    """The measures of a coaching session, and its passages and practices as moments.

    - `manager_talk_ratio`: manager's talk time / (manager's + rep's), overlap counted for both.
    - `coaching_behavior_count`, `spreadsheet_coaching_count`: the manager's turns with the label.
    - `coaching_behavior_ratio`, `spreadsheet_coaching_ratio`: talk time of those turns / manager's
      talk time. A turn may carry both labels and counts for both; most talk carries neither.
    - `moment_referred_count`: turns of either that point to a passage of a call.
    - `practice_agreed_count`: what one of the two says will be done from now on;
      `practice_observable_count`: those that name an occasion and an action, so that another could
      see whether it was done. Vague intentions ("I'll try to slow down") are the rest.

    The moments `moment_referred` and `practice_agreed` say in their reason which place in the call
    was named, and who said the practice and who agreed to it.
    """
    obstacle = coaching_obstacle(annotated)
    cues = None if obstacle else coaching_cues_in(annotated.docs[0].lang_)
    if not obstacle and cues is None:
        obstacle = f"language {annotated.docs[0].lang_!r} has no list of coaching cues"
    if cues is None:
        yield from (measure(name, obstacle) for name in COACHING_MEASURES)
        return
    practices = find_practices(annotated, found, cues)
    passages = list(_passages(annotated, cues, practices))
    yield from sorted(
        [*passages, *(_agreed(annotated, one) for one in practices)],
        key=lambda one: (one.start_s, one.turn),
    )
    care = doubt(annotated, *_BOTH, of_labels=True)
    values = {
        **_talk_values(annotated, found),
        "moment_referred_count": len(passages),
        "practice_agreed_count": len(practices),
        "practice_observable_count": sum(one.practice.is_observable for one in practices),
    }
    for name in COACHING_MEASURES:
        yield measure(name, values[name], care)


def _talk_values(annotated: AnnotatedCall, found: Found) -> Mapping[str, Value]:
    """The measures of who talks, and of what kind the manager's talk is."""
    call = annotated.call
    managed = [turn for turn in call.turns if turn.role is Role.MANAGER]
    manager_s = _talk_s(call, Role.MANAGER)
    both_s = manager_s + _talk_s(call, Role.REP)
    values: dict[str, Value] = {"manager_talk_ratio": "the rep's side was not heard"}
    if any(one.heard for one in call.with_role(Role.REP)) and both_s:
        values["manager_talk_ratio"] = round(manager_s / both_s, 3)
    for label in (Label.COACHING_BEHAVIOR, Label.SPREADSHEET_COACHING):
        marked = {one.turn for one in found.moments if one.label is label}
        turns = [turn for turn in managed if turn.turn in marked]
        talk_s = sum(floor.length_s(floor.talk_spans([turn])) for turn in turns)
        values[f"{label}_count"] = len(turns)
        # Turns are added one by one: no more than all of the manager's talk, gaps included.
        values[f"{label}_ratio"] = (
            round(min(1.0, talk_s / manager_s), 3) if manager_s else "the manager says nothing"
        )
    if not found.has_labels:
        values |= dict.fromkeys(_NEEDS_LABELS, NO_LABELS)
    if not call.origin.has_times:
        values |= dict.fromkeys(_NEEDS_TIMES, "the transcript has no times")
    return values


def _talk_s(call: AttributedCall, role: Role) -> float:
    return sum(
        floor.length_s(floor.talk_spans(turn for turn in call.turns if turn.speaker == one.speaker))
        for one in call.with_role(role)
    )


@dataclass(frozen=True, slots=True)
class AgreedPractice:
    """A practice: the positions of the turn that says it best and of one that agrees, if any."""

    position: int
    practice: Practice
    accepted_at: int | None


def find_practices(
    annotated: AnnotatedCall, found: Found, cues: CoachingCues
) -> list[AgreedPractice]:
    """The practices of a session, in order; of one that is said several times the clearest.

    What is said about the number is none: turns of the manager that only carry
    `spreadsheet_coaching`, and the rep's answers to them.
    """
    labels: dict[int, set[Mark]] = {}
    for moment in found.moments:
        labels.setdefault(moment.turn, set()).add(moment.label)
    kept: list[AgreedPractice] = []
    is_about_the_number = False
    for position, turn in enumerate(annotated.call.turns):
        if turn.role not in _BOTH or turn.is_backchannel:
            continue
        if turn.role is Role.MANAGER:
            own = labels.get(turn.turn, set())
            is_about_the_number = (
                Label.SPREADSHEET_COACHING in own and Label.COACHING_BEHAVIOR not in own
            )
        practice = None if is_about_the_number else cues.practice(annotated.docs[position])
        if practice is None:
            continue
        one = AgreedPractice(position, practice, _accepted_at(annotated, position, cues))
        if kept and position - kept[-1].position <= _SAME_PRACTICE_TURNS:
            kept[-1] = max(kept[-1], one, key=_clarity)
        else:
            kept.append(one)
    return kept


def _clarity(one: AgreedPractice) -> tuple[bool, bool]:
    return one.practice.is_observable, one.accepted_at is not None


def _accepted_at(annotated: AnnotatedCall, position: int, cues: CoachingCues) -> int | None:
    """The position of the turn in which the other agrees, soon after; None if nobody does."""
    turns = annotated.call.turns
    for later in range(position + 1, min(position + 1 + _ACCEPTED_WITHIN, len(turns))):
        other = turns[later].role in _BOTH and turns[later].role is not turns[position].role
        if other and cues.accepts(annotated.docs[later]):
            return later
    return None


def _passages(
    annotated: AnnotatedCall, cues: CoachingCues, practices: Sequence[AgreedPractice]
) -> Iterator[Moment]:
    """The turns that point to a passage of a call. "By minute four" of a practice is none."""
    ahead = {one.position for one in practices if one.practice.is_observable}
    for position, turn in enumerate(annotated.call.turns):
        if turn.role not in _BOTH or position in ahead:
            continue
        heard = cues.passage(annotated.docs[position])
        if heard is not None:
            where = f" at {minutes_and_seconds(heard.at_s)}" if heard.at_s is not None else ""
            reason = f"Refers to a passage of a call{where}: '{heard.words}'"
            yield _moment(Hint.MOMENT_REFERRED, turn, [heard], reason)


def _agreed(annotated: AnnotatedCall, one: AgreedPractice) -> Moment:
    turn = annotated.call.turns[one.position]
    parts = [one.practice.commitment, one.practice.occasion, one.practice.action]
    heard = [part for part in parts if part is not None]
    what = "observable" if one.practice.is_observable else "vague, nothing that could be seen"
    words = ", ".join(f"'{part.words}'" for part in heard)
    agreed = "nobody has agreed yet"
    if one.accepted_at is not None:
        other = annotated.call.turns[one.accepted_at]
        agreed = f"agreed by the {other.role}: '{_beginning(other.text)}'"
    reason = f"Practice, {what} ({words}); said by the {turn.role}, {agreed}"
    return _moment(Hint.PRACTICE_AGREED, turn, heard, reason)


def _moment(label: Hint, turn: Turn, heard: Sequence[Heard], reason: str) -> Moment:
    start, end = min(one.start for one in heard), max(one.end for one in heard)
    start_s = turn.time_of_char(start)
    quote_start, quote_end = quote_around(turn.text, start, end)
    return Moment(
        label=label,
        turn=turn.turn,
        speaker=turn.speaker,
        start_s=start_s,
        end_s=max(start_s, turn.time_after_char(end)),
        start_char=start,
        end_char=end,
        quote=turn.text[quote_start:quote_end],
        score=0.9,
        found_by=FoundBy.RULE,
        rule_ids=(str(label),),
        version=VERSION,
        reason=reason,
    )


def _beginning(text: str, *, words: int = 6) -> str:
    parts = text.split()
    return " ".join(parts[:words]) + (" ..." if len(parts) > words else "")

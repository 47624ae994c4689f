"""Habits that no single phrase gives away: names without a story, empty agreement, too soon.

The habits of single phrases are the playbook's (`habit.toml`) and found with the labels. Those here
take the run of the call as well: what followed, how often, how early.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzers import floor
from analyzers.annotated import AnnotatedCall
from analyzers.clock import minutes_and_seconds
from analyzers.found import NO_LABELS, Found
from analyzers.habit_cues import (
    FILLER_AGREEMENT,
    NAME_DROP,
    TOO_SOON,
    HabitCues,
    HeardHabit,
    load_habit_cues,
)
from analyzers.measurable import Value, doubt, measure, rep_obstacle
from analyzers.playbook_files import load_playbooks
from analyzers.quotes import quote_around
from calls.call import AttributedCall
from calls.habit_settings import HabitSettings
from calls.labels import Hint, Label, Role
from calls.measures import Measure
from calls.moment import FoundBy, Moment
from calls.settings import Settings
from calls.transcript import Turn

HABIT_MEASURES = ("filler_agreement_per_30_min", "habit_count")
"""Every name that `Habits` yields."""

# So many of the words are named in the reason.
_NAMED_WORDS = 3
_HALF_HOUR_S = 1800.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Words of a habit, the turn they are in and the version of the playbook that tells of them."""

    turn: Turn
    habit: HeardHabit
    version: str

    @property
    def words(self) -> str:
        """As they stand in the transcript."""
        return self.turn.text[self.habit.start_char : self.habit.end_char]

    @property
    def at_s(self) -> float:
        """When they begin."""
        return self.turn.time_of_char(self.habit.start_char)


class Habits:
    """The analyzer: yields the moments of these habits, and how the rep's habits count.

    The measures, of the call:

    - `filler_agreement_per_30_min`: the reps' "absolutely", "awesome", "great question" where they
      are all there is to the clause, per half hour of talk. Talk is the time in which anybody
      talks: agreement answers what others say, so a rep who listens has no fewer occasions. The
      definition is our own; published lists name the words and no number.
    - `habit_count`: the reps' turns with a habit, whoever has found it.

    Args:
        settings: the playbook says what to tell people; from when on a rate is worth a word.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings: HabitSettings = settings.habits
        self._cues: dict[str, HabitCues] = {}
        for language, playbook in load_playbooks(settings.playbook).items():
            cues = load_habit_cues(playbook)
            if cues is not None:
                self._cues[language] = cues

    def __call__(self, annotated: AnnotatedCall, found: Found) -> Iterator[Moment | Measure]:
        """The moments and measures of one call."""
        obstacle, call = self._obstacle(annotated), annotated.call
        moments: list[Moment] = []
        rate: Value = obstacle
        if not obstacle:
            heard = self._heard(annotated)
            rate = self._rate(call, len(heard[FILLER_AGREEMENT]))
            moments += _name_drops(call, found, heard[NAME_DROP])
            moments += self._too_soon(call, heard[TOO_SOON])
            moments += self._agreement(heard[FILLER_AGREEMENT], rate)
        yield from sorted(moments, key=lambda one: (one.turn, one.start_char))
        yield measure("filler_agreement_per_30_min", rate, doubt(annotated, Role.REP))
        yield _count(annotated, found, moments)

    def _obstacle(self, annotated: AnnotatedCall) -> str:
        """Why these habits can't be looked for on this call, or nothing."""
        if obstacle := rep_obstacle(annotated):
            return obstacle
        language = annotated.docs[0].lang_
        return "" if language in self._cues else f"language {language!r} has no list of habits"

    def _heard(self, annotated: AnnotatedCall) -> dict[str, list[Heard]]:
        """The reps' words of each habit, in order."""
        cues = self._cues[annotated.docs[0].lang_]
        heard: dict[str, list[Heard]] = {NAME_DROP: [], TOO_SOON: [], FILLER_AGREEMENT: []}
        for turn, doc in zip(annotated.call.turns, annotated.docs, strict=True):
            if turn.role is Role.REP:
                for one in cues.find(doc):
                    heard[one.family.id].append(Heard(turn, one, cues.version))
        return heard

    def _too_soon(self, call: AttributedCall, heard: Sequence[Heard]) -> Iterator[Moment]:
        begin_s = min((turn.start_s for turn in call.turns), default=0.0)
        for one in heard:
            after_s = one.at_s - begin_s
            if after_s < self._settings.too_soon_s:
                at = minutes_and_seconds(after_s)
                yield _moment(one, f"'{one.words}', {at} into the talk")

    def _agreement(self, heard: Sequence[Heard], rate: Value) -> Iterator[Moment]:
        """One moment for the call, at the first of the words, where there are far too many."""
        if isinstance(rate, str) or rate < self._settings.filler_agreement_per_30_min:
            return
        if len(heard) < self._settings.filler_agreement_least:
            return
        said = Counter(one.words.lower() for one in heard)
        named = ", ".join(f"'{words}' {count}" for words, count in said.most_common(_NAMED_WORDS))
        yield _moment(heard[0], f"{len(heard)} times, {rate:.0f} per half hour of talk ({named})")

    def _rate(self, call: AttributedCall, count: int) -> Value:
        """So many in the talk of the call, per half hour; or why that can't be told."""
        if not call.origin.has_times:
            return "the transcript has no times"
        by_speaker: dict[str, list[Turn]] = {}
        for turn in call.turns:
            by_speaker.setdefault(turn.speaker, []).append(turn)
        spans = (floor.talk_spans(own) for own in by_speaker.values())
        talk_s = floor.length_s(floor.union(*spans))
        if talk_s < self._settings.rate_talk_s:
            return f"less than {self._settings.rate_talk_s:g} s of talk"
        return round(count * _HALF_HOUR_S / talk_s, 3)


def _name_drops(call: AttributedCall, found: Found, heard: Sequence[Heard]) -> Iterator[Moment]:
    """Names of clients of whom nothing is told, in this turn of a rep or the next; one per turn.

    Where nobody has looked for client stories, nobody can say that there is none.
    """
    if not found.has_labels:
        return
    stories = {one.turn for one in found.moments if one.label is Label.CLIENT_STORY}
    reps = [one.turn for one in call.turns if one.role is Role.REP and not one.is_backchannel]
    met: set[int] = set()
    for one in heard:
        turn = one.turn.turn
        after = bisect_right(reps, turn)
        following = reps[after : after + 1]
        if turn not in met and stories.isdisjoint((turn, *following)):
            met.add(turn)
            yield _moment(one, f"'{one.words}', and no story of any of them")


def _count(annotated: AnnotatedCall, found: Found, own: Sequence[Moment]) -> Measure:
    """In how many of the reps' turns there is a habit, from here or from the playbook."""
    obstacle = rep_obstacle(annotated) or ("" if found.has_labels else NO_LABELS)
    reps = {turn.turn for turn in annotated.call.turns if turn.role is Role.REP}
    turns = {one.turn for one in (*found.moments, *own) if one.label is Hint.HABIT}
    care = doubt(annotated, Role.REP, of_labels=True)
    return measure("habit_count", obstacle or len(turns & reps), care)


def _moment(heard: Heard, what: str) -> Moment:
    """The moment of those words; `what` says more of them than the habit's title."""
    turn, habit = heard.turn, heard.habit
    start, end = quote_around(turn.text, habit.start_char, habit.end_char)
    return Moment(
        label=Hint.HABIT,
        turn=turn.turn,
        speaker=turn.speaker,
        start_s=heard.at_s,
        end_s=turn.time_after_char(habit.end_char),
        start_char=habit.start_char,
        end_char=habit.end_char,
        quote=turn.text[start:end],
        score=habit.score,
        found_by=FoundBy.RULE,
        rule_ids=(habit.family.id,),
        version=heard.version,
        reason=f"{habit.family.title}: {what}",
        severity=habit.family.severity,
        better_move=habit.family.better_move,
    )

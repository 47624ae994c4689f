"""The question portfolio: what kinds of questions a seller asks, and how they hang together.

Which kinds are good is not built in. What has been published: Rackham found more implication and
need-payoff questions in calls that succeeded and saw that open or closed made no difference (SPIN
Selling, 1988); Gong found eleven to fourteen questions, spread over the call, best (2017); Brooks
and John single out follow-ups (Harvard Business Review, 2018).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import log

from analyzers.annotated import AnnotatedCall
from analyzers.asked import questions_of
from analyzers.clock import minutes_and_seconds
from analyzers.found import Found
from analyzers.measurable import Value, both_sides_obstacle, doubt, measure, rep_obstacle
from analyzers.playbook_files import load_playbooks
from analyzers.question_forms import grammar_of
from calls.call import NO_SPEECH, AttributedCall
from calls.labels import Hint, Role
from calls.measures import Measure
from calls.moment import FoundBy, Moment
from calls.playbook import MeasuredFamily, Playbook
from calls.question import Question, QuestionType
from calls.question_settings import QuestionSettings
from calls.settings import Settings
from calls.transcript import Turn

TYPE_MEASURES: Mapping[str, QuestionType] = {f"{one}_question_count": one for one in QuestionType}
"""The measures that count one type of question each."""

PORTFOLIO_MEASURES = (
    *TYPE_MEASURES,
    "follow_up_question_count",
    "follow_up_ratio",
    "stacked_question_count",
    "survey_run_count",
    "question_spread_ratio",
)
"""Every name that `portfolio` yields: of each rep, and of all reps together for the call."""

# They need the other side's words too.
_NEEDS_BOTH = frozenset({"follow_up_question_count", "follow_up_ratio", "survey_run_count"})
_NEEDS_TIMES = frozenset({"question_spread_ratio"})
_QUARTERS = 4


class Portfolio:
    """The analyzer: yields every question of a call, the reps' measures and what to coach.

    The measures, of each rep and of the call:

    - `situation_question_count`, `problem_question_count`, `implication_question_count`,
      `need_payoff_question_count`, `other_question_count`: by type, see `analyzers.spin`.
    - `follow_up_question_count`, `follow_up_ratio`: those that take up the other side's last turn,
      and their share of all.
    - `stacked_question_count`: questions that share a breath with another; `survey_run_count`: runs
      of situation questions that ignore the answers; both as in `analyzers.asked`.
    - `question_spread_ratio`: how evenly they lie over the four quarters of the talk, 0 (all in
      one) to 1 (as many in each): Pielou's evenness, entropy over the greatest there can be (J.
      Theoretical Biology 13, 1966). That spread matters is Gong's finding; its measure is not
      published.

    Args:
        settings: the playbook says what to tell people; when questions in a row are a survey.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings: QuestionSettings = settings.questions
        self._playbooks = load_playbooks(settings.playbook)

    def __call__(
        self, annotated: AnnotatedCall, found: Found
    ) -> Iterator[Question | Measure | Moment]:
        """The questions, measures and moments of one call."""
        call = annotated.call
        questions = questions_of(annotated, found, survey_questions=self._settings.survey_questions)
        yield from questions
        yield from self._of_call(annotated, questions)
        talking = {turn.speaker for turn in call.turns}
        for rep in call.with_role(Role.REP):
            own = [one for one in questions if one.speaker == rep.speaker]
            reason = "" if rep.heard else rep.not_heard_reason
            reason = reason or ("" if rep.speaker in talking else NO_SPEECH)
            yield from self._measures(annotated, own, rep.speaker, reason)
        if not _why_not(annotated):
            playbook = self._playbooks[annotated.docs[0].lang_]
            yield from _moments(call, questions, playbook)

    def _of_call(
        self, annotated: AnnotatedCall, questions: Sequence[Question]
    ) -> Iterator[Measure]:
        reps = {one.speaker for one in annotated.call.with_role(Role.REP)}
        own = [one for one in questions if one.speaker in reps]
        yield from self._measures(annotated, own, None, "")

    def _measures(
        self, annotated: AnnotatedCall, own: Sequence[Question], speaker: str | None, reason: str
    ) -> Iterator[Measure]:
        """The measures over the questions of one rep, or of all."""
        reason = reason or _why_not(annotated)
        both = reason or both_sides_obstacle(annotated)
        timeless = not annotated.call.origin.has_times
        care = doubt(annotated, Role.REP, Role.CUSTOMER)
        values = {} if reason else self._values(annotated.call, own)
        for name in PORTFOLIO_MEASURES:
            value: Value = both if name in _NEEDS_BOTH else reason
            if not value and name in _NEEDS_TIMES and timeless:
                value = "the transcript has no times"
            yield measure(name, value or values[name], care, speaker=speaker)

    def _values(self, call: AttributedCall, own: Sequence[Question]) -> dict[str, Value]:
        of_type = Counter(one.type for one in own)
        taken_up = sum(one.is_follow_up for one in own)
        return {
            **{name: of_type[kind] for name, kind in TYPE_MEASURES.items()},
            "follow_up_question_count": taken_up,
            "follow_up_ratio": round(taken_up / len(own), 3) if own else "no question was asked",
            "stacked_question_count": sum(one.is_stacked for one in own),
            "survey_run_count": len(survey_runs(own)),
            "question_spread_ratio": self._spread(call, own),
        }

    def _spread(self, call: AttributedCall, own: Sequence[Question]) -> Value:
        least = self._settings.spread_questions
        if len(own) < least:
            return f"{len(own)} questions, at least {least} needed"
        begin_s = min(turn.start_s for turn in call.turns)
        length_s = max(turn.end_s for turn in call.turns) - begin_s
        if length_s <= 0:
            return "the talk has no length"
        shares = ((one.start_s - begin_s) / length_s for one in own)
        return round(
            evenness(Counter(min(int(one * _QUARTERS), _QUARTERS - 1) for one in shares)), 3
        )


def evenness(counts: Mapping[int, int]) -> float:
    """Pielou's evenness of counts over the quarters: 0 if all are in one, 1 if all are equal."""
    total = sum(counts.values())
    shares = [one / total for one in counts.values() if one]
    return max(0.0, -sum(share * log(share) for share in shares) / log(_QUARTERS))


def survey_runs(questions: Sequence[Question]) -> list[list[Question]]:
    """The surveys among those questions, in order."""
    runs: dict[int, list[Question]] = {}
    for one in questions:
        if one.survey_run is not None:
            runs.setdefault(one.survey_run, []).append(one)
    return list(runs.values())


def _why_not(annotated: AnnotatedCall) -> str:
    """Why nothing can be said of the reps' questions on this call, or nothing."""
    if obstacle := rep_obstacle(annotated):
        return obstacle
    language = annotated.docs[0].lang_
    known = grammar_of(language) is not None
    return "" if known else f"language {language!r} has no list of question forms"


def _moments(
    call: AttributedCall, questions: Sequence[Question], playbook: Playbook
) -> Iterator[Moment]:
    """What to coach: stacks and surveys of the reps, where the playbook has words for them."""
    turns = {turn.turn: turn for turn in call.turns}
    own = [one for one in questions if turns[one.turn].role is Role.REP]
    stacked = playbook.measured_family(Hint.STACKED_QUESTIONS)
    survey = playbook.measured_family(Hint.QUESTION_SURVEY)
    if stacked is not None:
        by_turn: dict[int, list[Question]] = {}
        for one in own:
            if one.is_stacked:
                by_turn.setdefault(one.turn, []).append(one)
        for turn, together in by_turn.items():
            if len(together) > 1:
                what = f"{len(together)} questions before anybody could answer"
                yield _moment(
                    Hint.STACKED_QUESTIONS, turns[turn], together, stacked, playbook, what
                )
    if survey is not None:
        for run in survey_runs(own):
            first = [one for one in run if one.turn == run[0].turn]
            until = minutes_and_seconds(run[-1].start_s)
            what = (
                f"{len(run)} situation questions in a row, until {until}, "
                "none about the answer before"
            )
            yield _moment(Hint.QUESTION_SURVEY, turns[run[0].turn], first, survey, playbook, what)


def _moment(
    label: Hint,
    turn: Turn,
    questions: Sequence[Question],
    family: MeasuredFamily,
    playbook: Playbook,
    what: str,
) -> Moment:
    """The moment that holds those questions, all of one turn."""
    first, last = questions[0], questions[-1]
    return Moment(
        label=label,
        turn=turn.turn,
        speaker=turn.speaker,
        start_s=first.start_s,
        end_s=max(first.start_s, last.end_s),
        start_char=first.start_char,
        end_char=last.end_char,
        quote=turn.text[first.start_char : last.end_char],
        score=0.9,
        found_by=FoundBy.RULE,
        rule_ids=(family.id,),
        version=playbook.version,
        reason=f"{family.title}: {what}",
        severity=family.severity,
        better_move=family.better_move,
    )

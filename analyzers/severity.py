"""How grave a moment is in this call, and what the customer answered.

A cliche is a matter of place. The playbook says how grave its family is; the call moves it by one
step:

    raised   opener: in the first three minutes, and no hypothesis yet
    lowered  scoped: narrowed down to something ("what keeps you up about the audit")
             earned: after a hypothesis, or together with one
             echoed: in the customer's own words
             late: in the last third of the call

Several reasons to lower are still one step; raised and lowered is as before. The reasons to lower
are Kurlan's ("Top 10 questions", 2011); that an opener weighs more is our own judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzers.annotated import AnnotatedCall
from analyzers.clock import minutes_and_seconds
from analyzers.reactions import Reactions, reactions_in
from calls.labels import Label, Role
from calls.moment import Moment, Severity
from calls.transcript import Turn

# Greeting and agenda take a minute or two: what is asked before the fourth minute opens the talk.
OPENING_S = 180.0
# Of a short call no more than this is opening, and the last so much is late.
_THIRD = 1 / 3
# How far back the customer's words are still fresh: four exchanges.
_FRESH_TURNS = 8
# The first words of a call are names and greetings; to repeat them is no listening.
_GREETING_TURNS = 4

_LADDER = (Severity.LOW, Severity.MEDIUM, Severity.HIGH)
_QUESTIONS = frozenset({Label.CLICHE_QUESTION, Label.HOMEWORK_QUESTION})
_COST_THE_SELLER = _QUESTIONS | {Label.VAGUE_NEXT_STEP}
# Whoever accepts or refuses a guess, learns something or tells a trouble has not evaded.
_SUBSTANCE = frozenset({Label.CONFIRMATION, Label.REJECTION, Label.AHA, Label.BUYER_CONCERN})


def weighed(annotated: AnnotatedCall, moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """The same moments in the same order: severities fit this call, questions know their answers.

    A moment that costs the seller, and of which the playbook does not say how much, starts at
    medium: one that the model has found, where a company's playbook has no word for it.

    Args:
        annotated: the call.
        moments: everything that was found in it; the hypotheses among them make questions earned.
    """
    scene = _Scene.of(annotated, moments)
    return tuple(scene.weigh(one) for one in moments)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What in a call bears on the weight of its moments."""

    annotated: AnnotatedCall
    position_of: dict[int, int]
    next_floor: Sequence[int]
    hypothesis: Moment | None
    opening_until_s: float
    late_from_s: float
    reactions: Reactions | None
    names: frozenset[str]
    substance: frozenset[int]

    @classmethod
    def of(cls, annotated: AnnotatedCall, moments: Sequence[Moment]) -> _Scene:
        """The scene of a call in which those moments were found."""
        call = annotated.call
        supposed = (one for one in moments if one.label is Label.HYPOTHESIS)
        begin_s = min((turn.start_s for turn in call.turns), default=0.0)
        length_s = max((turn.end_s for turn in call.turns), default=0.0) - begin_s
        language = annotated.docs[0].lang_ if annotated.docs else ""
        names = " ".join(one.name or "" for one in call.speakers).lower()
        return cls(
            annotated=annotated,
            position_of={turn.turn: position for position, turn in enumerate(call.turns)},
            next_floor=_next_floor(call.turns),
            hypothesis=min(supposed, key=lambda one: (one.turn, one.start_char), default=None),
            opening_until_s=begin_s + min(OPENING_S, length_s * _THIRD),
            late_from_s=begin_s + length_s * (1 - _THIRD),
            reactions=reactions_in(language),
            names=frozenset(name.removesuffix("s") for name in names.split()),
            substance=frozenset(one.turn for one in moments if one.label in _SUBSTANCE),
        )

    def weigh(self, moment: Moment) -> Moment:
        """The moment with the severity it has in this call, and its answer if it is a question."""
        position = self.position_of.get(moment.turn)
        if position is None or self.annotated.call.turns[position].role is not Role.REP:
            return moment
        if moment.severity is None and moment.label in _COST_THE_SELLER:
            moment = replace(moment, severity=Severity.MEDIUM)
        if moment.label in _QUESTIONS:
            moment = self._answered(moment, position)
        if moment.label is Label.CLICHE_QUESTION:
            return self._placed(moment, position)
        return moment

    def _placed(self, cliche: Moment, position: int) -> Moment:
        """The cliche a step up or down, with the reason."""
        before = cliche.severity or Severity.MEDIUM
        is_earned = self.hypothesis is not None and self.hypothesis.turn <= cliche.turn
        raising = ["opener, before any hypothesis"] if self._opens(cliche) and not is_earned else []
        lowering = list(self._lowering(cliche, position))
        step = bool(raising) - bool(lowering)
        after = _LADDER[min(max(_LADDER.index(before) + step, 0), len(_LADDER) - 1)]
        reasons = "; ".join((*raising, *lowering))
        if not reasons:
            return cliche
        return replace(
            cliche, severity=after, severity_reason=f"{reasons}: {_moved(before, after)}"
        )

    def _opens(self, cliche: Moment) -> bool:
        return cliche.start_s < self.opening_until_s

    def _lowering(self, cliche: Moment, position: int) -> Iterator[str]:
        supposed = self.hypothesis
        if supposed is not None and supposed.turn < cliche.turn:
            yield f"earned, after the hypothesis at {minutes_and_seconds(supposed.start_s)}"
        elif supposed is not None and supposed.turn == cliche.turn:
            yield "earned, it comes with a hypothesis"
        if self.reactions is not None:
            doc = self.annotated.docs[position]
            span = cliche.start_char, cliche.end_char
            if scope := self.reactions.scope(doc, *span):
                yield f"scoped to '{scope}'"
            fresh = self._customers_words(position, self.reactions)
            if echoed := sorted(fresh & self.reactions.question_words(doc, *span)):
                yield f"takes up the customer's '{echoed[0]}'"
        if cliche.start_s >= self.late_from_s:
            yield "late in the call"

    def _customers_words(self, position: int, reactions: Reactions) -> frozenset[str]:
        """What the customer has lately brought up and the rep had not said before."""
        own: set[str] = set()
        rep: set[str] = set()
        turns = self.annotated.call.turns
        for earlier in range(max(_GREETING_TURNS, position - _FRESH_TURNS), position):
            words = reactions.content_words(self.annotated.docs[earlier])
            if turns[earlier].role is Role.CUSTOMER:
                own |= words - rep
            elif turns[earlier].role is Role.REP:
                rep |= words
        return frozenset(own - self.names)

    def _answered(self, question: Moment, position: int) -> Moment:
        """The question with the customer's answer, where the customer spoke next."""
        turns = self.annotated.call.turns
        reply = self._reply(position)
        if not reply:
            return question
        known = self.annotated.call.origin.has_times
        delay_s = turns[reply[0]].start_s - turns[position].end_s
        return replace(
            question,
            reply_word_count=sum(turns[one].word_count for one in reply),
            reply_delay_s=round(delay_s, 3) if known and delay_s >= 0 else None,
            reply_is_deflection=self._is_deflection(reply),
        )

    def _is_deflection(self, reply: Sequence[int]) -> bool | None:
        """Whether those turns answer in form only; None where no lexicon could say."""
        if self.reactions is None:
            return None
        if any(self.annotated.call.turns[one].turn in self.substance for one in reply):
            return False
        return self.reactions.is_deflection([self.annotated.docs[one] for one in reply])

    def _reply(self, position: int) -> list[int]:
        """The positions of the customer's turns until somebody else takes the floor."""
        turns = self.annotated.call.turns
        reply = []
        at = self.next_floor[position]
        while at < len(turns) and turns[at].role is Role.CUSTOMER:
            reply.append(at)
            at = self.next_floor[at]
        return reply


def _next_floor(turns: Sequence[Turn]) -> list[int]:
    """For every turn the position of the next that takes the floor; the length where none does."""
    following = len(turns)
    found = [following] * len(turns)
    for position in range(len(turns) - 1, -1, -1):
        found[position] = following
        if not turns[position].is_backchannel:
            following = position
    return found


def _moved(before: Severity, after: Severity) -> str:
    if before is after:
        return f"stays {after}"
    raised = _LADDER.index(after) > _LADDER.index(before)
    return f"{'raised' if raised else 'lowered'} from {before} to {after}"

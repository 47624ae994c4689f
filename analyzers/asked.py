"""Every question of a call with its place among the others: follow-up, stacked, in a survey."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from spacy.tokens import Doc

from analyzers.annotated import AnnotatedCall
from analyzers.context import TurnText
from analyzers.follow_ups import FollowUps, follow_ups_in
from analyzers.found import Found
from analyzers.questions import Asked, find_questions
from analyzers.reactions import Reactions, reactions_in, singular
from analyzers.spin import QuestionTypes, question_types_in
from analyzers.spoken_times import SpokenTimes
from analyzers.turn_texts import prepared
from calls.labels import Label, Role
from calls.question import Question, QuestionType
from calls.transcript import Turn

# "Right?" and "You did?" ask nothing beside the question they come with.
_SHORTEST_STACKED = 3
# A survey goes over several turns; five questions in one breath are stacked.
_SURVEY_TURNS = 3
# Whoever gives something between two questions does not fill in a form.
_GIVES = frozenset({Label.HYPOTHESIS, Label.REFRAME, Label.CLIENT_STORY})


def questions_of(
    annotated: AnnotatedCall, found: Found, *, survey_questions: int
) -> tuple[Question, ...]:
    """The questions and requests of everybody on the call, in order.

    - A *follow-up* takes up the other side's last turn (see `analyzers.follow_ups`).
    - *Stacked* are two or more questions that one person asks before anybody else has taken the
      floor. Alternatives and offered answers belong to the question before, and of a seller's
      questions those about courtesy and logistics don't count.
    - A *survey* is `survey_questions` or more situation questions of the reps in a row, over at
      least three turns, none a follow-up and no hypothesis, reframe or story between. Questions
      of type `other` neither count nor end it. The idea is Challenger's "death by discovery".
    """
    drafts = _drafts(annotated)
    _mark_stacks(drafts)
    given = sorted({one.turn for one in found.moments if one.label in _GIVES})
    _mark_surveys(drafts, given, at_least=survey_questions)
    return tuple(one.question for one in drafts)


@dataclass(slots=True)
class _Draft:
    """A question, and what of it decides how it stands to others.

    `breath` numbers the stretches in which one person has the floor.
    """

    question: Question
    role: Role
    breath: int
    stacks: bool
    narrows: bool


@dataclass(slots=True)
class _Floor:
    """Whose side has the floor, what it has said there, and what the other side said before.

    `turns` counts the turns that the side has taken since. What turns name is looked for only where
    somebody asks: most turns are neither asked in nor answered with a question.
    """

    reactions: Reactions | None
    names: frozenset[str]
    side: str = ""
    speaker: str = ""
    breath: int = 0
    turns: int = 0
    heard_anybody: bool = False
    _said: list[Doc] = field(default_factory=list)
    _heard: list[Doc] = field(default_factory=list)
    _named_before: frozenset[str] | None = None

    def take(self, turn: Turn) -> None:
        """`turn` takes the floor."""
        side = turn.speaker if turn.role is Role.UNKNOWN else turn.role
        if side != self.side:
            self.heard_anybody = bool(self.side)
            self._heard, self._said, self._named_before = self._said, [], None
            self.side, self.turns = side, 0
        if turn.speaker != self.speaker:
            self.speaker, self.breath = turn.speaker, self.breath + 1
        self.turns += 1

    def say(self, doc: Doc) -> None:
        """The side with the floor has said this."""
        self._said.append(doc)

    def heard(self) -> frozenset[str]:
        """What the other side has named before."""
        if self._named_before is None:
            self._named_before = frozenset().union(*map(self.named, self._heard))
        return self._named_before

    def named(self, doc: Doc) -> frozenset[str]:
        """What a turn names, people on the call left out."""
        return self.reactions.content_words(doc) - self.names if self.reactions else frozenset()


def _drafts(annotated: AnnotatedCall) -> list[_Draft]:
    """Every question with all that its own turn and the one before say of it."""
    call = annotated.call
    language = annotated.docs[0].lang_ if annotated.docs else ""
    types = None if call.recording.metadata.is_coaching else question_types_in(language)
    follow_ups = follow_ups_in(language)
    names = frozenset(" ".join(one.name or "" for one in call.speakers).lower().split())
    floor = _Floor(reactions_in(language), names)
    drafts: list[_Draft] = []
    for turn, doc in zip(call.turns, annotated.docs, strict=True):
        if not turn.is_backchannel:
            floor.take(turn)
        asked = find_questions(doc)
        if asked:
            text = prepared(doc)
            told = types if turn.role is Role.REP else None
            drafts += _in_turn(turn, text, asked, floor, floor.named(doc), told, follow_ups)
        if not turn.is_backchannel:
            floor.say(doc)
    return drafts


def _in_turn(
    turn: Turn,
    text: TurnText,
    asked: tuple[Asked, ...],
    floor: _Floor,
    named: frozenset[str],
    types: QuestionTypes | None,
    follow_ups: FollowUps | None,
) -> Iterator[_Draft]:
    told = types.types(text, asked) if types else [(None, "")] * len(asked)
    cues = follow_ups.cues(text) if follow_ups else []
    times = SpokenTimes(turn)
    for one, (kind, reason) in zip(asked, told, strict=True):
        own = {singular(word) for word in text.normalised.words[one.first : one.last]} & named
        taken_up = ""
        if follow_ups and floor.heard_anybody and not turn.is_backchannel:
            taken_up = follow_ups.reason(
                text, one, cues, own=own, heard=floor.heard(), answers=floor.turns == 1
            )
        is_content = kind is not QuestionType.OTHER and one.last - one.first >= _SHORTEST_STACKED
        yield _Draft(
            question=Question(
                turn=turn.turn,
                speaker=turn.speaker,
                start_s=times.at(one.start),
                end_s=times.after(one.end),
                start_char=one.start,
                end_char=one.end,
                text=turn.text[one.start : one.end],
                form=str(one.form),
                type=kind,
                is_follow_up=bool(taken_up),
                is_stacked=False,
                survey_run=None,
                why="; ".join(filter(None, (reason, taken_up))),
            ),
            role=turn.role,
            breath=floor.breath,
            stacks=is_content and not turn.is_backchannel,
            narrows=follow_ups is not None and follow_ups.narrows(one, cues),
        )


def _mark_stacks(drafts: Sequence[_Draft]) -> None:
    """Marks the questions that share a breath with another."""
    by_breath: dict[int, list[_Draft]] = {}
    for one in drafts:
        # What narrows the question before is part of it; the first of a breath narrows nothing.
        if one.stacks and not (one.narrows and one.breath in by_breath):
            by_breath.setdefault(one.breath, []).append(one)
    for together in by_breath.values():
        if len(together) > 1:
            for one in together:
                one.question = replace(one.question, is_stacked=True)


def _mark_surveys(drafts: Sequence[_Draft], given: Sequence[int], *, at_least: int) -> None:
    """Numbers the runs of situation questions; `given` are the turns that give something."""
    run: list[_Draft] = []
    number = 0
    for one in (*(one for one in drafts if one.role is Role.REP), None):
        if one is not None and (one.narrows or one.question.type is QuestionType.OTHER):
            continue
        goes_on = (
            one is not None
            and one.question.type is QuestionType.SITUATION
            and not one.question.is_follow_up
        )
        is_cut = run and one is not None and _gives(given, run[-1].question.turn, one.question.turn)
        if is_cut or not goes_on:
            turns = {each.question.turn for each in run}
            if len(run) >= at_least and len(turns) >= _SURVEY_TURNS:
                number += 1
                for each in run:
                    each.question = replace(each.question, survey_run=number)
            run = []
        if one is not None and goes_on:
            run.append(one)


def _gives(given: Sequence[int], first: int, last: int) -> bool:
    """True if any of the turns `first` to `last` (both within) gives something."""
    place = bisect_left(given, first)
    return place < len(given) and given[place] <= last

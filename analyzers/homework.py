"""The homework test: questions whose answer stood in the brief, the sidecar or an earlier call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzers.annotated import AnnotatedCall
from analyzers.context import TurnText
from analyzers.found import Found, Row
from analyzers.known_answers.asked_before import EarlierCalls
from analyzers.known_answers.known import (
    Known,
    answer_to,
    customer_names,
    gives_away,
    known_before,
    says,
)
from analyzers.known_answers.subjects import SubjectFinder
from analyzers.measurable import doubt, measure, rep_obstacle
from analyzers.playbook_files import language_vocab, load_playbook
from analyzers.questions import find_questions
from analyzers.turn_texts import prepared, text_reader
from calls.call import AttributedCall
from calls.labels import Hint, Label, Role
from calls.language import primary
from calls.moment import FoundBy, Moment, Severity
from calls.settings import Settings
from calls.transcript import Turn

ALREADY_KNOWN_COUNT = "already_known_question_count"
HOMEWORK_MEASURES = (ALREADY_KNOWN_COUNT,)
NOTHING_KNOWN = "no account brief and no earlier call"
LANGUAGE = "en"
FAMILY = "already_known"

_VERSION = "1"
_BY_SUBJECT = 0.9
# That a question was asked before in much the same words is less sure than a fact on file.
_BY_WORDING = 0.7


@dataclass(frozen=True, slots=True)
class _Finding:
    """A sentence that asks for what was known, and every fact that answers it."""

    sentence: int
    subjects: tuple[str, ...]
    facts: tuple[Known, ...]
    score: float


class HomeworkTest:
    """Finds questions whose answer was known before the call.

    A question that verifies what is known ("so that's fourteen hotels now?") is none. Each finding
    is a moment of its own, `already_known`: a hint, which never counts as a label. Where the same
    sentence carries the label `homework_question`, its reason says so.

    Args:
        settings: the playbook says what to tell people about it.
    """

    def __init__(self, settings: Settings) -> None:
        shipped = load_playbook(None, LANGUAGE).model_copy(update={"families": ()})
        self._prepare = text_reader(LANGUAGE).prepare
        self._finder = SubjectFinder(shipped, language_vocab(LANGUAGE))
        family = load_playbook(settings.playbook, LANGUAGE).measured_family(FAMILY)
        self._severity = family.severity if family else Severity.HIGH
        self._better_move = family.better_move if family else ""

    def __call__(self, annotated: AnnotatedCall, found: Found) -> Iterator[Row]:
        """The questions of a call that needed no asking, and how many there are."""
        call = annotated.call
        obstacle = _obstacle(annotated)
        if obstacle:
            yield measure(ALREADY_KNOWN_COUNT, obstacle)
            return
        facts = known_before(call.recording.metadata)
        earlier = EarlierCalls(call.earlier, finder=self._finder, prepare=self._prepare)
        labelled: dict[int, list[Moment]] = {}
        for one in found.moments:
            if one.label is Label.HOMEWORK_QUESTION:
                labelled.setdefault(one.turn, []).append(one)
        count = 0
        for turn, doc in zip(call.turns, annotated.docs, strict=True):
            if turn.role is not Role.REP:
                continue
            text = prepared(doc)
            moments = labelled.get(turn.turn, [])
            asked = find_questions(doc) if call.earlier else ()
            questions = sorted({text.sentence_at(one.first) for one in asked})
            for finding in self._in_turn(call, text, facts, earlier, moments, questions):
                count += 1
                yield self._moment(turn, text, finding, moments)
        yield measure(ALREADY_KNOWN_COUNT, count, doubt(annotated, Role.REP))

    def _in_turn(
        self,
        call: AttributedCall,
        turn: TurnText,
        facts: tuple[Known, ...],
        earlier: EarlierCalls,
        labelled: Sequence[Moment],
        questions: Sequence[int],
    ) -> list[_Finding]:
        """At most one finding for each sentence, in order; `questions` are those that ask."""
        names = customer_names(call.recording.metadata)
        found: dict[int, _Finding] = {}
        used: set[Known] = set()  # "Who are you up against? Like, who are your competitors?"
        by_rule = (
            asked
            for one in labelled
            for asked in self._finder.asked_by_rule(turn, one.start_char, one.rule_ids)
        )
        for asked in (*self._finder.asked(turn), *by_rule):
            known = answer_to(asked, facts, names) or earlier.answer_to(asked, names)
            subject, number = asked.subject, asked.sentence
            if known is None or known in used or self._is_verified(turn, number):
                continue
            if not self._tells(call, turn, number, known, asks_number=subject.number):
                used.add(known)
                before = found.get(number, _Finding(number, (), (), _BY_SUBJECT))
                found[number] = replace(
                    before, subjects=(*before.subjects, subject.id), facts=(*before.facts, known)
                )
        for number, known in self._asked_again(turn, earlier, questions):
            is_new = number not in found and known not in used
            if is_new and not self._tells(call, turn, number, known, asks_number=False):
                used.add(known)
                found[number] = _Finding(number, ("asked_before",), (known,), _BY_WORDING)
        return [found[number] for number in sorted(found)]

    def _asked_again(
        self, turn: TurnText, earlier: EarlierCalls, questions: Sequence[int]
    ) -> Iterator[tuple[int, Known]]:
        """The sentences that ask much the same as one of an earlier call that was answered."""
        for number in questions:
            sentence = turn.sentences[number]
            if not self._is_verified(turn, number):
                question = turn.normalised.text[sentence.start : sentence.end]
                known = earlier.answer_to_same(question)
                if known is not None:
                    yield number, known

    def _is_verified(self, turn: TurnText, sentence: int) -> bool:
        """True if the words around show that the answer is known: "I saw that you have ..."."""
        words = _words_of(turn, sentence)
        return any(says(words, one) for one in self._finder.knowledge.verified)

    def _tells(
        self,
        call: AttributedCall,
        turn: TurnText,
        sentence: int,
        known: Known,
        *,
        asks_number: bool,
    ) -> bool:
        """True if the question holds the answer itself."""
        metadata = call.recording.metadata
        ignored = [one.name for one in metadata.participants if one.name]
        ignored += [metadata.account] if metadata.account else []
        words = _words_of(turn, sentence)
        return gives_away(words, known, ignored, asks_number=asks_number)

    def _moment(
        self,
        turn: Turn,
        text: TurnText,
        finding: _Finding,
        labelled: Sequence[Moment],
    ) -> Moment:
        sentence = text.sentences[finding.sentence]
        start, end = sentence.start, sentence.end
        is_labelled = any(one.start_char < end and start < one.end_char for one in labelled)
        also = "; also a homework question" if is_labelled else ""
        answer = "; ".join(one.text for one in finding.facts)
        source = "; ".join(dict.fromkeys(one.source for one in finding.facts))
        return Moment(
            label=Hint.ALREADY_KNOWN,
            turn=turn.turn,
            speaker=turn.speaker,
            start_s=turn.time_of_char(start),
            end_s=turn.time_after_char(end),
            start_char=start,
            end_char=end,
            quote=turn.text[start:end],
            score=finding.score,
            found_by=FoundBy.RULE,
            rule_ids=tuple(f"{FAMILY}.{one}" for one in finding.subjects),
            version=_VERSION,
            reason=f"Known before it was asked ({source}: '{answer}'){also}",
            severity=self._severity,
            better_move=self._better_move,
            known_answer=answer,
            known_source=source,
        )


def build_homework(settings: Settings) -> HomeworkTest:
    """The analyzer for these settings."""
    return HomeworkTest(settings)


def _words_of(turn: TurnText, sentence: int) -> tuple[str, ...]:
    one = turn.sentences[sentence]
    return turn.normalised.words[one.first : one.last]


def _obstacle(annotated: AnnotatedCall) -> str:
    """Why nothing can be said about this call, or nothing."""
    call = annotated.call
    if primary(call.language or LANGUAGE) != LANGUAGE:
        return f"questions are understood in English only; the call is in {call.language!r}"
    if obstacle := rep_obstacle(annotated):
        return obstacle
    knows = call.recording.metadata.account_brief or call.earlier
    return "" if knows else NOTHING_KNOWN

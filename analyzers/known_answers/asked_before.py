"""What the customer has said in earlier calls, searched for the answer to a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from analyzers.claim_check.lexicon import english as claim_words
from analyzers.claim_check.words import stem, tokenize
from analyzers.clock import minutes_and_seconds
from analyzers.context import TurnText
from analyzers.known_answers.known import Known, answers, numbers_in, says
from analyzers.known_answers.subjects import Asked, SubjectFinder
from calls.earlier import EarlierCall, EarlierTurn
from calls.labels import Role

# An answer comes at once, or after a word between: "Sorry?" "How many sites?" "Nine."
_ANSWER_WITHIN_TURNS = 3
# A question asked again in other words shares most of what it is about.
_SAME_QUESTION = 0.6
_LEAST_SHARED = 3
_LEAST_ANSWER_WORDS = 3
_QUESTION_WORDS = ("how", "what", "who", "where", "when", "which", "why", "tell", "remind")


class EarlierCalls:
    """The calls before one, newest first, searched only when a question calls for it.

    Args:
        calls: the earlier calls.
        finder: what questions ask for.
        prepare: brings a text to the form that the finder reads.
    """

    def __init__(
        self,
        calls: Sequence[EarlierCall],
        *,
        finder: SubjectFinder,
        prepare: Callable[[str], TurnText],
    ) -> None:
        self._calls = sorted(calls, key=lambda one: one.started_at, reverse=True)
        self._finder = finder
        self._prepare = prepare
        self._asked: dict[int, list[tuple[int, list[Asked]]]] = {}
        self._contents: dict[int, list[tuple[int, frozenset[str]]]] = {}

    def answer_to(self, asked: Asked, names: Sequence[str]) -> Known | None:
        """What the customer said on the subject before; the newest call first."""
        for call in self._calls:
            for at, questions in self._questions_of(call):
                if any(_is_same(asked, one) for one in questions):
                    reply = self._reply(call, at, needs_number=asked.subject.number)
                    if reply is not None:
                        return _as_known(call, reply)
            for turn in call.turns:
                if turn.role is Role.CUSTOMER and self._states(asked, turn, names):
                    return _as_known(call, turn)
        return None

    def answer_to_same(self, question: str) -> Known | None:
        """What the customer answered when nearly the same was asked before."""
        wanted = _content(question)
        if len(wanted) < _LEAST_SHARED:
            return None
        for call in self._calls:
            for at, content in self._contents_of(call):
                shared = len(wanted & content)
                if shared >= _LEAST_SHARED and shared >= _SAME_QUESTION * len(wanted | content):
                    reply = self._reply(call, at, needs_number=False)
                    if reply is not None and len(reply.text.split()) >= _LEAST_ANSWER_WORDS:
                        return _as_known(call, reply)
        return None

    def _questions_of(self, call: EarlierCall) -> list[tuple[int, list[Asked]]]:
        """The turns of a call that asked for a subject."""
        if id(call) not in self._asked:
            self._asked[id(call)] = [
                (at, asked)
                for at, turn in _rep_questions(call)
                if (asked := self._finder.asked(self._prepare(turn.text)))
            ]
        return self._asked[id(call)]

    def _contents_of(self, call: EarlierCall) -> list[tuple[int, frozenset[str]]]:
        if id(call) not in self._contents:
            self._contents[id(call)] = [
                (at, _content(turn.text)) for at, turn in _rep_questions(call)
            ]
        return self._contents[id(call)]

    def _reply(self, call: EarlierCall, at: int, *, needs_number: bool) -> EarlierTurn | None:
        """The customer's answer to the question of turn `at`, if it was one."""
        for turn in call.turns[at + 1 : at + 1 + _ANSWER_WITHIN_TURNS]:
            if turn.role is not Role.CUSTOMER:
                continue
            words = [one.word for one in tokenize(turn.text)]
            if any(says(words, one) for one in self._finder.knowledge.no_answer):
                return None
            if numbers_in(words) if needs_number else len(words) > 1:
                return turn
        return None

    def _states(self, asked: Asked, turn: EarlierTurn, names: Sequence[str]) -> bool:
        """True if the customer states the answer without having been asked."""
        if not asked.subject.counts and not asked.subject.answers:
            return False
        if "?" in turn.text:
            return False
        return answers(asked, Known("", turn.text, ""), names)


def _is_same(one: Asked, other: Asked) -> bool:
    if one.subject.id != other.subject.id:
        return False
    return not one.subject.counts or not one.nouns.isdisjoint(other.nouns)


def _rep_questions(call: EarlierCall) -> Iterator[tuple[int, EarlierTurn]]:
    """The rep's turns that may ask something, with their places."""
    for at, turn in enumerate(call.turns):
        if turn.role is Role.REP:
            text = turn.text.lower()
            if "?" in text or any(word in text for word in _QUESTION_WORDS):
                yield at, turn


def _content(text: str) -> frozenset[str]:
    """The stems of what a question is about."""
    stopwords = claim_words().stopwords
    return frozenset(stem(one.word) for one in tokenize(text) if one.word not in stopwords)


def _as_known(call: EarlierCall, turn: EarlierTurn) -> Known:
    day = f"{call.started_at.day} {call.started_at:%B %Y}"
    at = minutes_and_seconds(turn.start_s)
    return Known("", turn.text, f"call of {day} ({call.call_id}), customer at {at}")

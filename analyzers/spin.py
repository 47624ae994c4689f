"""What a seller's question is after: situation, problem, implication or need-payoff.

The types are Rackham's (SPIN Selling, 1988), who had them coded by people; here words decide, and
the words that did are kept. Goals and wishes count as need-payoff, ratings and "how happy are you"
as problem; courtesy, logistics, checking back and the buying process as other. Open or closed does
not matter: Rackham found that it made no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from analyzers.context import TurnText
from analyzers.lexicon_files import read_lexicon
from analyzers.patterns import AnchoredMatcher, Match, parse_template
from analyzers.playbook_files import language_vocab, load_playbook
from analyzers.questions import Asked
from calls.question import QuestionType

_LEAD_UP_WORDS = 8


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cue(_Strict):
    """Words that decide a type."""

    id: str
    type: QuestionType
    patterns: Annotated[tuple[str, ...], Field(min_length=1)]


class Lexicon(_Strict):
    """The file of a language: its cues, in the order in which they are tried."""

    cue: Annotated[tuple[Cue, ...], Field(min_length=1)]
    classes: dict[str, tuple[str, ...]]
    shortest_words: int


class QuestionTypes:
    """Tells the type of questions. `question_types_in` keeps one per language."""

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        self._cues = lexicon.cue
        self._shortest_words = lexicon.shortest_words
        self._matcher = AnchoredMatcher(language_vocab(language))
        classes = {**load_playbook(None, language).word_classes, **lexicon.classes}
        for key, cue in enumerate(self._cues):
            for template in cue.patterns:
                for pattern in parse_template(template, classes):
                    self._matcher.add(key, pattern)

    def types(self, turn: TurnText, asked: tuple[Asked, ...]) -> list[tuple[QuestionType, str]]:
        """The type of each question of a turn, and why: the words that decided."""
        if not asked:
            return []
        matches = [one for one in self._matcher.find(turn.normalised) if turn.admits(one)]
        found = []
        before = 0
        for question in asked:
            # "In an ideal world, how would ...": what leads up to a question belongs to it.
            sentence = turn.sentences[turn.sentence_at(question.first)]
            low = max(sentence.first, before, question.first - _LEAD_UP_WORDS)
            inside = [one for one in matches if low <= one.start and one.end <= question.last]
            found.append(self._decided(turn, question, inside))
            before = question.last
        return found

    def _decided(
        self, turn: TurnText, question: Asked, inside: Sequence[Match]
    ) -> tuple[QuestionType, str]:
        """The type that the cues inside a question come to."""
        if inside:
            # The first cue in the order of the file; of that the longest words.
            best = min(inside, key=lambda one: (one.key, one.start - one.end))
            cue = self._cues[best.key]
            start, end = turn.normalised.span(best.start, best.end)
            return cue.type, f"{cue.id}: '{turn.normalised.text[start:end]}'"
        if question.last - question.first < self._shortest_words:
            return QuestionType.OTHER, "a few words, and no sign of any type"
        return QuestionType.SITUATION, "no sign of another type"


@cache
def question_types_in(language: str) -> QuestionTypes | None:
    """The types of questions in a language; None where nobody has written down their words."""
    lexicon = read_lexicon("spin", language, Lexicon)
    return QuestionTypes(language, lexicon) if lexicon is not None else None

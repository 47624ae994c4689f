"""The questions and requests of a turn, found with or without question marks.

A question mark is believed. Beside it stands the form of what is said (`analyzers.question_forms`),
which needs no marks: many speech engines write none. Where a turn is punctuated and a sentence ends
without a question mark, only an opening that can mean nothing else makes it a question. Requests to
tell ("walk me through your week") count as questions, as in Gong's count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from analyzers.context import TurnText
from analyzers.question_forms import Form, Opening, grammar_of
from analyzers.sentences import Sentence
from analyzers.turn_texts import prepared

_KEPT = "call_questions"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: characters `start` to `end` of the turn, tokens `first` to `last`.

    Both are half open. Without marks the end is the next question or the end of the sentence as far
    as that can be told, so a statement may trail behind.
    """

    start: int
    end: int
    first: int
    last: int
    form: Form


def find_questions(doc: Doc) -> tuple[Asked, ...]:
    """The questions and requests of a turn, in order.

    Several questions in one sentence count each ("which offices do you cover, and who runs them?");
    alternatives are one ("is it the queue or is it the plates?"). In a language without a grammar
    of its own only question marks count. The result is kept in the Doc.
    """
    kept = doc.user_data.get(_KEPT)
    if not isinstance(kept, tuple):
        kept = tuple(_found(prepared(doc), doc.lang_ or "en"))
        doc.user_data[_KEPT] = kept
    return kept


def count_questions(doc: Doc) -> int:
    """How many questions and requests a turn holds; see `find_questions`."""
    return len(find_questions(doc))


def _found(turn: TurnText, language: str) -> list[Asked]:
    grammar = grammar_of(language)
    openings = grammar.openings(turn) if grammar else [[] for _ in turn.sentences]
    if "?" not in turn.normalised.text and not any(openings):
        return []
    found: list[Asked] = []
    parts = zip(turn.sentences, openings, _closing_marks(turn), strict=True)
    goes_on = False
    for sentence, here, mark in parts:
        if goes_on and not here and "?" in sentence.mark:
            # "What made the audit / so slow?": the mark closes the question that has begun.
            found[-1] = replace(found[-1], end=sentence.end, last=sentence.last)
        elif here or "?" in sentence.mark:
            found += _in_sentence(turn, sentence, here, mark)
        goes_on = not sentence.hard and bool(found) and found[-1].last == sentence.last
    return found


def _closing_marks(turn: TurnText) -> list[str]:
    """For every sentence the punctuation that closes it, also where it only ends softly."""
    marks: list[str] = []
    mark = ""
    for sentence in reversed(turn.sentences):
        mark = sentence.mark if sentence.hard else mark
        marks.append(mark)
    return marks[::-1]


def _in_sentence(
    turn: TurnText, sentence: Sentence, here: list[Opening], mark: str
) -> Iterator[Asked]:
    """The questions of one sentence, each up to the next."""
    if "?" in sentence.mark:
        # The mark makes it a question; what comes before its first opening belongs to it.
        forms = [one.form for one in here] or [Form.MARK]
        firsts = [sentence.first, *(one.token for one in here[1:])]
    else:
        if mark and "?" not in mark:
            here = [one for one in here if one.sure]
        forms = [one.form for one in here]
        firsts = [one.token for one in here]
    lasts = [*firsts[1:], sentence.last] if firsts else []
    for first, last, form in zip(firsts, lasts, forms, strict=True):
        start, end = turn.normalised.span(first, last)
        if first == sentence.first:
            start = sentence.start
        if last == sentence.last:
            end = sentence.end
        yield Asked(start, end, first, last, form)

"""One question that was asked, with its place in the call's portfolio of questions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QuestionType(StrEnum):
    """What a question asks for, after Rackham's SPIN; `OTHER` is process, courtesy, logistics."""

    SITUATION = "situation"
    PROBLEM = "problem"
    IMPLICATION = "implication"
    NEED_PAYOFF = "need_payoff"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Question:
    """One question or request of a turn. Offsets point into the turn's text, half open.

    `form` is what gave it away (question mark, question word, tag, request ...). `type` is None for
    everybody but a rep who sells: the types are about sellers' questions. A follow-up takes up what
    the other side has just said. A stacked question shares its breath with another one that nobody
    has answered. `survey_run` numbers, from 1, the run of situation questions it is part of, none
    of which takes up the answer before; None if it is in none. `why` has the words that decided.
    """

    turn: int
    speaker: str
    start_s: float
    end_s: float
    start_char: int
    end_char: int
    text: str
    form: str
    type: QuestionType | None
    is_follow_up: bool
    is_stacked: bool
    survey_run: int | None
    why: str

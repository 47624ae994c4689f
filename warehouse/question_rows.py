"""From questions to rows of table `questions`."""

from __future__ import annotations

from collections.abc import Sequence

from calls.call import AttributedCall
from calls.question import Question
from calls.transcript import Turn
from calls.trust import doubts_about_roles, doubts_about_text
from warehouse.schemas.questions import QuestionRow
from warehouse.trust import row_state


def question_rows(
    head: tuple[str, str, int], call: AttributedCall, questions: Sequence[Question]
) -> tuple[QuestionRow, ...]:
    """One row per question, in the order of the turns.

    Raises:
        ValueError: if a question names a turn that the call does not have, or is given twice.
    """
    by_number = {turn.turn: turn for turn in call.turns}
    doubts = (*doubts_about_text(call), *doubts_about_roles(call))
    seen: set[tuple[int, int]] = set()
    for one in questions:
        if one.turn not in by_number:
            raise ValueError(
                f"Question at {one.start_s} s names turn {one.turn}; "
                f"the call has {len(call.turns)} turns."
            )
        if (one.turn, one.start_char) in seen:
            raise ValueError(
                f"Question at character {one.start_char} of turn {one.turn} is given twice."
            )
        seen.add((one.turn, one.start_char))
    ordered = sorted(questions, key=lambda one: (one.turn, one.start_char))
    return tuple(_row(head, by_number[one.turn], one, doubts) for one in ordered)


def _row(
    head: tuple[str, str, int], turn: Turn, question: Question, doubts: tuple[str, ...]
) -> QuestionRow:
    return QuestionRow(
        *head,
        turn=question.turn,
        speaker=question.speaker,
        participant_id=turn.participant_id,
        role=str(turn.role),
        start_s=question.start_s,
        end_s=question.end_s,
        start_char=question.start_char,
        end_char=question.end_char,
        text=question.text,
        form=question.form,
        spin_type=str(question.type) if question.type is not None else None,
        is_follow_up=question.is_follow_up,
        is_stacked=question.is_stacked,
        survey_run=question.survey_run,
        why=question.why or None,
        **row_state(doubts, turn),
    )

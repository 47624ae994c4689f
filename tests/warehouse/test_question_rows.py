from __future__ import annotations

from dataclasses import replace

import pytest

from calls.question import Question, QuestionType
from tests.warehouse.builders import attributed, key_of, question, reading
from warehouse import CallRows, call_rows
from warehouse.schemas import QuestionRow

ASKED = question(
    turn=2,
    start_s=20.0,
    end_s=22.5,
    form="question word",
    type=QuestionType.PROBLEM,
    is_follow_up=True,
    why="named trouble: 'word1'",
)


def rows(*questions: Question, **changes: object) -> tuple[QuestionRow, ...]:
    made: CallRows = call_rows(
        attributed(**changes),
        replace(reading(), questions=questions),
        revision=3,
        made_from="v1",
        time_zone="UTC",
        listen_version="l",
        attribution_version="a",
    )
    return made["questions"]  # type: ignore[return-value]


def test_a_question_becomes_a_row() -> None:
    assert rows(ASKED) == (
        QuestionRow(
            call_id="a",
            source_key=key_of("a"),
            revision=3,
            turn=2,
            speaker="ch0",
            participant_id="r-1",
            role="rep",
            start_s=20.0,
            end_s=22.5,
            start_char=0,
            end_char=11,
            text="word0 word1",
            form="question word",
            spin_type="problem",
            is_follow_up=True,
            is_stacked=False,
            survey_run=None,
            why="named trouble: 'word1'",
            state="ok",
            state_reason=None,
        ),
    )


def test_what_is_not_known_is_null() -> None:
    (row,) = rows(replace(ASKED, type=None, why=""))
    assert (row.spin_type, row.why) == (None, None)


def test_rows_are_in_the_order_of_the_turns() -> None:
    later = replace(ASKED, start_char=6)
    first = replace(ASKED, turn=0, start_s=0.0, end_s=1.0)
    assert [(one.turn, one.start_char) for one in rows(later, ASKED, first)] == [
        (0, 0),
        (2, 0),
        (2, 6),
    ]


def test_doubtful_words_make_a_doubtful_row() -> None:
    turns = tuple(
        replace(turn, doubt="the words repeat") if turn.turn == 2 else turn
        for turn in attributed().turns
    )
    (row,) = rows(ASKED, turns=turns)
    assert (row.state, row.state_reason) == ("low_confidence", "the words repeat")


def test_a_question_of_no_turn_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Question at 20\.0 s names turn 99; the call has 12"):
        rows(replace(ASKED, turn=99))


def test_a_question_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="character 0 of turn 2 is given twice"):
        rows(ASKED, replace(ASKED, text="other"))

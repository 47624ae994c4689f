from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import spacy

from analyzers.annotated import AnnotatedCall
from analyzers.asked import questions_of
from analyzers.found import Found
from analyzers.portfolio import PORTFOLIO_MEASURES, TYPE_MEASURES, Portfolio, evenness
from calls.call import AttributedCall, Speaker
from calls.labels import Hint, Label, Role
from calls.measures import Measure, State
from calls.metadata import CallMetadata
from calls.moment import FoundBy, Moment
from calls.question import Question, QuestionType
from calls.settings import Settings

MakeCall = Callable[..., AttributedCall]
ENGLISH = spacy.blank("en")
R, C, U, M = Role.REP, Role.CUSTOMER, Role.UNKNOWN, Role.MANAGER
SURVEY = [
    (R, "How many vans do you run?"),
    (C, "Forty or so."),
    (R, "Where is the head office?"),
    (C, "Up in Leeds."),
    (R, "Who runs the payroll?"),
    (C, "An agency does."),
    (R, "Which system do you use?"),
    (C, "Nothing special."),
    (R, "When do you close?"),
    (C, "At six."),
]


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return Portfolio(Settings())


def annotated(call: AttributedCall, *, covered: bool = True) -> AnnotatedCall:
    return AnnotatedCall(call, tuple(ENGLISH.make_doc(turn.text) for turn in call.turns), covered)


def asked(call: AttributedCall, *moments: Moment) -> tuple[Question, ...]:
    return questions_of(annotated(call), Found(moments=moments), survey_questions=5)


def measures(
    portfolio: Portfolio, call: AttributedCall, speaker: str | None = None, *, covered: bool = True
) -> dict[str, Measure]:
    rows = portfolio(annotated(call, covered=covered), Found())
    return {one.name: one for one in rows if isinstance(one, Measure) and one.speaker == speaker}


def hypothesis(turn: int) -> Moment:
    return Moment(Label.HYPOTHESIS, turn, "rep", 0, 1, 0, 1, "x", 0.9, FoundBy.MODEL, (), "v", "w")


@pytest.mark.parametrize(
    ("answer", "question", "why"),
    [
        ("The audit took us three weeks.", "What made the audit so slow?", "takes up 'audit'"),
        ("the audit took us three weeks", "what made the audit so slow", "takes up 'audit'"),
        ("We are short of people.", "How long has that been going on?", "leans on the answer"),
        ("It just fails.", "Why?", "leans on the answer"),
        ("It just fails.", "and what happened then", "leans on the answer"),
        ("Nobody knows.", "You said nobody knows, so who decides?", "leans on the answer"),
        ("The audit took us three weeks.", "How many vans do you run?", ""),
        ("We are short of people.", "Where is the head office?", ""),
    ],
)
def test_follow_ups(make_call: MakeCall, answer: str, question: str, why: str) -> None:
    found = asked(make_call((R, "Hello."), (C, answer), (R, question)))
    assert [one.is_follow_up for one in found] == [bool(why)]
    assert why in found[0].why


def test_that_leans_on_ones_own_words_after_a_speech(make_call: MakeCall) -> None:
    speech = "We help firms like yours to plan their rounds and to cut the miles they drive. "
    (found,) = asked(make_call((C, "Go ahead."), (R, f"{speech} Why is that?")))
    assert not found.is_follow_up


def test_the_first_question_of_a_call_follows_up_nothing(make_call: MakeCall) -> None:
    (found,) = asked(make_call((R, "Why is that?")))
    assert not found.is_follow_up


def test_a_customer_s_question_has_no_type_and_may_follow_up(make_call: MakeCall) -> None:
    (found,) = asked(make_call((R, "We measure arrivals."), (C, "How do you measure arrivals?")))
    assert (found.type, found.is_follow_up) == (None, True)


@pytest.mark.parametrize(
    ("turns", "stacked"),
    [
        ([(R, "How many vans do you run? And what frustrates the drivers?")], [True, True]),
        ([(R, "how many vans do you run and who plans the rounds")], [True, True]),
        ([(R, "How many vans do you run?"), (C, "Forty."), (R, "Who plans?")], [False, False]),
        ([(R, "Which system do you use? Is it the old one?")], [False, False]),
        ([(R, "Do you lease the vans, or do you own them?")], [False]),
        ([(R, "How are you? Can you hear me?")], [False, False]),
        ([(R, "How many vans do you run? Does that make sense?")], [False, False]),
    ],
)
def test_stacked_questions(
    make_call: MakeCall, turns: list[tuple[Role, str]], stacked: list[bool]
) -> None:
    found = asked(make_call((C, "Good morning."), *turns))
    assert [one.is_stacked for one in found] == stacked


def test_a_nod_is_no_answer(make_call: MakeCall) -> None:
    call = make_call(
        (R, "How many vans do you run?"), (C, "mm"), (R, "And what frustrates the drivers?")
    )
    turns = (call.turns[0], replace(call.turns[1], is_backchannel=True), call.turns[2])
    assert [one.is_stacked for one in asked(replace(call, turns=turns))] == [True, True]


def test_a_survey_is_five_situation_questions_that_ignore_the_answers(make_call: MakeCall) -> None:
    assert [one.survey_run for one in asked(make_call(*SURVEY))] == [1] * 5


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (4, "What frustrates the drivers?"),
        (4, "What is in Leeds besides?"),
        (4, "I see."),
    ],
    ids=["a problem question", "a follow-up", "only four"],
)
def test_what_is_no_survey(make_call: MakeCall, place: int, said: str) -> None:
    turns = [*SURVEY[:place], (R, said), *SURVEY[place + 1 :]]
    assert {one.survey_run for one in asked(make_call(*turns))} == {None}


def test_a_hypothesis_ends_a_survey(make_call: MakeCall) -> None:
    call = make_call(*SURVEY)
    assert {one.survey_run for one in asked(call, hypothesis(4))} == {None}
    assert {one.survey_run for one in asked(call, hypothesis(9))} == {1}


def test_courtesy_neither_ends_a_survey_nor_counts(make_call: MakeCall) -> None:
    turns = [*SURVEY[:4], (R, "Can you hear me all right?"), (C, "Yes."), *SURVEY[4:]]
    assert [one.survey_run for one in asked(make_call(*turns))] == [1, 1, None, 1, 1, 1]


def test_two_surveys_count_twice(portfolio: Portfolio, make_call: MakeCall) -> None:
    turns = [*SURVEY, (R, "What frustrates the drivers?"), (C, "The rounds."), *SURVEY]
    assert measures(portfolio, make_call(*turns))["survey_run_count"].value == 2


def test_measures_of_a_rep_and_of_the_call(portfolio: Portfolio, make_call: MakeCall) -> None:
    call = make_call(*SURVEY, (R, "Why is that?"), (C, "Who knows."))
    found = measures(portfolio, call)
    assert tuple(found) == PORTFOLIO_MEASURES
    assert {one.state for one in found.values()} == {State.OK}
    values = {name: one.value for name, one in found.items()}
    types = sum(values[name] or 0 for name in TYPE_MEASURES)
    assert types == 6
    assert values["follow_up_question_count"] == 1
    assert values["follow_up_ratio"] == 0.167
    assert values["survey_run_count"] == 1
    assert {name: one.value for name, one in measures(portfolio, call, "rep").items()} == values
    assert measures(portfolio, call, "customer") == {}


@pytest.mark.parametrize(
    ("counts", "expected"), [({0: 8}, 0.0), ({0: 2, 1: 2, 2: 2, 3: 2}, 1.0), ({0: 3, 3: 3}, 0.5)]
)
def test_evenness(counts: dict[int, int], expected: float) -> None:
    assert evenness(counts) == pytest.approx(expected)


def test_front_loaded_questions_are_spread_less(portfolio: Portfolio, make_call: MakeCall) -> None:
    quiet = [(C, "We write it on a board."), (R, "I see.")] * 8
    front = measures(portfolio, make_call(*SURVEY, *quiet))["question_spread_ratio"].value
    even = measures(portfolio, make_call(*SURVEY))["question_spread_ratio"].value
    assert front is not None
    assert even is not None
    assert front < 0.6 < 0.9 < even


def test_few_questions_have_no_spread(portfolio: Portfolio, make_call: MakeCall) -> None:
    found = measures(portfolio, make_call(*SURVEY[:4]))
    assert found["question_spread_ratio"].reason == "2 questions, at least 4 needed"
    assert found["situation_question_count"].value == 2


def test_no_question_has_no_share_of_follow_ups(portfolio: Portfolio, make_call: MakeCall) -> None:
    found = measures(portfolio, make_call((R, "Hello."), (C, "Hello.")))
    assert found["follow_up_ratio"].reason == "no question was asked"
    assert found["follow_up_question_count"].value == 0


def test_what_can_not_be_measured(portfolio: Portfolio, make_call: MakeCall) -> None:
    coaching = make_call((M, "What did you hear?"), (R, "Nothing."))
    recording = replace(coaching.recording, metadata=CallMetadata(call_type="coaching"))
    alone = make_call((R, "How many vans do you run?"))
    cases = {
        "speaker roles unknown": measures(portfolio, make_call((U, "Why?"))),
        "no speech": measures(portfolio, make_call(speakers=(Speaker("rep", R),))),
        "language 'en' has no playbook": measures(portfolio, make_call(*SURVEY), covered=False),
        "a coaching session: no customer is sold to": measures(
            portfolio, replace(coaching, recording=recording)
        ),
    }
    for reason, found in cases.items():
        assert {one.reason for one in found.values()} == {reason}
    found = measures(portfolio, alone)
    assert found["situation_question_count"].value == 1
    assert found["follow_up_ratio"].reason == "no customer on the call"


def test_doubts_about_the_call_are_the_portfolio_s(
    portfolio: Portfolio, make_call: MakeCall
) -> None:
    found = measures(portfolio, make_call(*SURVEY, truncated=True))
    assert {one.state for one in found.values()} == {State.LOW_CONFIDENCE}


def test_stacks_and_surveys_are_moments_with_a_better_move(
    portfolio: Portfolio, make_call: MakeCall
) -> None:
    both = "How many vans do you run? And what frustrates the drivers?"
    call = make_call((C, "Good morning."), (R, both), (C, "Ha."), *SURVEY)
    rows = list(portfolio(annotated(call), Found()))
    stack, survey = (one for one in rows if isinstance(one, Moment))
    assert (stack.label, stack.turn, stack.quote) == (Hint.STACKED_QUESTIONS, 1, both)
    assert "2 questions before anybody could answer" in stack.reason
    assert (survey.label, survey.turn) == (Hint.QUESTION_SURVEY, 3)
    assert "5 situation questions in a row, until 3:40" in survey.reason
    assert all(one.better_move and one.severity for one in (stack, survey))


def test_a_customer_s_stack_is_nobody_s_fault(portfolio: Portfolio, make_call: MakeCall) -> None:
    call = make_call((R, "Hello."), (C, "What does it cost? And who installs it?"))
    rows = list(portfolio(annotated(call), Found()))
    assert [one for one in rows if isinstance(one, Moment)] == []
    assert [one.is_stacked for one in rows if isinstance(one, Question)] == [True, True]


def test_questions_of_a_coaching_session_have_no_type(make_call: MakeCall) -> None:
    call = make_call((M, "What did you hear?"), (R, "Do you mean the end?"))
    recording = replace(call.recording, metadata=CallMetadata(call_type="coaching"))
    found = asked(replace(call, recording=recording))
    assert [one.type for one in found] == [None, None]


def test_offsets_and_times_are_those_of_the_words(make_call: MakeCall) -> None:
    call = make_call((R, "Right. How many vans do you run?"))
    (found,) = asked(call)
    turn = call.turns[0]
    assert turn.text[found.start_char : found.end_char] == found.text
    assert (found.start_s, found.end_s) == (turn.words[1].start_s, turn.words[-1].end_s)
    assert found.type is QuestionType.SITUATION


def test_an_empty_call_has_no_questions(make_call: MakeCall) -> None:
    assert asked(make_call(speakers=())) == ()

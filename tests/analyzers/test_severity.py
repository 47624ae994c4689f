from collections.abc import Callable
from dataclasses import replace

import pytest
import spacy

from analyzers.annotated import AnnotatedCall
from analyzers.reading import Reader
from analyzers.severity import weighed
from calls.call import AttributedCall
from calls.labels import Hint, Label, Mark, Role
from calls.moment import FoundBy, Moment, Severity
from calls.settings import Settings
from calls.transcript import TranscriptOrigin
from models.language import blank_pipeline
from tests.scripted_model import ScriptedModel

MakeCall = Callable[..., AttributedCall]
REP, CUSTOMER = Role.REP, Role.CUSTOMER
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
CLICHE = "What keeps you up at night?"
TALK = (CUSTOMER, "We moved the depot in spring.")


def annotate(call: AttributedCall, language: str = "en") -> AnnotatedCall:
    nlp = spacy.blank(language)
    return AnnotatedCall(call, tuple(nlp.make_doc(turn.text) for turn in call.turns))


def moment(
    call: AttributedCall,
    turn: int,
    label: Mark = Label.CLICHE_QUESTION,
    severity: Severity | None = MEDIUM,
) -> Moment:
    said = call.turns[turn]
    return Moment(
        label,
        turn,
        said.speaker,
        said.start_s,
        said.end_s,
        0,
        len(said.text),
        said.text,
        0.9,
        FoundBy.RULE,
        ("up_at_night.keeps_you_up",),
        "v",
        "why",
        severity,
    )


def filled(make_call: MakeCall, **said: tuple[Role, str]) -> AttributedCall:
    """A call of 30 turns, 20 s apart: `t12=(REP, "…")` puts a turn at 4 minutes."""
    turns = [(REP, "And the second one is by the river.") if n % 2 else TALK for n in range(30)]
    for name, turn in said.items():
        turns[int(name[1:])] = turn
    return make_call(*turns)


def weigh(call: AttributedCall, *moments: Moment) -> Moment:
    """The first of the moments, weighed among all of them."""
    return weighed(annotate(call), moments)[0]


@pytest.mark.parametrize(
    ("turn", "severity", "reason"),
    [
        (5, HIGH, "opener, before any hypothesis: raised from medium to high"),
        (13, MEDIUM, ""),
        (25, LOW, "late in the call: lowered from medium to low"),
    ],
)
def test_position_moves_a_cliche_one_step(
    make_call: MakeCall, turn: int, severity: Severity, reason: str
) -> None:
    call = filled(make_call, **{f"t{turn}": (REP, CLICHE)})
    found = weigh(call, moment(call, turn))
    assert (found.severity, found.severity_reason) == (severity, reason)


def test_of_a_short_call_only_the_first_third_is_opening(make_call: MakeCall) -> None:
    call = make_call(TALK, (REP, CLICHE), TALK, TALK, (REP, CLICHE), TALK, TALK, TALK, TALK)
    assert weigh(call, moment(call, 1)).severity is HIGH
    assert weigh(call, moment(call, 4)).severity is MEDIUM


def test_after_a_hypothesis_a_cliche_is_earned(make_call: MakeCall) -> None:
    call = filled(make_call, t3=(REP, "I suspect the depot floods."), t5=(REP, CLICHE))
    hypothesis = moment(call, 3, Label.HYPOTHESIS, None)
    found = weigh(call, moment(call, 5), hypothesis)
    assert found.severity is LOW
    assert found.severity_reason == (
        "earned, after the hypothesis at 1:00: lowered from medium to low"
    )
    same_turn = weigh(call, moment(call, 5), replace(hypothesis, turn=5))
    assert same_turn.severity_reason.startswith("earned, it comes with a hypothesis")
    before = weigh(call, moment(call, 5), replace(hypothesis, turn=7))
    assert before.severity is HIGH


def test_scoped_opener_is_as_grave_as_its_family(make_call: MakeCall) -> None:
    call = filled(make_call, t5=(REP, "What keeps you up at night about the audit?"))
    found = weigh(call, moment(call, 5))
    assert found.severity is MEDIUM
    assert found.severity_reason == (
        "opener, before any hypothesis; scoped to 'audit': stays medium"
    )


def test_several_reasons_to_lower_are_one_step(make_call: MakeCall) -> None:
    call = filled(make_call, t25=(REP, "What keeps you up at night about the audit?"))
    found = weigh(call, moment(call, 25, severity=HIGH), moment(call, 3, Label.HYPOTHESIS, None))
    assert found.severity is MEDIUM
    assert found.severity_reason.count(";") == 2


def test_the_ladder_ends_at_both_ends(make_call: MakeCall) -> None:
    call = filled(make_call, t5=(REP, CLICHE), t25=(REP, CLICHE))
    assert weigh(call, moment(call, 5, severity=HIGH)).severity_reason.endswith("stays high")
    assert weigh(call, moment(call, 25, severity=LOW)).severity_reason.endswith("stays low")


def test_the_customer_s_own_words_lower_it_unless_the_rep_said_them_first(
    make_call: MakeCall,
) -> None:
    question = (REP, "And what's the biggest challenge, the dispatch board?")
    own = filled(make_call, t12=(CUSTOMER, "The dispatch board froze again."), t13=question)
    found = weigh(own, moment(own, 13))
    assert found.severity_reason == "takes up the customer's 'board': lowered from medium to low"
    told = filled(
        make_call,
        t11=(REP, "We make dispatch boards."),
        t12=(CUSTOMER, "A dispatch board, right."),
        t13=question,
    )
    assert weigh(told, moment(told, 13)).severity is MEDIUM
    long_ago = filled(make_call, t4=(CUSTOMER, "The dispatch board froze."), t13=question)
    assert weigh(long_ago, moment(long_ago, 13)).severity is MEDIUM


def test_names_of_the_greeting_are_nobody_s_own_words(make_call: MakeCall) -> None:
    call = filled(
        make_call, t0=(CUSTOMER, "Hello, Ingrid speaking."), t5=(REP, "What worries you, Ingrid?")
    )
    assert weigh(call, moment(call, 5)).severity is HIGH


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        (Label.HOMEWORK_QUESTION, MEDIUM),
        (Label.VAGUE_NEXT_STEP, MEDIUM),
        (Label.HYPOTHESIS, None),
        (Label.NEXT_STEP, None),
        (Hint.HABIT, None),
    ],
)
def test_what_costs_the_seller_has_a_severity_whoever_found_it(
    make_call: MakeCall, label: Mark, severity: Severity | None
) -> None:
    call = filled(make_call, t13=(REP, CLICHE))
    assert weigh(call, moment(call, 13, label, None)).severity is severity


def test_what_a_customer_says_costs_the_seller_nothing(make_call: MakeCall) -> None:
    call = filled(make_call)
    said = moment(call, 4, Label.VAGUE_NEXT_STEP, None)
    assert weigh(call, said) is said


def test_order_and_everything_else_stay(make_call: MakeCall) -> None:
    call = filled(make_call, t5=(REP, CLICHE))
    given = [moment(call, 7, Label.HYPOTHESIS, None), moment(call, 5), moment(call, 4)]
    after = weighed(annotate(call), given)
    assert [one.turn for one in after] == [7, 5, 4]
    assert after[0] is given[0]
    assert replace(after[1], severity=MEDIUM, severity_reason="") == replace(
        given[1],
        reply_word_count=after[1].reply_word_count,
        reply_delay_s=after[1].reply_delay_s,
        reply_is_deflection=after[1].reply_is_deflection,
    )


# --- the answer ----------------------------------------------------------------------------------


def test_the_answer_is_all_the_customer_says_until_the_rep_speaks(make_call: MakeCall) -> None:
    call = make_call((REP, CLICHE), (CUSTOMER, "Not really."), (CUSTOMER, "No."), (REP, "Right."))
    found = weigh(call, moment(call, 0))
    assert (found.reply_word_count, found.reply_is_deflection) == (3, True)
    # Six words of half a second each, the last 0.4 s long; the next turn starts at 20 s.
    assert found.reply_delay_s == pytest.approx(20.0 - 2.9)


def test_a_backchannel_is_neither_an_answer_nor_an_end_of_one(make_call: MakeCall) -> None:
    call = make_call(
        (REP, CLICHE),
        (CUSTOMER, "Mm."),
        (CUSTOMER, "The depot floods."),
        (REP, "Right."),
        (CUSTOMER, "Twice a year."),
    )
    turns = tuple(replace(one, is_backchannel=one.turn in (1, 3)) for one in call.turns)
    call = replace(call, turns=turns)
    found = weigh(call, moment(call, 0))
    assert (found.reply_word_count, found.reply_is_deflection) == (6, False)
    assert found.reply_delay_s == pytest.approx(40.0 - 2.9)


@pytest.mark.parametrize(
    "said",
    [
        [(REP, CLICHE)],
        [(REP, CLICHE), (REP, "Anything?"), (CUSTOMER, "No.")],
        [(REP, CLICHE), (Role.UNKNOWN, "No.")],
    ],
)
def test_without_a_customer_next_nothing_is_known_of_an_answer(
    make_call: MakeCall, said: list[tuple[Role, str]]
) -> None:
    call = make_call(*said)
    found = weigh(call, moment(call, 0))
    assert (found.reply_word_count, found.reply_delay_s, found.reply_is_deflection) == (
        None,
        None,
        None,
    )


def test_delay_is_unknown_where_turns_overlap_or_times_are_estimated(make_call: MakeCall) -> None:
    call = make_call((REP, CLICHE), (CUSTOMER, "Not really."))
    early = replace(call.turns[1], start_s=1.0)
    overlapping = replace(call, turns=(call.turns[0], early))
    estimated = replace(
        call, origin=TranscriptOrigin(call.origin.engine, "vtt", options={"times": "estimated"})
    )
    for changed in (overlapping, estimated):
        found = weigh(changed, moment(changed, 0))
        assert (found.reply_word_count, found.reply_delay_s) == (2, None)


def test_whoever_turns_a_guess_down_has_not_evaded(make_call: MakeCall) -> None:
    call = make_call((REP, CLICHE), (CUSTOMER, "Nope, not really."))
    refused = moment(call, 1, Label.REJECTION, None)
    assert weigh(call, moment(call, 0)).reply_is_deflection is True
    assert weigh(call, moment(call, 0), refused).reply_is_deflection is False


def test_a_language_without_a_word_list_says_nothing_of_deflection(make_call: MakeCall) -> None:
    call = make_call((REP, CLICHE), (CUSTOMER, "Not really."))
    [found] = weighed(annotate(call, "de"), [moment(call, 0)])
    assert (found.reply_word_count, found.reply_is_deflection) == (2, None)
    assert found.severity is HIGH, "where it stands needs no words"


def test_only_questions_have_answers(make_call: MakeCall) -> None:
    call = make_call((REP, CLICHE), (CUSTOMER, "Not really."))
    assert weigh(call, moment(call, 0, Label.CLAIM_VAGUE)).reply_word_count is None
    assert weigh(call, moment(call, 0, Label.HOMEWORK_QUESTION)).reply_word_count == 2


def test_a_call_without_turns_or_moments_is_weighed(make_call: MakeCall) -> None:
    call = make_call((REP, "Hi."))
    assert weighed(annotate(call), []) == ()
    assert weighed(annotate(replace(call, turns=())), []) == ()


def test_a_reader_weighs_what_its_rules_find(make_call: MakeCall) -> None:
    call = filled(make_call, t5=(REP, f"So, {CLICHE}"), t6=(CUSTOMER, "Not really, no."))
    reader = Reader(
        Settings(analyzers=("labels",)), blank_pipeline=blank_pipeline, model=ScriptedModel()
    )
    found = next(one for one in reader.read(call).moments if one.label is Label.CLICHE_QUESTION)
    assert (found.severity, found.reply_is_deflection) == (HIGH, True)
    assert found.severity_reason.startswith("opener")

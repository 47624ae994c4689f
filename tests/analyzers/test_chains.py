from collections.abc import Callable
from dataclasses import replace

import pytest
import spacy

from analyzers.annotated import AnnotatedCall
from analyzers.chains import CHAIN_MEASURES, answer_turns, chains
from analyzers.found import Found
from calls.call import AttributedCall, RoleSource, Speaker
from calls.chain import Chain, StopReason
from calls.insight_settings import ChainSettings
from calls.labels import Label, Role
from calls.measures import Measure, State
from calls.metadata import CallMetadata
from calls.moment import FoundBy, Moment

MakeCall = Callable[..., AttributedCall]
REP, CUSTOMER = Role.REP, Role.CUSTOMER
LABELS_READ = Measure("cliche_question_count", 0)
SAID = (
    (REP, "My guess is the invoices wait for one signature."),
    (CUSTOMER, "Spot on, that is the one."),
    (REP, "The signature is not the wait, the queue before it is."),
    (CUSTOMER, "Huh, I never looked at that."),
    (REP, "A client of ours moved the queue."),
)
LABELS = {
    0: Label.HYPOTHESIS,
    1: Label.CONFIRMATION,
    2: Label.REFRAME,
    3: Label.AHA,
    4: Label.CLIENT_STORY,
}


def annotate(call: AttributedCall, *, covered: bool = True) -> AnnotatedCall:
    nlp = spacy.blank("en")
    return AnnotatedCall(call, tuple(nlp.make_doc(turn.text) for turn in call.turns), covered)


def labelled(call: AttributedCall, labels: dict[int, Label]) -> tuple[Moment, ...]:
    return tuple(
        Moment(
            label,
            turn,
            call.turns[turn].speaker,
            call.turns[turn].start_s,
            call.turns[turn].end_s,
            0,
            len(call.turns[turn].text),
            call.turns[turn].text,
            0.9,
            FoundBy.MODEL,
            (),
            "v",
            "why",
        )
        for turn, label in labels.items()
    )


def read(
    call: AttributedCall,
    labels: dict[int, Label],
    *,
    covered: bool = True,
    measures: tuple[Measure, ...] = (LABELS_READ,),
) -> tuple[list[Chain], dict[str, Measure]]:
    found = Found(moments=labelled(call, labels), measures=measures)
    rows = list(chains(annotate(call, covered=covered), found, settings=ChainSettings()))
    told = [one for one in rows if isinstance(one, Chain)]
    return told, {one.name: one for one in rows if isinstance(one, Measure)}


def test_a_complete_chain_and_its_measures(make_call: MakeCall) -> None:
    [chain], measures = read(make_call(*SAID), LABELS)
    assert chain.hypothesis_text == SAID[0][1]
    assert {name: one.value for name, one in measures.items()} == {
        "chain_count": 1,
        "chain_complete_count": 1,
        "insight_sequence_complete": True,
        "furthest_step_count": 4,
        "hypothesis_count": 1,
        "hypothesis_confirmed_count": 1,
        "hypothesis_rejected_count": 0,
        "hypothesis_confirmed_ratio": 1.0,
        "hypothesis_recovered_count": 0,
        "insight_new_count": 1,
    }
    assert tuple(measures) == CHAIN_MEASURES
    assert {one.state for one in measures.values()} == {State.OK}


def test_a_call_without_a_hypothesis_has_counts_and_no_ratio(make_call: MakeCall) -> None:
    told, measures = read(make_call(*SAID), {})
    assert told == []
    assert measures["chain_count"].value == 0
    assert measures["furthest_step_count"].value == 0
    assert measures["insight_sequence_complete"].value is False
    assert measures["hypothesis_confirmed_ratio"].reason == "no hypothesis was stated"


def test_a_label_said_by_the_wrong_side_takes_no_step(make_call: MakeCall) -> None:
    swapped = {1: Label.HYPOTHESIS, 2: Label.CONFIRMATION}
    told, measures = read(make_call(*SAID), swapped)
    assert told == []
    assert measures["hypothesis_count"].value == 0


def test_the_sequence_may_be_complete_where_limits_break_the_chain(make_call: MakeCall) -> None:
    call = make_call(*SAID)
    late = tuple(
        replace(turn, start_s=turn.start_s + 3600, end_s=turn.end_s + 3600, words=())
        if turn.turn == 4
        else turn
        for turn in call.turns
    )
    _, measures = read(replace(call, turns=late), LABELS)
    assert measures["chain_complete_count"].value == 0
    assert measures["insight_sequence_complete"].value is True


def _with_type(call: AttributedCall, call_type: str) -> AttributedCall:
    recording = replace(call.recording, metadata=CallMetadata(call_type=call_type))
    return replace(call, recording=recording)


def test_why_nothing_can_be_said(make_call: MakeCall) -> None:
    call = make_call(*SAID)
    silent = Speaker("rep", REP, heard=False, not_heard_reason="channel 0 is silent")
    cases = {
        "speaker roles unknown": (
            replace(call, speakers=(Speaker("a", Role.UNKNOWN), Speaker("b", REP))),
            {},
        ),
        "no customer on the call": (replace(call, speakers=(Speaker("rep", REP),)), {}),
        "the rep's side was not heard": (
            replace(call, speakers=(silent, Speaker("customer", CUSTOMER))),
            {},
        ),
        "no speech": (replace(call, turns=()), {}),
        "language 'de' has no playbook": (replace(call, language="de"), {"covered": False}),
        "no analyzer has looked for labels": (call, {"measures": ()}),
        "a coaching session: no customer is sold to": (_with_type(call, "Coaching"), {}),
    }
    for reason, (changed, options) in cases.items():
        told, measures = read(changed, {} if not changed.turns else LABELS, **options)
        assert told == [], reason
        assert tuple(measures) == CHAIN_MEASURES, reason
        assert {one.reason for one in measures.values()} == {reason}
        assert {one.state for one in measures.values()} == {State.NOT_MEASURABLE}


def test_doubtful_words_roles_and_voices_lower_confidence(make_call: MakeCall) -> None:
    call = make_call(*SAID)
    doubted = (replace(call.turns[0], doubt="the words repeat"), *call.turns[1:])
    third = (*call.speakers, Speaker("x", Role.UNKNOWN))
    cases = {
        "some of the words are doubtful": replace(call, turns=doubted),
        "roles proposed from what was said": replace(call, role_source=RoleSource.WORDING),
        "a speaker's role is unknown": replace(call, speakers=third),
    }
    for reason, changed in cases.items():
        told, measures = read(changed, LABELS)
        assert len(told) == 1
        assert (measures["chain_count"].state, measures["chain_count"].reason) == (
            State.LOW_CONFIDENCE,
            reason,
        )


def test_acknowledgements_questions_back_and_the_rep_are_no_answers(make_call: MakeCall) -> None:
    call = make_call(
        (CUSTOMER, "Go on then."),
        (CUSTOMER, "Sorry, what do you mean by that?"),
        (REP, "The invoices wait for one signature."),
        (CUSTOMER, "It could be that, I suppose."),
        (CUSTOMER, "mm mm yeah right okay"),
    )
    last = replace(call.turns[4], is_backchannel=True)
    assert answer_turns(annotate(replace(call, turns=(*call.turns[:4], last)))) == (3,)


@pytest.mark.parametrize("punctuated", [True, False])
def test_a_clarified_hypothesis_is_restated(make_call: MakeCall, *, punctuated: bool) -> None:
    said = [
        (REP, "I suspect the invoices wait for one signature."),
        (CUSTOMER, "What do you mean by that?"),
        (REP, "I reckon one person signs them all."),
        (CUSTOMER, "Yes, that is Marta."),
    ]
    if not punctuated:
        said = [
            (role, text.lower().translate({ord(one): "" for one in ".,?"})) for role, text in said
        ]
    labels = {0: Label.HYPOTHESIS, 2: Label.HYPOTHESIS, 3: Label.CONFIRMATION}
    [chain], measures = read(make_call(*said), labels)
    assert [one.turn for one in chain.restated] == [2]
    assert measures["hypothesis_count"].value == 2


def test_nothing_is_too_late_where_nobody_knows_when_it_was_said(make_call: MakeCall) -> None:
    call = make_call(*SAID)
    slow = tuple(
        replace(turn, start_s=2_000.0 * turn.turn, end_s=2_000.0 * turn.turn + 5.0, words=())
        for turn in call.turns
    )
    timed = replace(call, turns=slow)
    untimed = replace(timed, origin=replace(call.origin, options={"times": "estimated"}))
    assert [one.stop_reason for one in read(timed, LABELS)[0]] == [StopReason.TOO_LATE]
    assert [one.stop_reason for one in read(untimed, LABELS)[0]] == [StopReason.COMPLETE]

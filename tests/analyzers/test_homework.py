from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import spacy

from analyzers.annotated import AnnotatedCall
from analyzers.found import Found
from analyzers.homework import ALREADY_KNOWN_COUNT, HomeworkTest, build_homework
from calls.call import AttributedCall
from calls.earlier import EarlierCall, EarlierTurn
from calls.labels import Hint, Label, Role
from calls.measures import Measure, State
from calls.metadata import BriefFact, CallMetadata, Participant
from calls.moment import FoundBy, Moment
from calls.settings import Settings

BRIEF = (
    BriefFact(topic="industry", fact="Leisure hotel group on the Welsh coast, seasonal trade"),
    BriefFact(topic="size", fact="14 hotels, 1,320 rooms, about 1,150 employees in high season"),
    BriefFact(topic="headquarters", fact="Lowestoft, Suffolk"),
    BriefFact(topic="ownership", fact="Family held, third generation"),
    BriefFact(topic="competitors", fact="Trade press names Dunes and Harbour Inns"),
    BriefFact(topic="people", fact="Dele Ransome is group operations director since May 2024"),
)
FACTS = CallMetadata(
    account="Saltmarsh Hotels",
    participants=(
        Participant(name="Ann Lee", role=Role.REP),
        Participant(name="Dele Ransome", role=Role.CUSTOMER),
    ),
    account_brief=BRIEF,
)
EARLIER = EarlierCall(
    call_id="A-1",
    started_at=datetime(2026, 9, 3, 9, tzinfo=UTC),
    turns=(
        EarlierTurn(Role.REP, 10.0, "How many housekeepers do you have on a Saturday?"),
        EarlierTurn(Role.CUSTOMER, 20.0, "Sorry?"),
        EarlierTurn(Role.REP, 25.0, "On a Saturday, how many housekeepers?"),
        EarlierTurn(Role.CUSTOMER, 751.0, "Nine at Cromer, seven elsewhere."),
        EarlierTurn(Role.REP, 760.0, "Who signs off the budget for the linen contract?"),
        EarlierTurn(Role.CUSTOMER, 770.0, "Marta does, with the finance director."),
        EarlierTurn(Role.REP, 780.0, "And which system do you use for the rooms?"),
        EarlierTurn(Role.CUSTOMER, 790.0, "I'd have to check."),
        EarlierTurn(Role.CUSTOMER, 800.0, "We're owned by a fund since June, by the way."),
    ),
)


@pytest.fixture(scope="module")
def homework() -> HomeworkTest:
    return build_homework(Settings())


@pytest.fixture
def ask(
    homework: HomeworkTest, make_call: Callable[..., AttributedCall]
) -> Callable[..., list[Moment]]:
    def asked(
        *texts: str,
        facts: CallMetadata = FACTS,
        earlier: tuple[EarlierCall, ...] = (),
        found: Found | None = None,
    ) -> list[Moment]:
        call = make_call(*((Role.REP, text) for text in texts))
        rows = list(homework(known(call, facts, earlier), found or Found()))
        return [one for one in rows if isinstance(one, Moment)]

    return asked


def known(
    call: AttributedCall, facts: CallMetadata, earlier: tuple[EarlierCall, ...] = ()
) -> AnnotatedCall:
    nlp = spacy.blank("en")
    call = replace(call, recording=replace(call.recording, metadata=facts), earlier=earlier)
    return AnnotatedCall(call, tuple(nlp.make_doc(turn.text) for turn in call.turns))


@pytest.mark.parametrize(
    ("question", "answer", "source"),
    [
        ("How many hotels do you have now?", BRIEF[1].fact, "account brief, size"),
        ("and roughly how many rooms is that", BRIEF[1].fact, "account brief, size"),
        ("How big is the company these days?", BRIEF[1].fact, "account brief, size"),
        ("How many people work there?", BRIEF[1].fact, "account brief, size"),
        ("And where are you based, is it Norwich?", BRIEF[2].fact, "account brief, headquarters"),
        ("Who owns you?", BRIEF[3].fact, "account brief, ownership"),
        ("are you guys independent or part of a group", BRIEF[3].fact, "account brief, ownership"),
        ("Who would you say you're up against?", BRIEF[4].fact, "account brief, competitors"),
        ("So what do you guys do exactly?", BRIEF[0].fact, "account brief, industry"),
        ("Tell me a bit about the company.", BRIEF[0].fact, "account brief, industry"),
        ("What's your role there, Dele?", BRIEF[5].fact, "account brief, people"),
        ("How long have you been with them?", BRIEF[5].fact, "account brief, people"),
        ("Sorry, who am I speaking to?", "Dele Ransome", "sidecar, participants"),
        ("What's the name of the company again?", "Saltmarsh Hotels", "sidecar, account"),
    ],
)
def test_a_question_whose_answer_is_on_file_is_flagged_with_it(
    ask: Callable[..., list[Moment]], question: str, answer: str, source: str
) -> None:
    (moment,) = ask(question)
    assert moment.label is Hint.ALREADY_KNOWN
    assert (moment.known_answer, moment.known_source) == (answer, source)
    assert moment.reason == f"Known before it was asked ({source}: '{answer}')"
    assert moment.quote == question
    assert moment.better_move


@pytest.mark.parametrize(
    "said",
    [
        "So that's fourteen hotels now, is it?",
        "You have fourteen hotels now, how many rooms in all fourteen hotels?",
        "I saw that you have hotels on the coast; how many hotels are still open in winter?",
        "Where are you based, is it still Lowestoft?",
        "I won't ask you how many hotels you have.",
        "I know how many people you have.",
        "How many of those go out by hand?",
        "How many invoices go out by hand?",
        "What do you do when a room isn't ready?",
        "Where are you with the rollout?",
        "What's the single most painful part of the month?",
        "Shall we say Tuesday at ten?",
        "Can I say what I think, and you tell me where I'm off?",
        "…",
    ],
)
def test_verifying_and_what_nobody_could_know_is_not_flagged(
    ask: Callable[..., list[Moment]], said: str
) -> None:
    assert ask(said) == []


def test_one_question_for_two_facts_names_both(ask: Callable[..., list[Moment]]) -> None:
    (moment,) = ask("What do you guys do, how many hotels have you got?")
    assert moment.known_answer == f"{BRIEF[0].fact}; {BRIEF[1].fact}"
    assert moment.known_source == "account brief, industry; account brief, size"


def test_the_same_asked_twice_in_a_breath_counts_once(ask: Callable[..., list[Moment]]) -> None:
    assert len(ask("Who are you up against? Like, who are your main competitors?")) == 1


def test_a_role_is_known_only_of_the_customer_on_the_call(
    ask: Callable[..., list[Moment]],
) -> None:
    others = FACTS.model_copy(
        update={"participants": (Participant(name="Ida Holm", role=Role.CUSTOMER),)}
    )
    assert ask("What's your role there?", facts=others) == []


@pytest.mark.parametrize(
    ("question", "answer", "at"),
    [
        ("How many housekeepers do you have?", "Nine at Cromer, seven elsewhere.", "12:31"),
        ("Who signs off the linen budget?", "Marta does, with the finance director.", "12:50"),
        ("And who is it that owns you?", "We're owned by a fund since June, by the way.", "13:20"),
    ],
)  # fmt: skip
def test_what_the_customer_said_in_an_earlier_call_was_known(
    ask: Callable[..., list[Moment]], question: str, answer: str, at: str
) -> None:
    facts = FACTS.model_copy(update={"account_brief": ()})
    (moment,) = ask(question, facts=facts, earlier=(EARLIER,))
    assert moment.known_answer == answer
    assert moment.known_source == f"call of 3 September 2026 (A-1), customer at {at}"


@pytest.mark.parametrize(
    "question", ["Which system do you use for the rooms?", "How many laundries do you have?"]
)
def test_what_was_asked_and_not_answered_is_still_open(
    ask: Callable[..., list[Moment]], question: str
) -> None:
    assert ask(question, earlier=(EARLIER,)) == []


def test_the_newest_call_answers(ask: Callable[..., list[Moment]]) -> None:
    newer = EarlierCall(
        "A-2",
        datetime(2026, 9, 10, 9, tzinfo=UTC),
        (EarlierTurn(Role.CUSTOMER, 5.0, "We have twelve housekeepers now."),),
    )
    (moment,) = ask("How many housekeepers are there?", earlier=(newer, EARLIER))
    assert moment.known_answer == "We have twelve housekeepers now."


def test_a_homework_question_is_named_as_such(ask: Callable[..., list[Moment]]) -> None:
    text = "How many hotels do you have now?"
    label = Moment(
        Label.HOMEWORK_QUESTION, 0, "rep", 0.0, 3.0, 0, 20, text, 0.9, FoundBy.RULE,
        ("website_facts.how_many",), "1", "asked",
    )  # fmt: skip
    (moment,) = ask(text, found=Found(moments=(label,)))
    assert moment.reason.endswith("; also a homework question")


def test_a_playbook_rule_says_what_is_asked_where_no_pattern_does(
    ask: Callable[..., list[Moment]],
) -> None:
    text = "Whereabouts would I find you lot on a map?"
    label = Moment(
        Label.HOMEWORK_QUESTION, 0, "rep", 0.0, 3.0, 0, len(text), text, 0.9, FoundBy.RULE,
        ("website_facts.where_are_you",), "1", "asked",
    )  # fmt: skip
    assert ask(text) == []
    (moment,) = ask(text, found=Found(moments=(label,)))
    assert moment.known_answer == "Lowestoft, Suffolk"


@pytest.mark.parametrize(
    ("role", "facts", "state", "reason"),
    [
        (Role.REP, FACTS, State.OK, ""),
        (Role.REP, CallMetadata(), State.NOT_MEASURABLE, "no account brief and no earlier call"),
        (Role.UNKNOWN, FACTS, State.NOT_MEASURABLE, "speaker roles unknown"),
    ],
)
def test_the_measure_says_why_it_was_not_taken(
    homework: HomeworkTest,
    make_call: Callable[..., AttributedCall],
    role: Role,
    facts: CallMetadata,
    state: State,
    reason: str,
) -> None:
    call = make_call((role, "How many hotels do you have now?"))
    (measure,) = (one for one in homework(known(call, facts), Found()) if isinstance(one, Measure))
    assert (measure.name, measure.state, measure.reason) == (ALREADY_KNOWN_COUNT, state, reason)
    assert measure.value == (1 if state is State.OK else None)


def test_the_customer_may_ask(
    homework: HomeworkTest, make_call: Callable[..., AttributedCall]
) -> None:
    call = make_call((Role.CUSTOMER, "How many hotels do you have?"), (Role.REP, "None, we sell."))
    rows = list(homework(known(call, FACTS), Found()))
    assert [one for one in rows if isinstance(one, Moment)] == []


def test_without_a_question_mark_a_question_is_recognised_as_asked_before(
    ask: Callable[..., list[Moment]],
) -> None:
    said = "so who signs off the budget for the linen contract"
    (moment,) = ask(said, facts=CallMetadata(), earlier=(EARLIER,))
    assert moment.rule_ids == ("already_known.asked_before",)
    assert moment.known_answer == "Marta does, with the finance director."
    stated = "Marta signs off the budget for the linen contract."
    assert ask(stated, facts=CallMetadata(), earlier=(EARLIER,)) == []


def test_a_call_without_words_is_not_free_of_such_questions(
    homework: HomeworkTest, make_call: Callable[..., AttributedCall]
) -> None:
    call = known(replace(make_call((Role.REP, "Hello.")), turns=()), FACTS)
    (measure,) = list(homework(AnnotatedCall(call.call, ()), Found()))
    assert isinstance(measure, Measure)
    assert (measure.state, measure.reason) == (State.NOT_MEASURABLE, "no speech")

"""What counts as an answer in form only, and what narrows a question down."""

import pytest
import spacy

from analyzers.reactions import Reactions, reactions_in

NLP = spacy.blank("en")


@pytest.fixture(scope="module")
def english() -> Reactions:
    found = reactions_in("en")
    assert found is not None
    return found


@pytest.mark.parametrize(
    "reply",
    [
        "Not really.",
        "not really no",
        "No, nothing in particular.",
        "Nothing comes to mind.",
        "um i can't think of anything",
        "I honestly couldn't pick one for you.",
        "We're fine.",
        "everything's fine thanks",
        "It all ticks over. Ticking over nicely.",
        "I don't know. Six.",
        "dunno really",
        "Oh, you know. Rates, staffing. The usual.",
        "Margin, footfall, people. Same as everybody's.",
        "How long have you got?",
        "Where do I start?",
        "It depends.",
        "well that depends on what you mean",
        "You tell me.",
        "Isn't that what you're here for?",
        "that's what you're here for isn't it",
        "You're the experts.",
        "I'd rather not get into that.",
        "Pass.",
        "Which part, exactly?",
        "In what sense?",
        "Get that thirty-one up. I thought I just said.",
    ],
)
def test_an_answer_in_form_only_is_a_deflection(english: Reactions, reply: str) -> None:
    assert english.is_deflection([NLP.make_doc(reply)])


@pytest.mark.parametrize(
    "reply",
    [
        "Hitting the budget.",
        "Wolverhampton.",
        "The dealer paper takes us nine days.",
        "the month end close it takes eleven days every time",
        "Not really, except for the month end close, that takes eleven days.",
        "We're fine apart from the audit, which we failed in May.",
        "It was fine until we bought the second warehouse.",
        "Do you want the long version? It is the returns desk.",
        "We never ship on a Friday.",
        "I don't know where they get the idea that we are slow, we ship the same day, and whatever "
        "is packed after the carrier has been sits there until Monday morning.",
    ],
)
def test_an_answer_of_substance_is_none(english: Reactions, reply: str) -> None:
    assert not english.is_deflection([NLP.make_doc(reply)])


def test_a_reply_in_several_turns_is_one_reply(english: Reactions) -> None:
    short, long = NLP.make_doc("Not really."), NLP.make_doc("the dock at Leith floods " * 5)
    assert english.is_deflection([short])
    assert not english.is_deflection([short, long])


def test_no_words_are_no_deflection(english: Reactions) -> None:
    assert not english.is_deflection([NLP.make_doc("")])
    assert not english.is_deflection([])


@pytest.mark.parametrize(
    ("question", "scope"),
    [
        ("What keeps you up at night about the audit?", "audit"),
        ("what keeps you up about AI security", "security"),
        ("When it comes to invoicing, what's your biggest challenge?", "invoicing"),
        ("What are your pain points with the Leith depot?", "leith"),
        ("What worries you about the month end close?", "close"),
        ("What keeps you up at night?", ""),
        ("What are your biggest challenges with your current system?", ""),
        ("What are your pain points around that, so we can tailor something?", ""),
        ("What keeps you up at night about your business?", ""),
        ("What would you like to change over the next twelve months?", ""),
        ("What are your biggest priorities as a lending leader?", ""),
    ],
)
def test_only_something_of_its_own_narrows_a_question_down(
    english: Reactions, question: str, scope: str
) -> None:
    assert english.scope(NLP.make_doc(question), 0, len(question)) == scope


def test_scope_is_looked_for_in_the_question_s_own_sentence(english: Reactions) -> None:
    text = "Thanks for the note about the audit. So what keeps you up at night?"
    assert english.scope(NLP.make_doc(text), text.index("keeps"), len(text) - 1) == ""
    assert english.scope(NLP.make_doc(text), 0, 10) == "audit"


def test_a_buyer_s_title_is_none_of_the_question_s_words(english: Reactions) -> None:
    text = "What are your priorities for the dealers as a lending leader?"
    assert english.question_words(NLP.make_doc(text), 0, len(text)) == {"dealer"}


def test_a_language_without_a_word_list_has_none() -> None:
    assert reactions_in("de") is None
    assert reactions_in("") is None

from collections.abc import Callable

import pytest

from analyzers.rule_finder import Finding, RuleFinder
from analyzers.rulebook import Rulebook
from calls.labels import Label
from calls.playbook import CueKind

Find = Callable[[str], list[Finding]]

ASKED = [
    "What keeps you up at night?",
    "what keeps you up at night",
    "so um tell me what keeps you up at night",
    "I'd love to hear what keeps you up at night.",
    "Could you share what keeps you up at night",
    "i'm curious what keeps you up at night",
    "Forgive the worn question, but what keeps you up at night?",
    "I know everybody asks, but what keeps you up at night?",
    "What keeps you up at night? I suspect it's the audit.",
    "I won't insult you by asking for pain points. What I will ask is, what keeps you up at night?",
    "As a head of payroll at a chain of clinics, what keeps you up at night?",
]

NOT_ASKED = [
    ("I'm not going to ask you what keeps you up at night.", CueKind.NEGATED),
    ("i won't ask what keeps you up at night don't worry", CueKind.NEGATED),
    ("Rather than asking what keeps you up at night, I read your report.", CueKind.NEGATED),
    ("There's no need to tell me what keeps you up at night.", CueKind.NEGATED),
    ("What keeps you up at night? I'm not going to ask that.", CueKind.NEGATED),
    ("My old boss used to ask people what keeps you up at night.", CueKind.REPORTED),
    ("They teach us to say, what keeps you up at night.", CueKind.REPORTED),
    ("I asked her what keeps her customers and you up at night", CueKind.REPORTED),
    ("Customers always ask me what keeps you up at night.", CueKind.REPORTED),
    ("I have a mug that says 'what keeps you up at night' on it, right?", CueKind.REPORTED),
    ("I suspect what keeps you up at night is the audit in May.", CueKind.ANSWERED),
    ("you told me last time what keeps you up at night", CueKind.FOLLOW_UP),
    ("Your annual report says what keeps you up at night, on page nine.", CueKind.RESEARCHED),
]


@pytest.mark.parametrize("text", ASKED)
def test_asked_question_is_found(find: Find, text: str) -> None:
    assert Label.CLICHE_QUESTION in {one.label for one in find(text)}


@pytest.mark.parametrize(("text", "kind"), NOT_ASKED, ids=[text for text, _ in NOT_ASKED])
def test_context_clears_the_words(find: Find, rulebook: Rulebook, text: str, kind: CueKind) -> None:
    assert Label.CLICHE_QUESTION not in {one.label for one in find(text)}
    hits = [
        hit
        for hit in rulebook.hits(rulebook.prepare(text))
        if hit.family.label is Label.CLICHE_QUESTION
    ]
    kinds = {cue.kind for hit in hits for cue in hit.verdict.against}
    assert kind in kinds


def test_statement_that_only_carries_the_words_is_not_asked(find: Find, rulebook: Rulebook) -> None:
    text = "Pain points are on slide nine of the old deck."
    assert find(text) == []
    [hit] = rulebook.hits(rulebook.prepare(text))
    assert hit.verdict.asked is None
    assert hit.verdict.against == ()


def test_cue_of_one_sentence_does_not_reach_the_next(find: Find) -> None:
    text = "I'm not going to ask about budget. What are your biggest challenges?"
    assert [one.label for one in find(text)] == [Label.CLICHE_QUESTION]


def test_verdict_names_the_words_heard(rulebook: Rulebook) -> None:
    text = "I'm never going to ask what keeps you up at night."
    hits = rulebook.hits(rulebook.prepare(text))
    cues = {cue.cue_id: cue.words for hit in hits for cue in hit.verdict.against}
    assert cues["will_not_ask"].startswith("never going to ask")


def test_wish_may_be_asked_for_in_the_next_sentence(find: Find) -> None:
    text = "A genie turns up at the depot. I'm curious which wish he'd hear."
    assert [one.label for one in find(text)] == [Label.CLICHE_QUESTION]
    assert find("A genie turned up in the panto. It was cold.") == []


def test_date_makes_a_next_step_binding(find: Find) -> None:
    assert [one.label for one in find("Let's catch up soon.")] == [Label.VAGUE_NEXT_STEP]
    assert find("Let's catch up soon, on Tuesday at ten.") == []


def test_merit_of_the_buyers_side_is_no_claim(find: Find) -> None:
    assert find("Your engineers are really smart.") == []


def test_explain_also_shows_what_the_context_threw_out(finder: RuleFinder) -> None:
    import spacy

    doc = spacy.blank("en").make_doc("I won't ask about your pain points.")
    assert finder.find(doc) == []
    assert {hit.rule_id for hit in finder.explain(doc)} >= {"pain.pain_points"}

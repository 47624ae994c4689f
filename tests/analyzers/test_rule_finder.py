from collections.abc import Callable

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.rule_finder import (
    COMPONENT,
    FINDINGS,
    ROLE,
    Finding,
    RuleFinder,
    register_components,
)
from analyzers.rulebook import PAUSES
from calls.labels import Label, Role
from calls.moment import Severity

Find = Callable[[str], list[Finding]]
WORDS = [
    "what keeps you up at night",
    "your biggest challenges",
    "tell me",
    "we are the best",
    ".",
    "?",
    "um",
    "so",
]


def test_hits_of_one_label_in_one_sentence_are_one_finding(find: Find) -> None:
    text = "Hello. What are your pain points and what keeps you up at night? Thanks."
    [finding] = find(text)
    assert finding.label is Label.CLICHE_QUESTION
    assert {"pain.pain_points", "up_at_night.keeps_you_up"} <= set(finding.rule_ids)
    assert list(finding.rule_ids) == sorted(finding.rule_ids)
    assert text[finding.sentence_start : finding.sentence_end] == text[7:-8]
    assert finding.severity is Severity.HIGH


def test_two_sentences_are_two_findings(find: Find) -> None:
    findings = find("What are your pain points? And what keeps you up at night?")
    assert [one.label for one in findings] == [Label.CLICHE_QUESTION] * 2


def test_two_labels_in_one_sentence_are_two_findings(find: Find) -> None:
    findings = find("Who are your main competitors, and what worries you about them?")
    assert {one.label for one in findings} == {Label.CLICHE_QUESTION, Label.HOMEWORK_QUESTION}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("We're the number one provider in the country.", Label.CLAIM_SUPERLATIVE),
        ("It's completely seamless.", Label.CLAIM_VAGUE),
    ],
)
def test_claim_comes_with_its_parent_label(find: Find, text: str, label: Label) -> None:
    findings = find(text)
    assert {one.label for one in findings} == {Label.CLAIM, label}
    assert len({(one.start_char, one.end_char) for one in findings}) == 1


def test_reason_names_the_words_and_the_rule(find: Find) -> None:
    [finding] = find("So what keeps you up at night?")
    assert finding.reason == (
        "Asks the buyer to name a worry any buyer has: 'keeps you up at night', "
        "asked of the customer (rule up_at_night.keeps_you_up)"
    )
    assert finding.better_move


def test_unpunctuated_speech_is_found_with_its_own_words(find: Find) -> None:
    text = "okay um so what what would you say are your your paint points at the moment"
    [finding] = find(text)
    assert "paint points" in text[finding.start_char : finding.end_char]


def test_pause_inside_a_question_hides_nothing(finder: RuleFinder) -> None:
    text = "thanks for having me so what keeps you up at night"
    doc = spacy.blank("en").make_doc(text)
    doc.user_data[PAUSES] = frozenset({text.index("up at")})
    [finding] = finder.find(doc)
    assert text[finding.start_char : finding.end_char].endswith("up at night")


def test_hits_on_both_sides_of_a_pause_inside_one_of_them_are_one_finding(
    finder: RuleFinder,
) -> None:
    text = "thanks for having me what is it that keeps you up at night and your pain points"
    doc = spacy.blank("en").make_doc(text)
    doc.user_data[PAUSES] = frozenset({text.index("what is"), text.index("up at")})
    [finding] = finder.find(doc)
    assert text[finding.sentence_start : finding.sentence_end] == text[text.index("what is") :]


@settings(deadline=None)  # how long it takes depends on the machine
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_spans_lie_within_their_sentences_and_the_turn(find: Find, text: str) -> None:
    for one in find(text):
        assert 0 <= one.sentence_start <= one.start_char < one.end_char
        assert one.end_char <= one.sentence_end <= len(text)
        assert 0 < one.score <= 1


def test_component_stores_what_find_returns(finder: RuleFinder) -> None:
    doc = spacy.blank("en").make_doc("What keeps you up at night?")
    doc.user_data[ROLE] = Role.REP
    assert finder(doc).user_data[FINDINGS] == finder.find(doc)
    assert len(doc.user_data[FINDINGS]) == 1


@pytest.mark.parametrize("role", [None, Role.UNKNOWN])
def test_component_leaves_turns_of_nobody_known_alone(
    finder: RuleFinder, role: Role | None
) -> None:
    doc = spacy.blank("en").make_doc("What keeps you up at night?")
    doc.user_data[ROLE] = role
    assert FINDINGS not in finder(doc).user_data


@pytest.mark.parametrize(
    ("role", "text", "label"),
    [
        (Role.CUSTOMER, "Well, you've hit the nail on the head.", Label.CONFIRMATION),
        (Role.CUSTOMER, "We ruled that out in spring.", Label.REJECTION),
        (Role.CUSTOMER, "Leave it with me.", Label.VAGUE_NEXT_STEP),
        (Role.MANAGER, "So how do you think that went?", Label.COACHING_BEHAVIOR),
        (Role.MANAGER, "You're at sixty percent of quota.", Label.SPREADSHEET_COACHING),
        (Role.REP, "My guess is that your planners re-key it.", Label.HYPOTHESIS),
    ],
)
def test_each_role_is_read_with_the_rules_of_its_labels(
    finder: RuleFinder, role: Role, text: str, label: Label
) -> None:
    doc = spacy.blank("en").make_doc(text)
    found = {other: {one.label for one in finder.find(doc, role=other)} for other in Role}
    assert found[role] == {label}
    assert all(label not in labels for other, labels in found.items() if other is not role)


def test_finding_of_a_label_that_is_no_fault_has_no_severity(find: Find) -> None:
    [finding] = find("I'll send the loading plan on Thursday.")
    assert (finding.label, finding.severity) == (Label.NEXT_STEP, None)


def test_rule_for_statements_lets_questions_go(find: Find) -> None:
    assert [one.label for one in find("I'll send it on Friday.")] == [Label.NEXT_STEP]
    assert find("Will I send it on Friday?") == []


def test_registering_twice_is_harmless() -> None:
    register_components()
    register_components()
    assert spacy.blank("en").add_pipe(COMPONENT)


def test_unknown_option_of_the_component_is_refused() -> None:
    register_components()
    with pytest.raises(ValueError, match="rulez"):
        spacy.blank("en").add_pipe(COMPONENT, config={"rulez": 1})

import re
from itertools import chain

import pytest
import spacy

from analyzers.question_forms import Form
from analyzers.questions import count_questions, find_questions
from tests.analyzers.spoken_questions import TUNED, UNSEEN

ENGLISH = spacy.blank("en")
QUESTIONS = [one for kind in (TUNED, UNSEEN) for one in chain.from_iterable(kind.values())]

STATEMENTS = [
    "we send it on friday and then it is done",
    "um no we never had that",
    "i know what you mean about the scanners",
    "that's what they do in the other plant",
    "what we found is that the label is wrong",
    "what matters to us is the audit",
    "what scares me is a hose letting go",
    "the man who can sign it is away",
    "the week when we did the count was the worst",
    "which is why we stopped",
    "i don't know how many there are",
    "it depends who is on shift",
    "so do we",
    "and so are the vans",
    "whatever they say do it anyway",
    "do the maths",
    "do it on monday",
    "have a look at the second page",
    "was going to call you about that",
    "will do",
    "should you need anything just ring",
    "let me tell you how it works",
    "you tell me",
    "tell me about it",
    "that is why",
    "yes that's right",
    "nobody does it's all by hand",
    "she told me what happened on the line",
    "the trouble is it never prints",
    "we thought about how they do it",
    "of all the things they do the count is the slowest",
    "that's all right",
    "there it is",
    "come what may we ship on friday",
    "no idea why",
]
UNMARKED = [
    ("what do you do about it", 1),
    ("do you have a minute", 1),
    ("that's four sites now isn't it", 1),
    ("is there anything else", 1),
    ("you close on fridays right", 1),
    ("we had the auditors in last week how did they take it", 1),
    ("thanks for that are you on the new system yet", 1),
    ("and who signs", 1),
    ("for how long", 1),
    ("why", 1),
    ("and you", 1),
    ("what about the second shift", 1),
    ("anything else on your side", 1),
    ("does wednesday work", 1),
    ("why do so many parcels come back", 1),
    ("could you tell me how that works", 1),
    ("is it the queue or is it the plates", 1),
    ("which offices do you cover and who runs them", 2),
    ("walk me through your week", 1),
    ("i'd love to hear how the team is set up", 1),
    ("tell me about your role", 1),
    ("help me understand the handover", 1),
    ("why is it so long do you know", 1),
    ("um so wh- what do you use for that", 1),
    ("how many how many vans do you run", 1),
]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("What do you do? And how? Right.", 2),
        ("Do you? I see.", 1),
        ("It's four plants now?", 1),
        ("Which offices do you cover, and who runs them?", 2),
        ("Is it the queue, or is it the plates?", 1),
        ("Walk me through your week.", 1),
        ("I wonder what you do.", 1),
        ("What do you do about it. We have vans.", 1),
        ("It's a goodbye, isn't it.", 0),
        ("We know what you do.", 0),
        ("What made the audit so slow?", 1),
        ("I know the count so that is what they do all week.", 0),
        ("", 0),
        ("???", 0),
    ],
)
def test_questions_in_punctuated_turns(text: str, count: int) -> None:
    assert count_questions(ENGLISH.make_doc(text)) == count


@pytest.mark.parametrize(("text", "count"), UNMARKED)
def test_questions_without_marks(text: str, count: int) -> None:
    assert count_questions(ENGLISH.make_doc(text)) == count


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements_without_marks(text: str) -> None:
    assert find_questions(ENGLISH.make_doc(text)) == ()


def test_marks_and_case_are_hardly_missed() -> None:
    bare = [re.sub(r"[.,?!]", "", one).lower() for one in QUESTIONS]
    found = sum(count_questions(ENGLISH.make_doc(one)) > 0 for one in bare)
    assert found / len(bare) >= 0.95


def test_a_question_knows_its_place_and_form() -> None:
    text = "okay thanks for that and which system are you on"
    (asked,) = find_questions(ENGLISH.make_doc(text))
    assert text[asked.start : asked.end] == "which system are you on"
    assert asked.form is Form.WH


def test_a_question_is_found_once_however_often_it_is_looked_for() -> None:
    doc = ENGLISH.make_doc("Why?")
    assert find_questions(doc) is find_questions(doc)


def test_language_without_a_grammar_counts_question_marks() -> None:
    doc = spacy.blank("de").make_doc("Was tun Sie? Und wie? was machen sie da")
    assert count_questions(doc) == 2

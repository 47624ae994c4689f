import pytest
import spacy

from analyzers.questions import count_questions


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("What do you do? And how? Right.", 2),
        ("I wonder what you do.", 0),
        ("what do you do about it", 1),
        ("do you have a minute", 1),
        ("that's four sites now isn't it", 1),
        ("is there anything else", 1),
        ("we send it on friday and then it is done", 0),
        ("um no we never had that", 0),
        ("", 0),
    ],
)
def test_questions_are_counted(text: str, count: int) -> None:
    assert count_questions(spacy.blank("en").make_doc(text)) == count


def test_language_without_cues_counts_question_marks() -> None:
    doc = spacy.blank("de").make_doc("Was tun Sie? Und wie? was machen sie da")
    assert count_questions(doc) == 2

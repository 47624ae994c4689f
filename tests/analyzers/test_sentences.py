import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.normalise import Normaliser
from analyzers.sentences import Sentence, find_sentences, long_pauses
from calls.playbook import Wording

NORMALISER = Normaliser(Wording())
OPENERS = {"so", "and", "okay"}


def split(text: str, **options: object) -> list[str]:
    sentences = find_sentences(NORMALISER(text), **options)  # type: ignore[arg-type]
    return [text[one.start : one.end] for one in sentences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi Tom. How are you? Good!", ["Hi Tom.", "How are you?", "Good!"]),
        ("It costs 3.50 a seat. Fine.", ["It costs 3.50 a seat.", "Fine."]),
        ('He said "no." Then left.', ['He said "no."', "Then left."]),
        ("Well... what hurts? Tell me.", ["Well... what hurts?", "Tell me."]),
        ("Mr J. Smith called. I did.", ["Mr J. Smith called.", "I did."]),
        ("You and I. Then Tom.", ["You and I.", "Then Tom."]),
        ("One\nTwo", ["One", "Two"]),
        ("", []),
        ("?!", []),
    ],
)
def test_punctuation_ends_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_full_stop_of_an_abbreviation_ends_nothing() -> None:
    assert split("Ask Dr. Halloran now. Thanks.", abbreviations={"dr"}) == [
        "Ask Dr. Halloran now.",
        "Thanks.",
    ]


def test_thought_openers_part_text_without_punctuation_softly() -> None:
    text = "that is the plan then so what keeps you up"
    sentences = find_sentences(NORMALISER(text), openers=OPENERS)
    assert [text[one.start : one.end] for one in sentences] == [
        "that is the plan then",
        "so what keeps you up",
    ]
    assert [one.hard for one in sentences] == [False, True]


def test_openers_part_nothing_where_there_is_punctuation() -> None:
    assert split("That is it. We plan and so we go. Yes.", openers=OPENERS) == [
        "That is it.",
        "We plan and so we go.",
        "Yes.",
    ]


def test_long_pause_parts_text_without_punctuation() -> None:
    text = "thanks for the time today what keeps you up"
    at = text.index("what")
    assert split(text, pauses={at}) == ["thanks for the time today", "what keeps you up"]


def test_long_pauses_are_measured_from_end_to_start() -> None:
    assert long_pauses([0.0, 0.6, 2.0], [0.5, 1.0, 2.4]) == [2]


@given(st.text(alphabet="ab so.?! \n'\""))
def test_every_token_is_in_exactly_one_sentence(text: str) -> None:
    normalised = NORMALISER(text)
    sentences: tuple[Sentence, ...] = find_sentences(normalised, openers=OPENERS)
    covered = [token for one in sentences for token in range(one.first, one.last)]
    assert covered == list(range(len(normalised.words)))
    for one in sentences:
        assert one.start <= normalised.starts[one.first]
        assert one.end >= normalised.ends[one.last - 1]

from itertools import product
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.normalise import Normalised, Normaliser
from analyzers.playbook_files import load_playbook
from calls.playbook import SoftFiller, Wording

ENGLISH = Normaliser(load_playbook().wording)
PLAIN = Normaliser(Wording())
HEARD = [
    *("what's", "um", "the", "you know", "like", "paint", "points", "7", "don’t", "'what"),
    *("up at knight", "co-op", "I'd", "company's", "no. 1", "Ümlaut", "…", "?", "\n"),
]
SPEECH = st.lists(st.one_of(st.sampled_from(HEARD), st.text(max_size=8))).map(" ".join)


def check_offsets(text: str, normalised: Normalised) -> None:
    assert normalised.text == text
    assert len(normalised.words) == len(normalised.starts) == len(normalised.ends)
    assert list(normalised.starts) == sorted(normalised.starts)
    for word, start, end in zip(normalised.words, normalised.starts, normalised.ends, strict=True):
        assert word
        assert 0 <= start < end <= len(text)
        assert not text[start].isspace()
        assert not text[end - 1].isspace()


@given(st.text())
def test_offsets_point_into_any_text(text: str) -> None:
    check_offsets(text, ENGLISH(text))


@given(SPEECH)
def test_offsets_point_into_speech(text: str) -> None:
    check_offsets(text, ENGLISH(text))


@given(st.text())
def test_without_wording_every_token_is_its_own_source_lowered(text: str) -> None:
    normalised = PLAIN(text)
    for word, start, end in zip(normalised.words, normalised.starts, normalised.ends, strict=True):
        assert word in text[start:end].lower().replace("’", "").replace("'", "")


@given(SPEECH)
def test_punctuation_changes_no_word(text: str) -> None:
    words = ENGLISH.words(text)
    assert ENGLISH.words(f"{text} ") == words
    assert ENGLISH.words(f"… {text}") == words


@given(SPEECH)
def test_span_covers_all_its_tokens(text: str) -> None:
    normalised = ENGLISH(text)
    for last in range(1, len(normalised.words) + 1):
        start, end = normalised.span(0, last)
        assert start == normalised.starts[0]
        assert end >= max(normalised.ends[:last])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What’s your BIGGEST challenge?", "what is your biggest challenge"),
        ("um so uh what what's your your pane points", "so what is your pain points"),
        ("if you were to if you were to rate it", "if you were to rate it"),
        ("Wouldn't you've done it, they're asking", "would not you have done it they are asking"),
        ("the company's goal and what's its goal", "the company goal and what is its goal"),
        ("keeps you up at knight", "keeps you up at night"),
        ("on a scale of 1-10", "on a scale of one ten"),
        ("what would it look like, you know, for you guys", "what would it look like for you"),
        ("do you know about us", "do you know about us"),
        ("'what keeps you up'", "what keeps you up"),
        ("what 's up", "what is up"),
        ("gimme your no 1 wish list", "give me your number one wishlist"),
        ("", ""),
        ("... ?! --", ""),
    ],
)
def test_normal_form(text: str, words: str) -> None:
    assert " ".join(ENGLISH.words(text)) == words


def test_respelled_words_point_at_what_was_heard() -> None:
    text = "so what keeps you up at knights then"
    wording = Wording(rewrites={"up at knights": "up at night", "then": "by then"})
    normalised = Normaliser(wording)(text)
    start, end = normalised.span(4, 7)
    assert normalised.words[4:7] == ("up", "at", "night")
    assert text[start:end] == "up at knights"
    assert [text[slice(*normalised.span(at, at + 1))] for at in (7, 8)] == ["then", "then"]


def test_last_repetition_is_the_one_that_counts() -> None:
    text = "the the plan"
    normalised = ENGLISH(text)
    assert normalised.words == ("the", "plan")
    assert normalised.starts[0] == 4


def test_soft_filler_stays_after_the_words_that_need_it() -> None:
    wording = Wording(soft_fillers=(SoftFiller(phrase="like", keep_after=("look",)),))
    assert Normaliser(wording).words("like what does it look like") == (
        "what",
        "does",
        "it",
        "look",
        "like",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("your biggest chal- challenges", "your biggest challenges"),
        ("wh- what keeps you up", "what keeps you up"),
        # A hyphen that breaks nothing off keeps its word.
        ("pre- and post sales", "pre and post sales"),
        ("a win-win for both", "a win win for both"),
        ("cuts it by 45% or 45 per cent", "cuts it by 45 percent or 45 percent"),
        ("it isnae that", "it is not that"),
    ],
)
def test_speech_as_written_down(text: str, words: str) -> None:
    assert " ".join(ENGLISH.words(text)) == words


def test_broken_off_word_leaves_the_offsets_of_the_others() -> None:
    text = "the chal- challenges"
    found = ENGLISH(text)
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == [
        "the",
        "challenges",
    ]


def test_more_words_are_read_than_are_remembered() -> None:
    words = tuple("".join(letters) for letters in product(f"{ascii_lowercase}äö", repeat=3))
    assert PLAIN.words(" ".join(words)) == words
    assert PLAIN.words(" ".join(reversed(words))) == words[::-1]

"""Every language is believed in itself, and another script is noticed at once."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import spacy

from models.guards.data import function_words
from models.guards.language import is_flipped, is_in_other_script
from models.guards.scripts import Script, scripts_in, scripts_of
from models.guards.tokens import split

# spaCy ships a few sentences in each language, under the code of its own pipeline.
SPACY_CODES = {"no": "nb"}
PROFILED = sorted(function_words())
OTHERS = ["ar", "el", "fa", "he", "hi", "ja", "ko", "ta", "te", "ur", "vi", "zh"]


def sentences(language: str) -> list[list[str]]:
    # Run as a file: importing the package would build the whole tokeniser of the language.
    folder = Path(spacy.__file__).parent / "lang" / SPACY_CODES.get(language, language)
    found = runpy.run_path(str(folder / "examples.py"))["sentences"]
    return [split(str(sentence)) for sentence in found]


@pytest.mark.parametrize("language", [*PROFILED, *OTHERS])
def test_sentences_are_in_their_own_language(language: str) -> None:
    for tokens in sentences(language):
        assert not is_in_other_script(tokens, language)
        assert not is_flipped(tokens, language)


@pytest.mark.parametrize("language", ["ar", "el", "he", "hi", "ja", "ko", "ru", "ta", "zh"])
def test_sentences_in_another_script_are_noticed_in_an_english_call(language: str) -> None:
    for tokens in sentences(language):
        if sum(scripts_in("".join(tokens)).values()) > 20:
            assert is_in_other_script(tokens, "en")


@pytest.mark.parametrize("language", PROFILED)
def test_the_small_words_of_a_language_are_its_own(language: str) -> None:
    words = sorted(function_words()[language])
    assert len(words) >= 70
    assert all(split(word) == [word] for word in words), "not written as tokens are"
    assert all(len(word) > 1 for word in words)
    letters = scripts_in("".join(words))
    assert set(letters) <= scripts_of(language)


def test_a_passage_is_found_in_the_middle_of_another_language() -> None:
    before = split("we had a look at the numbers with the team last week and what we saw is that ")
    middle = split("wir haben das auch gesehen und ich weiß nicht ob das für uns so noch gut ist")
    after = split("and so I would like to come back to you on that by the end of the week")
    assert not is_flipped([*before, *after], "en")
    assert is_flipped([*before, *middle, *after], "en")


@pytest.mark.parametrize("text", ["", "ja", "und das", "der die das ist"])
def test_a_few_words_tell_no_language(text: str) -> None:
    assert not is_flipped(split(text), "en")


@pytest.mark.parametrize(
    ("char", "script"),
    [("a", Script.LATIN), ("ß", Script.LATIN), ("ж", Script.CYRILLIC), ("漢", Script.HAN),
     ("ー", Script.KANA), ("한", Script.HANGUL), ("ๆ", Script.THAI), ("ع", Script.ARABIC)],
)  # fmt: skip
def test_letters_know_their_script(char: str, script: Script) -> None:
    assert list(scripts_in(char)) == [script]


@pytest.mark.parametrize("char", ["1", ".", " ", "♪", "€", "\U0001f600", "×"])
def test_digits_and_signs_have_no_script(char: str) -> None:
    assert not scripts_in(char)

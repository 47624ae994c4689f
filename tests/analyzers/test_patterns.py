import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.vocab import Vocab

from analyzers.normalise import Normalised, Normaliser
from analyzers.patterns import AnchoredMatcher, TemplateError, parse_template
from calls.playbook import Wording

CLASSES = {"pain": ("pain", "grief", "sore spot"), "you": ("you", "your team")}
NORMALISER = Normaliser(Wording())


def found(template: str, text: str) -> list[str]:
    matcher = AnchoredMatcher(Vocab())
    for pattern in parse_template(template, CLASSES):
        matcher.add(0, pattern)
    words = tuple(text.split())
    places = tuple(range(len(words)))
    matches = matcher.find(Normalised(text, words, places, places, frozenset(words)))
    return sorted(" ".join(words[one.start : one.end]) for one in matches)


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("what hurts", "so what hurts most", ["what hurts"]),
        ("what|where hurts", "where hurts", ["where hurts"]),
        ("what really? hurts", "what hurts", ["what hurts"]),
        ("what really? hurts", "what really hurts", ["what really hurts"]),
        ("(tell me|say) what", "tell me what", ["tell me what"]),
        ("(tell me|say) what", "say what", ["say what"]),
        ("(tell me|say) what", "me what", []),
        ("(tell me|say)? what", "what", ["what"]),
        ("(tell|give|show) me", "give me", ["give me"]),
        ("your [pain]", "your sore spot", ["your sore spot"]),
        ("your [pain]", "your grief", ["your grief"]),
        ("[pain]|worry here", "worry here", ["worry here"]),
        ("what * hurts", "what hurts", ["what hurts"]),
        ("what * hurts", "what a b c d hurts", ["what a b c d hurts"]),
        ("what * hurts", "what a b c d e hurts", []),
        ("a (b (c|d e)|f) g", "a b d e g", ["a b d e g"]),
        ("a (b (c|d e)|f) g", "a f g", ["a f g"]),
        ("what hurts", "what it hurts", []),
        ("* what hurts *", "so then what hurts most today", ["what hurts"]),
    ],
)
def test_template_finds(template: str, text: str, expected: list[str]) -> None:
    assert found(template, text) == expected


def test_carets_become_flags_of_the_match() -> None:
    matcher = AnchoredMatcher(Vocab())
    [pattern] = parse_template("^ any pain $", {})
    matcher.add(3, pattern)
    [match] = matcher.find(NORMALISER("any pain"))
    assert (match.key, match.start, match.end) == (3, 0, 2)
    assert match.at_start
    assert match.at_end


def test_phrases_are_found_with_their_key() -> None:
    matcher = AnchoredMatcher(Vocab())
    matcher.add_phrase(5, ("deep", "dive"))
    [match] = matcher.find(NORMALISER("a deep dive"))
    assert (match.key, match.start, match.end) == (5, 1, 3)


def test_every_occurrence_is_found() -> None:
    assert found("your [pain]", "your pain your grief") == ["your grief", "your pain"]


def test_nothing_is_found_in_nothing() -> None:
    assert found("what hurts", "") == []


@pytest.mark.parametrize("template", ["(a", "a)", "a?", "*", "", "[nope] a", "[pain a"])
def test_unreadable_template_is_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        parse_template(template, CLASSES)


def test_template_with_too_many_variants_is_refused() -> None:
    with pytest.raises(TemplateError, match="variants"):
        parse_template(" ".join(["(a b|c d|e f)"] * 9), {})


@given(st.lists(st.sampled_from(["what", "hurts", "you", "most", "so"]), max_size=30))
def test_anchored_search_agrees_with_a_plain_scan(words: list[str]) -> None:
    spans = {
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 2, min(start + 6, len(words)) + 1)
        if words[start] == "what" and words[end - 1] == "hurts"
    }
    assert set(found("what * hurts", " ".join(words))) == spans

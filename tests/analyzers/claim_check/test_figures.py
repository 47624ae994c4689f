from __future__ import annotations

import pytest

from analyzers.claim_check.figures import Bound, Kind, find_figures
from analyzers.claim_check.lexicon import english
from analyzers.claim_check.words import stem, tokenize

WEEK = 604800


def figures(text: str) -> list[tuple[Kind, float, Bound]]:
    return [
        (one.kind, round(one.value, 4), one.bound)
        for one in find_figures(tokenize(text), english())
    ]


@pytest.mark.parametrize(
    ("text", "kind", "value", "bound"),
    [
        ("ninety four percent of fields", Kind.SHARE, 0.94, Bound.EXACT),
        ("94% of fields", Kind.SHARE, 0.94, Bound.EXACT),
        ("ninety four out of a hundred fields", Kind.SHARE, 0.94, Bound.EXACT),
        ("nine clients in ten", Kind.SHARE, 0.9, Bound.EXACT),
        ("61 of 64 types", Kind.SHARE, 0.9531, Bound.EXACT),
        ("it halves the calls", Kind.SHARE, 0.5, Bound.EXACT),
        ("up to half of the calls", Kind.SHARE, 0.5, Bound.UP_TO),
        ("cut by two thirds", Kind.SHARE, 0.6667, Bound.EXACT),
        ("cut to a quarter", Kind.SHARE, 0.75, Bound.EXACT),
        ("take one in three people out", Kind.SHARE, 0.3333, Bound.EXACT),
        ("about twice as often", Kind.FACTOR, 2, Bound.ABOUT),
        ("5x faster", Kind.FACTOR, 5, Bound.EXACT),
        ("five times more often", Kind.FACTOR, 5, Bound.EXACT),
        ("within two minutes", Kind.DURATION, 120, Bound.MOST),
        ("no more than two minutes", Kind.DURATION, 120, Bound.MOST),
        ("more than two minutes", Kind.DURATION, 120, Bound.LEAST),
        ("a couple of minutes", Kind.DURATION, 120, Bound.EXACT),
        ("three minutes fifty seconds", Kind.DURATION, 230, Bound.EXACT),
        ("an hour and a half of training, in an hour and a half", Kind.DURATION, 5400, Bound.EXACT),
        ("inside an hour", Kind.DURATION, 3600, Bound.MOST),
        ("half an hour", Kind.DURATION, 1800, Bound.EXACT),
        ("five working days", Kind.DURATION, WEEK, Bound.EXACT),
        ("a working week later", Kind.DURATION, WEEK, Bound.EXACT),
        ("in two months or less", Kind.DURATION, 5259600, Bound.MOST),
        ("in about the first quarter", Kind.DURATION, 7889400, Bound.EXACT),
        ("it is checked instantly", Kind.DURATION, 0, Bound.EXACT),
        ("a fee of £40,000", Kind.MONEY, 40000, Bound.EXACT),
        ("forty thousand pounds a year", Kind.MONEY, 40000, Bound.EXACT),
    ],
)
def test_a_figure_is_read_however_it_is_said(
    text: str, kind: Kind, value: float, bound: Bound
) -> None:
    assert (kind, value, bound) in figures(text)


@pytest.mark.parametrize(
    "text",
    ["the 2024 survey", "page thirty one", "priority one", "nobody else", "one of the clients", ""],
)
def test_years_pages_and_pronouns_are_no_figures(text: str) -> None:
    assert figures(text) == []


@pytest.mark.parametrize(
    "forms",
    [("check", "checks", "checked", "checking"), ("file", "files", "filing"), ("stop", "stopped")],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(one) for one in forms}) == 1


def test_tokens_know_their_place_in_the_text() -> None:
    text = "It’s 94% – we can't promise more."
    for token in tokenize(text):
        assert text[token.start : token.end]
    assert [one.word for one in tokenize(text)][-4:] == ["can", "not", "promise", "more"]

"""The labelled snippets: what is measured on them must not get worse.

The floors lie a little below what `benchmarks/redaction.py` prints.
"""

from __future__ import annotations

import pytest

from benchmarks.redaction import Report, evaluate, load, masked_spans, read_snippet, table
from models.redaction import redact
from models.redaction.kinds import Kind

HALVES = load()


@pytest.fixture(scope="module")
def held_out() -> Report:
    return evaluate(HALVES["held_out"])


@pytest.fixture(scope="module")
def tune() -> Report:
    return evaluate(HALVES["tune"])


def test_the_set_is_large_and_two_in_five_snippets_have_nothing_to_mask() -> None:
    snippets = [snippet for half in HALVES.values() for snippet in half]
    without = sum(not snippet.marked for snippet in snippets)

    assert len(snippets) >= 250
    assert without / len(snippets) >= 0.4
    for half in HALVES.values():
        assert {span.kind for snippet in half for span in snippet.marked} == set(Kind)


def test_no_snippet_is_in_both_halves() -> None:
    tune, held_out = ({snippet.text for snippet in half} for half in HALVES.values())

    assert not tune & held_out


def test_what_no_rule_was_tuned_on_is_found(held_out: Report) -> None:
    assert held_out.total.recall >= 0.94
    assert held_out.visible_ratio <= 0.015


def test_what_no_rule_was_tuned_on_is_rarely_masked_for_nothing(held_out: Report) -> None:
    assert held_out.total.precision >= 0.97
    assert held_out.overmasked_ratio <= 0.012


def test_what_rules_were_tuned_on_is_found_and_nothing_else(tune: Report) -> None:
    assert tune.total.recall >= 0.98
    assert tune.total.precision >= 0.98
    assert tune.visible_ratio <= 0.005


@pytest.mark.parametrize("half", HALVES)
def test_snippets_without_numbers_to_mask_stay_word_for_word(half: str) -> None:
    changed = [
        snippet.text
        for snippet in HALVES[half]
        if not snippet.marked
        and redact(snippet.transcript, snippet.settings).utterances != snippet.transcript.utterances
    ]

    assert changed == []


def test_the_score_sees_what_is_missed_and_what_is_masked_for_nothing() -> None:
    missed = evaluate([read_snippet("C: the {card|word} is out")])
    for_nothing = evaluate([read_snippet("C: it's 4111 1111 1111 1111 now")])

    assert (missed.total.recall, missed.visible_ratio) == (0.0, 1.0)
    assert (for_nothing.total.precision, for_nothing.overmasked_ratio) == (0.0, 4 / 6)


def test_the_score_tells_which_words_a_mask_stands_for() -> None:
    snippet = read_snippet("C: so {card|4111 1111 1111 1111} and cvv {code|123} okay")

    masks = masked_spans(snippet.transcript, redact(snippet.transcript, snippet.settings))

    assert tuple(masks) == snippet.marked


def test_a_line_that_is_not_of_the_form_is_named() -> None:
    with pytest.raises(ValueError, match="'hello' is not like"):
        read_snippet("hello")


def test_the_table_has_a_row_for_each_kind_and_one_for_all(held_out: Report) -> None:
    assert len(table(held_out).splitlines()) == 2 + len(Kind) + 1

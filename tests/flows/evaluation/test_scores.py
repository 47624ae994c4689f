from __future__ import annotations

import pytest

from calls.labels import Label
from flows.evaluation.scores import LEAST_UNITS, Counter, Scores

A, B, C = Label.AHA, Label.REJECTION, Label.REFRAME


def scored(*units: list[tuple[set[Label], set[Label]]]) -> Scores:
    counter = Counter()
    for unit in units:
        counter.add(unit)
    found = counter.scores()
    assert found is not None
    return found


def turns(*pairs: tuple[set[Label], set[Label]]) -> Scores:
    return scored(*([pair] for pair in pairs))


def test_counts_and_rates_of_a_label() -> None:
    found = turns(*[({A}, {A})] * 6, *[({A}, set())] * 2, ({B}, {A}), (set(), set()))
    one = found.by_label[A]
    assert (one.support, one.true_positives, one.false_positives, one.false_negatives) == (
        8,
        6,
        1,
        2,
    )
    assert one.precision == pytest.approx(6 / 7)
    assert one.recall == pytest.approx(6 / 8)
    assert one.f1 == pytest.approx(12 / 15)
    assert (found.turn_count, found.unit_count) == (10, 10)


def test_a_label_nobody_gave_has_no_rates_that_say_something() -> None:
    found = turns(*[({A}, {A, B})] * 12)
    wrong, absent = found.by_label[B], found.by_label[C]
    assert (wrong.precision, wrong.recall, wrong.f1, wrong.f1_low) == (0.0, None, None, None)
    assert (absent.precision, absent.recall, absent.f1, absent.f1_high) == (None,) * 4


def test_a_label_never_found_has_no_precision_and_an_f1_of_zero() -> None:
    one = turns(*[({A}, set())] * 12).by_label[A]
    assert (one.precision, one.recall, one.f1) == (None, 0.0, 0.0)
    assert (one.f1_low, one.f1_high) == (0.0, 0.0)


def test_macro_is_the_plain_mean_over_labels_with_support() -> None:
    found = turns(*[({A}, {A})] * 30, *[({B}, set())] * 2, (set(), {C}))
    assert found.macro.labels == (B, A)
    assert found.macro.f1 == pytest.approx(0.5)


def test_micro_pools_all_labels() -> None:
    found = turns(*[({A}, {A})] * 30, *[({B}, set())] * 2, (set(), {C}))
    micro = found.micro
    counts = (micro.true_positives, micro.false_positives, micro.false_negatives)
    assert counts == (30, 1, 2)
    assert micro.f1 == pytest.approx(60 / 63)


def test_the_interval_holds_the_figure_and_shrinks_with_more_turns() -> None:
    pairs = [({A}, {A}), ({A}, {A}), ({A}, set()), (set(), {A}), (set(), set())]
    few, many = turns(*pairs * 10), turns(*pairs * 200)
    widths = []
    for found in (few, many):
        for one in (found.by_label[A], found.micro, found.macro):
            assert one.f1 is not None
            assert one.f1_low is not None
            assert one.f1_high is not None
            assert one.f1_low < one.f1 < one.f1_high
        widths.append(found.macro.f1_high - found.macro.f1_low)
    # The width of an interval falls with the root of the number: √20 is about 4.5.
    assert 3.0 < widths[0] / widths[1] < 6.5


def test_the_interval_is_that_of_the_known_distribution() -> None:
    # F1 of turns that all have support and no false finds depends on recall r alone: 2r / (1 + r).
    # 100 turns, recall 0.5: the 95 % bounds of a binomial share are 0.40 and 0.60.
    one = turns(*[({A}, {A}), ({A}, set())] * 50).by_label[A]
    assert one.f1_low == pytest.approx(2 * 0.4 / 1.4, abs=0.02)
    assert one.f1_high == pytest.approx(2 * 0.6 / 1.6, abs=0.02)


def test_turns_of_a_call_are_drawn_together() -> None:
    right, wrong = ({A}, {A}), ({A}, set())
    alone = turns(*[right, wrong] * 200).by_label[A]
    in_calls = scored(*[[right] * 20, [wrong] * 20] * 10).by_label[A]
    assert alone.f1 == in_calls.f1
    assert in_calls.f1_high - in_calls.f1_low > 3 * (alone.f1_high - alone.f1_low)


def test_the_same_findings_give_the_same_interval() -> None:
    pairs = [({A}, {A}), ({A, B}, {B}), (set(), {B})] * 20
    assert turns(*pairs) == turns(*pairs)


def test_too_few_units_have_no_interval() -> None:
    few = turns(*[({A}, {A})] * (LEAST_UNITS - 1))
    assert (few.by_label[A].f1, few.by_label[A].f1_low, few.macro.f1_low) == (1.0, None, None)
    enough = turns(*[({A}, {A})] * LEAST_UNITS)
    assert (enough.by_label[A].f1_low, enough.macro.f1_low) == (1.0, 1.0)


def test_many_units_are_drawn_in_parts_and_still_hold_their_figure() -> None:
    found = turns(*[({A}, {A}), ({A}, set()), (set(), set())] * 5_000)
    one = found.by_label[A]
    assert one.f1_low < one.f1 < one.f1_high
    assert one.f1_high - one.f1_low < 0.03


def test_nothing_judged_is_no_score() -> None:
    counter = Counter()
    assert counter.scores() is None
    counter.add([])
    assert counter.scores() is None

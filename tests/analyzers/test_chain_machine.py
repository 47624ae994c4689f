"""The state machine of insight chains, apart from finding the moments it steps through."""

import itertools
import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.chain_machine import find_chains
from calls.chain import CHAIN_STEPS, Chain, StopReason, is_sequence_complete
from calls.insight_settings import ChainSettings
from calls.labels import Hint, Label, Mark
from calls.moment import FoundBy, Moment
from tests.conftest import SHARED_DATA

H, C, R, S = CHAIN_STEPS
NO, AHA = Label.REJECTION, Label.AHA
OF_REP = {H, R, S}
NO_LIMITS = ChainSettings(
    confirmation_within_s=1e9, reframe_within_s=1e9, story_within_s=1e9, aha_within_s=1e9
)
GOLD_CALLS = sorted((SHARED_DATA.parent / "gold" / "calls").glob("*.json"))


def step(
    turn: int, label: Mark, *, at_s: float | None = None, text: str = "", speaker: str = ""
) -> Moment:
    """A moment in a turn; turns start every 10 s and last 5 s."""
    start_s = 10.0 * turn if at_s is None else at_s
    who = speaker or ("rep" if label in OF_REP else "customer")
    quote = text or f"{label} {turn}"
    return Moment(
        label, turn, who, start_s, start_s + 5, 0, 9, quote, 0.9, FoundBy.MODEL, (), "v", "why"
    )


def run(
    *steps: tuple[int, Label] | Moment,
    answers: Iterable[int] = (),
    settings: ChainSettings | None = None,
) -> tuple[Chain, ...]:
    moments = [one if isinstance(one, Moment) else step(*one) for one in steps]
    return find_chains(moments, answer_turns=tuple(answers), settings=settings or ChainSettings())


def turn_of(moment: Moment | None) -> int | None:
    return None if moment is None else moment.turn


def steps_of(chain: Chain) -> tuple[int | None, ...]:
    found = (chain.hypothesis, chain.confirmation, chain.reframe, chain.client_story)
    return tuple(turn_of(one) for one in found)


@pytest.mark.parametrize(
    ("said", "stop", "steps"),
    [
        ([(0, H)], StopReason.NOT_CONFIRMED, 1),
        ([(0, H), (1, NO)], StopReason.REJECTED, 1),
        ([(0, H), (1, C)], StopReason.NOT_REFRAMED, 2),
        ([(0, H), (1, C), (2, R)], StopReason.NO_STORY, 3),
        ([(0, H), (1, C), (2, R), (4, S)], StopReason.COMPLETE, 4),
    ],
)
def test_a_chain_stops_at_the_step_that_did_not_come(
    said: list[tuple[int, Label]], stop: StopReason, steps: int
) -> None:
    [chain] = run(*said)
    assert (chain.stop_reason, chain.step_count) == (stop, steps)
    assert chain.is_complete is (stop is StopReason.COMPLETE)


def test_without_a_hypothesis_there_is_no_attempt() -> None:
    assert run((0, S), (2, R), (3, AHA), (5, C)) == ()


def test_moments_may_come_in_any_order_and_with_other_labels() -> None:
    moments = [step(4, S), step(1, C), step(0, H), step(2, R), step(3, Label.CLAIM)]
    moments.append(step(3, Hint.HABIT))
    [chain] = run(*moments)
    assert steps_of(chain) == (0, 1, 2, 4)


def test_confirmation_may_come_turns_later() -> None:
    [chain] = run((0, H), (9, C))
    assert steps_of(chain) == (0, 9, None, None)
    assert chain.confirmation_lag_s == pytest.approx(85.0)


def test_lags_run_from_the_end_of_one_step_to_the_start_of_the_next() -> None:
    overlapping = step(1, C, at_s=3.0)
    [chain] = run(step(0, H), overlapping, step(2, R), step(4, S))
    assert chain.confirmation_lag_s == 0.0
    assert chain.reframe_lag_s == pytest.approx(20.0 - 8.0)
    assert chain.story_lag_s == pytest.approx(15.0)


@pytest.mark.parametrize(
    ("steps", "taken"),
    [
        ([step(0, H), step(1, C, at_s=306)], 1),
        ([step(0, H), step(1, C), step(2, R, at_s=916)], 2),
        ([step(0, H), step(1, C), step(2, R), step(3, S, at_s=926)], 3),
    ],
)
def test_a_step_after_its_limit_is_too_late(steps: list[Moment], taken: int) -> None:
    [late] = run(*steps)
    assert (late.stop_reason, late.step_count) == (StopReason.TOO_LATE, taken)
    last = steps[-1]
    in_time = step(last.turn, last.label, at_s=last.start_s - 2)
    [kept] = run(*steps[:-1], in_time)
    assert kept.step_count == taken + 1


def test_what_follows_a_late_step_does_not_revive_the_chain() -> None:
    [chain] = run(step(0, H), step(1, C, at_s=400), step(2, C, at_s=410), step(3, R, at_s=420))
    assert (chain.stop_reason, chain.step_count) == (StopReason.TOO_LATE, 1)


def test_hypothesis_and_reframe_in_one_turn_are_not_two_steps_ahead() -> None:
    [chain] = run((0, H), (0, R), (1, C), (4, S))
    assert chain.stop_reason is StopReason.NOT_REFRAMED
    assert (turn_of(chain.early_reframe), turn_of(chain.early_story)) == (0, 4)
    [done] = run((0, H), (0, R), (1, C), (2, R), (4, S))
    assert done.is_complete


def test_reframe_before_the_confirmation_is_kept_and_does_not_count() -> None:
    [chain] = run((0, H), (2, R), (3, C))
    assert chain.stop_reason is StopReason.NOT_REFRAMED
    assert turn_of(chain.early_reframe) == 2
    assert chain.reframe is None


def test_reframe_and_story_in_one_turn_need_another_turn_for_the_story() -> None:
    [open_] = run((0, H), (1, C), (2, R), (2, S))
    assert (open_.stop_reason, turn_of(open_.early_story)) == (StopReason.NO_STORY, 2)
    [told] = run((0, H), (1, C), (2, R), (2, S), (4, S))
    assert steps_of(told) == (0, 1, 2, 4)


def test_story_beside_a_reframe_of_another_attempt_belongs_to_the_one_reframed_before() -> None:
    first, second = run((0, H), (1, C), (8, H), (8, R), (9, C), (10, R), (10, S), answers=[1, 9])
    assert steps_of(first) == (0, 1, 8, 10)
    assert steps_of(second) == (8, 9, 10, None)


def test_a_story_in_several_turns_is_one_step() -> None:
    [chain] = run((0, H), (1, C), (2, R), (4, S), (6, S), (8, S))
    assert steps_of(chain) == (0, 1, 2, 4)
    assert chain.early_story is None


@pytest.mark.parametrize(("turn", "attempts"), [(2, 1), (6, 1), (7, 2)])
def test_the_same_rep_within_a_few_turns_and_unanswered_restates(turn: int, attempts: int) -> None:
    chains = run((0, H), (turn, H), (turn + 1, C))
    assert len(chains) == attempts
    assert turn_of(chains[-1].confirmation) == turn + 1


def test_restated_hypothesis_keeps_both_texts_and_counts_the_lag_from_the_last() -> None:
    [chain] = run(step(0, H, text="It waits."), step(4, H, text="It sits."), step(5, C))
    assert chain.hypothesis_text == "It waits. […] It sits."
    assert [one.turn for one in chain.restated] == [4]
    assert chain.confirmation_lag_s == pytest.approx(5.0)


def test_sentences_of_one_turn_are_one_text_and_none_twice() -> None:
    [chain] = run(step(0, H, text="A."), step(0, H, text="A."), step(0, H, text="B."))
    assert chain.hypothesis_text == "A. B."


def test_another_rep_supposes_something_else() -> None:
    first, second = run(step(0, H), step(2, H, speaker="other rep"))
    assert first.stop_reason is StopReason.REPLACED
    assert second.stop_reason is StopReason.NOT_CONFIRMED


def test_after_an_answer_without_a_stand_another_hypothesis_is_another_attempt() -> None:
    first, second = run((0, H), (2, H), (3, C), answers=[1])
    assert first.stop_reason is StopReason.NOT_CONFIRMED
    assert steps_of(second) == (2, 3, None, None)


def test_answers_from_before_the_hypothesis_are_none() -> None:
    assert len(run((4, H), (6, H), answers=[1, 3, 7])) == 1


def test_recovery_after_rejections_names_the_last_rejected_attempt() -> None:
    chains = run((0, H), (1, NO), (2, H), (3, NO), (8, H), (9, C), (10, R), (12, S), answers=[1, 3])
    assert [one.stop_reason for one in chains] == [
        StopReason.REJECTED,
        StopReason.REJECTED,
        StopReason.COMPLETE,
    ]
    assert [one.recovered_from for one in chains] == [None, None, 2]


def test_recovery_survives_an_attempt_nobody_took_a_stand_on() -> None:
    chains = run((0, H), (1, NO), (4, H), (12, H), (13, C), answers=[1, 5])
    assert [one.recovered_from for one in chains] == [None, None, 1]


def test_only_a_confirmed_attempt_has_recovered_and_only_the_first() -> None:
    assert [one.recovered_from for one in run((0, H), (1, NO), (2, H), answers=[1])] == [None, None]
    again = run((0, H), (1, NO), (2, H), (3, C), (8, H), (9, C), answers=[1, 3])
    assert [one.recovered_from for one in again] == [None, 1, None]


def test_a_customer_may_come_round() -> None:
    [chain] = run((0, H), (1, NO), (7, C), (8, R), (10, S))
    assert chain.is_complete
    assert (turn_of(chain.rejection), chain.recovered_from) == (1, None)


def test_a_late_change_of_mind_leaves_the_attempt_rejected() -> None:
    [chain] = run(step(0, H), step(1, NO), step(2, C, at_s=900))
    assert chain.stop_reason is StopReason.REJECTED


def test_a_confirmation_taken_back_is_kept_with_the_rejection() -> None:
    [chain] = run((0, H), (1, C), (3, NO))
    assert (chain.stop_reason, turn_of(chain.rejection)) == (StopReason.NOT_REFRAMED, 3)


def test_a_no_and_a_yes_in_one_turn_are_a_yes() -> None:
    [chain] = run((0, H), (1, C), (1, NO))
    assert steps_of(chain) == (0, 1, None, None)


def test_reframe_after_a_second_failed_hypothesis_belongs_to_the_confirmed_one() -> None:
    first, second = run((0, H), (1, C), (8, H), (9, NO), (10, R), (12, S), answers=[1, 9])
    assert steps_of(first) == (0, 1, 10, 12)
    assert second.stop_reason is StopReason.REJECTED


def test_reframe_goes_to_the_newest_confirmed_attempt() -> None:
    first, second = run((0, H), (1, C), (8, H), (9, C), (10, R), (12, S), answers=[1, 9])
    assert first.stop_reason is StopReason.NOT_REFRAMED
    assert steps_of(second) == (8, 9, 10, 12)


def test_story_after_a_complete_chain_comes_early_for_the_next_attempt() -> None:
    first, second = run((0, H), (1, C), (2, R), (4, S), (10, H), (11, C), (12, S), answers=[1, 11])
    assert first.is_complete
    assert (second.stop_reason, turn_of(second.early_story)) == (StopReason.NOT_REFRAMED, 12)


def test_aha_shows_that_the_insight_was_new() -> None:
    [chain] = run((0, H), (1, C), (2, R), (3, AHA), (5, AHA))
    assert (chain.is_new, turn_of(chain.aha)) == (True, 3)
    [agreed] = run((0, H), (1, C), (2, R))
    assert not agreed.is_new


def test_aha_belongs_to_what_the_seller_said_last() -> None:
    first, second = run((0, H), (1, C), (8, H), (9, AHA), answers=[1])
    assert (first.is_new, second.is_new) == (False, True)


def test_aha_long_after_the_last_step_is_about_something_else() -> None:
    [chain] = run(step(0, H), step(1, AHA, at_s=186))
    assert not chain.is_new


# --- against the definition of the label guide ---------------------------------------------------

_LABELS = st.sampled_from([H, C, R, S, NO, AHA])
# A turn has one speaker: the rep's are even, the customer's odd.
_SAID = st.lists(
    st.tuples(st.integers(0, 8), _LABELS).map(
        lambda one: (2 * one[0] + (one[1] not in OF_REP), one[1])
    ),
    max_size=18,
)


def _brute(said: Iterable[tuple[int, Label]]) -> bool:
    turns = [[turn for turn, label in said if label is wanted] for wanted in CHAIN_STEPS]
    return any(h < c < r < s for h, c, r, s in itertools.product(*turns))


@given(_SAID)
def test_sequence_is_complete_where_any_four_moments_are_in_order(
    said: list[tuple[int, Label]],
) -> None:
    assert is_sequence_complete(said) is _brute(said)


@given(_SAID, st.sets(st.integers(0, 17)))
def test_some_chain_is_complete_exactly_where_the_sequence_is(
    said: list[tuple[int, Label]], answers: set[int]
) -> None:
    chains = run(*said, answers=sorted(answers), settings=NO_LIMITS)
    assert any(one.is_complete for one in chains) is _brute(said)


@given(_SAID, st.sets(st.integers(0, 17)))
def test_every_attempt_has_its_steps_in_order_and_says_why_it_stopped(
    said: list[tuple[int, Label]], answers: set[int]
) -> None:
    chains = run(*said, answers=sorted(answers), settings=NO_LIMITS)
    assert [one.attempt for one in chains] == list(range(1, len(chains) + 1))
    taken = [one.client_story for one in chains if one.client_story]
    assert len({id(one) for one in taken}) == len(taken)
    for chain in chains:
        steps = [one for one in steps_of(chain) if one is not None]
        assert steps_of(chain)[: len(steps)] == tuple(steps), "no step is left out"
        assert steps == sorted(set(steps))
        assert chain.is_complete is (len(steps) == 4)
        if chain.recovered_from is not None:
            before = chains[chain.recovered_from - 1]
            assert before.rejection is not None
            assert before.attempt < chain.attempt


@pytest.mark.skipif(not GOLD_CALLS, reason="the labelled calls are not beside this checkout")
def test_the_labelled_calls_agree_with_their_own_call_labels() -> None:
    told, chained, expected = {}, {}, {}
    for path in GOLD_CALLS:
        call = json.loads(path.read_text(encoding="utf-8"))
        moments = [
            step(turn["i"], Label(label), at_s=turn["start"])
            for turn in call["turns"]
            for label in turn["labels"]
        ]
        name = call["call_id"]
        expected[name] = call["call_labels"]["insight_sequence_complete"]
        told[name] = is_sequence_complete((one.turn, one.label) for one in moments)
        chained[name] = any(one.is_complete for one in run(*moments))
    assert told == expected
    assert chained == expected


def test_a_long_call_costs_no_more_per_moment() -> None:
    said = [step(turn, (H, C, R, S, NO, AHA)[turn % 6]) for turn in range(30_000)]
    chains = find_chains(said, answer_turns=range(0, 30_000, 2), settings=ChainSettings())
    assert len(chains) == 5_000

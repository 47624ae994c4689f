import numpy as np
import pytest

from calls.labelling import Fusion, Said, TurnInContext
from calls.labels import Label, Role
from models.turn_labels.labeller import worth_reading
from models.turn_labels.training.choose import Ruled, choose, f1, scores, standing
from models.turn_labels.training.examples import Example
from models.turn_labels.training.held_out import HeldOut
from models.turn_labels.training.plan import Choice

CLICHE = list(Label).index(Label.CLICHE_QUESTION)
CHOICE = Choice(cliche_hits_per_1000=10.0, other_hits_per_1000=10.0, most_hidden=0.0)


def held_out(odds: list[float], labelled: int = 0, role: Role = Role.REP) -> HeldOut:
    """Turns with those log odds of a cliche; the first `labelled` truly are one."""
    examples = tuple(
        Example(
            TurnInContext(Said(role, "x")),
            frozenset({Label.CLICHE_QUESTION} if number < labelled else ()),
            "file",
            str(number),
        )
        for number in range(len(odds))
    )
    both = np.full((len(odds), len(Label)), -9.0, np.float32)
    both[:, CLICHE] = odds
    return HeldOut(examples, both, np.zeros(len(odds), np.float32), both)


def nothing(turns: HeldOut) -> np.ndarray:
    return np.zeros((len(turns.examples), len(Label)), np.bool_)


def chosen(gold: HeldOut, talk: HeldOut, ruled: np.ndarray | None = None) -> Fusion:
    flags = Ruled(nothing(gold) if ruled is None else ruled, nothing(talk))
    return choose(gold, talk, flags, CHOICE).fusion[Label.CLICHE_QUESTION]


def test_the_threshold_parts_what_can_be_parted() -> None:
    fusion = chosen(held_out([2.0, 1.0, -1.0, -2.0], labelled=2), held_out([-5.0] * 100))
    assert 1 / (1 + np.exp(1.0)) < fusion.threshold <= 1 / (1 + np.exp(-1.0))


def test_false_alarms_on_talk_push_the_threshold_up() -> None:
    gold = held_out([4.0, 1.0, -1.0, -2.0], labelled=2)
    fusion = chosen(gold, held_out([1.5] * 5 + [-5.0] * 95))
    assert fusion.threshold > 1 / (1 + np.exp(-1.5))


def test_a_rule_that_is_right_where_the_model_is_not_gets_a_bonus() -> None:
    gold = held_out([3.0, -3.0, -2.5, -2.5], labelled=2)
    ruled = nothing(gold)
    ruled[1, CLICHE] = True
    fusion = chosen(gold, held_out([-5.0] * 100), ruled)
    assert standing(scores(gold, 1.0)[:, CLICHE], ruled[:, CLICHE], fusion).tolist() == [
        True,
        True,
        False,
        False,
    ]


def test_who_may_not_carry_a_label_has_no_score() -> None:
    customers = held_out([9.0], role=Role.CUSTOMER)
    assert scores(customers, 0.5)[0, CLICHE] == 0.0


def test_the_gate_lets_everything_pass_that_was_found() -> None:
    gold = held_out([2.0, 1.0, -1.0, -2.0], labelled=2)
    talk = held_out([-5.0] * 100)
    gate = choose(gold, talk, Ruled(nothing(gold), nothing(talk)), CHOICE).gate
    assert gate == pytest.approx(1.0)


def test_what_speaks_for_any_label_speaks_for_reading() -> None:
    may = np.array([[True] * len(Label), [False] * len(Label)])
    fast = np.full((2, len(Label)), -3.0, np.float32)
    fast[:, CLICHE] = 1.0
    worth = worth_reading(fast, np.array([0.5, 9.0], np.float32), may)
    assert worth.tolist() == [1.5, -np.inf]  # who may carry no label is not worth a look


def test_f1_of_nothing_found_is_zero() -> None:
    none = np.zeros(3, np.bool_)
    assert f1(none, none) == 0.0
    assert f1(np.array([True, False]), np.array([True, True])) == pytest.approx(2 / 3)

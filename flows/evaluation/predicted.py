"""From moments to what is compared: the labels of each turn, and the steps of the insight chain.

Steps and completeness follow the labels of turns alone, as docs/labels.md defines them, for what
people labelled as for what was found. The product's own chains know time limits, rejections and
several attempts besides; where they disagree, the evaluation says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from calls import chain
from calls.labels import Label
from calls.moment import Moment

TurnLabels = Mapping[int, Collection[Label]]
"""The labels of each turn that has any, by turn number."""


def labels_by_turn(moments: Iterable[Moment]) -> dict[int, frozenset[Label]]:
    """The labels found in each turn that has any; hints are no labels."""
    found: dict[int, set[Label]] = {}
    for one in moments:
        if isinstance(one.label, Label):
            found.setdefault(one.turn, set()).add(one.label)
    return {turn: frozenset(labels) for turn, labels in found.items()}


def steps_in_order(labels: TurnLabels) -> tuple[Label, ...]:
    """The steps that occur, by the turn in which each occurs first.

    Of two in one turn, the one that comes earlier in a chain comes first.
    """
    first: dict[Label, int] = {}
    for turn in sorted(labels):
        for step in chain.CHAIN_STEPS:
            if step in labels[turn]:
                first.setdefault(step, turn)
    return tuple(sorted(first, key=lambda step: (first[step], chain.CHAIN_STEPS.index(step))))


def is_sequence_complete(labels: TurnLabels) -> bool:
    """True if all steps occur in order, each in a later turn than the one before."""
    return chain.is_sequence_complete((turn, one) for turn, own in labels.items() for one in own)


def turns_with(label: Label, labels: TurnLabels) -> int:
    """The number of turns that carry the label."""
    return sum(label in own for own in labels.values())


def in_order(labels: Iterable[Label]) -> tuple[Label, ...]:
    """The labels in the order of the enum."""
    own = frozenset(labels)
    return tuple(label for label in Label if label in own)

"""What people say of a whole call: as written beside it, else as the labels of its turns say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from calls.labels import Label
from flows.evaluation.predicted import is_sequence_complete, steps_in_order, turns_with
from flows.evaluation.records import CallLabels, SessionLabels

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Expected:
    """The facts of a call that are compared; None where nobody has said it.

    `cliche_count`, `coaching_count` and `spreadsheet_count` are numbers of turns.
    """

    steps_in_order: tuple[Label, ...] | None
    is_complete: bool | None
    cliche_count: int | None
    coaching_count: int | None
    spreadsheet_count: int | None


def expected_of(
    labels: Mapping[int, Collection[Label] | None],
    of_call: CallLabels | None,
    of_session: SessionLabels | None,
) -> Expected | None:
    """What is expected of a call whose turns carry those labels; None if nothing is known.

    Args:
        labels: of each turn; None where a turn is not labelled.
        of_call: what people say of the call, if they do.
        of_session: what people say of the session, if they do.
    """
    known = {turn: own for turn, own in labels.items() if own is not None}
    derived = facts_of(known) if known and len(known) == len(labels) else _NOTHING
    call, session = of_call or CallLabels(), of_session or SessionLabels()
    found = Expected(
        _first(call.steps_in_order, derived.steps_in_order),
        _first(call.insight_sequence_complete, derived.is_complete),
        _first(call.cliche_count, derived.cliche_count),
        _first(session.coaching_behavior_turns, derived.coaching_count),
        _first(session.spreadsheet_coaching_turns, derived.spreadsheet_count),
    )
    return None if found == _NOTHING else found


def facts_of(labels: Mapping[int, Collection[Label]]) -> Expected:
    """The facts that follow from the labels of turns."""
    return Expected(
        steps_in_order(labels),
        is_sequence_complete(labels),
        turns_with(Label.CLICHE_QUESTION, labels),
        turns_with(Label.COACHING_BEHAVIOR, labels),
        turns_with(Label.SPREADSHEET_COACHING, labels),
    )


_NOTHING = Expected(None, None, None, None, None)


def _first(given: _Value | None, derived: _Value | None) -> _Value | None:
    return given if given is not None else derived

"""Readings made by hand: what a product that finds exactly these labels would say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from calls.call import AttributedCall, Reading
from calls.labels import Label, Mark
from calls.moment import FoundBy, Moment
from flows.evaluation.cases import Case


def moment(label: Mark, turn: int, *, quote: str = "the words") -> Moment:
    return Moment(
        label=label,
        turn=turn,
        speaker="rep",
        start_s=float(turn),
        end_s=turn + 1.0,
        start_char=0,
        end_char=3,
        quote=quote,
        score=0.9,
        found_by=FoundBy.RULE,
        rule_ids=("family.rule",),
        version="p-1",
        reason="",
    )


def reading(
    labels: Mapping[int, Iterable[Mark]], *, analyzers: tuple[str, ...] = (), covered: bool = True
) -> Reading:
    moments = tuple(moment(label, turn) for turn, own in labels.items() for label in own)
    return Reading(moments, (), analyzers, "r-1", "p-1", covered)


def nothing(call: AttributedCall) -> Reading:
    return reading({})


def perfect(cases: Iterable[Case]) -> Callable[[AttributedCall], Reading]:
    """Finds in each call exactly the labels that people gave."""
    known = {
        case.call.recording.call_id: {
            one.turn: one.labels for one in case.judged if one.labels is not None
        }
        for case in cases
    }
    return lambda call: reading(known[call.recording.call_id])


def says(*rules: tuple[str, Label]) -> Callable[[AttributedCall], Reading]:
    """Finds a label in every turn that holds the words."""

    def read(call: AttributedCall) -> Reading:
        return reading(
            {
                turn.turn: [label for words, label in rules if words in turn.text]
                for turn in call.turns
            }
        )

    return read

"""Insight chains: every attempt of a call with its stop reason, and what they come to.

The steps are moments that other analyzers have labelled; `analyzers.chain_machine` puts them in
order. A chain in which the customer shows to have learned something (`aha`) was insight; one that
was only confirmed was agreement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analyzers.annotated import AnnotatedCall
from analyzers.chain_machine import find_chains
from analyzers.found import NO_LABELS, Found
from analyzers.measurable import Value, both_sides_obstacle, doubt, measure
from analyzers.questions import count_questions
from calls.chain import Chain, is_sequence_complete
from calls.insight_settings import ChainSettings
from calls.labels import LABEL_ROLES, Label, Role
from calls.measures import Measure
from calls.moment import Moment

CHAIN_MEASURES = (
    "chain_count",
    "chain_complete_count",
    "insight_sequence_complete",
    "furthest_step_count",
    "hypothesis_count",
    "hypothesis_confirmed_count",
    "hypothesis_rejected_count",
    "hypothesis_confirmed_ratio",
    "hypothesis_recovered_count",
    "insight_new_count",
)

# "Go on then" and "fair enough" say nothing about the guess; "could be, I suppose" does.
_ANSWER_WORDS = 4


def chains(
    annotated: AnnotatedCall, found: Found, *, settings: ChainSettings
) -> Iterator[Chain | Measure]:
    """Every attempted chain of a call and its measures.

    The measures of the call:

    - `chain_count`: attempts; `chain_complete_count`: those with all four steps in time.
    - `insight_sequence_complete`: the label guide's definition, over the whole call and without
      time limits or attempts. It can hold where a limit has broken every chain off.
    - `furthest_step_count`: steps taken by the attempt that came furthest, 0 to 4.
    - `hypothesis_count`: turns that state a hypothesis (an attempt may restate one);
      `hypothesis_confirmed_count` and `hypothesis_rejected_count`: attempts that were confirmed,
      and those that were rejected and not confirmed; `hypothesis_confirmed_ratio`: confirmed of
      all attempts.
    - `hypothesis_recovered_count`: confirmed attempts after a rejected one.
    - `insight_new_count`: attempts that taught the customer something.
    """
    reason = why_no_chains(annotated, found)
    if reason:
        yield from (measure(name, reason) for name in CHAIN_MEASURES)
        return
    moments = carried_by_role(annotated, found.moments)
    answers = answer_turns(annotated)
    limits = settings if annotated.call.origin.has_times else settings.without_times()
    attempts = find_chains(moments, answer_turns=answers, settings=limits)
    yield from attempts
    care = doubt(annotated, Role.REP, Role.CUSTOMER, of_labels=True)
    for name, value in _values(attempts, moments).items():
        yield measure(name, value, care)


def why_no_chains(annotated: AnnotatedCall, found: Found) -> str:
    """Why chains can't be told on this call, or nothing."""
    return both_sides_obstacle(annotated) or ("" if found.has_labels else NO_LABELS)


def carried_by_role(annotated: AnnotatedCall, moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """The moments of labels, said by somebody whose role may carry them."""
    role_of = {turn.turn: turn.role for turn in annotated.call.turns}
    return tuple(
        one
        for one in moments
        if isinstance(one.label, Label) and role_of.get(one.turn) in LABEL_ROLES[one.label]
    )


def answer_turns(annotated: AnnotatedCall) -> tuple[int, ...]:
    """The turns in which a customer says something of substance, in order.

    Acknowledgements and questions back ("sorry, how do you mean?") leave the seller waiting.
    """
    return tuple(
        turn.turn
        for turn, doc in zip(annotated.call.turns, annotated.docs, strict=True)
        if turn.role is Role.CUSTOMER
        and not turn.is_backchannel
        and turn.word_count >= _ANSWER_WORDS
        and not count_questions(doc)
    )


def _values(attempts: Sequence[Chain], moments: Sequence[Moment]) -> Mapping[str, Value]:
    confirmed = sum(one.confirmation is not None for one in attempts)
    rejected = sum(one.rejection is not None and one.confirmation is None for one in attempts)
    return {
        "chain_count": len(attempts),
        "chain_complete_count": sum(one.is_complete for one in attempts),
        "insight_sequence_complete": is_sequence_complete((one.turn, one.label) for one in moments),
        "furthest_step_count": max((one.step_count for one in attempts), default=0),
        "hypothesis_count": len({one.turn for one in moments if one.label is Label.HYPOTHESIS}),
        "hypothesis_confirmed_count": confirmed,
        "hypothesis_rejected_count": rejected,
        "hypothesis_confirmed_ratio": (
            round(confirmed / len(attempts), 3) if attempts else "no hypothesis was stated"
        ),
        "hypothesis_recovered_count": sum(one.recovered_from is not None for one in attempts),
        "insight_new_count": sum(one.is_new for one in attempts),
    }

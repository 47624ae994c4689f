"""How far a call can be trusted and counted: its words, its place in a rate, its rep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calls.call import AttributedCall, Reading, Speaker
from calls.labels import Role
from calls.measures import State
from calls.transcript import Turn
from calls.trust import doubts_about_text

LEAST_TURNS = 10
"""A shorter call has no shape a coach could speak about."""


def transcript_state(call: AttributedCall) -> tuple[State, str]:
    """How far the words of a call can be trusted, and why not further."""
    if call.wordless_because:
        return State.NOT_MEASURABLE, call.wordless_because
    reasons = doubts_about_text(call)
    return (State.LOW_CONFIDENCE if reasons else State.OK), "; ".join(reasons)


def row_state(doubts: Sequence[str], *turns: Turn) -> dict[str, Any]:
    """The columns `state` and `state_reason` of a row that rests on the words of some turns.

    Args:
        doubts: what is doubtful about the call as a whole.
        turns: the turns, which may have doubts of their own.
    """
    own = (turn.doubt for turn in turns if turn.doubt)
    reason = "; ".join(dict.fromkeys((*doubts, *own)))
    state = State.LOW_CONFIDENCE if reason else State.OK
    return {"state": str(state), "state_reason": reason or None}


def not_coachable_because(call: AttributedCall, reading: Reading) -> str:
    """Every reason why a call must not count towards a rate; empty when it may."""
    if call.recording.metadata.is_coaching:
        return "a coaching session"
    reasons = []
    for role in (Role.REP, Role.CUSTOMER):
        people = call.with_role(role)
        if not people:
            reasons.append(f"{role} not known")
        elif not any(one.heard for one in people):
            reasons.append(f"{role} not heard")
    if not reading.language_covered:
        reasons.append(f"language {call.language or 'unknown'} not covered")
    if len(call.turns) < LEAST_TURNS:
        reasons.append(f"turns: {len(call.turns)}, at least {LEAST_TURNS} needed")
    return "; ".join(reasons)


def leading_rep(call: AttributedCall) -> Speaker | None:
    """The rep who said most, so that a call belongs to one rep."""
    words: dict[str, int] = {}
    for turn in call.turns:
        words[turn.speaker] = words.get(turn.speaker, 0) + turn.word_count
    reps = call.with_role(Role.REP)
    return max(reps, key=lambda one: words.get(one.speaker, 0), default=None)

"""How far a call can be trusted and counted: its words, its place in a rate, its rep."""

from __future__ import annotations

from collections.abc import Mapping

from calls.call import AttributedCall, Reading, Speaker
from calls.labels import Role
from calls.measures import State
from calls.transcript import Engine

LEAST_TURNS = 10
"""A shorter call has no shape a coach could speak about."""

WEAK_ENGINES: Mapping[str, str] = {
    Engine.EMBEDDED: "embedded engine: reads clean wide-band speech only"
}
"""Engines whose words are never taken at face value, and why."""


def transcript_state(call: AttributedCall) -> tuple[State, str]:
    """How far the words of a call can be trusted, and why not further."""
    if not call.turns:
        return State.NOT_MEASURABLE, "no speech"
    reasons = []
    if call.audio.truncated:
        reasons.append("the recording is cut off")
    if call.origin.engine in WEAK_ENGINES:
        reasons.append(WEAK_ENGINES[call.origin.engine])
    return (State.LOW_CONFIDENCE if reasons else State.OK), "; ".join(reasons)


def not_coachable_because(call: AttributedCall, reading: Reading) -> str:
    """Every reason why a call must not count towards a rate; empty when it may."""
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
        reasons.append(f"{len(call.turns)} turns, at least {LEAST_TURNS} needed")
    return "; ".join(reasons)


def leading_rep(call: AttributedCall) -> Speaker | None:
    """The rep who said most, so that a call belongs to one rep."""
    words: dict[str, int] = {}
    for turn in call.turns:
        words[turn.speaker] = words.get(turn.speaker, 0) + turn.word_count
    reps = call.with_role(Role.REP)
    return max(reps, key=lambda one: words.get(one.speaker, 0), default=None)

"""What a call can bear to have said about it, how far to trust that, and the measure it becomes."""

from __future__ import annotations

from analyzers.annotated import AnnotatedCall
from calls.call import AttributedCall
from calls.labels import Role
from calls.measures import Measure, State, not_measurable
from calls.trust import doubts_about_roles, doubts_about_text

IN_COACHING = "a coaching session: no customer is sold to"
"""Why nothing about selling is measured there."""

Value = int | float | bool | str
"""A measure's value, or why there is none."""


def measure(name: str, value: Value, doubt: str = "", *, speaker: str | None = None) -> Measure:
    """The measure of that value; not measurable where the value is a reason.

    Args:
        name: the measure's name.
        value: the number, or why there is none.
        doubt: why the number is to be taken with care, or nothing.
        speaker: whom it is about; None is the call.
    """
    if isinstance(value, str):
        return not_measurable(name, value, speaker)
    return Measure(name, value, speaker, State.LOW_CONFIDENCE if doubt else State.OK, doubt)


def rep_obstacle(annotated: AnnotatedCall) -> str:
    """Why nothing can be said of what the rep says to a customer, or nothing."""
    return _selling_obstacle(annotated, Role.REP)


def both_sides_obstacle(annotated: AnnotatedCall) -> str:
    """Why nothing can be said of how rep and customer deal with each other, or nothing."""
    return _selling_obstacle(annotated, Role.REP, Role.CUSTOMER)


def coaching_obstacle(annotated: AnnotatedCall) -> str:
    """Why nothing can be said of how the manager coached the rep, or nothing."""
    if not annotated.call.recording.metadata.is_coaching:
        return "not a coaching session"
    return _unread(annotated) or _unheard(annotated.call, Role.MANAGER)


def doubt(annotated: AnnotatedCall, *roles: Role, of_labels: bool = False) -> str:
    """Why what is found in the turns of those roles is to be taken with care, or nothing.

    Args:
        annotated: the call.
        roles: whose words it rests on.
        of_labels: True if it rests on labels, which may be missing where rules alone look for them.
    """
    call = annotated.call
    doubts = [*doubts_about_text(call), *doubts_about_roles(call)]
    if any(one.heard for one in call.with_role(Role.UNKNOWN)):
        doubts.append("a speaker's role is unknown")
    if any(turn.doubt for turn in call.turns if turn.role in roles):
        doubts.append("some of the words are doubtful")
    if of_labels and annotated.label_doubt:
        doubts.append(annotated.label_doubt)
    return "; ".join(doubts)


def _selling_obstacle(annotated: AnnotatedCall, *roles: Role) -> str:
    if annotated.call.recording.metadata.is_coaching:
        return IN_COACHING
    unheard = (_unheard(annotated.call, role) for role in roles)
    return _unread(annotated) or next(filter(None, unheard), "")


def _unread(annotated: AnnotatedCall) -> str:
    """Why nothing that was said on the call can be read, or nothing."""
    call = annotated.call
    if call.wordless_because:
        return call.wordless_because
    return "" if annotated.covered else f"language {call.language or 'en'!r} has no playbook"


def _unheard(call: AttributedCall, role: Role) -> str:
    people = call.with_role(role)
    if not people:
        unknown = call.with_role(Role.UNKNOWN)
        return "speaker roles unknown" if unknown else f"no {role} on the call"
    return "" if any(one.heard for one in people) else f"the {role}'s side was not heard"

"""The values that columns with a closed set of them may hold."""

from __future__ import annotations

from collections.abc import Mapping

from calls.call import ChannelLayout, RoleSource, StartedAtSource, Status
from calls.chain import StopReason
from calls.claim import Verdict
from calls.labels import Hint, Label, Role
from calls.measures import State
from calls.moment import FoundBy, Severity
from calls.question import QuestionType
from calls.transcript import Engine

_ROLES = tuple(Role)
_MARKS = (*Label, *Hint)
_DOUBTS = (State.OK, State.LOW_CONFIDENCE)
_LANGUAGE_SOURCES = ("sidecar", "given", "detected", "engine", "transcript", "unknown")

_BY_COLUMN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "calls": {
        "status": (Status.LANDED, Status.NO_SPEECH),
        "started_at_source": tuple(StartedAtSource),
        "direction": ("inbound", "outbound"),
        "language_source": _LANGUAGE_SOURCES,
        "channel_layout": tuple(ChannelLayout),
        "engine": tuple(Engine),
        "transcript_state": tuple(State),
        "role_source": tuple(RoleSource),
    },
    "participants": {"role": _ROLES},
    "turns": {"role": _ROLES},
    "moments": {
        "label": _MARKS,
        "role": _ROLES,
        "found_by": tuple(FoundBy),
        "severity": tuple(Severity),
        "state": _DOUBTS,
    },
    "chains": {"stop_reason": tuple(StopReason), "state": _DOUBTS},
    "claims": {"verdict": tuple(Verdict), "state": _DOUBTS},
    "questions": {"role": _ROLES, "spin_type": tuple(QuestionType), "state": _DOUBTS},
    "measure_states": {"state": (State.LOW_CONFIDENCE, State.NOT_MEASURABLE)},
    "recordings": {"status": tuple(Status)},
    "nights": {"status": ("complete", "failed", "cut_off")},
    "evaluations": {"kind": ("turns", "calls", "talk")},
    "reviews": {"label": _MARKS, "verdict": ("agree", "disagree", "comment")},
    "coaching": {"goal": ("less", "more")},
    "erasures": {"scope": ("call", "participant", "account", "expired")},
}


def values_of(table: str) -> dict[str, tuple[str, ...]]:
    """What each column of that table that has a closed set of values may hold, beside null."""
    found = _BY_COLUMN.get(table, {})
    return {column: tuple(str(one) for one in allowed) for column, allowed in found.items()}

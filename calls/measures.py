"""Numbers about a call or a participant, each with a state that says how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a measure can be trusted."""

    OK = "ok"
    LOW_CONFIDENCE = "low_confidence"
    NOT_MEASURABLE = "not_measurable"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured number.

    `name` carries the unit (`talk_s`, `talk_ratio`, `question_count`, `words_per_min`).
    `speaker` names the participant it is about; None means the whole call. `value` is None
    exactly when the measure could not be taken; then `state` is not_measurable and `reason` says
    why. An undefined number is never 0 and never NaN.
    """

    name: str
    value: float | int | bool | None
    speaker: str | None = None
    state: State = State.OK
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) != (self.state is State.NOT_MEASURABLE):
            raise ValueError(
                f"measure {self.name}: value {self.value!r} does not go with state {self.state}"
            )
        if (self.state is State.OK) != (not self.reason):
            raise ValueError(f"measure {self.name}: state {self.state} with reason {self.reason!r}")


def not_measurable(name: str, reason: str, speaker: str | None = None) -> Measure:
    """A measure that could not be taken, and why."""
    return Measure(name, None, speaker, State.NOT_MEASURABLE, reason)

"""The forms of labelled data: single turns, whole calls, coaching sessions, ordinary talk.

Keys that are not named here (a title, notes, why a label was given) are for people and never read.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from calls.labels import Label, Role

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Said(_Given):
    """One turn of the context of a single turn."""

    speaker: Role
    text: str


class SingleTurn(Said):
    """One turn with what was said before it. `labels` is None where nobody has labelled it."""

    id: str | None = None
    context: tuple[Said, ...] = ()
    labels: tuple[Label, ...] | None = None


class TalkLine(_Given):
    """One turn of ordinary talk: speakers have names, not roles."""

    speaker: str
    text: str


class CallTurn(Said):
    """One turn of a call. `start` and `end` are seconds, both given or neither."""

    i: int | None = None
    name: str | None = None
    start: Seconds | None = None
    end: Seconds | None = None
    labels: tuple[Label, ...] | None = None

    @model_validator(mode="after")
    def _times_in_order(self) -> CallTurn:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end must both be given, or neither")
        if self.start is not None and self.end is not None and self.start > self.end:
            raise ValueError(f"start {self.start:g} must not be after end {self.end:g}")
        return self


class CallLabels(_Given):
    """What people say of a whole call; docs/labels.md defines it."""

    steps_in_order: tuple[Label, ...] | None = None
    insight_sequence_complete: bool | None = None
    cliche_count: int | None = None


class SessionLabels(_Given):
    """What people say of a coaching session: turns of the manager per label."""

    coaching_behavior_turns: int | None = None
    spreadsheet_coaching_turns: int | None = None


class Fact(_Given):
    """One public fact known before the call."""

    topic: str
    fact: str


class WholeCall(_Given):
    """A call, or a coaching session. Names may carry a title: "Ann Lee, buyer, Acme; Bo Ray"."""

    call_id: str | None = None
    session_id: str | None = None
    # `date` is also the name of the type.
    day: date | datetime | None = Field(default=None, alias="date")
    call_type: str | None = None
    language: str | None = None
    rep: str | None = None
    customer: str | None = None
    manager: str | None = None
    account: str | None = None
    opportunity_id: str | None = None
    stage: str | None = None
    outcome: str | None = None
    account_brief: tuple[Fact, ...] = ()
    turns: tuple[CallTurn, ...]
    call_labels: CallLabels | None = None
    session_labels: SessionLabels | None = None

    @model_validator(mode="after")
    def _turns_told_apart(self) -> WholeCall:
        numbers = [turn.i for turn in self.turns if turn.i is not None]
        if numbers and len(numbers) < len(self.turns):
            raise ValueError(f"{len(self.turns) - len(numbers)} turns have no `i`; others do")
        if len(set(numbers)) < len(numbers):
            twice = next(one for one in numbers if numbers.count(one) > 1)
            raise ValueError(f"two turns have the `i` {twice}")
        timed = sum(turn.start is not None for turn in self.turns)
        if 0 < timed < len(self.turns):
            raise ValueError(f"{len(self.turns) - timed} turns have no times; others do")
        return self

    @property
    def is_session(self) -> bool:
        """True for a 1:1 between manager and rep."""
        if self.session_id is not None or self.session_labels is not None:
            return True
        if self.call_id is not None or self.call_labels is not None:
            return False
        return any(turn.speaker is Role.MANAGER for turn in self.turns)


def looks_like_a_call(record: Any) -> bool:
    """True for what is meant as a call or session, rightly or wrongly written."""
    if not isinstance(record, dict) or not isinstance(record.get("turns"), list):
        return False
    if "call_labels" in record or "session_labels" in record:
        return True
    if not record["turns"]:  # a call in which nobody speaks; without an id it may be anything
        return "call_id" in record or "session_id" in record
    first = record["turns"][0]
    return isinstance(first, dict) and {"speaker", "text"} <= first.keys()


def looks_like_a_turn(record: Any) -> bool:
    """True for what is meant as a single turn or a line of talk."""
    return isinstance(record, dict) and ("text" in record or "speaker" in record)


def is_labelled_form(record: Any) -> bool:
    """True for a single turn, also one whose labels were left away; False for a line of talk."""
    if not isinstance(record, dict):
        return False
    # Without labels and context, an id and a role tell it from the lines of a talk.
    named = "id" in record and record.get("speaker") in tuple(Role)
    return named or "labels" in record or "context" in record

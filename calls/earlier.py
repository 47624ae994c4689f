"""What was said in earlier calls with the same customer, as far as a later call needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calls.labels import Role


@dataclass(frozen=True, slots=True)
class EarlierTurn:
    """One turn of an earlier call."""

    role: Role
    start_s: float
    text: str


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """An earlier call of the same opportunity, or of the same account: who said what, and when."""

    call_id: str
    started_at: datetime
    turns: tuple[EarlierTurn, ...]

"""One attempt at an insight chain: hypothesis, confirmation, reframe, client story, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from calls.labels import Label, Mark
from calls.moment import Moment

CHAIN_STEPS = (Label.HYPOTHESIS, Label.CONFIRMATION, Label.REFRAME, Label.CLIENT_STORY)
"""The four steps, in the order in which they make a chain."""


class StopReason(StrEnum):
    """Why an attempt went no further."""

    COMPLETE = "complete"
    NOT_CONFIRMED = "not_confirmed"  # the customer took no stand
    REJECTED = "rejected"
    NOT_REFRAMED = "not_reframed"  # confirmed, never reframed
    NO_STORY = "no_story"  # reframed, and nothing of how others solve it
    TOO_LATE = "too_late"  # the next step came after the time limit
    REPLACED = "replaced"  # another hypothesis took its place before any answer


@dataclass(frozen=True, slots=True)
class Chain:
    """One attempted chain of a call.

    `attempt` counts from 1. A step is the moment that took it; None where it was not taken; each
    lies on a later turn than the step before. `hypothesis_text` is what the seller supposed, in the
    seller's words; `restated` are the moments that say it again before any answer.

    An attempt that has both `rejection` and `confirmation` was turned down first and accepted
    later, or the other way round. `early_reframe` and `early_story` came before their step was due:
    they are kept, and don't count. `is_new` is True where an "aha" of the customer shows that the
    insight was new to them, rather than agreed with. `recovered_from` is the rejected attempt that
    this one, confirmed, has made good.
    """

    attempt: int
    hypothesis: Moment
    hypothesis_text: str
    stop_reason: StopReason
    confirmation: Moment | None = None
    rejection: Moment | None = None
    reframe: Moment | None = None
    aha: Moment | None = None
    client_story: Moment | None = None
    recovered_from: int | None = None
    restated: tuple[Moment, ...] = ()
    early_reframe: Moment | None = None
    early_story: Moment | None = None

    @property
    def is_complete(self) -> bool:
        """True if all four steps were taken in order."""
        return self.stop_reason is StopReason.COMPLETE

    @property
    def is_new(self) -> bool:
        """True if the customer showed to have learned something."""
        return self.aha is not None

    @property
    def step_count(self) -> int:
        """How many of the four steps were taken: 1 to 4."""
        return sum(one is not None for one in self._steps())

    @property
    def moments(self) -> tuple[Moment, ...]:
        """Every moment the attempt rests on."""
        beside = (self.rejection, self.aha, self.early_reframe, self.early_story)
        found = (*self._steps(), *self.restated, *beside)
        return tuple(one for one in found if one is not None)

    @property
    def confirmation_lag_s(self) -> float | None:
        """Seconds from the (last) statement of the hypothesis to its confirmation."""
        return lag_s((self.hypothesis, *self.restated)[-1], self.confirmation)

    @property
    def reframe_lag_s(self) -> float | None:
        """Seconds from the confirmation to the reframe."""
        return lag_s(self.confirmation, self.reframe)

    @property
    def story_lag_s(self) -> float | None:
        """Seconds from the reframe to the client story."""
        return lag_s(self.reframe, self.client_story)

    def _steps(self) -> tuple[Moment | None, ...]:
        return self.hypothesis, self.confirmation, self.reframe, self.client_story


def lag_s(before: Moment | None, after: Moment | None) -> float | None:
    """Seconds from the end of one moment to the start of another; 0 where they overlap."""
    if before is None or after is None:
        return None
    return max(0.0, after.start_s - before.end_s)


def is_sequence_complete(labelled: Iterable[tuple[int, Mark]]) -> bool:
    """True if the four steps occur in order, each on a later turn; later attempts count.

    The definition of the label guide. It knows no time limits and no attempts: a chain may be
    broken off at a limit where this still holds.

    Args:
        labelled: turn and label of every moment, in any order.
    """
    taken, last = 0, -1
    for turn, label in sorted(labelled):
        if taken < len(CHAIN_STEPS) and label == CHAIN_STEPS[taken] and turn > last:
            taken, last = taken + 1, turn
    return taken == len(CHAIN_STEPS)


def chain_id(source_key: str, hypothesis: Moment) -> str:
    """16 hex digits that name an attempt for ever: hash of source key, start ms, end ms.

    As the id of a moment, it depends on no turn numbers and on nothing found before or after.
    """
    start, end = round(hypothesis.start_s * 1000), round(hypothesis.end_s * 1000)
    text = f"{source_key}|chain|{start}|{end}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]

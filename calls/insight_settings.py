"""Settings of the insight chain and of the score that rests on it, with the reason for each."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChainSettings(_Strict):
    """When a step still belongs to an attempted insight chain.

    On written calls whose chains are labelled by hand the steps come within 13, 61 and 84 s;
    those calls last 8 minutes, and nothing says that steps of a longer call take no longer. So the
    limits only part what people would no longer take for an answer.
    """

    # An agreement five minutes after the guess, with other things discussed in between, agrees
    # with something else. Small talk or a clarifying exchange takes less.
    confirmation_within_s: Annotated[float, Field(gt=0)] = 300.0
    # A good seller stays with the confirmed problem for a while: figures, costs, who suffers. After
    # 15 minutes (a third of an hour's meeting) another subject is on the table.
    reframe_within_s: Annotated[float, Field(gt=0)] = 900.0
    # The same for the discussion of the new view before somebody says how others went about it.
    story_within_s: Annotated[float, Field(gt=0)] = 900.0
    # A surprise later than this is about something else than the seller's last step.
    aha_within_s: Annotated[float, Field(gt=0)] = 180.0
    # The same rep supposing again within three exchanges, and before any answer, says the same
    # thing in other words; later, or after an answer, it is another attempt.
    restated_within_turns: Annotated[int, Field(ge=0)] = 6

    def without_times(self) -> ChainSettings:
        """The same for a call of which nobody knows when anything was said: no step is too late."""
        limits = ("confirmation_within_s", "reframe_within_s", "story_within_s", "aha_within_s")
        return self.model_copy(update=dict.fromkeys(limits, math.inf))


class ScoreSettings(_Strict):
    """The weights of the insight score: points for steps, which make 100, and points lost.

    The weights are a judgement and no measurement: nobody has shown what a step is worth in deals.
    """

    # The hypothesis is the seller's own work before the call; its confirmation proves it right.
    hypothesis: Annotated[float, Field(ge=0)] = 20.0
    confirmation: Annotated[float, Field(ge=0)] = 20.0
    # Without a reframe the customer has been agreed with, not taught (Challenger's "teach").
    reframe: Annotated[float, Field(ge=0)] = 20.0
    # Evidence that the insight was new. It lies least in the seller's hands, so it weighs least.
    aha: Annotated[float, Field(ge=0)] = 10.0
    client_story: Annotated[float, Field(ge=0)] = 15.0
    # Agreed, with a date or an owner: an insight that leads nowhere has helped nobody.
    next_step: Annotated[float, Field(ge=0)] = 15.0
    # A step outside a chain is there, and does not do its work: a reframe before any hypothesis.
    out_of_order_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    # Per cliche, by its severity in this call; one grave cliche undoes a third of a hypothesis.
    cliche_high: Annotated[float, Field(ge=0)] = 6.0
    cliche_medium: Annotated[float, Field(ge=0)] = 4.0
    cliche_low: Annotated[float, Field(ge=0)] = 1.0
    # Ten cliches are no worse than a call without insight; they must not hide a chain that worked.
    cliches_at_most: Annotated[float, Field(ge=0)] = 30.0
    # Lazy, but a question that gets an answer.
    homework: Annotated[float, Field(ge=0)] = 3.0
    homework_at_most: Annotated[float, Field(ge=0)] = 15.0
    # A shorter call has no room for a chain and its next step; rates leave such calls out as well.
    least_turns: Annotated[int, Field(ge=0)] = 10

    @model_validator(mode="after")
    def _points_make_a_hundred(self) -> ScoreSettings:
        parts = ("hypothesis", "confirmation", "reframe", "aha", "client_story", "next_step")
        total = sum(getattr(self, name) for name in parts)
        if not math.isclose(total, 100.0):
            raise ValueError(
                f"{', '.join(parts)} must make 100 points together; they make {total:g}"
            )
        return self

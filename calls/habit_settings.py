"""Settings of the habits that only the run of a call gives away, with the reason for each."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class HabitSettings(BaseModel):
    """From when on a manner of speaking is worth a word, and until when a question is too early."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Kurlan ("Top 10 questions", 2011) has it fine late; in the first five minutes of a call there
    # is greeting, agenda and no business case yet.
    too_soon_s: Annotated[float, Field(ge=0)] = 300.0
    # One in every two minutes of talk. Nobody has published a number: 4,000 turns of meetings have
    # 1 or 2 in half an hour, of fourteen labelled calls seven have none and seven have 6 to 47.
    filler_agreement_per_30_min: Annotated[float, Field(gt=0)] = 15.0
    # A rate rests on more than two or three polite words.
    filler_agreement_least: Annotated[int, Field(ge=1)] = 5
    # On less talk than this a single word makes a rate.
    rate_talk_s: Annotated[float, Field(gt=0)] = 300.0

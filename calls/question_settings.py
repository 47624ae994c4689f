"""Settings of the question portfolio, with the reason for each."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class QuestionSettings(BaseModel):
    """When questions in a row are a survey, and when their spread over a call can be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Two or three facts in a row are needed to start from; at five the buyer fills in a form. No
    # study says where it turns: the number is a judgement.
    survey_questions: Annotated[int, Field(ge=2)] = 5
    # With fewer than one for each quarter of the call no spread can be even.
    spread_questions: Annotated[int, Field(ge=4)] = 4

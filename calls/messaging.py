"""The parsed messaging: what marketing and sales agreed may be said of the own product.

A messaging file is one TOML file: a `[vendor]` table, `[[claim]]` entries with their wording,
paraphrases, evidence, two approvals and an expiry, and `[[forbidden]]` entries that nobody may say.
These types say what may stand in it; unknown keys are refused. What a file ought to hold beyond
that (an owner, evidence for every "yes") is the business of `nightcall messaging check`: a missing
owner must not keep a night from checking the other claims.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from calls.labels import Label

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]

CLAIM_LABELS: frozenset[Label] = frozenset(
    {
        Label.CLAIM,
        Label.CLAIM_SUPERLATIVE,
        Label.CLAIM_UNIQUE,
        Label.CLAIM_GUARANTEE,
        Label.CLAIM_QUANTIFIED,
        Label.CLAIM_VAGUE,
    }
)
"""The labels of a claim about one's own product or company."""

QUESTIONS = ("unique", "credible", "deliverable", "defensible")
"""The four questions an agreed claim has answers to."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Vendor(_Strict):
    """Whose messaging it is."""

    name: Line
    product: Line | None = None
    modules: tuple[Line, ...] = ()
    category: Line | None = None
    registry_version: Line | None = None


class Answer(_Strict):
    """The answer to one of the four questions, and what it rests on."""

    answer: bool
    evidence: str = ""


class _Said(_Strict):
    """An entry: its wording, other ways to say the same, and the kinds of claim that it is."""

    id: Line
    kind: tuple[Label, ...] = ()
    wording: Line
    paraphrases: tuple[Line, ...] = ()

    @field_validator("kind")
    @classmethod
    def _kinds_of_claims(cls, value: tuple[Label, ...]) -> tuple[Label, ...]:
        for one in value:
            if one not in CLAIM_LABELS:
                allowed = ", ".join(sorted(CLAIM_LABELS))
                raise ValueError(f"{one} is no kind of claim. Allowed: {allowed}")
        return value

    @property
    def variants(self) -> tuple[str, ...]:
        """Every agreed way to say it, the wording first."""
        return (self.wording, *self.paraphrases)


class AgreedClaim(_Said):
    """A claim that may be said once both sides have approved it, until it expires."""

    unique: Answer | None = None
    credible: Answer | None = None
    deliverable: Answer | None = None
    defensible: Answer | None = None
    owner_marketing: str = ""
    owner_sales: str = ""
    approved_by_marketing: bool = False
    approved_by_sales: bool = False
    approved_on: date | None = None
    expires_on: date | None = None

    def answered(self, question: str) -> Answer | None:
        """The answer to one of `QUESTIONS`."""
        found = getattr(self, question)
        assert found is None or isinstance(found, Answer)
        return found

    def not_approved_because(self, on: date | None = None) -> str:
        """Why the claim may not be said (on that day); empty if both sides have approved it."""
        missing = [
            side
            for side, given in (
                ("marketing", self.approved_by_marketing),
                ("sales", self.approved_by_sales),
            )
            if not given
        ]
        if missing:
            return f"not approved by {' nor by '.join(missing)}"
        if on is not None and self.approved_on is not None and on < self.approved_on:
            return f"approved only from {self.approved_on.isoformat()} on"
        return ""

    def is_expired(self, on: date) -> bool:
        """True if the claim may be said no longer on that day."""
        return self.expires_on is not None and on > self.expires_on


class ForbiddenClaim(_Said):
    """A claim that nobody may say, and who decided so for what reason."""

    reason: str = ""
    decided_by: str = ""


class Messaging(_Strict):
    """Everything agreed, and `version`: 12 hex digits of a digest of the file."""

    vendor: Vendor | None = None
    claims: Annotated[tuple[AgreedClaim, ...], Field(alias="claim")] = ()
    forbidden: tuple[ForbiddenClaim, ...] = ()
    version: str = ""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Messaging:
        seen: set[str] = set()
        for one in (*self.claims, *self.forbidden):
            if one.id in seen:
                raise ValueError(f"id {one.id!r} is used twice; every claim needs its own")
            seen.add(one.id)
        return self

    @property
    def entries(self) -> tuple[AgreedClaim | ForbiddenClaim, ...]:
        """Every entry, what nobody may say first."""
        return (*self.forbidden, *self.claims)

    @property
    def registry_version(self) -> str:
        """The version as the file names it, else the digest."""
        named = self.vendor.registry_version if self.vendor else None
        return named or self.version

"""What the phone system knows about a call: the sidecar, validated field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from calls.labels import Role

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
CallId = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$")
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Participant(_Strict):
    """One person on the call, as the phone system or CRM knows them."""

    id: Text | None = None
    name: Text | None = None
    role: Role = Role.UNKNOWN
    channel: Annotated[int, Field(ge=0, le=31)] | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None

    def key(self, account: str | None = None) -> str | None:
        """The id trends hang on: sidecar id, else lower-cased e-mail, else name.

        Args:
            account: the company within which a name is one; None for the seller's own people.
        """
        if self.id:
            return self.id
        if self.email:
            return self.email.lower()
        if self.name:
            return f"{account}/{self.name}" if account else self.name
        return None


class ParticipantFile(_Strict):
    """One audio file of a call that is recorded as one file per participant."""

    name: Text
    participant: int | Text = Field(
        description="position in `participants` (from 0), or a participant's id, name or e-mail"
    )


class BriefFact(_Strict):
    """One public fact known before the call."""

    topic: Text
    fact: Text


COACHING = "coaching"
"""The `call_type` of a recorded talk between manager and rep."""


class CallMetadata(_Strict):
    """A sidecar `<name>.call.json`: everything known about a call besides its sound.

    Every field is optional. `exclude` names participants (id, name or e-mail) who are listed but
    never listened to.
    """

    call_id: CallId | None = None
    started_at: datetime | None = None
    call_type: Text | None = None
    direction: Literal["inbound", "outbound"] | None = None
    participants: tuple[Participant, ...] = ()
    exclude: tuple[Text, ...] = ()
    files: tuple[ParticipantFile, ...] = ()
    account: Text | None = None
    opportunity_id: Text | None = None
    stage: Text | None = None
    team: Text | None = None
    manager: Text | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] | None = (
        None
    )
    account_brief: tuple[BriefFact, ...] = ()
    outcome: Text | None = None
    replaces: bool = False

    @property
    def is_coaching(self) -> bool:
        """True for a recorded talk between manager and rep."""
        return (self.call_type or "").strip().lower() == COACHING

    @field_validator("started_at")
    @classmethod
    def _instant_has_an_offset(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs a time zone, e.g. 2026-09-14T10:00:00+01:00 or …Z")
        if value is not None and not 1900 <= value.year <= 2200:
            raise ValueError("must lie between the years 1900 and 2200")
        return value

    @model_validator(mode="after")
    def _people_are_told_apart(self) -> CallMetadata:
        # One channel may carry several people (a meeting room), but an id names one person.
        ids = [person.id for person in self.participants if person.id]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"participants: id {twice[0]!r} is given twice")
        for file in self.files:
            self.participant_of(file)
        for name in self.exclude:
            if not any(name in _names(person) for person in self.participants):
                raise ValueError(f"exclude: {name!r} is none of the participants")
        return self

    def participant_of(self, file: ParticipantFile) -> int:
        """Position in `participants` of the person `file` records.

        Raises:
            ValueError: if the file names nobody in the list.
        """
        if isinstance(file.participant, int):
            if file.participant in range(len(self.participants)):
                return file.participant
        else:
            for position, person in enumerate(self.participants):
                if file.participant in _names(person):
                    return position
        raise ValueError(
            f"files: {file.name!r} names participant {file.participant!r}; "
            f"there are {len(self.participants)} participants"
        )

    def is_excluded(self, person: Participant) -> bool:
        """True when that person is listed but must not be listened to."""
        return any(name in _names(person) for name in self.exclude)


def _names(person: Participant) -> set[str]:
    return {value for value in (person.id, person.name, person.email) if value}

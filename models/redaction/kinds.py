"""What is masked, what stands in its place, and which setting asks for it."""

from __future__ import annotations

import re
from enum import StrEnum

from calls.settings import RedactionSettings


class Kind(StrEnum):
    """A kind of thing that is masked; also the name under which it is counted."""

    CARD = "card"
    CODE = "code"  # a card's security code, or a PIN
    EXPIRY = "expiry"  # of a card
    ACCOUNT = "account"
    ID = "id"
    NUMBER = "number"  # long enough to be one of these, and nothing says which
    EMAIL = "email"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"


# One word for a reader, for spaCy's matchers and for counting words; no underscore, which would
# make it two. No digit, and the same length whatever it stands for.
MASKS = {kind: f"[{kind.value.replace('_', '')}]" for kind in Kind}
MASK = re.compile("|".join(re.escape(mask) for mask in MASKS.values()))

_NUMBERS = frozenset({Kind.CARD, Kind.CODE, Kind.EXPIRY, Kind.ACCOUNT, Kind.ID, Kind.NUMBER})
KINDS_OF = {
    "numbers": _NUMBERS,
    "emails": frozenset({Kind.EMAIL}),
    "phones": frozenset({Kind.PHONE}),
    "dates_of_birth": frozenset({Kind.BIRTH_DATE}),
}
"""The kinds that each switch of `RedactionSettings` asks for."""


def switched_on(settings: RedactionSettings) -> tuple[str, ...]:
    """The names of the switches that are on, in the order of `KINDS_OF`."""
    return tuple(name for name in KINDS_OF if getattr(settings, name))


def wanted_kinds(settings: RedactionSettings) -> frozenset[Kind]:
    """Every kind that the settings ask for."""
    return frozenset[Kind]().union(*(KINDS_OF[name] for name in switched_on(settings)))

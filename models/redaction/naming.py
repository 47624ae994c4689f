"""The name of a redaction, kept with what it was done to: version, switches, region."""

from __future__ import annotations

from typing import NamedTuple

from calls.settings import RedactionSettings
from models.redaction.kinds import KINDS_OF, switched_on

REDACTION_VERSION = "1"
"""Raised when the same settings would mask something else than before."""

# Whose numbers are looked for depends on the region.
_REGIONAL = frozenset({"numbers", "phones"})


class _Name(NamedTuple):
    version: int
    switches: frozenset[str]
    region: str


def redaction_name(settings: RedactionSettings) -> str:
    """What is masked and by which version, like "1:numbers,phones:US"; "" if nothing is."""
    switches = switched_on(settings)
    if not switches:
        return ""
    return f"{REDACTION_VERSION}:{','.join(switches)}:{settings.region}"


def covers(done: str, wanted: str) -> bool:
    """True if what was masked as `done` needs no more masking to be as `wanted`.

    That is so if `done` has every switch of `wanted`, by the same version or a newer one, and for
    the same region where that matters. A name that can't be read covers nothing.
    """
    if not wanted:
        return True
    has, needs = _read(done), _read(wanted)
    if has is None or needs is None:
        return False
    if has.version < needs.version or not needs.switches <= has.switches:
        return False
    return has.region == needs.region or not needs.switches & _REGIONAL


def masks_more(done: str, wanted: str) -> frozenset[str]:
    """The switches of `done` that `wanted` leaves off: only listening again brings words back."""
    has, needs = _read(done), _read(wanted)
    if has is None:
        return frozenset()
    return has.switches - (needs.switches if needs is not None else frozenset())


def keeping(settings: RedactionSettings, done: str) -> RedactionSettings:
    """The settings with every switch on that was on for `done`, for masking stored words again.

    What is masked stays masked, so the new name has to tell of it too.
    """
    has = _read(done)
    if has is None:
        return settings
    return settings.model_copy(update=dict.fromkeys(has.switches, True))


def _read(name: str) -> _Name | None:
    version, _, rest = name.partition(":")
    switches, _, region = rest.partition(":")
    known = frozenset(switches.split(","))
    if not version.isdecimal() or not known <= KINDS_OF.keys():
        return None
    return _Name(int(version), known, region)

"""One claim that was said, held against the messaging that marketing and sales agreed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from calls.moment import Moment


class Verdict(StrEnum):
    """How a claim stands to the agreed messaging."""

    APPROVED = "approved"
    DRIFTED = "drifted"  # near an approved one, with another number, scope or absoluteness
    EXPIRED = "expired"
    UNAPPROVED = "unapproved"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"  # nothing in the registry is like it


@dataclass(frozen=True, slots=True)
class ClaimSaid:
    """A claim, the entry of the registry it is nearest to, and the verdict.

    Offsets point into the turn's text, half open; `quote` is what they hold. `moment` is the
    labelled span it rests on; None where only its nearness to the registry gave it away.
    `claim_id` and `approved_wording` are None where nothing is near; `similarity` is in [0, 1]. The
    four answers are those of that entry to being unique, credible, deliverable and defensible; None
    without an entry or without an answer. `reason` says for people what differs.
    """

    turn: int
    speaker: str
    start_s: float
    end_s: float
    start_char: int
    end_char: int
    quote: str
    moment: Moment | None
    verdict: Verdict
    similarity: float
    reason: str
    registry_version: str
    claim_id: str | None = None
    approved_wording: str | None = None
    unique: bool | None = None
    credible: bool | None = None
    deliverable: bool | None = None
    defensible: bool | None = None


def claim_said_id(source_key: str, start_s: float, end_s: float, claim_id: str | None) -> str:
    """16 hex digits that name a claim said: the hash of source key, start ms, end ms and entry.

    As `moment_id`, it does not depend on turn numbers.
    """
    text = f"{source_key}|claim said|{round(start_s * 1000)}|{round(end_s * 1000)}|{claim_id or ''}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]

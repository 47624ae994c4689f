"""From a statement to a verdict: the nearest entry, what differs, and the first rule that fits.

The order is that of the messaging: forbidden, unapproved, expired, drifted, approved; nothing near
is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analyzers.claim_check.differences import Difference, differences
from analyzers.claim_check.registry import LEAST_UNLABELLED, Entry, Nearness, Registry
from analyzers.claim_check.statement import Statement
from calls.claim import Verdict
from calls.messaging import AgreedClaim, ForbiddenClaim

# Chosen on the claims of three scripted calls and on the first half of the written paraphrases and
# drifts (tests/analyzers/claim_check/said.toml): the right entry lies at 0.55 and above. Of 494
# claims about other vendors' products two in a hundred lie above 0.5, most about the same thing.
LEAST_OF_CLAIM = 0.5
"""A labelled claim this near to an entry is about it."""

LEAST_FORBIDDEN = 0.55
"""To be told that one has said what nobody may say takes more nearness than to have drifted."""

LEAST_FORBIDDEN_UNLABELLED = 0.7
"""The same where nobody took the words for a claim: "we were never down" may be about a road."""

LEAST_FORBIDDEN_CHANGED = 0.75
"""A forbidden claim with another figure is forbidden as well, if all else is said."""

# An entry that the words were far from is mentioned as the nearest one from here on.
_WORTH_NAMING = 0.35


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one statement. `entry` is None where nothing is near.

    `is_partial` is True if the statement lacks what the claim can't do without: its figure, say,
    may stand in the next sentence.
    """

    verdict: Verdict
    similarity: float
    reason: str
    entry: Entry | None = None
    is_partial: bool = False


def judge(
    registry: Registry, statement: Statement, *, on: date, is_labelled: bool
) -> Judged | None:
    """The verdict on a statement of that day; None if it is near nothing and nobody labelled it.

    Args:
        registry: the agreed messaging.
        statement: what was said.
        on: the date of the call.
        is_labelled: True if the words were found to be a claim, whatever the registry says.
    """
    least = LEAST_OF_CLAIM if is_labelled else LEAST_UNLABELLED
    near = registry.nearest(statement, least=_WORTH_NAMING)
    for one in near:
        if one.similarity < least:
            break
        judged = _judged(statement, one, on, is_labelled=is_labelled)
        if judged is not None:
            return judged
    return _unknown(near) if is_labelled else None


def _judged(statement: Statement, near: Nearness, on: date, *, is_labelled: bool) -> Judged | None:
    """The verdict by one entry; None if the statement is not that claim after all."""
    entry, source = near.entry, near.entry.source
    changes = differences(statement, entry)
    lacks_headline = any(one.is_headline for one in changes)
    if lacks_headline and near.similarity < LEAST_UNLABELLED:
        return None
    if not is_labelled and (lacks_headline or any(one.is_denial for one in changes)):
        return None  # what a screen does, say, or an outage told about: no claim
    if isinstance(source, ForbiddenClaim):
        if lacks_headline or any(one.weakens for one in changes):
            return None  # "most fakes" is not "every fake": another entry may be nearer
        if near.similarity < _least_forbidden(changes, is_labelled=is_labelled):
            return None
        return Judged(Verdict.FORBIDDEN, near.similarity, _forbidden(source, changes), entry)
    verdict, reason = _agreed(source, changes, on)
    return Judged(verdict, near.similarity, reason, entry, is_partial=lacks_headline)


def _least_forbidden(changes: list[Difference], *, is_labelled: bool) -> float:
    if any(one.is_figure for one in changes):
        return LEAST_FORBIDDEN_CHANGED
    return LEAST_FORBIDDEN if is_labelled else LEAST_FORBIDDEN_UNLABELLED


def _forbidden(source: ForbiddenClaim, changes: list[Difference]) -> str:
    why = source.reason.rstrip(".") or "nobody may say this"
    by = f" (decided by {source.decided_by})" if source.decided_by else ""
    return f"forbidden: {why}{by}{_also(changes)}"


def _agreed(source: AgreedClaim, changes: list[Difference], on: date) -> tuple[Verdict, str]:
    missing = source.not_approved_because(on)
    if missing:
        return Verdict.UNAPPROVED, f"{missing}{_also(changes)}"
    if source.is_expired(on):
        assert source.expires_on is not None
        return Verdict.EXPIRED, f"expired on {source.expires_on.isoformat()}{_also(changes)}"
    if changes:
        return Verdict.DRIFTED, "; ".join(one.text for one in changes)
    return Verdict.APPROVED, "says what was agreed"


def _also(changes: list[Difference]) -> str:
    return f"; moreover {'; '.join(one.text for one in changes)}" if changes else ""


def _unknown(near: list[Nearness]) -> Judged:
    if not near:
        return Judged(Verdict.UNKNOWN, 0.0, "nothing in the messaging is like it")
    closest = near[0]
    return Judged(
        Verdict.UNKNOWN,
        closest.similarity,
        f"not in the messaging; {closest.entry.source.id} is nearest, but says something else",
    )

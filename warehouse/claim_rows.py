"""From claims said to rows of table `claims`."""

from __future__ import annotations

from collections.abc import Sequence

from calls.call import AttributedCall
from calls.claim import ClaimSaid, claim_said_id
from calls.moment import moment_id
from calls.transcript import Turn
from calls.trust import doubts_about_roles, doubts_about_text
from warehouse.schemas.claims import ClaimRow
from warehouse.trust import row_state


def claim_rows(
    head: tuple[str, str, int], call: AttributedCall, claims: Sequence[ClaimSaid]
) -> tuple[ClaimRow, ...]:
    """One row per claim said, in order of time; of two with one id the nearer one stays.

    Raises:
        ValueError: if a claim names a turn that the call does not have.
    """
    by_number = {turn.turn: turn for turn in call.turns}
    doubts = (*doubts_about_text(call), *doubts_about_roles(call))
    best: dict[str, ClaimSaid] = {}
    for claim in claims:
        if claim.turn not in by_number:
            raise ValueError(
                f"Claim at {claim.start_s} s names turn {claim.turn}; "
                f"the call has {len(call.turns)} turns."
            )
        identifier = claim_said_id(head[1], claim.start_s, claim.end_s, claim.claim_id)
        if identifier not in best or claim.similarity > best[identifier].similarity:
            best[identifier] = claim
    ordered = sorted(best.items(), key=lambda one: (one[1].start_s, one[0]))
    return tuple(
        _row(head, identifier, by_number[claim.turn], claim, doubts)
        for identifier, claim in ordered
    )


def _row(
    head: tuple[str, str, int],
    identifier: str,
    turn: Turn,
    claim: ClaimSaid,
    doubts: tuple[str, ...],
) -> ClaimRow:
    moment = claim.moment
    return ClaimRow(
        *head,
        claim_said_id=identifier,
        moment_id=(
            moment_id(head[1], moment.label, moment.start_s, moment.end_s) if moment else None
        ),
        turn=claim.turn,
        speaker=claim.speaker,
        participant_id=turn.participant_id,
        start_s=claim.start_s,
        end_s=claim.end_s,
        start_char=claim.start_char,
        end_char=claim.end_char,
        quote=claim.quote,
        claim_id=claim.claim_id,
        verdict=str(claim.verdict),
        similarity=claim.similarity,
        reason=claim.reason,
        approved_wording=claim.approved_wording,
        is_unique=claim.unique,
        is_credible=claim.credible,
        is_deliverable=claim.deliverable,
        is_defensible=claim.defensible,
        registry_version=claim.registry_version,
        **row_state(doubts, turn),
    )

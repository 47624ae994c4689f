"""From attempted insight chains to rows of table `chains`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calls.call import AttributedCall
from calls.chain import Chain, chain_id
from calls.moment import Moment, moment_id
from calls.transcript import Turn
from calls.trust import doubts_about_roles, doubts_about_text
from warehouse.schemas.chains import ChainRow
from warehouse.trust import row_state

# What account briefs call the trade a customer is in, best first.
_SEGMENT_TOPICS = ("segment", "industry", "sector")


def chain_rows(
    head: tuple[str, str, int], call: AttributedCall, chains: Sequence[Chain]
) -> tuple[ChainRow, ...]:
    """One row per chain id, in order of time; of two with one id the one that came further stays.

    Raises:
        ValueError: if a chain rests on a turn that the call does not have.
    """
    by_number = {turn.turn: turn for turn in call.turns}
    ids = {one.attempt: chain_id(head[1], one.hypothesis) for one in chains}
    segment = _segment(call)
    has_times = call.origin.has_times
    doubts = (*doubts_about_text(call), *doubts_about_roles(call))
    best: dict[str, Chain] = {}
    for chain in chains:
        for moment in chain.moments:
            if moment.turn not in by_number:
                raise ValueError(
                    f"Chain {chain.attempt} rests on turn {moment.turn}; "
                    f"the call has {len(call.turns)} turns."
                )
        known = best.get(ids[chain.attempt])
        if known is None or chain.step_count > known.step_count:
            best[ids[chain.attempt]] = chain
    ordered = sorted(best.items(), key=lambda one: (one[1].hypothesis.start_s, one[0]))
    return tuple(
        _row(
            head,
            identifier,
            chain,
            ids=ids,
            turns=by_number,
            segment=segment,
            doubts=doubts,
            has_times=has_times,
        )
        for identifier, chain in ordered
    )


def _row(
    head: tuple[str, str, int],
    identifier: str,
    chain: Chain,
    *,
    ids: Mapping[int, str],
    turns: Mapping[int, Turn],
    segment: str | None,
    doubts: tuple[str, ...],
    has_times: bool,
) -> ChainRow:
    key, said = head[1], chain.hypothesis
    steps = (said, chain.confirmation, chain.reframe, chain.client_story)
    return ChainRow(
        *head,
        chain_id=identifier,
        attempt=chain.attempt,
        speaker=said.speaker,
        participant_id=turns[said.turn].participant_id,
        start_s=said.start_s,
        end_s=max(one.end_s for one in steps if one is not None),
        hypothesis_text=chain.hypothesis_text,
        segment=segment,
        step_count=chain.step_count,
        is_complete=chain.is_complete,
        stop_reason=str(chain.stop_reason),
        is_new=chain.is_new,
        recovered_from=ids.get(chain.recovered_from) if chain.recovered_from else None,
        restated_count=len(chain.restated),
        hypothesis_moment_id=moment_id(key, said.label, said.start_s, said.end_s),
        confirmation_moment_id=_id(key, chain.confirmation),
        rejection_moment_id=_id(key, chain.rejection),
        reframe_moment_id=_id(key, chain.reframe),
        aha_moment_id=_id(key, chain.aha),
        story_moment_id=_id(key, chain.client_story),
        early_reframe_moment_id=_id(key, chain.early_reframe),
        early_story_moment_id=_id(key, chain.early_story),
        confirmation_lag_s=chain.confirmation_lag_s if has_times else None,
        reframe_lag_s=chain.reframe_lag_s if has_times else None,
        story_lag_s=chain.story_lag_s if has_times else None,
        **row_state(doubts, *(turns[one.turn] for one in chain.moments)),
    )


def _id(key: str, moment: Moment | None) -> str | None:
    return None if moment is None else moment_id(key, moment.label, moment.start_s, moment.end_s)


def _segment(call: AttributedCall) -> str | None:
    """The customer's trade, as the account brief names it."""
    facts = {fact.topic.lower(): fact.fact for fact in call.recording.metadata.account_brief}
    return next((facts[topic] for topic in _SEGMENT_TOPICS if topic in facts), None)

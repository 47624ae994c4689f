from __future__ import annotations

from dataclasses import replace

import pytest

from calls.claim import ClaimSaid, Verdict
from calls.labels import Label
from calls.moment import moment_id
from tests.warehouse.builders import attributed, key_of, moment
from warehouse.claim_rows import claim_rows

HEAD = ("a", key_of("a"), 1)
CLAIM = ClaimSaid(
    turn=2,
    speaker="ch0",
    start_s=20.0,
    end_s=22.5,
    start_char=0,
    end_char=11,
    quote="word0 word1",
    moment=moment(2, label=Label.CLAIM_QUANTIFIED),
    verdict=Verdict.DRIFTED,
    similarity=0.9,
    reason="said 'one hour', agreed 'two hours'",
    registry_version="2026-09",
    claim_id="A",
    approved_wording="Two hours.",
    unique=False,
)


def test_a_row_says_what_was_found_and_points_to_its_moment() -> None:
    (row,) = claim_rows(HEAD, attributed(), [CLAIM])
    assert row.moment_id == moment_id(HEAD[1], Label.CLAIM_QUANTIFIED, 20.0, 22.5)
    assert (row.verdict, row.claim_id, row.reason) == ("drifted", "A", CLAIM.reason)
    assert (row.is_unique, row.is_credible) == (False, None)
    assert row.participant_id == "r-1"
    assert (row.state, row.state_reason) == ("ok", None)


def test_a_claim_without_a_moment_has_no_moment_id() -> None:
    (row,) = claim_rows(HEAD, attributed(), [replace(CLAIM, moment=None)])
    assert row.moment_id is None


def test_the_id_depends_on_times_and_entry_and_on_no_turn_number() -> None:
    (before,) = claim_rows(HEAD, attributed(), [CLAIM])
    (moved,) = claim_rows(HEAD, attributed(), [replace(CLAIM, turn=4)])
    (other,) = claim_rows(HEAD, attributed(), [replace(CLAIM, claim_id="B")])
    assert before.claim_said_id == moved.claim_said_id != other.claim_said_id


def test_of_two_claims_with_one_id_the_nearer_one_stays() -> None:
    far = replace(CLAIM, similarity=0.6, reason="far")
    (row,) = claim_rows(HEAD, attributed(), [far, CLAIM])
    assert row.similarity == 0.9


def test_rows_come_in_order_of_time() -> None:
    later = replace(CLAIM, turn=4, start_s=40.0, end_s=41.0)
    assert [one.start_s for one in claim_rows(HEAD, attributed(), [later, CLAIM])] == [20.0, 40.0]


def test_doubtful_words_make_a_claim_doubtful() -> None:
    call = attributed()
    turns = tuple(replace(one, doubt="heard badly") for one in call.turns)
    (row,) = claim_rows(HEAD, replace(call, turns=turns), [CLAIM])
    assert (row.state, row.state_reason) == ("low_confidence", "heard badly")


def test_a_claim_in_an_unknown_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="names turn 99; the call has 12 turns"):
        claim_rows(HEAD, attributed(), [replace(CLAIM, turn=99)])

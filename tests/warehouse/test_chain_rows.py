from __future__ import annotations

from dataclasses import replace

import pytest

from calls.call import AttributedCall, RoleSource
from calls.chain import Chain, StopReason, chain_id
from calls.labels import Label
from calls.moment import moment_id
from tests.warehouse.builders import attributed, key_of, land, moment, reading, turns
from warehouse import Warehouse, call_rows
from warehouse.schemas.chains import ChainRow

SUPPOSED = moment(0, label=Label.HYPOTHESIS)
AGREED = moment(1, label=Label.CONFIRMATION, speaker="ch1")
REFRAMED = moment(2, label=Label.REFRAME)
LEARNED = moment(3, label=Label.AHA, speaker="ch1")
TOLD = moment(4, label=Label.CLIENT_STORY)
COMPLETE = Chain(
    attempt=1,
    hypothesis=SUPPOSED,
    hypothesis_text="Invoices wait.",
    stop_reason=StopReason.COMPLETE,
    confirmation=AGREED,
    reframe=REFRAMED,
    aha=LEARNED,
    client_story=TOLD,
)
LATER = Chain(3, moment(8, label=Label.HYPOTHESIS), "The dock.", StopReason.NOT_REFRAMED, AGREED)


def rows(*chains: Chain, call: AttributedCall | None = None) -> tuple[ChainRow, ...]:
    found = call_rows(
        call or attributed(),
        replace(reading(), chains=chains),
        revision=1,
        made_from="v1",
        time_zone="UTC",
        listen_version="l",
        attribution_version="a",
    )["chains"]
    assert all(isinstance(one, ChainRow) for one in found)
    return tuple(one for one in found if isinstance(one, ChainRow))


def test_a_row_says_each_step_by_its_moment() -> None:
    [row] = rows(COMPLETE)
    key = key_of("a")
    assert row.chain_id == chain_id(key, SUPPOSED)
    assert (row.speaker, row.participant_id, row.attempt) == ("ch0", "r-1", 1)
    assert (row.start_s, row.end_s) == (0.0, 42.5)
    assert row.hypothesis_text == "Invoices wait."
    assert row.hypothesis_moment_id == moment_id(key, Label.HYPOTHESIS, 0.0, 2.5)
    assert row.confirmation_moment_id == moment_id(key, Label.CONFIRMATION, 10.0, 12.5)
    assert row.reframe_moment_id == moment_id(key, Label.REFRAME, 20.0, 22.5)
    assert row.aha_moment_id == moment_id(key, Label.AHA, 30.0, 32.5)
    assert row.story_moment_id == moment_id(key, Label.CLIENT_STORY, 40.0, 42.5)
    assert (row.confirmation_lag_s, row.reframe_lag_s, row.story_lag_s) == (7.5, 7.5, 17.5 - 0.0)
    assert (row.step_count, row.is_complete, row.stop_reason, row.is_new) == (
        4,
        True,
        "complete",
        True,
    )
    assert (row.state, row.state_reason, row.restated_count) == ("ok", None, 0)


def test_what_did_not_happen_is_null() -> None:
    [row] = rows(Chain(1, SUPPOSED, "Invoices wait.", StopReason.NOT_CONFIRMED))
    assert (row.step_count, row.is_complete, row.is_new) == (1, False, False)
    assert row.stop_reason == "not_confirmed"
    for name in ("confirmation", "rejection", "reframe", "aha", "story", "early_story"):
        assert getattr(row, f"{name}_moment_id") is None
    assert (row.confirmation_lag_s, row.segment, row.recovered_from) == (None, None, None)


def test_recovered_from_names_the_other_chain() -> None:
    rejected = Chain(2, moment(6, label=Label.HYPOTHESIS), "No.", StopReason.REJECTED)
    first, second = rows(rejected, replace(LATER, recovered_from=2))
    assert second.recovered_from == first.chain_id


@pytest.mark.parametrize(
    ("topics", "segment"),
    [
        ((("Industry", "Hotels"), ("size", "14")), "Hotels"),
        ((("industry", "Hotels"), ("segment", "Mid-market leisure")), "Mid-market leisure"),
        ((("size", "14"),), None),
    ],
)
def test_the_segment_is_what_the_brief_calls_the_trade(
    topics: tuple[tuple[str, str], ...], segment: str | None
) -> None:
    brief = [{"topic": topic, "fact": fact} for topic, fact in topics]
    [row] = rows(COMPLETE, call=attributed(facts={"account_brief": brief}))
    assert row.segment == segment


def test_a_chain_is_as_sure_as_the_turns_it_rests_on() -> None:
    doubted = tuple(replace(one, doubt="the words repeat") for one in turns(12)[:5])
    [row] = rows(COMPLETE, call=attributed(turns=(*doubted, *turns(12)[5:])))
    assert (row.state, row.state_reason) == ("low_confidence", "the words repeat")
    elsewhere = (*turns(12)[:6], replace(turns(12)[6], doubt="the words repeat"), *turns(12)[7:])
    [row] = rows(COMPLETE, call=attributed(turns=elsewhere))
    assert row.state == "ok"
    [row] = rows(COMPLETE, call=attributed(role_source=RoleSource.WORDING))
    assert row.state_reason == "roles proposed from what was said"


def test_the_id_stays_when_turns_are_counted_anew_and_changes_with_the_hypothesis() -> None:
    key = key_of("a")
    assert chain_id(key, replace(SUPPOSED, turn=7, quote="other", score=0.1)) == chain_id(
        key, SUPPOSED
    )
    assert chain_id(key, replace(SUPPOSED, end_s=2.6)) != chain_id(key, SUPPOSED)
    assert chain_id(key_of("b"), SUPPOSED) != chain_id(key, SUPPOSED)


def test_of_two_chains_with_one_id_the_one_that_came_further_stays() -> None:
    short = Chain(2, SUPPOSED, "Invoices wait.", StopReason.NOT_CONFIRMED)
    for chains in ((short, COMPLETE), (COMPLETE, short)):
        [row] = rows(*chains)
        assert row.step_count == 4


def test_a_chain_on_no_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="rests on turn 99; the call has 12 turns"):
        rows(replace(COMPLETE, aha=replace(LEARNED, turn=99)))


def test_chains_are_published_in_order_of_time(store: Warehouse) -> None:
    made = call_rows(
        attributed(),
        replace(reading(), chains=(LATER, COMPLETE)),
        revision=1,
        made_from="v1",
        time_zone="UTC",
        listen_version="l",
        attribution_version="a",
    )
    land(store, made)
    frame = store.chains.collect()
    assert frame["attempt"].to_list() == [1, 3]
    assert frame["is_complete"].to_list() == [True, False]


def test_guessed_times_make_no_lags() -> None:
    origin = replace(attributed().origin, options={"times": "estimated"})
    [row] = rows(COMPLETE, call=attributed(origin=origin))
    assert (row.confirmation_lag_s, row.reframe_lag_s, row.story_lag_s) == (None, None, None)

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import spacy

from analyzers.annotated import AnnotatedCall
from analyzers.claims import CLAIM_VERDICT_MEASURES, build_claims
from analyzers.found import Found
from calls.call import AttributedCall
from calls.claim import ClaimSaid
from calls.errors import MessagingInvalid
from calls.labels import Label, Role
from calls.measures import Measure, State
from calls.moment import FoundBy, Moment
from calls.settings import Settings
from tests.conftest import ROOT

SAMPLES = Settings(messaging=ROOT / "data_samples" / "messaging.toml")

# As the notes of the gold calls have it: turn, entry, verdict; unknown claims have no entry.
GOLD: dict[str, list[tuple[int, str | None, str]]] = {
    "c03": [
        (35, "QM-01", "approved"),
        (39, "QM-11", "approved"),
        (41, "QM-04", "approved"),
        (43, "QM-12", "drifted"),
        (47, "QM-07", "expired"),
    ],
    "c11": [
        (9, "QM-01", "drifted"),
        (12, "QM-03", "approved"),
        (16, "QM-05", "expired"),
        (24, None, "unknown"),
        (31, "QM-10", "unapproved"),
        (36, None, "unknown"),
        (47, None, "unknown"),
        (49, "QM-08", "drifted"),
        (52, "QM-06", "approved"),
        (64, None, "unknown"),
    ],
    "c14": [
        (4, None, "unknown"),
        (10, "QM-07", "expired"),
        (17, "QF-01", "forbidden"),
        (21, "QF-03", "forbidden"),
        (25, "QM-02", "approved"),
        (29, "QM-11", "drifted"),
        (33, "QM-09", "unapproved"),
        (36, "QM-10", "unapproved"),
        (40, "QM-05", "expired"),
        (45, "QF-02", "forbidden"),
        (58, "QF-04", "forbidden"),
        (63, None, "unknown"),
        (65, None, "unknown"),
        (75, None, "unknown"),
    ],
}


def annotated(call: AttributedCall) -> AnnotatedCall:
    nlp = spacy.blank("en")
    return AnnotatedCall(call, tuple(nlp.make_doc(turn.text) for turn in call.turns))


def moments_of(call: AttributedCall, labels: dict[int, list[str]]) -> Found:
    return Found(
        moments=tuple(
            Moment(
                Label(label), turn.turn, turn.speaker, turn.start_s, turn.end_s, 0,
                len(turn.text), turn.text, 0.9, FoundBy.MODEL, (), "1", "gold",
            )
            for turn in call.turns
            for label in labels.get(turn.turn, ())
        )
    )  # fmt: skip


def run(
    call: AttributedCall, settings: Settings, labels: dict[int, list[str]] | None = None
) -> tuple[list[ClaimSaid], dict[str, Measure]]:
    rows = list(build_claims(settings)(annotated(call), moments_of(call, labels or {})))
    measures = {one.name: one for one in rows if isinstance(one, Measure)}
    return [one for one in rows if isinstance(one, ClaimSaid)], measures


@pytest.fixture
def gold_call(
    shared_gold: Path, make_call: Callable[..., AttributedCall]
) -> Callable[[str], tuple[AttributedCall, dict[int, list[str]]]]:
    def load(name: str) -> tuple[AttributedCall, dict[int, list[str]]]:
        data = json.loads((shared_gold / "calls" / f"{name}.json").read_text(encoding="utf-8"))
        call = make_call(*((Role(one["speaker"]), one["text"]) for one in data["turns"]))
        began = datetime.fromisoformat(f"{data['date']}T10:00:00+00:00")
        call = replace(call, recording=replace(call.recording, started_at=began))
        return call, {one["i"]: one["labels"] for one in data["turns"]}

    return load


@pytest.mark.parametrize("name", GOLD)
def test_the_claims_of_a_gold_call_get_the_verdicts_of_its_notes(
    name: str,
    shared_gold: Path,
    gold_call: Callable[[str], tuple[AttributedCall, dict[int, list[str]]]],
) -> None:
    call, labels = gold_call(name)
    settings = Settings(messaging=shared_gold / "messaging.toml")
    claims, measures = run(call, settings, labels)
    assert [(one.turn, one.claim_id, str(one.verdict)) for one in claims] == GOLD[name]
    for measure, verdict in CLAIM_VERDICT_MEASURES.items():
        assert measures[measure].value == sum(one[2] == verdict for one in GOLD[name])


@pytest.mark.parametrize("name", GOLD)
def test_without_any_label_claims_near_the_messaging_are_found_all_the_same(
    name: str,
    shared_gold: Path,
    gold_call: Callable[[str], tuple[AttributedCall, dict[int, list[str]]]],
) -> None:
    call, _ = gold_call(name)
    claims, _ = run(call, Settings(messaging=shared_gold / "messaging.toml"))
    found = {(one.turn, one.claim_id, str(one.verdict)) for one in claims}
    wanted = {one for one in GOLD[name] if one[1]}
    assert found <= wanted
    assert len(wanted - found) <= 1
    assert all(one.moment is None for one in claims)


def test_a_claim_carries_what_the_messaging_says_of_it(
    make_call: Callable[..., AttributedCall],
) -> None:
    text = "Good. It pays for itself within nine months at the median client, the planner."
    call = make_call((Role.REP, text), (Role.CUSTOMER, "I see."))
    (claim,), measures = run(call, SAMPLES, {0: ["claim_quantified", "claim"]})
    assert (claim.claim_id, str(claim.verdict)) == ("DP-04", "unapproved")
    assert claim.reason == "not approved by sales"
    assert claim.approved_wording == "The median client pays back the Planner within nine months."
    assert (claim.unique, claim.credible, claim.deliverable, claim.defensible) == (
        *(False, False, True, False),
    )
    assert claim.registry_version == "2026-09"
    assert text[claim.start_char : claim.end_char] == claim.quote
    assert claim.moment is not None
    assert claim.moment.label is Label.CLAIM_QUANTIFIED
    assert 0 < claim.start_s < claim.end_s <= call.turns[0].end_s
    assert measures["claims_unapproved_count"].value == 1


def test_a_forbidden_claim_has_no_answers(make_call: Callable[..., AttributedCall]) -> None:
    call = make_call((Role.REP, "Everybody loves our system."))
    (claim,), _ = run(call, SAMPLES)
    assert (claim.claim_id, str(claim.verdict)) == ("DF-01", "forbidden")
    assert claim.approved_wording is None
    assert claim.unique is None


def test_what_the_customer_says_is_no_claim(make_call: Callable[..., AttributedCall]) -> None:
    call = make_call(
        (Role.REP, "How are you today, and how is the weather?"),
        (Role.CUSTOMER, "So everybody loves your system, I hear."),
    )
    claims, measures = run(call, SAMPLES)
    assert claims == []
    assert measures["claims_forbidden_count"].value == 0


def test_without_a_messaging_nothing_is_judged_and_the_measures_say_why(
    make_call: Callable[..., AttributedCall],
) -> None:
    claims, measures = run(make_call((Role.REP, "Everybody loves our system.")), Settings())
    assert claims == []
    assert set(measures) == set(CLAIM_VERDICT_MEASURES)
    assert {one.reason for one in measures.values()} == {"no messaging given"}
    assert {one.state for one in measures.values()} == {State.NOT_MEASURABLE}


@pytest.mark.parametrize(
    ("role", "language", "reason"),
    [
        (Role.UNKNOWN, "en", "speaker roles unknown"),
        (Role.REP, "de", "claims are checked in English only; the call is in 'de'"),
    ],
)
def test_what_can_not_be_judged_is_said(
    make_call: Callable[..., AttributedCall], role: Role, language: str, reason: str
) -> None:
    call = make_call((role, "Everybody loves our system."), language=language)
    claims, measures = run(call, SAMPLES)
    assert claims == []
    assert {one.reason for one in measures.values()} == {reason}


def test_doubtful_words_make_the_counts_doubtful(
    make_call: Callable[..., AttributedCall],
) -> None:
    call = make_call((Role.REP, "Everybody loves our system."), truncated=True)
    _, measures = run(call, SAMPLES)
    assert {one.state for one in measures.values()} == {State.LOW_CONFIDENCE}


def test_a_wrong_messaging_shows_before_any_call_is_read(tmp_path: Path) -> None:
    with pytest.raises(MessagingInvalid, match="can't be read"):
        build_claims(Settings(messaging=tmp_path / "none.toml"))


def test_a_guess_near_an_agreed_claim_is_no_claim(make_call: Callable[..., AttributedCall]) -> None:
    wording = build_wording()
    call = make_call((Role.CUSTOMER, "Morning."), (Role.REP, wording))
    began = datetime.fromisoformat("2026-09-14T10:00:00+00:00")
    call = replace(call, recording=replace(call.recording, started_at=began))
    said, _ = run(call, SAMPLES)
    assert [str(one.verdict) for one in said] == ["approved"]
    assert run(call, SAMPLES, {1: ["hypothesis"]})[0] == []
    labelled = run(call, SAMPLES, {1: ["hypothesis", "claim", "claim_quantified"]})[0]
    assert [str(one.verdict) for one in labelled] == ["approved"]


def build_wording() -> str:
    """The wording of a claim that may be said on the day of the made call."""
    messaging = tomllib.loads((ROOT / "data_samples" / "messaging.toml").read_text("utf-8"))
    return str(next(one["wording"] for one in messaging["claim"] if one["id"] == "DP-02"))

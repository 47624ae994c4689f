"""What the check makes of paraphrases and drifts that were written for it."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from analyzers.claim_check.registry import Registry
from analyzers.claim_check.turn import Said, claims_in
from analyzers.messaging_files import load_messaging
from analyzers.playbook_files import language_vocab, load_playbook
from analyzers.rulebook import Rulebook
from calls.labels import Label
from calls.moment import FoundBy, Moment
from tests.conftest import SHARED_GOLD

DAY = date(2026, 10, 20)
SETS = tomllib.loads((Path(__file__).parent / "said.toml").read_text(encoding="utf-8"))
LINES = [
    (text, entry, group["verdict"])
    for groups in SETS.values()
    for group in groups
    for entry, text in group["said"]
]
MESSAGING = SHARED_GOLD / "messaging.toml"

pytestmark = pytest.mark.skipif(
    not MESSAGING.is_file(), reason="the labelled data is not beside this checkout"
)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry(load_messaging(MESSAGING))


@pytest.fixture(scope="module")
def book() -> Rulebook:
    shipped = load_playbook(None, "en").model_copy(update={"families": ()})
    return Rulebook(shipped, language_vocab("en"))


def labelled(text: str, start: int = 0) -> Moment:
    return Moment(
        Label.CLAIM_QUANTIFIED,
        0,
        "rep",
        0.0,
        1.0,
        start,
        len(text),
        text,
        0.9,
        FoundBy.MODEL,
        (),
        "",
        "x",
    )


def said(
    registry: Registry, book: Rulebook, text: str, *, is_labelled: bool = True, on: date = DAY
) -> list[Said]:
    moments = [labelled(text)] if is_labelled else []
    return claims_in(registry, book.prepare(text), moments, on=on)


def shown(one: Said) -> tuple[str, str]:
    entry = one.judged.entry
    return (entry.source.id if entry else "", str(one.judged.verdict))


@pytest.mark.parametrize(("text", "entry", "verdict"), LINES, ids=[one[0][:60] for one in LINES])
def test_a_claim_gets_the_verdict_a_reader_gives_it(
    registry: Registry, book: Rulebook, text: str, entry: str, verdict: str
) -> None:
    found = [shown(one) for one in said(registry, book, text)]
    assert found == ([] if verdict == "none" else [(entry, verdict)])


def test_there_are_enough_lines_of_every_verdict() -> None:
    assert len(LINES) >= 60
    assert len(LINES) == len({text for text, _, _ in LINES})
    assert {verdict for _, _, verdict in LINES} == {
        *("approved", "drifted", "expired", "unapproved", "forbidden", "unknown", "none")
    }


def test_unlabelled_words_near_an_entry_are_claims_and_others_are_not(
    registry: Registry, book: Rulebook
) -> None:
    right = 0
    for text, entry, verdict in LINES:
        found = [shown(one) for one in said(registry, book, text, is_labelled=False)]
        # Never a wrong verdict; what is not near enough is simply not found.
        assert found in ([], [(entry, verdict)]), text
        right += found == ([(entry, verdict)] if entry else [])
    assert right >= 0.88 * len(LINES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Handlers are trained in an hour, no product in the category needs less.", None),
        (
            "It's the shortest training in the category, inside one hour.",
            "said 'inside one hour', agreed 'two hours'",
        ),
        (
            "All our clients are live within eight weeks of kick-off.",
            "left out 'Nine in ten'; added 'all our'",
        ),
        (
            "The completeness check is not done inside two minutes.",
            "denies it: 'not done inside two'",
        ),
        ("A new form is usually live in five working days.", "added 'usually'"),
    ],
)
def test_every_difference_is_named(
    registry: Registry, book: Rulebook, text: str, reason: str | None
) -> None:
    (one,) = said(registry, book, text)
    assert str(one.judged.verdict) == "drifted"
    if reason is not None:
        assert one.judged.reason == reason


def test_the_date_of_the_call_decides(registry: Registry, book: Rulebook) -> None:
    text = "A new form is live in five working days."
    verdicts = {
        day: str(said(registry, book, text, on=day)[0].judged.verdict)
        for day in (date(2026, 8, 2), date(2026, 8, 3), date(2027, 8, 2), date(2027, 8, 3))
    }
    assert list(verdicts.values()) == ["unapproved", "approved", "approved", "expired"]
    early = said(registry, book, text, on=date(2026, 8, 2))[0].judged.reason
    assert early == "approved only from 2026-08-03 on"


def test_two_claims_in_one_turn_are_two(registry: Registry, book: Rulebook) -> None:
    text = (
        "A new form is live in five working days. And on handwriting we get ninety four percent of "
        "fields right. We host it in London."
    )
    found = said(registry, book, text, is_labelled=False)
    assert [shown(one) for one in found] == [("QM-04", "approved"), ("QM-05", "expired")]
    assert [text[one.start : one.end] for one in found] == [
        "A new form is live in five working days.",
        "And on handwriting we get ninety four percent of fields right.",
    ]


def test_a_claim_may_run_over_its_sentence(registry: Registry, book: Rulebook) -> None:
    text = "It's the shortest training of anything in the category. You need two hours."
    (one,) = said(registry, book, text)
    assert shown(one) == ("QM-12", "approved")
    assert (one.start, one.end) == (0, len(text))


def test_a_question_is_no_claim_unless_it_is_labelled(registry: Registry, book: Rulebook) -> None:
    text = "Would it help you if a new form were live in five working days?"
    assert said(registry, book, text, is_labelled=False) == []


def test_only_the_labelled_part_of_a_turn_is_an_unknown_claim(
    registry: Registry, book: Rulebook
) -> None:
    text = "We host it in London. You won't find better reporting anywhere."
    moment = labelled(text, start=text.index("You"))
    (one,) = claims_in(registry, book.prepare(text), [moment], on=DAY)
    assert shown(one) == ("", "unknown")
    assert text[one.start : one.end] == "You won't find better reporting anywhere."
    assert one.moment is moment


@pytest.mark.parametrize("text", ["", " ", "…", "?", "Yes.", "we we we we we", "one " * 500])
def test_odd_turns_hold_no_claim(registry: Registry, book: Rulebook, text: str) -> None:
    assert said(registry, book, text, is_labelled=False) == []

"""Speaker labels that a transcript brings along are masked like what is said."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.settings import RedactionSettings
from calls.transcript import Transcript
from models.people import is_anonymous, personal_name
from models.redaction import redact
from tests.models.test_redaction import CARD, EVERYTHING, NUMBERS, transcript, utterance


def spoken_by(*labels: str | None) -> Transcript:
    """A call in which each label says a word."""
    lines = (
        replace(utterance("hello", start_s=float(at)), channel=None, speaker=label)
        for at, label in enumerate(labels)
    )
    return transcript(*lines)


def labels_of(call: Transcript) -> list[str | None]:
    return [one.speaker for one in call.utterances]


def masked(labels: Sequence[str | None], rules: RedactionSettings = EVERYTHING) -> list[str | None]:
    return labels_of(redact(spoken_by(*labels), rules))


@pytest.mark.parametrize(
    ("label", "mask"),
    [
        (f"Sam {CARD}", "Sam [card]"),
        ("+1 415 555 2671", "[phone]"),
        ("tel:+14155552671", "tel:[phone]"),
        ("anna@acme.com", "[email]"),
        ("Anna Smith <anna@acme.com>", "Anna Smith <[email]>"),
        ("Zoë 4111-1111-1111-1111 (guest)", "Zoë [card] (guest)"),
        ("my IBAN DE89 3704 0044 0532 0130 00", "my IBAN [account]"),
    ],
)
def test_what_is_masked_in_words_is_masked_in_labels(label: str, mask: str) -> None:
    assert masked([label]) == [mask]


@pytest.mark.parametrize("label", ["+1 415 555 2671", "anna@acme.com"])
def test_and_by_the_same_switches(label: str) -> None:
    assert masked([label], NUMBERS) == [label]
    assert masked([f"{label} {CARD}"], RedactionSettings(numbers=False)) == [f"{label} {CARD}"]


@pytest.mark.parametrize(
    "label",
    [
        None,
        "",
        " ",
        "A",
        "2",
        "spk_0",
        "SPEAKER_01",
        "Speaker 12",
        "Anna  Smith ",
        "agent-4111",
        "16778240",
        "1234567890123456789",
        "123e4567-e89b-12d3-a456-426614174000",
        "Ü. Öz (Kunde)",
        "[PII]",
    ],
)
def test_other_labels_stay_byte_for_byte(label: str | None) -> None:
    before = spoken_by(label, "Anna", label)

    after = redact(before, EVERYTHING)

    assert labels_of(after) == [label, "Anna", label]
    assert after == replace(before, redacted={})


@pytest.mark.parametrize("generated", ["{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", "CA{:08x}{:024x}"])
def test_ids_made_by_machines_are_no_cards_by_chance(generated: str) -> None:
    sizes = (32, 16, 16, 16, 48) if "-" in generated else (32, 96)
    ids = [
        generated.format(*((at * 0x9E3779B97F4A7C15F39CC060 + size) % 2**size for size in sizes))
        for at in range(1, 500)
    ]

    assert masked(ids) == ids


def test_labels_that_differ_still_do() -> None:
    labels = [
        f"Sam {CARD}",
        "+1 415 555 2671",
        "+1 415 555 2672",
        "Sam 5555 5555 5555 4444",
        "Sam",
        "+14155552671",
    ]

    assert masked(labels) == [
        "Sam [card]",
        "[phone]",
        "[phone] 2",
        "Sam [card] 2",
        "Sam",
        "[phone] 3",
    ]


def test_a_label_has_one_mask_wherever_it_speaks() -> None:
    one, two = "+1 415 555 2671", "+1 415 555 2672"

    assert masked([one, two, None, one, two, one]) == [
        "[phone]",
        "[phone] 2",
        None,
        "[phone]",
        "[phone] 2",
        "[phone]",
    ]


def test_a_mask_that_was_there_before_is_not_given_out_again() -> None:
    assert masked(["anna@acme.com", "[email]", "bo@acme.com", "[email] 2"]) == [
        "[email] 3",
        "[email]",
        "[email] 4",
        "[email] 2",
    ]


def test_what_a_label_holds_counts_once_however_often_it_speaks() -> None:
    labels = [f"Sam {CARD}", "anna@acme.com", f"Sam {CARD}", "bo@acme.com"]

    assert redact(spoken_by(*labels), EVERYTHING).redacted == {"card": 1, "email": 2}


def test_counts_of_labels_are_added_to_those_of_words() -> None:
    call = transcript(replace(utterance(f"it's {CARD}"), speaker=f"Sam {CARD}"))

    once = redact(call, NUMBERS)

    assert (once.utterances[0].speaker, once.utterances[0].text) == ("Sam [card]", "it's [card]")
    assert once.redacted == {"card": 2}
    assert redact(once, NUMBERS) == once


def test_more_kinds_later_mask_more_and_keep_labels_apart() -> None:
    first = redact(spoken_by(f"Sam {CARD}", "anna@acme.com", "bo@acme.com"), NUMBERS)
    second = redact(first, EVERYTHING)

    assert labels_of(first) == ["Sam [card]", "anna@acme.com", "bo@acme.com"]
    assert labels_of(second) == ["Sam [card]", "[email]", "[email] 2"]
    assert second.redacted == {"card": 1, "email": 2}


def test_a_masked_label_names_a_person_only_if_a_name_is_left() -> None:
    assert personal_name("Sam [card]") == "Sam"
    for label in ("[phone]", "[phone] 2", "[email]"):
        assert personal_name(label) is None
        assert is_anonymous(label)


def test_an_utterance_without_anything_to_mask_is_the_very_same_object() -> None:
    before = spoken_by("Anna", "+1 415 555 2671")

    after = redact(before, EVERYTHING)

    assert after.utterances[0] is before.utterances[0]


def test_thousands_of_labels_are_masked_in_seconds() -> None:
    begun_s = time.process_time()

    after = masked([f"user{at}@example.com" for at in range(3000)])

    assert len(set(after)) == 3000
    assert time.process_time() - begun_s < 20


LABEL = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(CARD, "4111111111111111", "+14155552671", "415-555-0132", "a@b.com", "@", "at"),
                *("dot", "com", "card number", "pin", "phone", "ending in", "one", "oh", "12/27"),
                *("[card]", "[phone]", "[phone] 2", "2", "3", "Sam", "account", "born on", "1971"),
            ]
        ),
        st.text(max_size=5),
    ),
    max_size=5,
).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.none(), LABEL), max_size=8), st.booleans())
def test_whatever_the_labels_they_stay_as_many_and_masking_again_changes_nothing(
    labels: list[str | None], everything: bool
) -> None:
    rules = EVERYTHING if everything else NUMBERS
    once = redact(spoken_by(*labels), rules)

    pairs = set(zip(labels, labels_of(once), strict=True))
    assert len(pairs) == len(set(labels)) == len(set(labels_of(once)))
    assert redact(once, rules) == once

"""Numbers read out one after the other: where the one ends and the next begins."""

from __future__ import annotations

import time

import pytest

from calls.settings import RedactionSettings
from models.redaction import redact
from tests.models.test_redaction import CARD, NUMBERS, dialogue, texts

ASKED_FOR_CARD = (1, 0.0, "could you give me the card number please")
PHONE = "my phone is 415-555-0132."
PHONES = RedactionSettings(phones=True)
IN_GROUPS = (
    (0, 12.0, "four one one one"),
    (1, 14.5, "mm-hm"),
    (0, 16.0, "one one one one one one one one"),
    (1, 20.5, "okay"),
    (0, 22.0, "one one one one."),
)
OTHER_SENTENCES = ("four one one one", "And 4111.", "It's 09/27.", "The last four are 4111.")


@pytest.mark.parametrize("after", OTHER_SENTENCES)
def test_digits_after_a_finished_telephone_number_make_no_card_of_it(after: str) -> None:
    call = dialogue(ASKED_FOR_CARD, (0, 8, f"Sure, {PHONE}"), (0, 11, after))

    masked = redact(call, NUMBERS)

    assert texts(masked)[1] == f"Sure, {PHONE}"
    assert "card" not in (masked.redacted or {})


@pytest.mark.parametrize("after", OTHER_SENTENCES)
def test_and_it_is_masked_and_counted_as_a_telephone_number(after: str) -> None:
    call = dialogue(ASKED_FOR_CARD, (0, 8, f"Sure, {PHONE}"), (0, 11, after))

    masked = redact(call, PHONES)

    assert texts(masked)[1] == "Sure, my phone is [phone]."
    assert (masked.redacted or {}).get("phone", 0) >= 1
    assert "card" not in (masked.redacted or {})


@pytest.mark.parametrize("asked", [(), (ASKED_FOR_CARD,)], ids=["unasked", "asked"])
def test_a_card_in_groups_after_a_telephone_number_is_one_card_and_the_phone_another(
    asked: tuple[tuple[int, float, str], ...],
) -> None:
    masked = redact(dialogue(*asked, (0, 8, PHONE), *IN_GROUPS), PHONES)

    assert texts(masked)[len(asked) :] == [
        "my phone is [phone].",
        "[card]",
        "mm-hm",
        "[card]",
        "okay",
        "[card].",
    ]
    assert masked.redacted == {"card": 1, "phone": 1}


def test_the_telephone_number_stays_where_only_numbers_are_masked() -> None:
    masked = redact(dialogue(ASKED_FOR_CARD, (0, 8, PHONE), *IN_GROUPS), NUMBERS)

    assert texts(masked)[1:3] == [PHONE, "[card]"]
    assert masked.redacted == {"card": 1}


def test_a_sentence_ends_it_within_one_utterance() -> None:
    masked = redact(dialogue((0, 0, f"{PHONE} It's {CARD}.")), PHONES)

    assert texts(masked) == ["my phone is [phone]. It's [card]."]
    assert masked.redacted == {"card": 1, "phone": 1}


def test_a_number_with_a_plus_needs_no_cue() -> None:
    call = dialogue(
        (1, 0, "will you pay by card"), (0, 8, "hm +1 415 555 0132."), (0, 11, "four one one one")
    )

    assert texts(redact(call, NUMBERS))[1:] == ["hm +1 415 555 0132.", "four one one one"]


def test_a_telephone_number_read_out_in_groups_is_one_too() -> None:
    masked = redact(
        dialogue(
            (1, 0, "the card number, or rather first your phone number please"),
            (0, 5, "my phone is four one five"),
            (1, 9, "mm-hm"),
            (0, 10, "five five five oh one three two"),
            *IN_GROUPS[:1],
        ),
        PHONES,
    )

    assert texts(masked)[1:] == ["my phone is [phone]", "mm-hm", "[phone]", "four one one one"]
    assert masked.redacted == {"phone": 1}


def test_two_telephone_numbers_in_a_row_are_two() -> None:
    masked = redact(dialogue((0, 0, PHONE), (0, 4, "and 415-555-0199")), PHONES)

    assert masked.redacted == {"phone": 2}


def test_no_digit_of_a_number_of_any_length_is_left_over() -> None:
    berlin = RedactionSettings(phones=True, region="DE")
    masked = redact(
        dialogue((0, 0, "my phone is 030 123456."), (1, 4, "mm-hm"), (0, 5, "78.")), berlin
    )

    assert texts(masked) == ["my phone is [phone].", "mm-hm", "[phone]."]


def test_a_card_after_a_number_of_any_length_is_whole() -> None:
    berlin = RedactionSettings(phones=True, region="DE")
    masked = redact(
        dialogue((0, 0, "my phone is 030 12345678."), (0, 4, "4111"), (0, 6, "1111 1111 1111")),
        berlin,
    )

    assert texts(masked) == ["my phone is [phone].", "[card]", "[card]"]


# Their first ten digits are a telephone number too.
@pytest.mark.parametrize("card", ["4155550132 411116", "3472 822463 10003"])
@pytest.mark.parametrize(
    "question",
    ["what's your number?", "your phone number and the card number please?", "my phone died. So?"],
)
def test_a_card_that_begins_like_a_telephone_number_is_not_cut(question: str, card: str) -> None:
    *first, last = card.split()
    call = dialogue((1, 0, question), (0, 4, " ".join(first)), (1, 7, "mm-hm"), (0, 8, last))

    assert texts(redact(call, NUMBERS))[1:] == ["[card]", "mm-hm", "[card]"]


def test_nor_is_one_with_a_misheard_digit_where_cards_are_spoken_of() -> None:
    call = dialogue(
        (1, 0, "your phone is fine, now the card please"),
        (0, 5, "4155550132"),
        (1, 7, "mm-hm"),
        (0, 8, "411114"),
    )

    assert texts(redact(call, NUMBERS))[1:] == ["[card]", "mm-hm", "[card]"]


def test_digits_that_run_on_over_thousands_of_sentences_take_no_unreasonable_time() -> None:
    call = dialogue((0, 0, "my phone is " + "415-555-0132. " * 3000 + "one. " * 3000))
    begun_s = time.process_time()

    masked = redact(call, PHONES)

    assert (masked.redacted or {})["phone"] >= 10
    assert time.process_time() - begun_s < 30

"""Scraps, broken times, hostile and very long input."""

from __future__ import annotations

import time

import pytest

from calls.transcript import Utterance, Word
from models.redaction import redact
from tests.models.test_redaction import CARD, EVERYTHING, NUMBERS, texts, transcript, utterance


class TestOddInput:
    @pytest.mark.parametrize(
        "said",
        ["", " ", "[", "[]", "@", "at dot com", "@ . com", "double", "4,,,,", "(((", "o", "a", "+"],
    )
    def test_scraps_are_left_alone(self, said: str) -> None:
        for timed in (True, False):
            before = transcript(utterance(said, timed=timed))
            assert texts(redact(before, EVERYTHING)) == [said]

    def test_an_empty_transcript_stays_empty(self) -> None:
        assert redact(transcript(), EVERYTHING).utterances == ()

    def test_words_that_overlap_or_run_backwards_are_masked_in_order(self) -> None:
        words = tuple(Word(group, 10 - at, 10 - at) for at, group in enumerate(CARD.split()))
        odd = Utterance(7.0, 10.0, CARD, words=words)

        (only,) = redact(transcript(odd), NUMBERS).utterances

        assert [word.text for word in only.words] == ["[card]"]

    def test_an_empty_word_is_kept(self) -> None:
        words = (Word("", 0, 0), Word(CARD, 0, 1), Word("", 1, 1))
        odd = Utterance(0.0, 1.0, f" {CARD} ", words=words)

        (only,) = redact(transcript(odd), NUMBERS).utterances

        assert [word.text for word in only.words] == ["", "[card]", ""]

    @pytest.mark.parametrize(
        "said",
        [
            "one " * 8_000,
            "twenty one " * 4_000,
            "4 " * 8_000,
            "4" * 8_000,
            "1." * 8_000,
            "1.a" * 4_000,
            "a " * 8_000,
            "a@b " * 2_000,
            "x" * 20_000 + "@",
            "dot com at " * 2_000,
            "card number " * 4_000,
            "4111 1111 1111 1111 and my security code is 123 " * 200,
        ],
        ids=lambda said: f"{said[:20]!r}",
    )
    def test_hostile_input_takes_no_unreasonable_time(self, said: str) -> None:
        begun_s = time.process_time()

        redact(transcript(utterance(said)), EVERYTHING)

        assert time.process_time() - begun_s < 30


def test_a_call_of_three_hours_is_masked_in_seconds() -> None:
    lines: list[Utterance] = []
    sentence = (
        "we have 45 people in 3 offices and it costs about two hundred dollars a month for one"
    )
    for at in range(1700):
        lines.append(utterance(sentence, start_s=at * 9.0, channel=at % 2))
    lines.append(utterance(CARD, start_s=20_000))

    begun_s = time.process_time()
    masked = redact(transcript(*lines), EVERYTHING)

    assert masked.redacted == {"card": 1}
    assert sum(len(one.words) for one in lines) > 30_000
    assert time.process_time() - begun_s < 20

"""What holds for every card number, however it is read out, and for every text."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from calls.settings import RedactionSettings
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from models.redaction import redact
from models.redaction.kinds import MASKS
from models.redaction.wording import wording_for

NUMBERS = RedactionSettings()
EVERYTHING = RedactionSettings(emails=True, phones=True, dates_of_birth=True)
WORDS = wording_for("en").words
DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = {value: word for word, value in WORDS.teens.items()}
TENS = {value: word for word, value in WORDS.tens.items() if word != "fourty"}
FILLERS = ("", "", "", "uh", "um", "okay so", "then", "and", "dash")
ANSWERS = ("mm-hm", "okay", "yes", "got it")


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A number that some issuer could have given out."""
    prefix, length = draw(
        st.sampled_from(
            [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16)]
        )
    )
    count = length - len(prefix) - 1
    middle = draw(st.text("0123456789", min_size=count, max_size=count))
    return f"{prefix}{middle}{luhn.calc_check_digit(prefix + middle)}"


def groups_of(digits: str, lengths: list[int]) -> list[str]:
    """The digits cut into groups of those lengths, over and over."""
    groups: list[str] = []
    at = 0
    while at < len(digits):
        length = lengths[len(groups) % len(lengths)]
        groups.append(digits[at : at + length])
        at += length
    return groups


def spoken(group: str, way: str, zero: str) -> str:
    """A group as it may be said or written."""
    if way == "written":
        return group
    if way == "pair" and len(group) == 2 and group[0] != "0":
        return pair(int(group))
    if way == "double" and len(group) in (2, 3) and len(set(group)) == 1:
        return f"{'double' if len(group) == 2 else 'triple'} {digit(group[0], zero)}"
    return " ".join(digit(one, zero) for one in group)


def digit(sign: str, zero: str) -> str:
    return zero if sign == "0" else DIGIT_WORDS[int(sign)]


def pair(value: int) -> str:
    if value in TEENS:
        return TEENS[value]
    # "twenty, one" is told from "twenty one" only where the check digit helps, and not always; a
    # round number is said digit by digit here.
    if value % 10 == 0:
        return f"{DIGIT_WORDS[value // 10]} zero"
    return f"{TENS[value - value % 10]} {DIGIT_WORDS[value % 10]}"


@st.composite
def readings(draw: st.DrawFn) -> tuple[str, list[tuple[int, str]]]:
    """A card number, and lines (channel, text) in which it is read out."""
    number = draw(cards())
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    lines: list[tuple[int, str]] = [(0, "right, it is")]
    for group in groups_of(number, lengths):
        way = draw(st.sampled_from(["written", "digits", "pair", "double"]))
        zero = draw(st.sampled_from(["zero", "oh", "o"]))
        said = f"{draw(st.sampled_from(FILLERS))} {spoken(group, way, zero)}".strip()
        if draw(st.integers(0, 3)) == 0:
            lines += [(1, draw(st.sampled_from(ANSWERS))), (0, said)]
        else:
            lines[-1] = (0, f"{lines[-1][1]} {said}")
    return number, lines


def call_of(lines: list[tuple[int, str]], *, timed: bool = True) -> Transcript:
    """The lines one after the other, a word every 0.4 s."""
    utterances = []
    clock_s = 0.0
    for channel, text in lines:
        said = text.split()
        words = tuple(
            Word(word, clock_s + at * 0.4, clock_s + at * 0.4 + 0.3) for at, word in enumerate(said)
        )
        end_s = clock_s + len(said) * 0.4
        utterances.append(
            Utterance(clock_s, end_s, text, channel=channel, words=words if timed else ())
        )
        clock_s = end_s + 0.5
    return Transcript(tuple(utterances), TranscriptOrigin(Engine.WHISPER, "x"), "en", "given")


def numbers_left(transcript: Transcript) -> list[str]:
    """Everything in texts and words that is a digit or is said for one."""
    said = [one.text for one in transcript.utterances]
    said += [word.text for one in transcript.utterances for word in one.words]
    names = {*WORDS.digits, *WORDS.teens, *WORDS.tens, *WORDS.repeats}
    return [
        word
        for text in said
        for word in re.findall(r"\w+", text.lower())
        if word in names or any(sign.isdigit() for sign in word)
    ]


@settings(max_examples=400, deadline=None)
@given(readings(), st.booleans())
def test_no_digit_of_a_card_is_left_however_it_is_read_out(
    reading: tuple[str, list[tuple[int, str]]], timed: bool
) -> None:
    _, lines = reading

    masked = redact(call_of(lines, timed=timed), NUMBERS)

    assert numbers_left(masked) == []
    assert masked.redacted == {"card": 1}


@settings(max_examples=200, deadline=None)
@given(
    cards(), st.sampled_from([" ", "-", ".", ", ", " - ", "/", "", "  ", "\u00a0", "–"]), st.data()
)
def test_no_digit_of_a_written_card_is_left_whatever_parts_its_groups(
    number: str, sign: str, data: st.DataObject
) -> None:
    size = data.draw(st.integers(2, 6))
    groups = groups_of(number, [size])

    masked = redact(call_of([(0, f"so {sign.join(groups)}, yes")]), NUMBERS)

    assert numbers_left(masked) == []


@settings(max_examples=200, deadline=None)
@given(cards(), st.integers(0, 15), st.integers(1, 9))
def test_a_misheard_digit_saves_no_card_that_was_asked_for(
    number: str, place: int, change: int
) -> None:
    at = place % len(number)
    wrong = f"{number[:at]}{(int(number[at]) + change) % 10}{number[at + 1 :]}"
    said = " ".join(digit(one, "oh") for one in wrong)

    masked = redact(call_of([(1, "and your card number?"), (0, f"it's {said}")]), NUMBERS)

    assert numbers_left(masked) == []


ANY_TEXT = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *WORDS.digits,
                *WORDS.teens,
                *WORDS.tens,
                *WORDS.repeats,
                *(phrase for phrases in WORDS.cues.values() for phrase in phrases),
                *("4111", "1111", "1111.", "12/27", "$45", "3.5", "4111-1111", "@", "at", "dot"),
                *(
                    "com",
                    "a",
                    "j",
                    "march",
                    "third",
                    "hundred",
                    "thousand",
                    "GB29",
                    "NWBK",
                    "[card]",
                ),
                *(
                    "uh",
                    "and",
                    "okay",
                    "the",
                    "customers",
                    "dollars",
                    "212-555-0143",
                    "536-22-8145",
                ),
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=40,
).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), ANY_TEXT), max_size=6), st.booleans())
def test_whatever_was_said_masking_it_again_changes_nothing(
    lines: list[tuple[int, str]], timed: bool
) -> None:
    once = redact(call_of(lines, timed=timed), EVERYTHING)

    assert redact(once, EVERYTHING) == once


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), ANY_TEXT), max_size=6))
def test_whatever_was_said_times_stay_in_order_and_only_masks_are_new(
    lines: list[tuple[int, str]],
) -> None:
    before = call_of(lines)
    after = redact(before, EVERYTHING)

    for old, new in zip(before.utterances, after.utterances, strict=True):
        assert (old.start_s, old.end_s) == (new.start_s, new.end_s)
        assert new.text.split() == " ".join(word.text for word in new.words).split()
        starts = [word.start_s for word in new.words]
        assert starts == sorted(starts)
        assert all(one.end_s <= two.start_s for one, two in pairwise(new.words))
        if old.words:
            assert (old.words[0].start_s, old.words[-1].end_s) == (
                new.words[0].start_s,
                new.words[-1].end_s,
            )
        kept = [word for word in new.words if not any(mask in word.text for mask in MASKS.values())]
        assert set(kept) <= set(old.words)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 1), st.text(st.characters(exclude_categories=["Nd"]), max_size=60)
        ),
        max_size=6,
    )
)
def test_a_call_without_numbers_stays_as_it_is(lines: list[tuple[int, str]]) -> None:
    before = call_of([line for line in lines if "@" not in line[1]], timed=False)

    after = redact(before, NUMBERS)

    assert after == replace(before, redacted={})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), ANY_TEXT), max_size=5))
def test_masking_more_later_hides_all_that_masking_it_at_once_hides(
    lines: list[tuple[int, str]],
) -> None:
    later = redact(redact(call_of(lines), NUMBERS), EVERYTHING)

    assert redact(later, EVERYTHING) == later
    assert sum((later.redacted or {}).values()) >= sum(
        (redact(call_of(lines), NUMBERS).redacted or {}).values()
    )

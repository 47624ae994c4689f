"""Words on two channels at once: a proven copy goes and is noted, two who agree are left alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from calls.transcript import Utterance, Word
from models.said_twice import repeated_words
from models.sound import SAMPLE_RATE_HZ, Samples, Sound
from tests.sounds import (
    heard_on_each_other,
    in_a_room,
    noise,
    other_voice,
    sample_speech,
    silence,
    through_telephone,
    unchanged,
)


def said(text: str, channel: int | None, *, start_s: float = 0.0, doubt: str = "") -> Utterance:
    """An utterance with a word every half second."""
    words = tuple(
        Word(word, start_s + 0.5 * nth, start_s + 0.5 * nth + 0.4)
        for nth, word in enumerate(text.split())
    )
    end_s = words[-1].end_s if words else start_s
    return Utterance(start_s, end_s, text, channel=channel, words=words, doubt=doubt)


def sound_with_levels(*levels: float) -> Sound:
    voices = noise(seconds=30, level_db=0)
    return Sound.of(np.concatenate([voices * level for level in levels]))


def texts(utterances: Sequence[Utterance]) -> list[tuple[int | None, str]]:
    return [(one.channel, one.text) for one in utterances]


@pytest.mark.parametrize("louder", [0, 1])
def test_words_heard_on_both_channels_are_the_louder_ones(louder: int) -> None:
    words = "we cut the number of routes"
    heard = [said(words, 0), said(words, 1, start_s=0.1)]
    levels = (0.1, 0.01) if louder == 0 else (0.01, 0.1)
    with sound_with_levels(*levels) as sound:
        found, notes = repeated_words(heard, sound)
    assert texts(found) == [(louder, words)]
    assert notes == (
        f"ch{1 - louder}: 6 words heard louder on ch{louder} at the same time, left out",
    )


def test_own_words_before_and_after_a_copy_stay_as_utterances_of_their_own() -> None:
    heard = [
        said("how many trucks do you have", 0, start_s=2.0),
        said("hello there right how many trucks do you have about forty", 1, start_s=0.6),
    ]
    with sound_with_levels(0.1, 0.01) as sound:
        found, notes = repeated_words(heard, sound)
    assert notes == ("ch1: 6 words heard louder on ch0 at the same time, left out",)
    assert texts(found) == [
        (0, "how many trucks do you have"),
        (1, "hello there right"),
        (1, "about forty"),
    ]
    assert found[2].start_s == pytest.approx(5.1)
    assert [word.text for word in found[2].words] == ["about", "forty"]


@pytest.mark.parametrize(
    ("first", "second", "start_s"),
    [
        ("yeah okay great", "yeah okay great", 0.0),
        ("we cut the number of routes", "we cut the number of routes", 0.5),
        ("we cut the number of routes", "we count a number for routes", 0.0),
        ("we cut it by half", "they kept all of it", 0.0),
    ],
    ids=["three words together", "said again later", "no four in a row", "different words"],
)
def test_two_people_who_say_much_the_same_are_left_alone(
    first: str, second: str, start_s: float
) -> None:
    heard = (said(first, 0), said(second, 1, start_s=start_s))
    with sound_with_levels(0.1, 0.01) as sound:
        assert repeated_words(heard, sound) == (heard, ())


def test_case_and_punctuation_make_no_other_word() -> None:
    heard = [
        said("Well, we can't wait (ünder) any Ław", 0),
        said("well we cant wait ünder any ław", 1),
    ]
    with sound_with_levels(0.1, 0.01) as sound:
        assert [one.channel for one in repeated_words(heard, sound)[0]] == [0]


def test_where_nobody_knows_the_copy_the_words_stay_and_are_doubted() -> None:
    words = "we cut the number of routes"
    heard = [said(words, 0), said(words, 1, doubt="repeats itself")]
    with sound_with_levels(0.1, 0.1) as sound:
        for found, notes in (repeated_words(heard, sound), repeated_words(heard)):
            assert notes == ()
            assert [one.doubt for one in found] == [
                "",
                "repeats itself; also heard on channel 0",
            ]
            assert texts(found) == [(0, words), (1, words)]


def test_a_row_of_words_across_two_utterances_is_one_row() -> None:
    heard = [
        said("we cut the", 0),
        said("number of routes", 0, start_s=1.5),
        said("we cut the number of routes", 1),
    ]
    with sound_with_levels(0.1, 0.01) as sound:
        assert [one.channel for one in repeated_words(heard, sound)[0]] == [0, 0]


def test_words_without_channel_or_times_are_left_alone() -> None:
    heard = (
        said("we cut the number of routes", None),
        said("we cut the number of routes", None),
        Utterance(0.0, 3.0, "we cut the number of routes", channel=0),
        said("we cut the number of routes", 1),
    )
    assert repeated_words(heard) == (heard, ())
    assert repeated_words(()) == ((), ())


def test_an_hour_of_the_same_word_is_compared_in_no_time() -> None:
    """All pairs would be 50 million comparisons."""
    heard = [said(" ".join(["so"] * 7200), channel) for channel in (0, 1)]
    found, _ = repeated_words(heard)
    assert sum(len(one.words) for one in found) == 14_400
    assert not math.isnan(found[0].end_s)


GOODBYE = "thank you so much bye bye bye bye"
SECONDS = 4.0


def one_voice() -> Samples:
    """Four seconds of speech without a pause, of shape (samples,)."""
    return sample_speech(seconds=SECONDS)[0]


@pytest.mark.parametrize("apart_db", [0, 6, 20])
@pytest.mark.parametrize("higher", [0.8, 1.1, 1.25])
def test_two_voices_that_say_the_same_at_once_keep_all_their_words(
    apart_db: float, higher: float
) -> None:
    heard = (said(GOODBYE, 0), said(GOODBYE, 1, start_s=0.1))
    second = other_voice(one_voice(), higher=higher) * 10 ** (-apart_db / 20)
    with Sound.of(np.stack([one_voice(), second])) as sound:
        assert repeated_words(heard, sound) == (heard, ())


@pytest.mark.parametrize("path", [unchanged, through_telephone, in_a_room])
@pytest.mark.parametrize("level_db", [-6, -15, -25])
@pytest.mark.parametrize("delay", [0, 80, 4000])
def test_a_copy_of_one_voice_goes_through_rooms_telephones_and_networks(
    path: Callable[[Samples], Samples], level_db: float, delay: int
) -> None:
    heard = (said(GOODBYE, 0), said(GOODBYE, 1, start_s=delay / SAMPLE_RATE_HZ))
    call = np.stack([one_voice(), silence(seconds=SECONDS)[0]])
    call = heard_on_each_other(call, level_db=level_db, delay=delay, path=path)
    with Sound.of(call) as sound:
        found, notes = repeated_words(heard, sound)
    assert texts(found) == [(0, GOODBYE)]
    assert notes == ("ch1: 8 words heard louder on ch0 at the same time, left out",)


def test_words_are_never_removed_where_no_sound_proves_the_copy() -> None:
    heard = (said(GOODBYE, 0), said(GOODBYE, 1))
    found, notes = repeated_words(heard)
    assert (texts(found), notes) == ([(0, GOODBYE), (1, GOODBYE)], ())
    with Sound.of(silence(seconds=5, channels=2)) as sound:
        assert repeated_words(heard, sound) == (heard, ())


def test_words_at_the_end_of_the_sound_and_without_length_are_no_error() -> None:
    words = tuple(Word(word, 2.0, 2.0) for word in GOODBYE.split())
    heard = tuple(Utterance(2.0, 2.0, GOODBYE, channel=one, words=words) for one in (0, 1))
    with Sound.of(sample_speech(seconds=2)) as sound:
        assert repeated_words(heard, sound) == (heard, ())

"""Guards together: two decodings compared, doubts in words, times in order, any input survived."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.guards import (
    Suspicion,
    cleaned,
    doubt_of,
    invented_hotwords,
    options_for_again,
    settle,
    suspicions,
)
from models.guards.data import phantoms
from models.guards.loudness import Loudness
from models.guards.phantoms import is_made_of
from models.guards.repetition import compression_ratio, copies_of
from models.guards.tokens import split
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.sound import SAMPLE_RATE_HZ
from tests.spoken import chunk_of, fan, heard, near_silence, voice, words_of

ENGLISH = DecodeOptions("en")
TOLD = DecodeOptions("en", ("Quillstone", "Halfpace"))
SAID = "so what we see with hotels of your size is that guests rate the arrival first"


def test_what_was_said_is_not_suspicious() -> None:
    assert suspicions(chunk_of(voice(6)), heard(SAID, end_s=5.8), ENGLISH) == ()


def test_an_engine_that_is_unsure_says_so() -> None:
    decoded = HeardChunk(words_of(SAID, end_s=5.8), 0.05, -1.4)
    assert suspicions(chunk_of(voice(6)), decoded, ENGLISH) == (Suspicion.LOW_PROBABILITY,)


def test_a_loop_over_several_stretches_of_speech_is_found() -> None:
    chunk = chunk_of(voice(3), voice(4), voice(5))
    loop = heard("so I don't know what I can do about it " * 4, end_s=11.8)
    assert suspicions(chunk, loop, ENGLISH) == (Suspicion.REPETITION,)


def test_suspicions_are_told_worst_first_and_each_once() -> None:
    told = doubt_of([Suspicion.TIMES, Suspicion.REPETITION, Suspicion.TIMES])
    assert told == "the words repeat; the times of the words contradict each other"
    assert doubt_of(()) == ""


@pytest.mark.parametrize("suspicion", list(Suspicion))
def test_every_suspicion_is_told_in_words_for_people(suspicion: Suspicion) -> None:
    assert len(doubt_of([suspicion]).split()) >= 3


class TestSettle:
    chunk = chunk_of(voice(6))
    good = heard(SAID, end_s=5.8)

    def test_a_loop_gives_way_to_words(self) -> None:
        loop = heard("I don't know. " * 6, end_s=5.8)
        assert settle(self.chunk, ENGLISH, loop, self.good) == (self.good, ())

    def test_what_is_no_better_the_second_time_stays_and_stays_suspicious(self) -> None:
        loop = heard("I don't know. " * 6, end_s=5.8)
        settled = settle(self.chunk, ENGLISH, loop, loop)
        assert settled.heard is loop
        assert settled.suspicions == (Suspicion.REPETITION,)

    def test_a_worse_second_try_is_not_taken(self) -> None:
        unsure = HeardChunk(words_of(SAID, end_s=5.8), 0.05, -1.2)
        loop = heard("the " * 30, end_s=5.8)
        settled = settle(self.chunk, ENGLISH, unsure, loop)
        assert settled == (unsure, (Suspicion.LOW_PROBABILITY,))

    def test_of_two_with_gaps_the_one_that_covers_more_is_kept(self) -> None:
        chunk = chunk_of(voice(20))
        less, more = heard(SAID, end_s=6), heard(SAID, end_s=10)
        assert settle(chunk, ENGLISH, less, more) == (more, (Suspicion.COVERAGE,))

    def test_of_two_alike_the_engine_keeps_the_one_it_believes(self) -> None:
        chunk = chunk_of(voice(20))
        believed = heard(SAID, end_s=6)
        doubted = HeardChunk(words_of(SAID, end_s=6, probability=0.4), 0.05, -0.2)
        assert settle(chunk, ENGLISH, doubted, believed).heard is believed
        assert settle(chunk, ENGLISH, believed, doubted).heard is believed

    def test_a_phantom_gives_way_to_silence(self) -> None:
        chunk, nothing = chunk_of(near_silence(3)), HeardChunk(())
        phantom = heard("Thank you for watching!", end_s=2.8)
        assert settle(chunk, ENGLISH, phantom, nothing) == (nothing, ())

    def test_a_name_nobody_said_gives_way_to_what_was_said(self) -> None:
        first = self.doubted("Quillstone")
        again = self.doubted("quickly")
        assert settle(self.chunk, TOLD, first, again) == (again, ())

    def test_a_name_that_comes_without_being_told_was_said(self) -> None:
        first = self.doubted("Quillstone")
        again = self.doubted("quill stone")
        settled = settle(self.chunk, TOLD, first, again)
        assert settled == (first, ())

    def doubted(self, name: str) -> HeardChunk:
        return HeardChunk(
            (
                *words_of("so we went to see", end_s=2),
                *words_of(name, start_s=2.0, end_s=2.6, probability=0.1),
                *words_of("and they told us the same", start_s=2.7, end_s=5.8),
            ),
            0.05,
            -0.2,
        )


@pytest.mark.parametrize("misled_by", [Suspicion.HOTWORD, Suspicion.PROMPT])
def test_a_chunk_misled_by_names_is_decoded_again_without_them(misled_by: Suspicion) -> None:
    assert options_for_again(TOLD, [misled_by]) == ENGLISH
    assert options_for_again(TOLD, [Suspicion.COVERAGE]) == TOLD


@pytest.mark.parametrize(
    ("without", "invented"),
    [
        ("we met ask me on Monday", (2,)),
        ("we met quill stone on Monday", ()),
        ("we met Quilstone on Monday", ()),
        ("we met Kwillston on Monday", ()),
        ("", (2,)),
    ],
)
def test_a_name_is_invented_where_nothing_sounds_like_it(
    without: str, invented: tuple[int, ...]
) -> None:
    first = HeardChunk(words_of("we met Quillstone on Monday", end_s=3))
    again = HeardChunk(words_of(without, end_s=3))
    assert invented_hotwords(first, again, ("Halfpace", "Quillstone")) == invented


def test_the_same_name_elsewhere_does_not_confirm_one() -> None:
    first = HeardChunk(words_of("Quillstone and then we talked about the price", end_s=8))
    again = HeardChunk(words_of("and then we talked about the price Quillstone", end_s=8))
    assert invented_hotwords(first, again, ("Quillstone",)) == (0,)


def test_times_that_are_fine_are_kept() -> None:
    decoded = heard(SAID, end_s=5.8)
    assert cleaned(chunk_of(voice(6)), decoded) == decoded


def test_one_wild_time_does_not_move_the_other_words() -> None:
    words = list(words_of("so what we see is this", end_s=5.8))
    wild = words[2]._replace(start_s=5.9, end_s=6.0)
    ordered = cleaned(chunk_of(voice(6)), HeardChunk((*words[:2], wild, *words[3:]))).words
    assert [*ordered[:2], *ordered[3:]] == [*words[:2], *words[3:]]
    assert words[1].end_s <= ordered[2].start_s <= ordered[2].end_s <= words[3].start_s


def test_words_without_any_time_are_spread_over_the_chunk() -> None:
    lost = tuple(RawWord(text, math.nan, math.inf, math.nan) for text in ("so", "what", "we"))
    ordered = cleaned(chunk_of(voice(3)), HeardChunk(lost)).words
    assert [round(word.start_s, 2) for word in ordered] == [0.0, 1.0, 2.0]
    assert [word.probability for word in ordered] == [None, None, None]


any_number = st.floats(allow_nan=True, allow_infinity=True)
near_times = st.floats(min_value=-5, max_value=40)
any_words = st.lists(
    st.builds(
        RawWord,
        st.one_of(st.text(max_size=12), st.sampled_from(["the", "Quillstone", "谢谢", "bye.", ""])),
        st.one_of(near_times, any_number),
        st.one_of(near_times, any_number),
        st.one_of(st.none(), any_number),
    ),
    max_size=40,
).map(tuple)
CHUNKS = [chunk_of(voice(0.3)), chunk_of(voice(3), near_silence(1), voice(8)), chunk_of(fan(2))]


@given(
    words=any_words,
    again=any_words,
    no_speech=st.one_of(st.none(), any_number),
    log_probability=st.one_of(st.none(), any_number),
    language=st.sampled_from(["en", "de", "ja", "ru", "en-GB", "", "xx"]),
    chunk=st.sampled_from(CHUNKS),
)
@settings(max_examples=150, deadline=None)
def test_guards_survive_whatever_an_engine_gives(
    words: tuple[RawWord, ...],
    again: tuple[RawWord, ...],
    no_speech: float | None,
    log_probability: float | None,
    language: str,
    chunk: object,
) -> None:
    options = DecodeOptions(language, ("Quillstone", "the", "谢谢", "", "..."))
    first = HeardChunk(words, no_speech, log_probability)
    second = HeardChunk(again)
    assert set(suspicions(chunk, first, options)) <= set(Suspicion)
    assert settle(chunk, options, first, second).heard in (first, second)


@given(words=any_words, chunk=st.sampled_from(CHUNKS))
@settings(max_examples=300, deadline=None)
def test_cleaned_words_are_all_there_in_order_and_within_the_chunk(
    words: tuple[RawWord, ...], chunk: object
) -> None:
    ordered = cleaned(chunk, HeardChunk(words)).words
    assert [word.text for word in ordered] == [word.text for word in words]
    times = [time for word in ordered for time in (word.start_s, word.end_s)]
    assert all(before <= after for before, after in pairwise(times))
    assert all(0 <= time <= chunk.duration_s for time in times)
    assert all(word.probability is None or 0 <= word.probability <= 1 for word in ordered)


def test_ten_thousand_words_are_looked_at_in_a_moment() -> None:
    words = tuple(RawWord(f"word{n % 977}", n / 500, n / 500 + 0.001) for n in range(10_000))
    assert Suspicion.RATE in suspicions(chunk_of(voice(20)), HeardChunk(words), TOLD)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't say 2 e-mails.", ["dont", "say", "2", "e", "mails"]),
        ("İstanbul", ["istanbul"]),
        ("شكراً", ["شكرا"]),
        ("日本語 text", ["日", "本", "語", "text"]),
        ("ก็", ["ก็"]),
        ("ﬁne", ["fine"]),
        ("♪ …", []),
        ("", []),
    ],
)
def test_words_are_compared_without_case_punctuation_and_writers_habits(
    text: str, tokens: list[str]
) -> None:
    assert split(text) == tokens


def test_copies_are_counted_in_whole_and_part() -> None:
    assert copies_of(list("ababa"), 2) == 2.5
    assert copies_of(list("abcd"), 2) == 1.0
    assert copies_of([], 1) == 1.0


def test_a_text_of_many_letters_is_as_regular_as_its_words() -> None:
    russian = "и тогда мы увидели, что гости не хотят ждать, и это для нас большая проблема сегодня"
    assert compression_ratio(russian) < 1.3
    assert compression_ratio("") == 1.0


def test_phrases_are_found_in_a_row_and_not_within_others() -> None:
    phrases = {("thank", "you"), ("bye",)}
    assert is_made_of(["thank", "you", "bye", "thank", "you"], phrases)
    assert not is_made_of(["thank", "you", "all"], phrases)
    assert not is_made_of([], phrases)


def test_every_phrase_on_file_can_be_found_and_is_of_one_kind() -> None:
    known = phantoms()
    assert all(known.credits | known.outros | known.ordinary), "a phrase without letters"
    assert not known.credits & known.outros
    assert not known.outros & known.ordinary
    assert all(sum(map(len, phrase)) >= 8 for phrase in known.credits if phrase[0].isascii())


def test_levels_tell_voice_from_near_silence_and_from_steady_noise() -> None:
    loudness = Loudness.of(np.concatenate([voice(3), near_silence(2), fan(2)]))
    assert not loudness.is_voiceless(0, 3)
    assert loudness.is_quiet(3.1, 4.9)
    assert not loudness.is_quiet(5.1, 6.9)
    assert loudness.is_voiceless(5.1, 6.9)
    assert loudness.sounding_s(3.1, 4.9) == 0


@pytest.mark.parametrize("samples", [np.zeros(0), np.full(SAMPLE_RATE_HZ, np.nan)])
def test_no_sound_is_quiet(samples: np.ndarray) -> None:
    loudness = Loudness.of(samples.astype(np.float32))
    assert loudness.is_voiceless(0, 1)
    assert loudness.loudest_db == -120

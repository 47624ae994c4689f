"""Patience, pace, fillers and the mirror of the monologue; the plain measures are in test_talk."""

from __future__ import annotations

import pytest

from analyzers import floor
from analyzers.call_times import TimeWords, call_times
from analyzers.fillers import FillerCount, fillers_in
from analyzers.spoken_times import SpokenTimes
from calls.measures import State
from calls.transcript import Engine, Turn
from tests.analyzers.test_talk import CUSTOMER, PLAIN, REP, measured, reason, turn, values, whole


def test_patience_after_a_question_is_the_wait_for_anybody() -> None:
    turns = [
        turn(REP, 0, 4, "where is it kept?"),
        turn(CUSTOMER, 6, 8, "in leeds"),
        turn(REP, 9, 13, "who runs it now?"),
        turn(CUSTOMER, 13.5, 15, "nobody does"),
        turn(REP, 16, 20, "why is that so?"),
        turn(REP, 21, 22, "anyway"),
    ]
    measures = measured(turns)
    assert values(measures, "ch0")["after_question_gap_s"] == 1.0
    assert values(measures, None)["after_question_gap_s"] == 1.0
    assert reason(measures, "after_question_gap_s", "ch1") == "no question whose end is known"


def test_going_on_after_an_own_question_is_no_wait() -> None:
    turns = [turn(REP, 0, 8, "where is it kept? ours is kept here"), turn(CUSTOMER, 9, 10, "well")]
    assert values(measured(turns), "ch0")["after_question_gap_s"] == 0.0


def test_a_question_talked_into_has_no_wait() -> None:
    turns = [turn(REP, 0, 4, "where is it kept?"), turn(CUSTOMER, 3, 8, "in leeds and in york")]
    gaps = floor.after_question_gaps(turns, [("ch0", 4.0)])
    assert gaps == []


def test_a_nod_ends_no_wait() -> None:
    turns = [
        turn(REP, 0, 4, "where is it kept?"),
        turn(CUSTOMER, 4.5, 5, "mm", is_backchannel=True),
        turn(CUSTOMER, 7, 8, "leeds"),
    ]
    assert floor.after_question_gaps(turns, [("ch0", 4.0)]) == [("ch0", 3.0)]


def test_without_word_times_only_a_question_at_the_end_has_a_known_end() -> None:
    turns = [whole(REP, 0, 10, "Where is it? We wait."), whole(CUSTOMER, 11, 12, "Leeds.")]
    unknown = measured(turns)
    assert reason(unknown, "after_question_gap_s", "ch0") == "no question whose end is known"
    turns[0] = whole(REP, 0, 10, "We wait. Where is it?")
    known = measured(turns)["after_question_gap_s", "ch0"]
    assert (known.value, known.state, known.reason) == (1.0, State.LOW_CONFIDENCE, "no word times")


def test_the_longest_customer_story_is_the_mirror_of_the_monologue() -> None:
    turns = [
        turn(REP, 0, 2, "go on"),
        turn(CUSTOMER, 3, 33, "it was a long week"),
        turn(REP, 40, 41, "oh"),
    ]
    found = values(measured(turns), None)
    assert (found["longest_customer_story_s"], found["longest_monologue_s"]) == (30.0, 2.0)


def test_monologues_count_from_two_minutes() -> None:
    words = "a b c d e f g h i j"
    turns = [
        whole(REP, 0, 119, words),
        whole(CUSTOMER, 120, 121, "ok"),
        whole(REP, 122, 242, words),
        whole(CUSTOMER, 243, 244, "ok"),
    ]
    assert floor.Floor(turns).stretches_s("ch0") == [119.0, 120.0]
    assert values(measured(turns), None)["monologue_count"] == 1


def test_shares_and_rates_of_the_whole_call() -> None:
    found = values(measured(PLAIN), None)
    assert found["talk_of_call_ratio"] == 0.333
    assert found["questions_per_30_min"] == 30.0
    assert found["customer_question_count"] == 0
    assert found["reply_gap_s"] == 0.5
    nothing = measured(PLAIN, duration_s=0.0)
    for name in ("talk_of_call_ratio", "questions_per_30_min"):
        assert reason(nothing, name, None) == "the duration is unknown"


def test_pace_varies_between_turns_long_enough() -> None:
    words = ["a " * 10, "a " * 20, "a " * 10, "a " * 20]
    turns = [turn(REP, 20 * at, 20 * at + 10, one) for at, one in enumerate(words)]
    assert values(measured(turns), "ch0")["pace_deviation_per_min"] == 30.0
    short = measured(turns[:3])
    assert reason(short, "pace_deviation_per_min", "ch0") == "fewer than 4 turns of 5 s"


@pytest.mark.parametrize(
    ("text", "fillers", "hesitations"),
    [
        ("Um, so we, uh, basically wait.", 3, 2),
        ("We like it and they look like ours.", 0, 0),
        ("it took like two weeks you know", 2, 0),
        ("do you know them", 0, 0),
        ("I mean it's a kind of board", 1, 0),
        ("mm yes", 0, 0),
        ("", 0, 0),
    ],
)
def test_fillers(text: str, fillers: int, hesitations: int) -> None:
    lexicon = fillers_in("en")
    assert lexicon is not None
    assert lexicon.count(text) == FillerCount(fillers, hesitations)


def test_fillers_per_minute_of_own_talk() -> None:
    turns = [turn(REP, 0, 30, "um we wait uh a lot"), turn(CUSTOMER, 31, 36, "we do")]
    measures = measured(turns, engine=Engine.IMPORTED)
    assert values(measures, "ch0")["fillers_per_min"] == 4.0
    assert values(measures, "ch0")["filler_count"] == 2
    assert measures["fillers_per_min", "ch0"].state is State.OK


def test_fillers_that_the_transcript_leaves_out_are_doubtful() -> None:
    assert measured(PLAIN)["fillers_per_min", "ch0"].reason == "Whisper leaves most fillers out"
    tidy = [turn(REP, 0, 200, "we wait " * 200), turn(CUSTOMER, 201, 202, "yes")]
    measure = measured(tidy, engine=Engine.IMPORTED)["filler_count", "ch0"]
    assert measure.state is State.LOW_CONFIDENCE
    assert measure.reason == "no 'um' in 401 words: the transcript seems tidied"


def test_fillers_of_a_language_without_a_playbook() -> None:
    found = measured(PLAIN, covered=False)
    assert reason(found, "fillers_per_min", "ch0") == "language 'en' has no playbook"


@pytest.mark.parametrize("made", [turn, whole])
def test_spoken_times_are_those_of_the_turn(made: type) -> None:
    text = "where is it kept now"
    spoken: Turn = made(REP, 3, 13, text)
    times = SpokenTimes(spoken)
    for position in range(len(text)):
        assert times.at(position) == pytest.approx(spoken.time_of_char(position))
        assert times.after(position + 1) == pytest.approx(spoken.time_after_char(position + 1))


TIMES = TimeWords.model_validate(
    {
        "minute": ["minute"],
        "minutes": ["minutes"],
        "seconds": ["seconds"],
        "before": ["at"],
        "behind": ["in"],
        "joins": ["and"],
    }
)
NUMBERS = {"nine": 9, "twenty": 20, "two": 2, "forty": 40}


@pytest.mark.parametrize(
    ("text", "at_s"),
    [
        ("minute nine", [540]),
        ("at nine minutes and forty seconds", [580]),
        ("at nine minutes forty two", [582]),
        ("twenty two minutes in", [1320]),
        ("at nine minutes and two calls", [540]),
        ("minute 12 and minute nine", [720, 540]),
        ("nine minutes", []),
        ("minute", []),
        ("at nine", []),
        ("", []),
    ],
)
def test_places_named_by_the_clock(text: str, at_s: list[int]) -> None:
    found = call_times(text.split(), numbers=NUMBERS, times=TIMES)
    assert [one.at_s for one in found] == at_s

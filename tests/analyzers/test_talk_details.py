"""Patience, pace, fillers and the mirror of the monologue; the plain measures are in test_talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from analyzers import floor
from analyzers.call_times import TimeWords, call_times
from analyzers.fillers import FillerCount, fillers_in
from analyzers.spoken_times import SpokenTimes
from calls.labels import Role
from calls.measures import State
from calls.spans import TALK_GAP_S
from calls.transcript import Engine, Turn, Word
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


def test_words_are_said_together_until_nobody_says_one() -> None:
    assert floor.when_said(turn(REP, 1, 3, "two words")) == [(1.0, 3.0)]
    assert floor.when_said(whole(REP, 1, 3, "two words")) == [(1, 3)]
    words = (Word("a", 4, 5), Word("b", 0, 1), Word("c", 1, 2), Word("d", 1.5, 1.6))
    assert floor.when_said(Turn(0, "ch0", Role.REP, 0, 5, "a b c d", words)) == [(0, 2), (4, 5)]


@pytest.mark.parametrize("seed", range(20))
def test_stretches_are_those_that_one_finds_word_by_word(seed: int) -> None:
    turns = _crosstalk(Random(seed))
    for speaker in ("ch0", "ch1", "nobody"):
        assert floor.Floor(turns).stretches_s(speaker) == _stretches_word_by_word(speaker, turns)


def _crosstalk(chance: Random) -> list[Turn]:
    """Turns that run into each other, some of them without word times."""
    turns = []
    for _ in range(12):
        said, at_s = [], chance.uniform(0, 40)
        for _ in range(chance.randint(1, 6)):
            end_s = at_s + chance.choice([0.2, 0.5])
            said.append(Word("a", at_s, end_s))
            at_s = end_s + chance.choice([-0.1, 0.0, 0.0, 0.4, 1.5, 2.0])
        one = chance.choice([REP, CUSTOMER])
        words = tuple(said) if chance.random() < 0.8 else ()
        begin_s, end_s = said[0].start_s, max(word.end_s for word in said)
        is_nod = chance.random() < 0.2
        turns.append(Turn(0, one.speaker, one.role, begin_s, end_s, "a", words, None, None, is_nod))
    return sorted(turns, key=lambda one: one.start_s)


def _stretches_word_by_word(speaker: str, turns: Sequence[Turn]) -> list[float]:
    floor_turns = [one for one in turns if not one.is_backchannel]
    taken_s = [one.start_s for one in floor_turns if one.speaker != speaker]
    own = [one for one in floor_turns if one.speaker == speaker]
    words = [(word.start_s, word.end_s) for one in own for word in one.words]
    words += [(one.start_s, one.end_s) for one in own if not one.words]
    runs: list[tuple[float, float]] = []
    before_s = 0.0
    for start_s, end_s in sorted(words):
        taken = any(before_s < one <= start_s for one in taken_s)
        if not runs or taken or start_s - runs[-1][1] > TALK_GAP_S:
            runs.append((start_s, end_s))
        else:
            runs[-1] = (runs[-1][0], max(runs[-1][1], end_s))
        before_s = start_s
    return [end_s - start_s for start_s, end_s in runs]


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
        ("we 'um' wait, as it were, don't we", 2, 1),
        ("Uh’s it, er-um… KIND OF", 3, 2),
        ("kind of you to ask what kind of board", 1, 0),
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
@pytest.mark.parametrize("text", ["where is it kept now", "where is  it\nkept now ", "where"])
def test_spoken_times_are_those_of_the_turn(made: type, text: str) -> None:
    spoken: Turn = made(REP, 3, 13, text)
    times = SpokenTimes(spoken)
    for position in range(len(text)):
        assert times.at(position) == pytest.approx(spoken.time_of_char(position))
        assert times.after(position + 1) == pytest.approx(spoken.time_after_char(position + 1))


def test_spoken_times_where_words_were_masked() -> None:
    spoken = turn(REP, 3, 13, "call 00442079460958 or me now")
    masked = replace(spoken, text="call [x] or me now")
    times = SpokenTimes(masked)
    for position in range(len(masked.text)):
        assert times.at(position) == masked.time_of_char(position)
        assert times.after(position + 1) == masked.time_after_char(position + 1)


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

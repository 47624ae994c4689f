from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.call import Speaker
from calls.labels import Role
from calls.settings import AttributionSettings
from calls.transcript import Turn, Utterance, Word
from models.turns import build_turns, is_acknowledgement

ANNA = Speaker("ch0", Role.REP, channel=0, participant_id="anna")
BEN = Speaker("ch1", Role.CUSTOMER, channel=1)
SETTINGS = AttributionSettings()


def said(start_s: float, text: str, *, word_s: float = 0.3, channel: int = 0) -> Utterance:
    """An utterance whose words follow each other without a gap."""
    words = tuple(
        Word(one, round(start_s + word_s * at, 3), round(start_s + word_s * (at + 1), 3))
        for at, one in enumerate(text.split())
    )
    return Utterance(words[0].start_s, words[-1].end_s, text, channel=channel, words=words)


def whole(start_s: float, end_s: float, text: str) -> Utterance:
    return Utterance(start_s, end_s, text)


def shown(turns: tuple[Turn, ...]) -> list[tuple[str, str, bool]]:
    return [(turn.speaker, turn.text, turn.is_backchannel) for turn in turns]


def test_short_own_gaps_do_not_end_a_turn() -> None:
    turns = build_turns([(ANNA, said(0, "one two")), (ANNA, said(2.0, "three"))], SETTINGS)
    assert shown(turns) == [("ch0", "one two three", False)]
    assert (turns[0].start_s, turns[0].end_s) == (0.0, 2.3)
    assert (turns[0].role, turns[0].channel, turns[0].participant_id) == (Role.REP, 0, "anna")


def test_a_long_own_silence_ends_the_turn() -> None:
    turns = build_turns([(ANNA, said(0, "one two")), (ANNA, said(3.7, "three"))], SETTINGS)
    assert [turn.text for turn in turns] == ["one two", "three"]


def test_a_turn_ends_where_somebody_else_takes_the_floor_in_a_pause() -> None:
    turns = build_turns(
        [
            (ANNA, said(0, "how many sites")),
            (BEN, said(1.0, "four of them")),
            (ANNA, said(2.0, "four good")),
        ],
        SETTINGS,
    )
    assert [turn.text for turn in turns] == ["how many sites", "four of them", "four good"]


def test_an_answer_between_two_words_splits_the_turn_however_short_the_gap() -> None:
    turns = build_turns(
        [
            (ANNA, said(0, "four sites")),
            (BEN, said(0.65, "five", word_s=0.2)),
            (ANNA, said(0.9, "then five")),
        ],
        SETTINGS,
    )
    assert [turn.text for turn in turns] == ["four sites", "five", "then five"]


def test_acknowledgement_inside_the_others_speech_does_not_split_it() -> None:
    long = said(0, "we looked at what happens when a line stops on a Monday")
    turns = build_turns([(ANNA, long), (BEN, said(1.0, "mm-hmm"))], SETTINGS)
    assert shown(turns) == [("ch0", long.text, False), ("ch1", "mm-hmm", True)]


def test_acknowledgement_in_a_short_pause_of_the_other_does_not_split_it() -> None:
    turns = build_turns(
        [
            (ANNA, said(0, "we looked at Mondays")),
            (BEN, said(1.4, "Okay, right.")),
            (ANNA, said(2.3, "and found this")),
        ],
        SETTINGS,
    )
    assert shown(turns) == [
        ("ch0", "we looked at Mondays and found this", False),
        ("ch1", "Okay, right.", True),
    ]


def test_acknowledgement_after_which_the_other_stops_is_an_answer() -> None:
    turns = build_turns(
        [
            (ANNA, said(0, "so you have four sites")),
            (BEN, said(1.8, "yeah")),
            (ANNA, said(5.0, "and who runs them")),
        ],
        SETTINGS,
    )
    assert shown(turns)[1] == ("ch1", "yeah", False)
    assert len(turns) == 3


def test_acknowledgement_after_a_question_is_an_answer_even_if_the_asker_goes_on_at_once() -> None:
    turns = build_turns(
        [
            (ANNA, said(0, "Do you run four sites?")),
            (BEN, said(1.6, "Yeah.")),
            (ANNA, said(2.1, "Good to know.")),
        ],
        SETTINGS,
    )
    assert shown(turns) == [
        ("ch0", "Do you run four sites?", False),
        ("ch1", "Yeah.", False),
        ("ch0", "Good to know.", False),
    ]


def test_long_or_wordy_acknowledgements_take_the_floor() -> None:
    long = said(0, "we looked at what happens when a line stops on a Monday and why")
    slow = build_turns([(ANNA, long), (BEN, said(1.0, "yeah", word_s=1.3))], SETTINGS)
    wordy = build_turns([(ANNA, long), (BEN, said(1.0, "yeah but who pays"))], SETTINGS)
    assert [turn.is_backchannel for turn in (*slow, *wordy)] == [False] * 4


def test_a_turn_is_doubted_for_every_reason_that_its_own_words_are() -> None:
    turns = build_turns(
        [
            (ANNA, replace(said(0, "one two"), doubt="repeats itself")),
            (ANNA, replace(said(1.0, "three"), doubt="near silence")),
            (ANNA, replace(said(1.5, "four"), doubt="repeats itself")),
            (BEN, said(3.0, "five")),
            (BEN, replace(whole(9.0, 10.0, "six"), doubt="near silence")),
        ],
        SETTINGS,
    )
    assert [(turn.text, turn.doubt) for turn in turns] == [
        ("one two three four", "repeats itself; near silence"),
        ("five", ""),
        ("six", "near silence"),
    ]


def test_overlap_is_kept() -> None:
    turns = build_turns(
        [
            (ANNA, said(0, "we could start with the plant in Leeds if that")),
            (BEN, said(2.0, "no Leeds is closed since the spring")),
        ],
        SETTINGS,
    )
    assert turns[1].start_s < turns[0].end_s
    assert [turn.turn for turn in turns] == [0, 1]


def test_who_speaks_into_somebodys_pause_and_is_cut_off_has_had_the_floor() -> None:
    turns = build_turns(
        [
            (ANNA, said(0, "that is our view")),
            (BEN, said(1.6, "so here is what I think about it")),
            (ANNA, said(2.6, "sorry one more")),
        ],
        SETTINGS,
    )
    assert turns[0].text == "that is our view"
    assert [turn.speaker for turn in turns] == ["ch0", "ch1", "ch0"]


def test_cues_of_one_speaker_merge_and_cues_of_two_do_not() -> None:
    turns = build_turns(
        [
            (ANNA, whole(0, 4, "we looked at what happens")),
            (ANNA, whole(4, 7, "when a line stops.")),
            (BEN, whole(7, 9, "Go on then.")),
            (ANNA, whole(9, 12, "It costs you.")),
        ],
        SETTINGS,
    )
    assert [turn.text for turn in turns] == [
        "we looked at what happens when a line stops.",
        "Go on then.",
        "It costs you.",
    ]
    assert turns[0].words == ()


def test_utterances_with_and_without_word_times_stay_apart() -> None:
    turns = build_turns([(ANNA, said(0, "one two")), (ANNA, whole(0.7, 2, "three"))], SETTINGS)
    assert [turn.word_count for turn in turns] == [2, 1]


def test_a_turns_text_is_its_words_in_a_row() -> None:
    words = (Word(" we", 0, 0.2), Word(" stop", 0.2, 0.5), Word(" there.", 0.5, 0.9))
    (turn,) = build_turns([(ANNA, Utterance(0, 0.9, "we stop there.", words=words))], SETTINGS)
    assert turn.text == "we stop there."
    assert turn.time_of_char(turn.text.index("stop")) == 0.2


def test_no_speech_has_no_turns() -> None:
    assert build_turns([], SETTINGS) == ()


@pytest.mark.parametrize("text", ["Mm-hmm.", "yeah yeah yeah", "Oh, I see", "Okay.", "Uh huh"])
def test_acknowledgements(text: str) -> None:
    assert is_acknowledgement(text)


@pytest.mark.parametrize("text", ["", "no", "yeah no", "right away", "yeah yeah yeah yeah", "I"])
def test_no_acknowledgements(text: str) -> None:
    assert not is_acknowledgement(text)


TEXTS = st.sampled_from(["yeah", "right", "mm-hmm", "sites?", "four", "of", "them", "no"])
TIMES = st.integers(0, 400).map(lambda tenths: tenths / 10)


@st.composite
def spoken(draw: st.DrawFn) -> tuple[Speaker, Utterance]:
    speaker = draw(st.sampled_from([ANNA, BEN, Speaker("ch2", Role.UNKNOWN)]))
    start_s = draw(TIMES)
    texts = draw(st.lists(TEXTS, min_size=1, max_size=6))
    if draw(st.booleans()):
        return speaker, whole(start_s, start_s + draw(TIMES) / 10, " ".join(texts))
    words, at = [], start_s
    for text in texts:
        at += draw(st.sampled_from([0.0, 0.1, 0.6, 2.0]))
        words.append(Word(text, at, at + draw(st.sampled_from([0.0, 0.2, 0.5]))))
        at = words[-1].end_s
    return speaker, Utterance(start_s, at, " ".join(texts), words=tuple(words))


@given(st.lists(spoken(), max_size=15))
def test_no_word_is_lost_or_doubled(utterances: list[tuple[Speaker, Utterance]]) -> None:
    turns = build_turns(utterances, SETTINGS)
    words_in = Counter((speaker.speaker, word) for speaker, one in utterances for word in one.words)
    tokens_in = Counter(
        (speaker.speaker, token) for speaker, one in utterances for token in one.text.split()
    )
    assert Counter((turn.speaker, word) for turn in turns for word in turn.words) == words_in
    assert (
        Counter((turn.speaker, token) for turn in turns for token in turn.text.split()) == tokens_in
    )
    assert [turn.turn for turn in turns] == list(range(len(turns)))
    assert [turn.start_s for turn in turns] == sorted(turn.start_s for turn in turns)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import spacy

from analyzers import floor
from analyzers.annotated import AnnotatedCall
from analyzers.found import Found
from analyzers.talk import CALL_MEASURES, SPEAKER_MEASURES, TALK_MEASURES, talk
from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Listening,
    Recording,
    RoleSource,
    Source,
    SourceKind,
    Speaker,
    StartedAtSource,
)
from calls.labels import Role
from calls.measures import Measure, State
from calls.metadata import CallMetadata
from calls.quality import TranscriptQuality
from calls.settings import AttributionSettings
from calls.transcript import Engine, TranscriptOrigin, Turn, Word
from models.attribution import attribute
from models.importers import import_transcript

NOW = datetime(2026, 9, 14, 10, tzinfo=UTC)
RECORDING = Recording(
    "k",
    "c",
    (Source("call.wav", SourceKind.AUDIO, "0", 1, NOW),),
    CallMetadata(),
    NOW,
    StartedAtSource.SIDECAR,
)
REP = Speaker("ch0", Role.REP, channel=0)
CUSTOMER = Speaker("ch1", Role.CUSTOMER, channel=1)
BLANK = spacy.blank("en")
AWS_CALL = (
    Path(__file__).parents[2] / ".." / "shared/data/transcripts/aws-transcribe/example-call.json"
)


def turn(speaker: Speaker, start_s: float, end_s: float, text: str, **more: Any) -> Turn:
    """A turn whose words share its time evenly."""
    texts = text.split()
    step_s = (end_s - start_s) / len(texts)
    words = tuple(
        Word(one, start_s + step_s * at, start_s + step_s * (at + 1))
        for at, one in enumerate(texts)
    )
    return Turn(0, speaker.speaker, speaker.role, start_s, end_s, text, words, **more)


def whole(speaker: Speaker, start_s: float, end_s: float, text: str) -> Turn:
    return Turn(0, speaker.speaker, speaker.role, start_s, end_s, text)


def measured(
    turns: Sequence[Turn],
    speakers: Sequence[Speaker] = (REP, CUSTOMER),
    *,
    layout: ChannelLayout = ChannelLayout.SEPARATE,
    engine: Engine = Engine.WHISPER,
    options: dict[str, Any] | None = None,
    duration_s: float = 60.0,
    truncated: bool = False,
    covered: bool = True,
    is_mixed: bool = False,
    quality: TranscriptQuality | None = None,
) -> dict[tuple[str, str | None], Measure]:
    call = AttributedCall(
        RECORDING,
        AudioFacts(duration_s, 2, layout, truncated=truncated),
        TranscriptOrigin(engine, "m", options=options or {}),
        "en",
        "detected",
        tuple(speakers),
        RoleSource.SIDECAR,
        tuple(turns),
        quality=quality,
        is_mixed=is_mixed,
    )
    docs = tuple(BLANK(one.text) for one in turns)
    measures = list(talk(AnnotatedCall(call, docs, covered), Found()))
    assert len({(one.name, one.speaker) for one in measures}) == len(measures)
    assert {one.name for one in measures} <= set(TALK_MEASURES)
    return {(one.name, one.speaker): one for one in measures}


PLAIN = (
    turn(REP, 0, 10, "How do you plan the work at the four sites today?"),
    turn(CUSTOMER, 11, 16, "we write it on a board"),
    turn(REP, 16.5, 26.5, "and the board is right in the morning and wrong by noon"),
)


def values(measures: dict[tuple[str, str | None], Measure], speaker: str | None) -> dict[str, Any]:
    return {name: one.value for (name, of), one in measures.items() if of == speaker}


def reason(measures: dict[tuple[str, str | None], Measure], name: str, of: str | None) -> str:
    assert measures[name, of].state is State.NOT_MEASURABLE
    return measures[name, of].reason


def test_measures_of_a_plain_call() -> None:
    measures = measured(PLAIN)
    told = {name for (name, _), one in measures.items() if one.state is State.OK}
    assert set(TALK_MEASURES) - told == {
        "pace_deviation_per_min",
        "filler_count",
        "fillers_per_min",
    }
    assert values(measures, "ch0") == {
        "talk_s": 20.0,
        "listen_s": 5.0,
        "word_count": 23,
        "words_per_min": 69.0,
        "pace_deviation_per_min": None,
        "filler_count": 0,
        "fillers_per_min": 0.0,
        "turn_count": 2,
        "question_count": 1,
        "longest_monologue_s": 10.0,
        "interruptions_made_count": 0,
        "interruptions_suffered_count": 0,
        "reply_gap_s": 0.5,
        "after_question_gap_s": 1.0,
    }
    assert values(measures, "ch1")["reply_gap_s"] == 1.0
    assert values(measures, None) == {
        "rep_talk_s": 20.0,
        "customer_talk_s": 5.0,
        "talk_ratio": 0.8,
        "talk_of_call_ratio": 0.333,
        "silence_s": 35.0,
        "silence_ratio": 0.583,
        "overlap_s": 0.0,
        "turn_count": 3,
        "question_count": 1,
        "questions_per_30_min": 30.0,
        "customer_question_count": 0,
        "longest_monologue_s": 10.0,
        "monologue_count": 0,
        "longest_customer_story_s": 5.0,
        "switches_per_min": 2.0,
        "reply_gap_s": 0.5,
        "after_question_gap_s": 1.0,
    }


def test_own_gaps_up_to_a_second_and_a_half_are_talk() -> None:
    turns = [turn(REP, 0, 2, "one two"), turn(REP, 3.5, 5, "three"), turn(REP, 7, 8, "four")]
    assert floor.talk_spans(turns) == [(0.0, 5.0), (7.0, 8.0)]


def test_overlap_counts_for_both_sides() -> None:
    measures = measured([turn(REP, 0, 10, "a b c d e f g h i j"), turn(CUSTOMER, 8, 12, "no no")])
    found = values(measures, None)
    assert (found["rep_talk_s"], found["customer_talk_s"], found["overlap_s"]) == (10.0, 4.0, 2.0)
    assert found["talk_ratio"] == 0.714
    assert found["silence_s"] == 48.0
    assert values(measures, "ch0")["listen_s"] == 2.0


def test_a_turn_into_anothers_turn_is_an_interruption() -> None:
    measures = measured([turn(REP, 0, 10, "a b c d e f g h i j"), turn(CUSTOMER, 8, 12, "no no")])
    assert values(measures, "ch1")["interruptions_made_count"] == 1
    assert values(measures, "ch0")["interruptions_suffered_count"] == 1
    assert values(measures, "ch0")["interruptions_made_count"] == 0


@pytest.mark.parametrize(
    "other",
    [
        turn(CUSTOMER, 9.85, 12, "no no"),
        turn(CUSTOMER, 4, 4.5, "yeah", is_backchannel=True),
        turn(CUSTOMER, 0.1, 2, "hello there"),
    ],
    ids=["shorter than 0.2 s", "backchannel", "started together"],
)
def test_what_is_no_interruption(other: Turn) -> None:
    turns = sorted([turn(REP, 0, 10, "a b c d e f g h i j"), other], key=lambda one: one.start_s)
    assert floor.interruptions(turns) == []


def test_backchannels_do_not_end_a_monologue_and_are_no_turns() -> None:
    turns = [
        turn(REP, 0, 10, "a b c d e f g h i j"),
        turn(CUSTOMER, 4, 4.5, "yeah", is_backchannel=True),
        turn(REP, 11, 16, "k l m n o"),
    ]
    measures = measured(turns)
    assert values(measures, "ch0")["longest_monologue_s"] == 16.0
    assert values(measures, None)["turn_count"] == 2
    assert values(measures, None)["switches_per_min"] == 0.0
    assert reason(measures, "reply_gap_s", "ch1") == "no reply without overlap"


def test_a_turn_of_the_other_ends_a_monologue() -> None:
    turns = [
        turn(REP, 0, 10, "a b c d e f g h i j"),
        turn(CUSTOMER, 4, 5, "hang on"),
    ]
    assert floor.Floor(turns).longest_monologue_s("ch0") == 6.0


def test_reply_gap_is_a_median_and_leaves_overlap_out() -> None:
    turns = [
        turn(CUSTOMER, 0, 2, "a b"),
        turn(REP, 3, 5, "c d"),
        turn(CUSTOMER, 4, 7, "e f"),
        turn(REP, 10, 12, "g h"),
        turn(CUSTOMER, 12, 13, "i"),
        turn(REP, 15, 16, "j"),
    ]
    assert floor.reply_gaps(turns) == [("ch0", 1.0), ("ch0", 3.0), ("ch1", 0.0), ("ch0", 2.0)]
    assert values(measured(turns), "ch0")["reply_gap_s"] == 2.0


def test_little_talk_has_no_pace() -> None:
    measures = measured([turn(REP, 0, 4, "a b c"), turn(CUSTOMER, 5, 6, "d")])
    assert reason(measures, "words_per_min", "ch0") == "less than 5 s of talk"


def test_unknown_roles() -> None:
    nobody = [Speaker(one.speaker, Role.UNKNOWN, channel=one.channel) for one in (REP, CUSTOMER)]
    measures = measured(PLAIN, nobody)
    for name in ("rep_talk_s", "talk_ratio", "question_count", "longest_monologue_s"):
        assert reason(measures, name, None) == "speaker roles unknown"
    assert measures["silence_s", None].state is State.OK
    assert values(measures, "ch0")["talk_s"] == 20.0


def test_a_role_that_nobody_has() -> None:
    manager = Speaker("ch1", Role.MANAGER, channel=1)
    measures = measured(PLAIN, [REP, manager])
    assert reason(measures, "talk_ratio", None) == "no customer on the call"
    assert values(measures, None)["rep_talk_s"] == 20.0


def test_a_speaker_who_was_not_heard() -> None:
    why = "channel 1 is silent throughout"
    deaf = Speaker("ch1", Role.CUSTOMER, channel=1, heard=False, not_heard_reason=why)
    measures = measured([PLAIN[0]], [REP, deaf], layout=ChannelLayout.ONE_DEAD)
    for name in SPEAKER_MEASURES:
        assert reason(measures, name, "ch1") == why
    for name in ("customer_talk_s", "talk_ratio", "silence_s", "overlap_s", "switches_per_min"):
        assert reason(measures, name, None) == why
    assert reason(measures, "listen_s", "ch0") == why
    assert values(measures, "ch0")["talk_s"] == 10.0
    assert measures["longest_monologue_s", "ch0"].state is State.LOW_CONFIDENCE


def test_imported_utterances_without_channels() -> None:
    anna, ben = Speaker("Anna", Role.REP), Speaker("Ben", Role.CUSTOMER)
    turns = [whole(anna, 0, 10, "a b c d"), whole(ben, 11, 20, "e f"), whole(anna, 21, 30, "g")]
    measures = measured(turns, [anna, ben], layout=ChannelLayout.NONE, engine=Engine.IMPORTED)
    assert reason(measures, "overlap_s", None) == "needs one channel per party"
    assert reason(measures, "interruptions_made_count", "Anna") == "needs one channel per party"
    assert measures["talk_s", "Anna"] == Measure("talk_s", 19.0 + 0.0, "Anna")
    for key in (("silence_s", None), ("reply_gap_s", "Anna")):
        assert (measures[key].state, measures[key].reason) == (
            State.LOW_CONFIDENCE,
            "no word times",
        )


def test_a_vendor_that_heard_separate_channels() -> None:
    anna, ben = Speaker("AGENT", Role.REP), Speaker("CUSTOMER", Role.CUSTOMER)
    turns = [turn(anna, 0, 10, "a b c d"), turn(ben, 8, 12, "e f")]
    measures = measured(
        turns,
        [anna, ben],
        layout=ChannelLayout.NONE,
        engine=Engine.IMPORTED,
        options={"separate_channels": True},
    )
    assert values(measures, None)["overlap_s"] == 2.0


def test_a_transcript_with_estimated_times_is_not_timed() -> None:
    measures = measured(PLAIN, engine=Engine.IMPORTED, options={"times": "estimated"})
    assert reason(measures, "talk_s", "ch0") == "the transcript has no times"
    assert reason(measures, "talk_ratio", None) == "the transcript has no times"
    assert values(measures, "ch0")["word_count"] == 23
    assert values(measures, None)["question_count"] == 1


@pytest.mark.parametrize("layout", [ChannelLayout.MONO, ChannelLayout.DUAL_MONO])
def test_one_voice_for_everybody(layout: ChannelLayout) -> None:
    anybody = Speaker("ch0", Role.UNKNOWN, channel=0)
    spoken = [turn(anybody, 0, 10, "a b c")]
    measures = measured(spoken, [anybody], layout=layout, is_mixed=True)
    assert reason(measures, "talk_s", "ch0") == "all voices are on one channel"
    assert reason(measures, "turn_count", None) == "all voices are on one channel"
    assert reason(measures, "overlap_s", None) == "needs one channel per party"
    assert values(measures, None)["silence_s"] == 50.0


def test_no_speech() -> None:
    quiet = [
        Speaker(one.speaker, one.role, heard=False, not_heard_reason="no speech")
        for one in (REP, CUSTOMER)
    ]
    measures = measured([], quiet)
    assert len(measures) == 2 * len(SPEAKER_MEASURES) + len(CALL_MEASURES)
    assert {(one.state, one.reason) for one in measures.values()} == {
        (State.NOT_MEASURABLE, "no speech")
    }


def test_the_embedded_engine_makes_text_doubtful() -> None:
    measures = measured(PLAIN, engine=Engine.EMBEDDED)
    doubtful = {one.name for one in measures.values() if one.state is State.LOW_CONFIDENCE}
    assert doubtful == {
        "word_count",
        "words_per_min",
        "filler_count",
        "fillers_per_min",
        "question_count",
        "questions_per_30_min",
        "customer_question_count",
        "after_question_gap_s",
    }
    assert (
        measures["word_count", "ch0"].reason == "embedded engine: reads clean wide-band speech only"
    )


def test_a_truncated_recording_makes_everything_doubtful() -> None:
    measures = measured(PLAIN, truncated=True, engine=Engine.EMBEDDED)
    taken = [one for one in measures.values() if one.state is not State.NOT_MEASURABLE]
    assert len(taken) > 30
    assert {one.state for one in taken} == {State.LOW_CONFIDENCE}
    assert measures["talk_s", "ch0"].reason == "the recording is cut off"
    assert measures["word_count", "ch0"].reason == (
        "the recording is cut off; embedded engine: reads clean wide-band speech only"
    )


def test_missing_words_make_everything_doubtful() -> None:
    measures = measured(PLAIN, quality=TranscriptQuality(600.0, 60.0, 20))
    taken = [one for one in measures.values() if one.state is not State.NOT_MEASURABLE]
    assert len(taken) > 30
    assert {one.state for one in taken} == {State.LOW_CONFIDENCE}
    assert all(one.reason.startswith("words cover 10% of the speech") for one in taken)


def test_speech_without_words_is_not_taken_for_silence() -> None:
    measures = measured([], quality=TranscriptQuality(600.0, 0.0, 20))
    assert reason(measures, "silence_s", None) == "no words for 600 s of speech"


def test_doubtful_words_of_one_speaker_are_doubtful_for_nobody_else() -> None:
    spoken = (replace(PLAIN[0], doubt="the words repeat"), *PLAIN[1:])
    measures = measured(spoken)
    assert measures["talk_s", "ch0"].state is State.LOW_CONFIDENCE
    assert measures["talk_s", "ch1"].state is State.OK
    assert measures["talk_ratio", None].state is State.LOW_CONFIDENCE
    assert measures["customer_talk_s", None].state is State.OK


def test_questions_in_a_language_without_a_playbook() -> None:
    measures = measured(PLAIN, covered=False)
    assert reason(measures, "question_count", "ch0") == "language 'en' has no playbook"
    assert values(measures, "ch0")["talk_s"] == 20.0


def test_a_third_voice_without_a_role_makes_the_ratio_doubtful() -> None:
    third = Speaker("ch2", Role.UNKNOWN, channel=2)
    measures = measured([*PLAIN, turn(third, 30, 31, "hi")], [REP, CUSTOMER, third])
    assert measures["talk_ratio", None].reason == "a speaker's role is unknown"


def test_unknown_duration() -> None:
    measures = measured(PLAIN, duration_s=0.0)
    assert reason(measures, "silence_ratio", None) == "the duration is unknown"
    assert reason(measures, "switches_per_min", None) == "the duration is unknown"


@pytest.mark.skipif(not AWS_CALL.is_file(), reason=f"third-party data is not at {AWS_CALL}")
def test_talk_time_comes_within_five_percent_of_what_aws_measured() -> None:
    transcript = import_transcript("example-call.json", AWS_CALL.read_bytes())
    listening = Listening(AudioFacts(182.89, 0, ChannelLayout.NONE), transcript)
    call = attribute(RECORDING, listening, AttributionSettings())
    docs = tuple(BLANK(one.text) for one in call.turns)
    yielded = talk(AnnotatedCall(call, docs), Found())
    measures = {(one.name, one.speaker): one.value for one in yielded}
    assert measures["talk_s", "AGENT"] == pytest.approx(104.349, rel=0.05)
    assert measures["talk_s", "CUSTOMER"] == pytest.approx(63.790, rel=0.05)
    assert measures["talk_ratio", None] == pytest.approx(104.349 / 168.139, rel=0.05)
    # AWS counts two interruptions, both by the agent. In the second the customer had paused.
    assert floor.interruptions(call.turns)[0] == floor.Interruption("AGENT", "CUSTOMER", 18.74)

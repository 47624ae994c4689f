"""Scoring transcripts: rates that were counted by hand, and what must not be given a number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from models.evaluation.diarization import diarization_errors
from models.evaluation.normalising import normaliser_for
from models.evaluation.references import (
    Reference,
    read_references,
    read_speech,
    speech_only,
)
from models.evaluation.score_row import SpeechScore
from models.evaluation.scores import score, totals
from models.evaluation.spoken import Spoken, spoken
from models.evaluation.word_errors import WordErrors, errors_by_speaker, word_errors

Said = tuple[int | None, str | None, float, str]
"""Channel, label, start and text of an utterance whose words last half a second each."""


def transcript(*said: Said, engine: Engine = Engine.WHISPER, language: str = "en") -> Transcript:
    utterances = []
    for channel, speaker, start_s, text in said:
        words = tuple(
            Word(word, start_s + 0.5 * at, start_s + 0.5 * (at + 1))
            for at, word in enumerate(text.split())
        )
        end_s = words[-1].end_s if words else start_s
        utterances.append(Utterance(start_s, end_s, text, channel, speaker, words))
    origin = TranscriptOrigin(engine, "small")
    return Transcript(tuple(utterances), origin, language, "detected")


def stm(*lines: str) -> Reference:
    (found,) = read_references("a.stm", "\n".join(lines).encode()).values()
    return found


def plain(text: str) -> Reference:
    return read_references("a.txt", text.encode())["a"]


TWO = stm("a 1 ann 0 2 good morning to you", "a 2 bo 3 4.5 hello there ann")
TWO_HEARD = transcript((0, None, 0.0, "good morning to you"), (1, None, 3.0, "hello there ann"))


def test_what_was_heard_exactly_has_no_errors_at_all() -> None:
    row = score("a", TWO, TWO_HEARD)
    assert (row.wer, row.cpwer, row.der) == (0.0, 0.0, 0.0)
    assert (row.reference_count, row.hypothesis_count, row.cp_reference_count) == (7, 7, 7)
    assert (row.reference_speakers, row.hypothesis_speakers) == (2, 2)
    assert not row.wer_reason + row.cpwer_reason + row.der_reason + row.not_scored_reason
    assert (row.engine, row.model, row.language) == ("faster-whisper", "small", "en")
    assert (row.normaliser, row.unit) == ("whisper-english", "word")


def test_wrong_missed_and_invented_words_are_told_apart() -> None:
    # "the cat sat on the mat" heard as "the hat sat the mat now": hat, on, now.
    heard = transcript((0, None, 0.0, "the hat sat the mat now"))
    row = score("a", plain("The cat sat on the mat."), heard)
    assert (row.substitutions, row.deletions, row.insertions) == (1, 1, 1)
    assert row.wer == pytest.approx(3 / 6)


def test_a_rate_may_exceed_one_where_much_is_invented() -> None:
    assert score("a", plain("hello"), transcript((0, None, 0.0, "a b c d"))).wer == 4.0


def test_swapped_channels_and_other_labels_are_no_errors_by_speaker() -> None:
    swapped = transcript((1, None, 0.0, "good morning to you"), (0, None, 3.0, "hello there ann"))
    assert score("a", TWO, swapped).cpwer == 0.0
    labels = transcript(
        (None, "B", 0.0, "good morning to you"), (None, "A", 3.0, "hello there ann")
    )
    assert score("a", TWO, labels).cpwer == 0.0


def test_words_given_to_the_wrong_speaker_are_errors_by_speaker_only() -> None:
    # Ann's "to you" goes to Bo: missing for her, invented for him.
    mixed = transcript((0, None, 0.0, "good morning"), (1, None, 1.0, "to you hello there ann"))
    row = score("a", TWO, mixed)
    assert row.wer == 0.0
    assert (row.cp_substitutions, row.cp_deletions, row.cp_insertions) == (0, 2, 2)
    assert row.cpwer == pytest.approx(4 / 7)


def test_edits_never_reach_across_speakers() -> None:
    said = {"a": ["the", "cat"], "b": ["sat", "on"]}
    heard = {"x": ["the", "cat", "sat"], "y": ["on"]}
    assert errors_by_speaker(said, heard) == WordErrors(4, 4, 0, 1, 1)


def test_a_speaker_too_many_or_too_few_is_all_insertions_or_deletions() -> None:
    three = {"a": ["one", "two"], "b": ["three"], "c": ["four", "five", "six"]}
    two = {"x": ["four", "five", "six"], "y": ["one", "two"]}
    assert errors_by_speaker(three, two) == WordErrors(6, 5, 0, 1, 0)
    assert errors_by_speaker(two, three) == WordErrors(5, 6, 0, 0, 1)
    assert errors_by_speaker({}, {}) == WordErrors()
    assert errors_by_speaker({}, two) == WordErrors(0, 5, 0, 0, 5)


def test_the_best_pairing_counts_even_if_the_order_is_misleading() -> None:
    said = {"a": ["x"] * 5, "b": ["y"] * 5, "c": ["z"] * 5}
    heard = {"1": ["z"] * 5, "2": ["x"] * 5, "3": ["y"] * 4}
    assert errors_by_speaker(said, heard) == WordErrors(15, 14, 0, 1, 0)


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        ([], [], WordErrors()),
        ([], ["a", "b"], WordErrors(0, 2, 0, 0, 2)),
        (["a", "b"], [], WordErrors(2, 0, 0, 2, 0)),
    ],
)
def test_nothing_on_either_side_is_counted_not_refused(
    said: list[str], heard: list[str], expected: WordErrors
) -> None:
    assert word_errors(said, heard) == expected


def test_a_transcript_without_words_misses_everything() -> None:
    row = score("a", TWO, transcript(engine=Engine.NONE))
    assert (row.wer, row.cpwer, row.der) == (1.0, 1.0, 1.0)
    assert row.deletions == row.cp_deletions == 7


def test_a_reference_without_words_has_no_rate_and_no_part_in_the_total() -> None:
    silent = score("quiet", plain(" \n"), transcript((0, None, 0.0, "thank you")))
    assert silent.wer is None
    assert silent.wer_reason == "the reference has no words"
    assert silent.insertions == 2
    (total,) = totals([silent, score("a", plain("four words in here"), TWO_HEARD)])
    assert (total.reference_count, total.hypothesis_count) == (4, 7)
    assert total.insertions == 7 - 4


def test_one_voice_for_two_speakers_gets_no_rate_by_speaker() -> None:
    mono = transcript((0, None, 0.0, "good morning to you"), (0, None, 3.0, "hello there ann"))
    row = score("a", TWO, mono)
    assert row.wer == 0.0
    assert row.cpwer is None
    assert row.der is None
    assert "one voice" in row.cpwer_reason
    assert "one voice" in row.der_reason


def test_one_voice_for_one_speaker_is_measured() -> None:
    alone = stm("a 1 ann 0 2 good morning to you")
    row = score("a", alone, transcript((0, None, 0.0, "good morning to you")))
    assert (row.cpwer, row.der) == (0.0, 0.0)


def test_voices_told_apart_on_one_channel_are_speakers() -> None:
    mono = transcript((0, "A", 0.0, "good morning to you"), (0, "B", 3.0, "hello there ann"))
    row = score("a", TWO, mono)
    assert (row.cpwer, row.der, row.hypothesis_speakers) == (0.0, 0.0, 2)


def test_text_alone_gives_no_rate_by_speaker_and_no_diarization_error() -> None:
    row = score("a", plain("good morning to you hello there ann"), TWO_HEARD)
    assert row.wer == 0.0
    assert (row.cpwer_reason, row.der_reason) == (
        "the reference names no speakers",
        "the reference has no times",
    )


def test_estimated_times_give_no_diarization_error() -> None:
    origin = TranscriptOrigin(Engine.IMPORTED, "vcon", options={"times": "estimated"})
    guessed = Transcript(TWO_HEARD.utterances, origin, None, "unknown")
    assert score("a", TWO, guessed).der_reason == "the transcript's times are estimates"


def test_speakers_and_times_alone_give_only_the_diarization_error() -> None:
    rttm = b"SPEAKER a 1 0 2 <NA> <NA> s1 <NA> <NA>\nSPEAKER a 1 3 1.5 <NA> <NA> s2 <NA> <NA>\n"
    row = score("a", speech_only("a.rttm", read_speech("a.rttm", rttm)["a"]), TWO_HEARD)
    assert row.der == 0.0
    assert row.wer is None
    assert (
        row.wer_reason == row.cpwer_reason == "the reference has no words, only speakers and times"
    )


def test_times_of_a_second_file_go_before_those_of_the_first() -> None:
    late = TWO.with_speech("a.rttm", {"s1": [(0.0, 2.0)], "s2": [(3.0, 6.0)]})
    row = score("a", late, TWO_HEARD, collar_s=0.0)
    assert row.missed_s == pytest.approx(1.5)
    assert row.reference == "a.stm, a.rttm"


def test_what_is_to_be_ignored_costs_nothing() -> None:
    reference = stm(
        "a 1 ann 0 2 good morning to you",
        "a 1 nobody 2 3 IGNORE_TIME_SEGMENT_IN_SCORING",
        "a 2 bo 3 4.5 hello there ann",
    )
    heard = transcript(
        (0, None, 0.0, "good morning to you what now"), (1, None, 3.0, "hello there ann")
    )
    row = score("a", reference, heard)
    assert (row.wer, row.cpwer, row.der) == (0.0, 0.0, 0.0)


def test_diarization_error_is_missed_false_and_confused_seconds_by_speech() -> None:
    said = {"a": [(0.0, 10.0)], "b": [(10.0, 20.0)]}
    # x speaks 2 s of b's time; nobody is heard from 18 to 20; y is heard 1 s too long at 21.
    heard = {"x": [(0.0, 12.0)], "y": [(12.0, 18.0), (20.0, 21.0)]}
    found = diarization_errors(said, heard, collar_s=0.0)
    assert (found.speech_s, found.missed_s, found.false_alarm_s, found.confusion_s) == (20, 2, 1, 2)
    assert found.rate == pytest.approx(5 / 20)


def test_two_people_at_once_count_twice() -> None:
    said = {"a": [(0.0, 10.0)], "b": [(5.0, 10.0)]}
    found = diarization_errors(said, {"x": [(0.0, 10.0)]}, collar_s=0.0)
    assert (found.speech_s, found.missed_s) == (15, 5)


def test_the_collar_is_taken_on_each_side_of_every_border_of_the_reference() -> None:
    said = {"a": [(0.0, 10.0)]}
    late = {"x": [(0.25, 10.25)]}
    assert diarization_errors(said, late, collar_s=0.25).rate == 0.0
    found = diarization_errors(said, late, collar_s=0.2)
    assert found.speech_s == pytest.approx(9.6)
    assert found.missed_s == pytest.approx(0.05)
    assert found.false_alarm_s == pytest.approx(0.05)


def test_diarization_of_nothing_is_nothing() -> None:
    assert diarization_errors({}, {}).rate is None
    assert diarization_errors({}, {"x": [(0.0, 2.0)]}).false_alarm_s == 2.0
    assert diarization_errors({"a": [(0.0, 2.0)]}, {}, collar_s=0.0).rate == 1.0
    assert diarization_errors({"a": [(1.0, 1.2)]}, {}).rate is None  # all of it is collar


def test_totals_pool_errors_and_never_average_rates() -> None:
    short = score("s", plain("yes"), transcript((0, None, 0.0, "no")))
    long = score("l", plain("word " * 99), transcript((0, None, 0.0, "word " * 99)))
    (total,) = totals([short, long, SpeechScore("x", not_scored_reason="no recording")])
    assert total.wer == pytest.approx(1 / 100)
    assert total.is_total
    assert (total.engine, total.model, total.language) == ("faster-whisper", "small", "en")
    assert total.cpwer_reason == "not measurable on any recording"


def test_what_has_no_rate_of_its_own_has_no_part_in_the_total() -> None:
    silent = stm("a 1 ann 0 1 IGNORE_TIME_SEGMENT_IN_SCORING")
    invented = transcript((0, None, 2.0, "thank you for watching"))
    empty = score("e", silent, invented)
    assert (empty.wer, empty.cpwer, empty.der) == (None, None, None)
    assert (empty.insertions, empty.cp_insertions, empty.false_alarm_s) == (4, 4, 2.0)
    good = score("g", TWO, TWO_HEARD)
    for rows in ([empty, good], [good, empty]):
        (total,) = totals(rows)
        assert (total.wer, total.cpwer, total.der) == (0.0, 0.0, 0.0)
        assert (total.insertions, total.cp_insertions, total.false_alarm_s) == (0, 0, 0.0)
    (alone,) = totals([empty])
    assert (alone.wer, alone.cpwer, alone.der) == (None, None, None)
    reasons = {alone.wer_reason, alone.cpwer_reason, alone.der_reason}
    assert reasons == {"not measurable on any recording"}


def test_words_and_characters_are_not_added_up() -> None:
    chinese = score("z", plain("你好世界"), transcript((0, None, 0.0, "你好地界"), language="zh"))
    assert (chinese.unit, chinese.reference_count, chinese.wer) == ("character", 4, 0.25)
    english = score("e", plain("hello"), transcript((0, None, 0.0, "hello")))
    assert [one.name for one in totals([chinese, english])] == [
        "total (characters)",
        "total (words)",
    ]


def test_a_total_of_nothing_is_no_row() -> None:
    assert totals([]) == []
    assert totals([SpeechScore("x", not_scored_reason="no recording")]) == []


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Um, it's twenty-one dollars!", "it is $21"),
        ("I don\N{RIGHT SINGLE QUOTATION MARK}t know.", "i don't know"),
        ("[laughter] colour <NOISE>", "color"),
        ("four five six, seven", "4567"),
    ],
)
def test_english_is_compared_as_whisper_normalises_it(said: str, heard: str) -> None:
    normalise = normaliser_for("en-GB")
    assert normalise(said) == normalise(heard)


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        ("de", "Grüß Gott, Müller!", "grüß gott müller"),
        ("hi", "नमस्ते, दुनिया।", "नमस्ते दुनिया"),
        ("ru", "Привет — мир", "привет мир"),
    ],
)
def test_other_languages_lose_punctuation_and_keep_their_letters(
    language: str, said: str, heard: str
) -> None:
    assert normaliser_for(language)(said) == heard.split()


def test_the_language_is_as_told_then_as_the_reference_then_as_the_transcript_says() -> None:
    german = transcript((0, None, 0.0, "zwei"), language="de")
    assert score("a", plain("zwei"), german).language == "de"
    assert score("a", plain("two"), german, language="en").language == "en"
    french = replace(plain("deux"), language="fr")
    assert score("a", french, german).language == "fr"


def test_overlapping_speech_keeps_the_words_of_a_turn_together() -> None:
    heard = transcript((0, None, 0.0, "one two three four"), (1, None, 0.6, "nine ten eleven"))
    texts = sorted(line.text for line in spoken(heard).lines)
    assert texts == ["nine ten eleven", "one two three four"]


def test_labels_on_one_of_several_channels_do_not_split_a_side() -> None:
    heard = transcript((0, "A", 0.0, "one"), (0, "B", 2.0, "two"), (1, None, 4.0, "three"))
    assert set(spoken(heard).text_by_speaker()) == {"ch0", "ch1"}


def test_a_word_that_nobody_is_given_counts_as_another_speaker_s() -> None:
    heard = transcript((None, "A", 0.0, "good morning to you"), (None, None, 3.0, "hello"))
    assert score("a", TWO, heard).hypothesis_speakers == 2


def test_a_call_of_more_than_an_hour_is_scored() -> None:
    text = " ".join(f"word{number % 700}" for number in range(9000))
    heard = transcript((0, None, 0.0, text), (1, None, 1.0, text))
    reference = stm(f"a 1 ann 0 4500 {text}", f"a 2 bo 1 4501 {text}")
    assert score("a", reference, heard).cpwer == 0.0


def test_what_a_side_does_not_know_is_a_reason_and_not_an_error() -> None:
    nothing = Reference(("a.txt",), Spoken((), no_words="w", no_speakers="s", no_times="t"))
    row = score("a", nothing, TWO_HEARD)
    assert (row.wer_reason, row.cpwer_reason, row.der_reason) == ("w", "w", "t")

"""What people really say is left alone, however odd it looks."""

from __future__ import annotations

import json

import pytest

from models.embedded import EmbeddedEngine
from models.guards import Suspicion, suspicions
from models.guards.language import is_flipped
from models.guards.repetition import repeats
from models.guards.tokens import split
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.sound import Sound
from models.vad import find_speech, pack
from tests.conftest import SHARED_DATA
from tests.sounds import sample_speech
from tests.spoken import chunk_of, fan, heard, near_silence, voice, words_of

ENGLISH = DecodeOptions("en")
NAMES = ("Quillstone", "Saltmarsh Hotels", "Imogen Castell", "Dele Ransome")


def found(text: str, *, seconds: float, language: str = "en") -> tuple[Suspicion, ...]:
    chunk = chunk_of(voice(seconds))
    decoded = heard(text, end_s=seconds - 0.2)
    return suspicions(chunk, decoded, DecodeOptions(language, NAMES))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("No, no, no, no, no, no, that is not what I meant.", 5),
        ("Yeah, yeah, yeah. Yeah.", 2),
        ("It was very, very, very, very good.", 3),
        ("I I I I think we we should go.", 3.5),
        ("Okay, bye. Bye bye. Bye bye.", 2.5),
        ("one two three four five six seven eight nine ten eleven twelve", 6),
        ("It's oh one one one, one one one, four four two two.", 6),
        ("That's A A B B C C double D for delta.", 5),
        ("here an arrow, here an arrow, here an arrow and there none", 5),
        ("What do you mean? What do you mean, no budget?", 3),
        ("Ha ha ha ha! That's a good one.", 3),
        ("www.halfpace.com slash demo, dot com, not dot co", 4),
    ],
)
def test_natural_repetition_is_no_loop(text: str, seconds: float) -> None:
    assert found(text, seconds=seconds) == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Thank you.", 1.2),
        ("Bye.", 0.9),
        ("Thank you very much. Bye-bye.", 2.0),
        ("Yeah.", 0.9),
        ("Thanks for watching the demo with us, I know it was late for you.", 4.5),
        ("We had to pay for the subtitles, so to be continued I guess.", 4.5),
        ("Please subscribe to the newsletter if you want the figures.", 4),
    ],
)
def test_a_phrase_that_engines_invent_may_also_be_said(text: str, seconds: float) -> None:
    assert found(text, seconds=seconds) == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We use Mittelstand as a word for that, wie sagt man, mid-market.", "en"),
        ("The Bundesrechnungshof and the Deutsche Bahn asked for it.", "en"),
        ("Das ist unser Customer Success Manager für Cloud und On Premise.", "de"),
        ("On a fait un kick-off call avec le customer success manager.", "fr"),
        ("弊社では Salesforce と HubSpot を使っています", "ja"),
        ("我们在用 Microsoft Teams 和 Zoom 开会", "zh"),
        ("Мы используем Salesforce и HubSpot каждый день", "ru"),
        ("Il s'appelle 李 et il vient de 北京.", "fr"),
        ("OK, Zoom, Teams, Slack.", "ru"),
    ],
)
def test_names_and_borrowed_words_are_no_other_language(text: str, language: str) -> None:
    assert found(text, seconds=6, language=language) == ()


def test_a_language_without_small_words_on_file_is_judged_by_its_script_alone() -> None:
    text = "og nou dink ek dat ons dit moet doen want die mense wil nie wag nie"
    assert found(text, seconds=7, language="af") == ()


@pytest.mark.parametrize("words_per_s", [1.0, 2.5, 5.5])
def test_slow_and_fast_talkers_are_believed(words_per_s: float) -> None:
    text = "so what we see with hotels of your size is that guests rate the arrival before the room"
    assert found(text, seconds=len(text.split()) / words_per_s + 0.4) == ()


def test_a_name_that_was_told_and_said_is_believed() -> None:
    text = "Hello, this is Imogen Castell from Quillstone, is that Dele Ransome?"
    assert found(text, seconds=5) == ()


@pytest.mark.parametrize("said", ["Mm-hmm.", "Yeah.", "All right."])
def test_a_listener_may_say_the_same_all_the_time(said: str) -> None:
    """Packing drops what the other says in between."""
    stretches = [voice(1.0) for _ in range(20)]
    words = tuple(
        word._replace(start_s=word.start_s + at, end_s=word.end_s + at)
        for at in range(len(stretches))
        for word in words_of(said, end_s=0.8)
    )
    assert suspicions(chunk_of(*stretches), HeardChunk(words), ENGLISH) == ()


@pytest.mark.parametrize("rest", [near_silence(10), fan(10)], ids=["silence", "steady noise"])
def test_nothing_is_missing_where_nobody_speaks(rest: object) -> None:
    chunk = chunk_of(voice(4), rest)
    decoded = heard("so that is how we usually work with hotels", end_s=3.8)
    assert suspicions(chunk, decoded, ENGLISH) == ()


def test_a_laugh_without_words_is_no_gap() -> None:
    words = (
        *words_of("and then he asked for the key", end_s=4),
        *words_of("so that was that", start_s=7.3, end_s=9.5),
    )
    assert suspicions(chunk_of(voice(10)), HeardChunk(words), ENGLISH) == ()


def test_a_cough_that_no_word_was_made_of_is_nothing() -> None:
    assert suspicions(chunk_of(voice(0.8)), HeardChunk(()), ENGLISH) == ()


@pytest.mark.parametrize("probability", [None, 0.0, 0.05])
def test_words_of_an_engine_without_or_with_low_probabilities_are_believed(
    probability: float | None,
) -> None:
    text = "so what we see with hotels of your size is that guests rate the arrival first"
    words = words_of(text, end_s=5.8, probability=probability)
    assert suspicions(chunk_of(voice(6)), HeardChunk(words), ENGLISH) == ()


def test_a_long_number_takes_its_time() -> None:
    words = (
        *words_of("the account number is", end_s=1.5),
        RawWord("4820193375", 1.5, 6.5, 0.8),
        *words_of("and that is it", start_s=6.6, end_s=7.8),
    )
    assert suspicions(chunk_of(voice(8)), HeardChunk(words), ENGLISH) == ()


@pytest.mark.speech
def test_what_the_embedded_engine_really_hears_is_believed() -> None:
    sound = Sound.of(sample_speech(seconds=10))
    chunks = [chunk for side in (0, 1) for chunk in pack(side, sound, find_speech(sound, side))]
    engine = EmbeddedEngine(processes=1)
    try:
        decoded = engine.decode(chunks, ENGLISH)
    finally:
        engine.close()
    assert sum(len(one.words) for one in decoded) > 10
    assert [suspicions(*pair, ENGLISH) for pair in zip(chunks, decoded, strict=True)] == [
        () for _ in chunks
    ]


def test_hardly_any_turn_of_recorded_meetings_is_a_loop_or_a_flip() -> None:
    path = SHARED_DATA / "talk" / "qmsum-val.jsonl"
    if not path.is_file():
        pytest.skip("the third-party transcripts are not beside this checkout")
    lines = path.read_text(encoding="utf-8").splitlines()[::5]
    turns = [split(json.loads(line)["text"])[:120] for line in lines]
    objected = [turn for turn in turns if repeats(turn) or is_flipped(turn, "en")]
    assert len(turns) > 3000
    assert len(objected) <= len(turns) // 1000

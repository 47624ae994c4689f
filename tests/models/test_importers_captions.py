"""Habits of Teams, Zoom, Stream, live captions and home-made exporters; encodings; cut files."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from calls.call import Speaker
from calls.errors import TranscriptInvalid
from calls.labels import Role
from calls.settings import AttributionSettings
from calls.transcript import Transcript
from models.importers import import_transcript, json_problem, recognise
from models.turns import build_turns

TEAMS = """WEBVTT

7c2ad8b0-6d1e-4b3c-9f37-0a5f2d1e8c11/12-0
00:00:03.290 --> 00:00:05.610
<v Anna Smith>So the data-
base is in</v>

7c2ad8b0-6d1e-4b3c-9f37-0a5f2d1e8c11/12-1
00:00:05.610 --> 00:00:08.010
<v Anna Smith>Leeds, and co-</v>

7c2ad8b0-6d1e-4b3c-9f37-0a5f2d1e8c11/15-0
00:00:08.010 --> 00:00:09.500
<v Anna Smith>operates with yours.</v>

7c2ad8b0-6d1e-4b3c-9f37-0a5f2d1e8c11/16-0
00:00:09.000 --> 00:00:10.000
<v Okafor, Ben (Guest)>I see.</v>
"""


def imported(text: str, **more: list[str]) -> Transcript:
    return import_transcript("call.vtt", text.encode(), **more)


def shown(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in transcript.utterances]


def vtt_of(*cues: str) -> str:
    blocks = [
        f"00:00:{at:02d}.000 --> 00:00:{at + 1:02d}.000\n{cue}" for at, cue in enumerate(cues)
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def test_sentence_split_over_teams_cues_is_one_turn_with_every_word_once() -> None:
    transcript = imported(TEAMS)
    assert shown(transcript) == [
        ("Anna Smith", "So the data- base is in"),
        ("Anna Smith", "Leeds, and co-"),
        ("Anna Smith", "operates with yours."),
        ("Okafor, Ben (Guest)", "I see."),
    ]
    assert transcript.notes == ()
    spoken = [(Speaker(str(one.speaker), Role.UNKNOWN), one) for one in transcript.utterances]
    turns = build_turns(spoken, AttributionSettings())
    assert turns[0].text == "So the data- base is in Leeds, and co- operates with yours."


def test_overlapping_cues_keep_their_times_without_a_note() -> None:
    transcript = imported(TEAMS)
    assert [(one.start_s, one.end_s) for one in transcript.utterances][2:] == [
        (8.01, 9.5),
        (9.0, 10.0),
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("Anna Smith (she/her)", "Ben | Acme Corp"),
        ("anna", "ben okafor"),
        ("+44 1632 960000", "Ben"),
        ("anna.smith@acme.org", "Ben"),
        ("Müller-Lüdenscheidt, Hans", "Óscar"),
    ],
)
def test_zoom_names_in_front_of_every_cue_are_speakers(names: tuple[str, str]) -> None:
    cues = [f"{names[at % 2]}: the answer: it is {at}" for at in range(6)]
    assert shown(imported(vtt_of(*cues))) == [
        (names[at % 2], f"the answer: it is {at}") for at in range(6)
    ]


def test_notes_in_front_of_every_cue_are_no_speakers() -> None:
    cues = ["Note: one", "Note: two", "Next: three", "Note: four"]
    assert {speaker for speaker, _ in shown(imported(vtt_of(*cues)))} == {None}


def test_stream_states_the_language_in_a_comment() -> None:
    text = vtt_of("Guten Tag.").replace("WEBVTT\n", "WEBVTT\n\nNOTE language:de-de\n")
    assert imported(text).language == "de"


ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:01.990 align:start position:0%
 
good morning<00:00:00.400><c> everyone.</c>

00:00:01.990 --> 00:00:02.000 align:start position:0%
good morning everyone.
 

00:00:02.000 --> 00:00:03.990 align:start position:0%
good morning everyone.
my<00:00:02.400><c> name is Anna.</c>

00:00:03.990 --> 00:00:04.000 align:start position:0%
my name is Anna.
 

00:00:04.000 --> 00:00:05.990 align:start position:0%
my name is Anna.
Yes.

00:00:05.990 --> 00:00:06.000 align:start position:0%
Yes.
 

00:00:06.000 --> 00:00:07.990 align:start position:0%
Yes.
and we sell pumps

00:00:07.990 --> 00:00:08.000 align:start position:0%
and we sell pumps
 

00:00:08.000 --> 00:00:09.990 align:start position:0%
and we sell pumps
and we sell pumps
"""  # noqa: W293


def test_rolling_captions_are_read_once_and_repetition_that_was_spoken_stays() -> None:
    transcript = imported(ROLLING)
    assert shown(transcript) == [
        (None, "good morning everyone."),
        (None, "my name is Anna."),
        (None, "Yes."),
        (None, "and we sell pumps"),
        (None, "and we sell pumps"),
    ]
    assert [one.start_s for one in transcript.utterances] == [0.16, 2.0, 4.0, 6.0, 8.0]
    assert transcript.notes == ("rolling captions: words shown again, taken once: 24",)


def test_captions_that_grow_on_one_line_are_read_once() -> None:
    cues = ["so how is", "so how is the harbour", "so how is the harbour these days?"]
    cues += ["it is a", "it is a bit quiet", "it is a bit quiet I would say"]
    transcript = imported(vtt_of(*cues))
    assert " ".join(text for _, text in shown(transcript)) == f"{cues[2]} {cues[5]}"


def test_names_in_rolling_captions_stay_with_their_lines() -> None:
    lines = ["Anna: good morning to you", "Ben: and to you too", "Anna: shall we begin now"]
    lines += ["Ben: yes please do so", "Anna: thank you very much"]
    cues = [lines[0]] + [f"{one}\n{two}" for one, two in pairwise(lines)]
    assert shown(imported(vtt_of(*cues))) == [
        (line.split(":")[0], line.split(": ")[1]) for line in lines
    ]


@pytest.mark.parametrize(
    "cues",
    [
        ("Yes.", "Yes.", "Yes. Right.", "Yes."),
        ("no no no no", "no no no no thanks", "bye", "see you"),
        ("Thank you.", "Thank you.", "Thank you.", "Thank you.", "Thank you."),
    ],
)
def test_people_who_repeat_themselves_are_no_rolling_captions(cues: tuple[str, ...]) -> None:
    assert [text for _, text in shown(imported(vtt_of(*cues)))] == list(cues)


def test_commas_in_cue_times_are_read_as_points() -> None:
    transcript = imported(vtt_of("a", "b").replace(".000", ",500"))
    assert [one.start_s for one in transcript.utterances] == [0.5, 1.5]
    assert transcript.notes == ("cue times with a comma, read as a point: 2",)


def test_microseconds_are_not_taken_for_milliseconds() -> None:
    text = "1\n0:00:01.250000 --> 0:00:02.500000\na\n"
    for one in (text, "WEBVTT\n\n" + text):
        utterance = imported(one).utterances[0]
        assert (utterance.start_s, utterance.end_s) == (1.25, 2.5)


def test_cues_that_no_empty_line_sets_apart_do_not_say_their_numbers() -> None:
    text = (
        "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nhello\n2\n00:02.000 --> 00:03.000\nyou two\n"
        "00:03.000 --> 00:04.000\nbye\n"
    )
    transcript = imported(text)
    assert [text for _, text in shown(transcript)] == ["hello", "you two", "bye"]
    assert transcript.notes == ("cues not set apart by an empty line: 2",)


@pytest.mark.parametrize("hours", ["169", "999999999"])
@pytest.mark.parametrize("header", ["WEBVTT\n\n", "1\n"])
def test_a_cue_a_week_after_the_beginning_is_refused(hours: str, header: str) -> None:
    text = f"{header}00:00:01.000 --> {hours}:00:00.000\na\n"
    with pytest.raises(TranscriptInvalid, match=r"line \d: cue 1 lies more than a week"):
        imported(text)


def test_a_file_whose_cues_are_names_alone_holds_nothing() -> None:
    with pytest.raises(TranscriptInvalid, match="holds no cue with text"):
        imported(vtt_of("Anna:", "Anna:"))


SPOKEN = {
    "cp1250": "Dzień dobry, chcielibyśmy omówić dostawy. Żadnych problemów, wszystko działa.",
    "cp1251": "Здравствуйте, как у вас дела на складе? Мы хотели бы обсудить поставки.",
    "cp1252": "Bonjour, comment ça va ? Parlons des délais, des prix – à bientôt, c’est noté.",
    "cp1253": "Καλημέρα σας, πώς είστε σήμερα; Θα θέλαμε να συζητήσουμε τις παραδόσεις.",
    "cp1254": "Günaydın, bugün nasılsınız? Teslimatları görüşmek istiyoruz. Şimdi değil.",
    "cp1255": "בוקר טוב, מה שלומכם היום? אנחנו רוצים לדבר על המשלוחים והמחירים.",
    "cp1256": "صباح الخير، كيف حالكم اليوم؟ نريد أن نتحدث عن المواعيد والأسعار.",
    "cp1257": "Labas rytas, kaip jums sekasi šiandien? Norėtume aptarti pristatymus. Ačiū.",
    "shift_jis": "おはようございます。本日の議題は納期と価格についてです。",
    "gb18030": "早上好，我们想讨论明年的交货和价格。",
    "utf-16-le": "Hello there, how are you?",
    "utf-16-be": "Здравствуйте, как дела",
}


@pytest.mark.parametrize("encoding", SPOKEN)
@pytest.mark.parametrize("format_", ["vtt", "srt", "json"])
def test_encodings_without_a_byte_order_mark(encoding: str, format_: str) -> None:
    text = vtt_of(SPOKEN[encoding], SPOKEN[encoding])
    if format_ == "srt":
        text = text.removeprefix("WEBVTT\n\n").replace(".000", ",000")
    elif format_ == "json":
        segment = {"start": 0, "end": 1, "text": SPOKEN[encoding]}
        text = json.dumps({"segments": [segment]}, ensure_ascii=False)
    transcript = import_transcript("a", text.encode(encoding))
    assert transcript.utterances[0].text == SPOKEN[encoding]
    assert transcript.notes == ()


@pytest.mark.parametrize("said", ["naïve", "£40 a month", "It’s the café", "Señor García"])
def test_a_single_windows_letter_is_western(said: str) -> None:
    assert shown(import_transcript("a", vtt_of(said).encode("cp1252"))) == [(None, said)]


def test_damaged_bytes_in_utf8_cost_a_letter_and_not_the_file() -> None:
    data = bytearray(vtt_of("Schöne Grüße aus Köln", "Übermorgen früh, später").encode())
    at = data.index("ö".encode())
    data[at] = 0xFF
    transcript = import_transcript("a", bytes(data))
    assert transcript.utterances[1].text == "Übermorgen früh, später"
    assert transcript.notes[0].startswith(
        "characters damaged, replaced by \N{REPLACEMENT CHARACTER}"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_cut_inside_a_letter_is_still_of_its_encoding(encoding: str) -> None:
    data = vtt_of("Grüße", "und schöne Tage für euch in Köln, ü").rstrip().encode(encoding)[:-1]
    assert import_transcript("a", data).utterances[0].text == "Grüße"


WHISPER = json.dumps(
    {
        "language": "en",
        "segments": [
            {"start": 0.5, "end": 1.5, "text": "He said \\"},
            {"start": 2.25, "end": 3e0, "text": "caf\u00e9", "words": None, "seek": True},
        ],
    },
    indent=1,
)


def test_json_cut_anywhere_is_refused_as_cut_with_its_last_line() -> None:
    for length in range(1, len(WHISPER)):
        text = WHISPER[:length]
        last = text.rstrip().count("\n") + 1
        with pytest.raises(TranscriptInvalid) as refused:
            import_transcript("a.json", text.encode())
        assert refused.value.problem == (
            f"line {last}: the file ends in the middle (the JSON is cut off)."
        )


def test_json_that_is_wrong_in_the_middle_is_not_called_cut() -> None:
    text = WHISPER.replace('"end": 1.5,', '"end": 1.5')
    with pytest.raises(TranscriptInvalid, match=r"line 7: no valid JSON \(Expecting ',' delimiter"):
        import_transcript("a.json", text.encode())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"call_id": "7",', "line 1: the file ends in the middle (the JSON is cut off)."),
        (b'{"call_id": 7}', ""),
        (b"hello", "line 1: no JSON."),
        (b" ", "holds no text."),
    ],
)
def test_what_keeps_a_file_from_being_json(data: bytes, problem: str) -> None:
    assert json_problem("a.json", data) == problem


def test_a_second_byte_order_mark_is_no_text() -> None:
    assert recognise("a", ("\ufeff" + WHISPER).encode("utf-8-sig")) == "whisper"

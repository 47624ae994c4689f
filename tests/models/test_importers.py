"""Recognising, decoding and the subtitle formats."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from calls.errors import EmptyFile, TranscriptInvalid, UnknownFormat
from calls.transcript import Engine, Transcript, TranscriptOrigin
from models.importers import IMPORTERS, import_transcript, recognise

ROOT = Path(__file__).parents[2]
THIRD_PARTY = ROOT / ".." / "shared" / "data"

VTT = """WEBVTT - weekly call
Kind: captions
Language: en-GB

NOTE made by hand
and not read

STYLE
::cue { color: red }

1
00:00:01.000 --> 00:00:03.500 align:start
<v Anna Smith>Hello &amp; <i>welcome</i> to</v>

2
00:00:03.500 --> 00:00:05.000
<v Anna Smith>the call.</v>

00:05.250 --> 00:06.000
<v.loud Ben Okafor>Hi.</v>
"""

SRT = """1
00:00:01,000 --> 00:00:03,000
Anna Smith: Note: this is recorded.

2
00:00:03,200 --> 00:00:05,000
Ben: Fine.

3
00:00:05,000 --> 00:00:07,500
Anna Smith: So the question is: who
plans the work?

4
00:00:08,000 --> 00:00:09,000
Ben: We do.
"""


def imported(text: str, name: str = "call.txt") -> Transcript:
    return import_transcript(name, text.encode())


def shown(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in transcript.utterances]


def vtt_of(*cues: str, start: int = 0) -> str:
    """A WebVTT file with one second per cue."""
    blocks = [
        f"00:00:{at:02d}.000 --> 00:00:{at + 1:02d}.000\n{cue}"
        for at, cue in enumerate(cues, start=start)
    ]
    return "\n\n".join(["WEBVTT", *blocks])


def test_webvtt_with_voice_tags() -> None:
    transcript = imported(VTT)
    assert shown(transcript) == [
        ("Anna Smith", "Hello & welcome to"),
        ("Anna Smith", "the call."),
        ("Ben Okafor", "Hi."),
    ]
    assert [(one.start_s, one.end_s) for one in transcript.utterances] == [
        (1.0, 3.5),
        (3.5, 5.0),
        (5.25, 6.0),
    ]
    assert transcript.origin == TranscriptOrigin(Engine.IMPORTED, "webvtt")
    assert (transcript.language, transcript.language_source) == ("en", "transcript")
    assert transcript.notes == ()
    assert {(one.channel, one.words) for one in transcript.utterances} == {(None, ())}


def test_srt_with_name_prefixes() -> None:
    transcript = imported(SRT)
    assert shown(transcript) == [
        ("Anna Smith", "Note: this is recorded."),
        ("Ben", "Fine."),
        ("Anna Smith", "So the question is: who plans the work?"),
        ("Ben", "We do."),
    ]
    assert transcript.origin.model == "srt"
    assert (transcript.language, transcript.language_source) == (None, "unknown")


@pytest.mark.parametrize(
    "cues",
    [
        ("Note: this is recorded.", "and so on", "Note: that too"),
        ("So the question is: who?", "So the question is: when?"),
        ("we start at 10: sharp", "and end at 11: sharp"),
        ("Will: he come?", "I don't know"),
        ("see https://example.com", "see https://example.com"),
    ],
)
def test_a_sentence_with_a_colon_is_no_speaker(cues: tuple[str, ...]) -> None:
    transcript = imported(vtt_of(*cues))
    assert shown(transcript) == [(None, cue) for cue in cues]


def test_a_name_that_occurs_once_is_believed_if_it_is_a_known_participant() -> None:
    data = vtt_of("Anna: hello", "and welcome", "Will: hi").encode()
    known = import_transcript("a.vtt", data, known_names=["Anna Smith", "Will Lee"])
    assert shown(known) == [("Anna", "hello"), ("Anna", "and welcome"), ("Will", "hi")]
    assert known.notes == ("cues without a name, given to the speaker before: 1",)
    assert shown(import_transcript("a.vtt", data)) == [
        (None, "Anna: hello"),
        (None, "and welcome"),
        (None, "Will: hi"),
    ]


def test_names_that_occur_once_are_believed_where_every_cue_has_one() -> None:
    assert shown(imported(vtt_of("Anna: hello", "Ben: hi", "Anna: fine"))) == [
        ("Anna", "hello"),
        ("Ben", "hi"),
        ("Anna", "fine"),
    ]


@pytest.mark.parametrize(
    ("cue", "speaker"),
    [
        (">> Anna: hi", "Anna"),
        ("[Anna Smith]: hi", "Anna Smith"),
        ("- Anna: hi", "Anna"),
        ("agent: hi", "agent"),
        ("speaker 1: hi", "speaker 1"),
        ("Ludwig van Beek: hi", "Ludwig van Beek"),
        ("RBA: hi", "RBA"),
        ("田中： hi", "田中"),
        ("Anna:\nhi", "Anna"),
    ],
)
def test_ways_to_write_a_prefix(cue: str, speaker: str) -> None:
    assert shown(imported(vtt_of(cue, cue))) == [(speaker, "hi")] * 2


def test_two_voices_in_one_cue_share_its_time() -> None:
    transcript = imported(vtt_of("<v Anna>abcd</v>\n<v Ben>efgh</v>"))
    assert [(one.speaker, one.start_s, one.end_s) for one in transcript.utterances] == [
        ("Anna", 0.0, 0.5),
        ("Ben", 0.5, 1.0),
    ]
    assert transcript.notes == ("cue 1: several speakers, time shared out by length of text",)
    by_prefix = imported(vtt_of("Anna: abcd\nBen: efgh", "Anna: on", "Ben: off"))
    assert [one.speaker for one in by_prefix.utterances] == ["Anna", "Ben", "Anna", "Ben"]


def test_end_before_start_is_swapped_where_it_then_fits() -> None:
    transcript = imported(
        "WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:04.000 --> 00:03.000\nb\n\n"
        "00:05.000 --> 00:06.000\nc\n"
    )
    assert [(one.start_s, one.end_s) for one in transcript.utterances][1] == (3.0, 4.0)
    assert transcript.notes == ("cue 2: end before start, swapped",)


def test_end_before_start_is_refused_where_it_fits_neither_way() -> None:
    text = "WEBVTT\n\n00:10.000 --> 00:12.000\na\n\n00:14.000 --> 00:03.000\nb\n"
    with pytest.raises(TranscriptInvalid, match=r"call\.vtt: line 6: cue 2 ends at 3\.000 s"):
        imported(text, "call.vtt")


def test_a_cue_without_duration_gets_the_time_its_words_need() -> None:
    transcript = imported(
        "WEBVTT\n\n00:01.000 --> 00:01.000\none two\n\n00:05.000 --> 00:05.000\na b c d e\n\n"
        "00:06.000 --> 00:07.000\nend\n"
    )
    assert [one.end_s for one in transcript.utterances] == [1.8, 6.0, 7.0]
    assert transcript.notes[0] == "cue 1 and 1 more: zero duration, given the time its words need"


def test_a_file_without_any_duration_is_refused() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:01.000\na\n\n00:05.000 --> 00:05.000\nb\n"
    with pytest.raises(TranscriptInvalid, match="none of the 2 cues has a duration"):
        imported(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("WEBVTT\n\n00:01.000 -> 00:02.000\na\n", "holds no cue"),
        (
            "WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:0x.000 --> 00:04.000\nb",
            "line 6 is no cue timing",
        ),
        ("WEBVTT\n\n00:01.000 --> 00:99.000\na\n", "line 3 "),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "holds no cue with text"),
        ("WEBVTT\n", "holds no cue"),
        ("1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:03 -->\nb\n", "line 6 is no cue timing"),
        ("hello there\n", "line 1 begins no transcript known"),
        ('{"segments": [}', r"line 1: no valid JSON \(Expecting value, column 15\)"),
    ],
)
def test_broken_files_name_the_line(text: str, message: str) -> None:
    with pytest.raises(TranscriptInvalid, match=message):
        imported(text)


@pytest.mark.parametrize(
    "text",
    [
        "the merger is secret\n",
        "WEBVTT\n\nthe merger is --> secret\na\n",
        "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\nthe merger --> is secret\nb\n",
        "1\n00:00:02,000 --> 00:00:03,000\na\n\nthe merger is secret 00:00:01,000",
        '{"segments": [{"start": 0, "end": 1, "text": ["the merger is secret"]}]}',
        '{"segments": [{"start": 0, "end": 1, "text": "a", "words": "the merger is secret"}]}',
        '{"segments": "secret"}',
    ],
)
def test_what_was_said_gets_into_no_message(text: str) -> None:
    try:
        imported(text)
    except (TranscriptInvalid, UnknownFormat) as error:
        shown = "".join(traceback.format_exception(error))
        assert "secret" not in shown


def test_the_line_that_begins_no_transcript_is_counted_from_the_top() -> None:
    with pytest.raises(TranscriptInvalid, match="line 3 begins no transcript known"):
        imported("\n\nhello there\n")


def test_text_outside_any_cue_is_noted() -> None:
    transcript = imported(vtt_of("one") + "\n\nstray words\n\n" + vtt_of("two", start=2)[8:])
    assert shown(transcript) == [(None, "one"), (None, "two")]
    assert transcript.notes == ("line 6: text outside any cue was left out",)


def test_cues_come_out_in_order_of_time() -> None:
    text = "WEBVTT\n\n00:05.000 --> 00:06.000\nlate\n\n00:01.000 --> 00:02.000\nearly\n"
    assert [one.text for one in imported(text).utterances] == ["early", "late"]


def test_an_srt_with_blank_lines_and_without_numbers_is_read_whole() -> None:
    text = "00:00:01,000 --> 00:00:02,000\na\n\nb\n\n2\n00:00:03.000 --> 00:00:04.000\n<i>c</i>"
    assert [one.text for one in imported(text).utterances] == ["a b", "c"]


SPOKEN = "WEBVTT\n\n00:01.000 --> 00:03.000\nZoë’s café in Málaga costs 5 € — fine.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, line_end: str) -> None:
    data = SPOKEN.replace("\n", line_end).encode(encoding)
    assert recognise("a", data) == "webvtt"
    transcript = import_transcript("a", data)
    assert transcript.utterances[0].text == "Zoë’s café in Málaga costs 5 € — fine."


def test_cyrillic_windows_text() -> None:
    said = "Здравствуйте, как у вас дела на складе? Мы хотели бы обсудить поставки."
    data = f"WEBVTT\n\n00:01.000 --> 00:03.000\n{said}\n".encode("cp1251")
    assert import_transcript("a", data).utterances[0].text == said


def test_the_format_is_told_from_the_content_not_from_the_name() -> None:
    assert recognise("call.srt", VTT.encode()) == "webvtt"
    assert recognise("call.vtt", SRT.encode()) == "srt"
    assert recognise("call.vtt", b"hello") is None
    assert recognise("call.json", b'{"call_id": "7"}') is None
    assert recognise("call.json", b"{") is None
    assert recognise("empty", b" \n") is None
    assert recognise("noise", bytes(range(256)) * 4) is None


def test_empty_and_unknown_files() -> None:
    with pytest.raises(EmptyFile, match=r"a\.vtt: holds no text"):
        import_transcript("a.vtt", b"\xef\xbb\xbf \r\n")
    with pytest.raises(UnknownFormat, match=r"a\.json: .* Known: webvtt, srt, .*vcon"):
        import_transcript("a.json", b'{"call_id": "7"}')


def test_importers_are_named_once() -> None:
    names = [one.name for one in IMPORTERS]
    assert len(set(names)) == len(names)


def test_a_third_party_podcast_is_read_with_its_three_speakers() -> None:
    path = THIRD_PARTY / "transcripts" / "srt" / "transcript-1.srt"
    if not path.is_file():
        pytest.skip(f"third-party data is not at {path}")
    transcript = import_transcript(path.name, path.read_bytes())
    assert {one.speaker for one in transcript.utterances} == {"Nitay Joffe", "RBA", "Kostas"}
    assert len(transcript.utterances) == 58


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path in (ROOT / "data_samples" / "recordings").glob("*")
        if path.suffix in {".vtt", ".srt"}
    ),
    ids=lambda path: path.name,
)
def test_sample_transcripts_have_a_name_on_every_utterance(path: Path) -> None:
    transcript = import_transcript(path.name, path.read_bytes())
    assert all(one.speaker for one in transcript.utterances)
    assert transcript.notes == ()

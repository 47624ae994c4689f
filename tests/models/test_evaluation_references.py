"""Reading references: every format, what they leave out, and files that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from calls.errors import InputError, TranscriptInvalid
from models.evaluation.folder import find_references, find_transcripts
from models.evaluation.nist import read_rttm, read_stm
from models.evaluation.references import is_reference, read_references, stem_of

VTT = b"""WEBVTT

00:00.000 --> 00:02.000
<v Ann>Good morning.

00:03.000 --> 00:04.000
<v Bo>Hello.
"""
VCON = (
    b'{"vcon": "0.0.1", "parties": [{"name": "Ann"}, {"name": "Bo"}], "dialog": [], "analysis": '
    b'[{"type": "transcript", "body": [{"speaker": "Agent", "message": "Good morning."}, '
    b'{"speaker": "Customer", "message": "Hello."}]}]}'
)


def texts(name: str, data: bytes) -> dict[str, str]:
    (found,) = read_references(name, data).values()
    return found.said.text_by_speaker()


def test_stm_gives_words_speakers_and_times() -> None:
    found = read_stm(
        "a.stm",
        ";; a comment\n"
        "\n"
        "call 2 bo 3 4.5 <o,f0,male> hello there\n"
        "call 1 ann 0.5 2 <O> good morning\n"
        "call 1 ann 5 5.5\n",
    )
    said = found["call"].spoken()
    assert said.text_by_speaker() == {"ann": "good morning", "bo": "hello there"}
    assert said.speech == {"ann": [(0.5, 2.0), (5.0, 5.5)], "bo": [(3.0, 4.5)]}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("i've { um / uh / @ } as far", "i've um as far"),
        ("i've { @ / uh } as far", "i've as far"),
        ("{ one / { two / three } } four", "one four"),
        ("{ { two / three } / one } four", "two four"),
        ("crack {SMACK} red cloud", "crack red cloud"),
        ("and/or a/b", "and/or a/b"),
        ("{ a/b / c } d", "a/b d"),
        ("open { brace", "open { brace"),
    ],
)
def test_of_alternatives_the_first_counts(text: str, read: str) -> None:
    segments = read_stm("a.stm", f"a 1 ann 0 1 {text}")["a"]
    assert segments.spoken().text == read


def test_nobodys_segments_are_neither_speech_nor_words() -> None:
    found = read_stm(
        "a.stm",
        "a 1 inter_segment_gap 0 1 <o,,unknown>\n"
        "a 1 excluded_region 1 2 <o,,unknown> ignore_time_segment_in_scoring\n"
        "a 1 ann 2 3 hello\n",
    )["a"]
    assert found.ignored == [(1.0, 2.0)]
    assert found.spoken().speech == {"ann": [(2.0, 3.0)]}


def test_rttm_gives_speakers_and_times_and_joins_what_overlaps() -> None:
    found = read_rttm(
        "a.rttm",
        ";; comment\n"
        "SPKR-INFO a 1 <NA> <NA> <NA> unknown s1 <NA>\n"
        "SPEAKER a 1 1.0 2.0 <NA> <NA> s1 <NA> <NA>\n"
        "SPEAKER a 1 2.5 1.0 <NA> <NA> s1 <NA> <NA>\n"
        "SPEAKER a 1 9.0 0.0 <NA> <NA> s2 <NA> <NA>\n",
    )
    assert found == {"a": {"s1": [(1.0, 3.5)], "s2": []}}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a 1 ann 0", "line 2 has fewer than the five fields"),
        ("a 1 ann zero 2 hello", "line 2 has something else than seconds"),
        ("a 1 ann nan 2 hello", "line 2 has something else than seconds"),
        ("a 1 ann -1 2 hello", "line 2 has something else than seconds"),
        ("a 1 ann 0 inf hello", "line 2 has something else than seconds"),
        ("a 1 ann 3 2 hello", "line 2 ends at 2 s, before its start at 3 s"),
    ],
)
def test_a_wrong_line_is_named_and_its_words_are_not(line: str, problem: str) -> None:
    with pytest.raises(TranscriptInvalid, match=problem) as caught:
        read_stm("a.stm", f"a 1 ann 0 1 fine\n{line}\n")
    assert "hello" not in str(caught.value)


@pytest.mark.parametrize("line", ["SPEAKER a 1 0", "SPEAKER a 1 x 1 <NA> <NA> s1 <NA>"])
def test_a_wrong_rttm_line_is_named(line: str) -> None:
    with pytest.raises(TranscriptInvalid, match="line 1"):
        read_rttm("a.rttm", line)


@pytest.mark.parametrize(("name", "data"), [("a.stm", b";; only\n"), ("a.rttm", b"\n")])
def test_a_nist_file_without_segments_is_wrong(name: str, data: bytes) -> None:
    with pytest.raises(TranscriptInvalid, match="holds no"):
        (read_stm if name.endswith("stm") else read_rttm)(name, data.decode())


def test_one_stm_may_be_about_many_recordings() -> None:
    data = b"one 1 ann 0 1 hello\ntwo 1 bo 0 1 goodbye\n"
    assert set(read_references("corpus/all.stm", data)) == {"corpus/one", "corpus/two"}
    assert set(read_references("corpus/all.stm", data.splitlines()[0])) == {"corpus/all"}


def test_plain_text_has_words_only() -> None:
    for name in ("a.txt", "a.lab", "A.LAB"):
        (found,) = read_references(name, "so [x]\n the Café\n".encode()).values()
        assert found.said.text == "so [x] the Café"
        assert found.said.no_speakers
        assert found.said.no_times


def test_text_of_another_encoding_is_read() -> None:
    for data in ("Größe".encode("utf-16"), "\ufeffGröße".encode()):
        (found,) = read_references("a.txt", data).values()
        assert found.said.text.strip("\ufeff") == "Größe"


def test_an_empty_text_is_a_reference_in_which_nothing_is_said() -> None:
    (found,) = read_references("a.txt", b"").values()
    assert found.said.lines == ()
    assert not found.said.no_words


def test_transcripts_are_references_as_they_are_imported() -> None:
    assert texts("a.vtt", VTT) == {"Ann": "Good morning.", "Bo": "Hello."}
    assert list(texts("a.vcon.json", VCON).values()) == ["Good morning.", "Hello."]
    (found,) = read_references("a.vcon.json", VCON).values()
    assert found.said.no_times == "the reference has no times"


def test_captions_without_voices_name_no_speakers() -> None:
    data = b"1\n00:00:00,000 --> 00:00:02,000\nGood morning.\n"
    (found,) = read_references("a.srt", data).values()
    assert found.said.no_speakers == "the reference names no speakers"


def test_a_json_that_is_no_transcript_is_no_reference() -> None:
    assert read_references("facts.json", b'{"call_id": "A-1"}') == {}
    with pytest.raises(InputError):
        read_references("a.vcon.json", b'{"parties": [], "dialog": []}')


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.vcon.json", "a"),
        ("x/A.VCON.JSON", "x/A"),
        ("a.b.stm", "a.b"),
        ("2026-09-14/call.wav", "2026-09-14/call"),
        ("noending", "noending"),
    ],
)
def test_stems_are_what_files_of_one_recording_share(name: str, stem: str) -> None:
    assert stem_of(name) == stem


def test_sidecars_and_sounds_are_no_references() -> None:
    assert not any(map(is_reference, ("a.call.json", "a.wav", "a.TextGrid", "calls.csv")))
    assert all(map(is_reference, ("a.stm", "a.RTTM", "a.txt", "a.lab", "a.vtt", "a.json")))


def test_a_folder_holds_references_by_stem(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    (tmp_path / "night" / "a.vtt").write_bytes(VTT)
    (tmp_path / "b.stm").write_text("b 1 ann 0 1 hello\n")
    (tmp_path / "b.rttm").write_text("SPEAKER b 1 0 1 <NA> <NA> s1 <NA> <NA>\n")
    (tmp_path / "c.rttm").write_text("SPEAKER c 1 0 1 <NA> <NA> s1 <NA> <NA>\n")
    (tmp_path / ".hidden.txt").write_text("no")
    (tmp_path / "d.call.json").write_text("{}")
    found = find_references(tmp_path)
    assert not found.problems
    assert {stem: one.files for stem, one in found.by_stem.items()} == {
        "night/a": ("night/a.vtt",),
        "b": ("b.stm", "b.rttm"),
        "c": ("c.rttm",),
    }
    assert found.by_stem["c"].said.no_words


def test_two_references_of_one_stem_are_named_and_neither_is_believed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "a.vtt").write_bytes(VTT)
    found = find_references(tmp_path)
    assert not found.by_stem
    assert "a.txt, a.vtt" in found.problems["a"]
    assert "--hypotheses" in found.problems["a"]


def test_a_reference_that_can_t_be_read_spoils_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.stm").write_text("nonsense")
    (tmp_path / "b.txt").write_text("hello")
    (tmp_path / "c.vcon.json").write_bytes(b"{")
    (tmp_path / "d.vtt").write_bytes(b"")
    (tmp_path / "e.txt").write_bytes(bytes(range(256)) * 4)
    found = find_references(tmp_path)
    assert "b" in found.by_stem
    assert {"a", "c", "d"} <= found.problems.keys()
    assert "a.stm: line 1" in found.problems["a"]


def test_a_folder_holds_transcripts_by_stem(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_bytes(VTT)
    (tmp_path / "b.vtt").write_bytes(VTT)
    (tmp_path / "b.vcon.json").write_bytes(VCON)
    (tmp_path / "c.srt").write_text("nonsense")
    (tmp_path / "notes.txt").write_text("not scored")
    (tmp_path / "facts.json").write_text("{}")
    found = find_transcripts(tmp_path)
    assert list(found.by_stem) == ["a"]
    assert found.problems.keys() == {"b", "c"}
    assert "b.vcon.json, b.vtt" in found.problems["b"]


def test_real_references_are_read(shared_recordings: Path) -> None:
    found = find_references(shared_recordings)
    assert not found.problems
    talk = found.by_stem["pyannote/sample"]
    assert talk.files == ("pyannote/sample.stm", "pyannote/sample.rttm")
    assert set(talk.said.text_by_speaker()) == {"Diane", "Sheila"}
    assert set(talk.said.speech) == {"speaker90", "speaker91"}
    assert found.by_stem["mfa/cold_corpus3"].said.text.startswith("alright so this")
    vcons = [one for stem, one in found.by_stem.items() if stem.startswith("fake-vcons/")]
    assert len(vcons) == 5
    assert all(len(one.said.text_by_speaker()) == 2 and one.said.no_times for one in vcons)

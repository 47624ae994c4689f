"""The value objects keep their promises, and errors survive a process border."""

from __future__ import annotations

import os
import pickle

import pytest

from calls import errors
from calls.labels import LABEL_ROLES, Hint, Label, mark
from calls.language import primary
from calls.measures import Measure, State, not_measurable
from calls.metadata import CallMetadata, Participant
from calls.moment import moment_id
from calls.names import original_name, printable
from calls.spans import close_gaps
from calls.transcript import Role, Turn, Utterance, Word


def test_there_are_19_labels_and_each_has_its_speakers() -> None:
    assert len(Label) == 19
    assert LABEL_ROLES.keys() == set(Label)


def test_a_mark_is_a_label_or_a_hint() -> None:
    assert mark("aha") is Label.AHA
    assert mark("habit") is Hint.HABIT
    with pytest.raises(ValueError, match=r"Unknown label 'cliche'\. Allowed: cliche_question"):
        mark("cliche")


@pytest.mark.parametrize(
    "name", [name for name in dir(errors) if isinstance(getattr(errors, name), type)]
)
def test_every_error_survives_pickling(name: str) -> None:
    kind = getattr(errors, name)
    given = ("text",)
    if issubclass(kind, errors.InputError):
        given = ("a.wav", "is bad.", "Mend it.")
    elif kind is errors.MirrorUnreachable:
        given = ("s3://bucket", "no such bucket")
    made = kind(*given)
    error = pickle.loads(pickle.dumps(made))
    assert type(error) is kind
    assert str(error) == str(made)
    assert all(one in str(error) for one in given)


def test_every_error_stands_in_the_tree_at_the_top() -> None:
    assert errors.__doc__ is not None
    for name in dir(errors):
        if isinstance(getattr(errors, name), type):
            assert name in errors.__doc__


@pytest.mark.parametrize(
    ("value", "state", "reason"),
    [(None, State.OK, ""), (1.0, State.NOT_MEASURABLE, "why"), (1.0, State.LOW_CONFIDENCE, "")],
)
def test_a_measure_has_a_value_or_a_reason(value: float | None, state: State, reason: str) -> None:
    with pytest.raises(ValueError, match="talk_s"):
        Measure("talk_s", value, None, state, reason)


def test_what_is_not_measurable_is_null_and_says_why() -> None:
    measure = not_measurable("talk_ratio", "speaker roles unknown")
    assert measure.value is None
    assert measure.reason == "speaker roles unknown"


@pytest.mark.parametrize(("start_s", "end_s"), [(2.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_times_are_in_order(start_s: float, end_s: float) -> None:
    with pytest.raises(ValueError, match="out of order"):
        Word("a", start_s, end_s)


def test_what_was_said_gets_into_no_message() -> None:
    with pytest.raises(ValueError, match=r"^word: start_s=2\.0 and end_s=1\.0 are"):
        Word("secret", 2.0, 1.0)
    with pytest.raises(ValueError, match=r"^utterance: start_s=2\.0 and end_s=1\.0 are"):
        Utterance(2.0, 1.0, "secret")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("en-GB", "en"), ("en_US", "en"), ("EN", "en"), ("zh-Hant-TW", "zh")],
)
def test_the_language_of_a_tag_is_its_first_part(tag: str, language: str) -> None:
    assert primary(tag) == language


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain.wav", "plain.wav"),
        ("café ☕.wav".encode(), "café ☕.wav"),
        (b"caf\xe9.wav", r"caf\xe9.wav"),
        (rb"caf\xe9.wav", r"caf\x5cxe9.wav"),
        (rb"a\b\\x41", r"a\b\\x5cx41"),
        (b"\xe9\xc3\xa9\xc3", r"\xe9é\xc3"),
    ],
)
def test_a_name_that_is_no_unicode_is_shown_and_found_again(data: bytes, shown: str) -> None:
    name = os.fsdecode(data)
    assert printable(name) == shown
    assert original_name(shown) == name


@pytest.mark.parametrize(
    ("spans", "gap_s", "closed"),
    [
        ([], 1.5, []),
        ([(2.0, 3.0), (0.0, 1.0)], 0.9, [(0.0, 1.0), (2.0, 3.0)]),
        ([(2.0, 3.0), (0.0, 1.0)], 1.0, [(0.0, 3.0)]),
        ([(0.0, 5.0), (1.0, 2.0), (5.0, 6.0)], 0.0, [(0.0, 6.0)]),
    ],
)
def test_gaps_are_closed(
    spans: list[tuple[float, float]], gap_s: float, closed: list[tuple[float, float]]
) -> None:
    assert close_gaps(spans, gap_s=gap_s) == closed


def turn(*words: Word, text: str | None = None) -> Turn:
    spoken = text if text is not None else " ".join(word.text for word in words)
    return Turn(0, "ch0", Role.REP, 10.0, 20.0, spoken, words)


def test_a_character_is_spoken_when_its_word_is() -> None:
    spoken = turn(Word("so", 10.0, 10.2), Word("so", 12.0, 12.2), Word("what", 19.0, 19.5))
    assert [spoken.time_of_char(at) for at in (0, 3, 4, 6, 99)] == [10.0, 12.0, 12.0, 19.0, 19.0]
    assert [spoken.time_after_char(at) for at in (2, 5, 10, 99)] == [10.2, 12.2, 19.5, 19.5]


def test_a_word_that_is_not_in_the_text_moves_no_other_word() -> None:
    spoken = turn(
        Word("secret", 10.0, 11.0),
        Word("is", 12.0, 13.0),
        Word("out", 14.0, 15.0),
        text="xx is out",
    )
    assert spoken.word_starts() == (0, 3, 6)


def test_without_word_times_a_character_is_spoken_in_proportion() -> None:
    spoken = turn(text="0123456789")
    assert spoken.time_of_char(5) == pytest.approx(15.0)
    assert spoken.time_of_char(99) == pytest.approx(20.0)


def test_a_moment_keeps_its_id_when_turn_numbers_and_roles_change() -> None:
    assert moment_id("key", Label.AHA, 1.0004, 2.0) == moment_id("key", Label.AHA, 1.0, 2.0004)
    assert moment_id("key", Label.AHA, 1.0, 2.0) != moment_id("key", Label.CLAIM, 1.0, 2.0)
    assert len(moment_id("key", Label.AHA, 1.0, 2.0)) == 16


@pytest.mark.parametrize(
    ("person", "key"),
    [
        (Participant(id="u1", email="A@x.org", name="Ann"), "u1"),
        (Participant(email="Ann@X.org", name="Ann"), "ann@x.org"),
        (Participant(name="Ann"), "Acme/Ann"),
        (Participant(), None),
    ],
)
def test_a_participant_is_known_by_id_then_email_then_name(
    person: Participant, key: str | None
) -> None:
    assert person.key("Acme") == key


def test_an_excluded_person_must_be_a_participant() -> None:
    with pytest.raises(ValueError, match="'Cy' is none of the participants"):
        CallMetadata.model_validate({"participants": [{"name": "Ann"}], "exclude": ["Cy"]})
    metadata = CallMetadata.model_validate({"participants": [{"name": "Ann"}], "exclude": ["Ann"]})
    assert metadata.is_excluded(metadata.participants[0])

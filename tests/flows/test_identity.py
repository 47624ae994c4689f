"""One call per recording, one recording per id; the later of two is refused by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest

from calls.call import SourceKind
from calls.errors import CallIdConflict, EmptyFile, SourceConflict, SourceUnreadable
from calls.metadata import CallMetadata
from flows.discovery.candidates import Candidate, Part
from flows.discovery.identity import Identified, KnownCall, identify
from flows.discovery.location import FoundFile

TIME_NS = 1_700_000_000_000_000_000


def candidate(
    name: str,
    *,
    content: str | None = None,
    call_id: str | None = None,
    order: int = 0,
    size: int = 10,
    kind: SourceKind = SourceKind.AUDIO,
    replaces: bool = False,
) -> Candidate:
    """A candidate whose bytes are `content` (by default its name: all different)."""
    file = FoundFile(name, size, TIME_NS + order)
    contents[name] = content or name
    metadata = CallMetadata(call_id=call_id, replaces=replaces)
    return Candidate(name, (Part(file, kind),), metadata)


contents: dict[str, str] = {}


def sha256(part: Part) -> str:
    return hashlib.sha256(contents[part.file.name].encode()).hexdigest()


def identified(*candidates: Candidate, known: Mapping[str, KnownCall] | None = None) -> Identified:
    return identify(candidates, sha256=sha256, known=known or {})


def key_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def test_a_recording_without_an_id_is_named_after_its_bytes() -> None:
    (call,) = identified(candidate("a.wav")).calls
    assert call.key == key_of("a.wav")
    assert call.call_id == f"rec-{call.key[:16]}"


def test_the_key_of_several_files_is_that_of_their_sorted_hashes() -> None:
    one = candidate("a_agent.wav")
    two = candidate("a_caller.wav")
    both = Candidate("a", (*one.parts, *two.parts))
    turned = Candidate("a", (*two.parts, *one.parts))
    hashes = sorted([key_of("a_agent.wav"), key_of("a_caller.wav")])
    expected = hashlib.sha256("".join(hashes).encode()).hexdigest()
    assert identified(both).calls[0].key == identified(turned).calls[0].key == expected


def test_the_same_bytes_twice_are_one_call_and_a_duplicate() -> None:
    done = identified(
        candidate("b.wav", content="same", order=2), candidate("a.wav", content="same", order=1)
    )
    assert [call.name for call in done.calls] == ["a.wav"]
    (duplicate,) = done.duplicates
    assert duplicate.source.name == "b.wav"
    assert "'a.wav'" in duplicate.reason
    assert duplicate.key == done.calls[0].key


def test_the_same_bytes_under_two_ids_are_a_conflict_that_names_both() -> None:
    done = identified(
        candidate("a.wav", content="same", call_id="A-1", order=1),
        candidate("b.wav", content="same", call_id="B-1", order=2),
    )
    assert [call.call_id for call in done.calls] == ["A-1"]
    (refused,) = done.refused
    assert isinstance(refused.error, SourceConflict)
    for part in ("a.wav", "b.wav", "A-1", "B-1"):
        assert part in str(refused.error)


def test_one_id_for_two_recordings_refuses_the_later_and_names_both() -> None:
    done = identified(
        candidate("late.wav", call_id="A-1", order=2),
        candidate("early.wav", call_id="A-1", order=1),
    )
    assert [call.name for call in done.calls] == ["early.wav"]
    (refused,) = done.refused
    assert isinstance(refused.error, CallIdConflict)
    assert "late.wav" in str(refused.error)
    assert "early.wav" in str(refused.error)


def test_what_has_landed_comes_before_an_older_file() -> None:
    known = {key_of("landed.wav"): KnownCall("A-1", "landed.wav")}
    done = identified(
        candidate("older.wav", call_id="A-1", order=1),
        candidate("landed.wav", call_id="A-1", order=2),
        known=known,
    )
    assert [call.name for call in done.calls] == ["landed.wav"]


def test_an_id_of_a_landed_call_whose_file_has_gone_is_still_taken() -> None:
    known = {key_of("gone"): KnownCall("A-1", "gone.wav")}
    done = identified(candidate("new.wav", call_id="A-1"), known=known)
    assert done.calls == []
    assert "gone.wav" in str(done.refused[0].error)


def test_a_recording_may_say_that_it_replaces_another() -> None:
    known = {key_of("old.wav"): KnownCall("A-1", "old.wav")}
    done = identified(
        candidate("old.wav", call_id="A-1", order=1),
        candidate("new.wav", call_id="A-1", order=2, replaces=True),
        known=known,
    )
    assert [call.name for call in done.calls] == ["new.wav"]
    assert done.calls[0].retires == (key_of("old.wav"),)
    assert done.refused == []


def test_a_replaced_recording_that_still_lies_there_is_let_be() -> None:
    known = {key_of("new.wav"): KnownCall("A-1", "new.wav")}
    done = identified(
        candidate("old.wav", call_id="A-1", order=1),
        candidate("new.wav", call_id="A-1", order=2, replaces=True),
        known=known,
    )
    assert [call.name for call in done.calls] == ["new.wav"]
    assert done.calls[0].retires == ()
    assert done.refused == []


def test_the_same_file_with_the_same_id_may_be_copied_again() -> None:
    known = {key_of("first copy"): KnownCall("A-1", "a.wav")}
    done = identified(candidate("a.wav", content="second copy", call_id="A-1"), known=known)
    assert done.refused == []
    assert done.calls[0].retires == (key_of("first copy"),)


def test_a_reused_file_name_without_an_id_is_a_new_call() -> None:
    known = {key_of("yesterday"): KnownCall("rec-1", "a.wav")}
    done = identified(candidate("a.wav", content="today"), known=known)
    assert done.calls[0].key == key_of("today")
    assert done.calls[0].retires == ()


def test_a_finished_copy_takes_the_place_of_a_truncated_one() -> None:
    known = {key_of("half"): KnownCall("rec-1", "a.wav", is_truncated=True)}
    done = identified(candidate("a.wav", content="whole"), known=known)
    assert done.calls[0].retires == (key_of("half"),)


def test_an_id_is_free_once_its_call_has_taken_another() -> None:
    known = {key_of("a.wav"): KnownCall("A-1", "a.wav")}
    done = identified(
        candidate("b.wav", call_id="A-1", order=1),
        candidate("a.wav", call_id="A-2", order=2),
        known=known,
    )
    assert sorted((call.name, call.call_id) for call in done.calls) == [
        ("a.wav", "A-2"),
        ("b.wav", "A-1"),
    ]


def test_a_third_recording_may_replace_the_second() -> None:
    known = {key_of("b.wav"): KnownCall("X", "b.wav")}
    second = candidate("b.wav", call_id="X", order=2, replaces=True)
    third = candidate("c.wav", call_id="X", order=3, replaces=True)
    for given in ([second, third], [third, second]):
        done = identified(candidate("a.wav", call_id="X", order=1), *given, known=known)
        assert [call.name for call in done.calls] == ["c.wav"]
        assert done.calls[0].retires == (key_of("b.wav"),)
        assert done.refused == []


def test_two_calls_may_swap_their_ids() -> None:
    known = {key_of("a.wav"): KnownCall("1", "a.wav"), key_of("b.wav"): KnownCall("2", "b.wav")}
    a, b = candidate("a.wav", call_id="2"), candidate("b.wav", call_id="1")
    done = identified(a, b, known=known)
    assert done.refused == []
    assert sorted((call.name, call.call_id) for call in done.calls) == [
        ("a.wav", "2"),
        ("b.wav", "1"),
    ]


def test_a_call_keeps_its_key_when_a_recording_joins_its_transcript() -> None:
    text = candidate("a.vtt", kind=SourceKind.TRANSCRIPT)
    known = {key_of("a.vtt"): KnownCall("rec-1", "a.vtt")}
    both = Candidate("a", (*candidate("a.wav").parts, *text.parts))
    (later,) = identified(both, known=known).calls
    assert later.key == key_of("a.vtt")
    assert [one.name for one in later.sources] == ["a.wav", "a.vtt"]


def test_a_call_keeps_its_key_when_the_other_side_joins_it() -> None:
    agent, caller = candidate("x_agent.wav"), candidate("x_caller.wav")
    known = {key_of("x_agent.wav"): KnownCall("rec-1", "x_agent.wav")}
    (call,) = identified(Candidate("x", (*agent.parts, *caller.parts)), known=known).calls
    assert call.key == key_of("x_agent.wav")
    assert call.retires == ()


def test_two_calls_that_turn_out_to_be_one_become_one() -> None:
    into, out = candidate("in.wav"), candidate("out.wav")
    known = {
        key_of("in.wav"): KnownCall("rec-1", "in.wav"),
        key_of("out.wav"): KnownCall("rec-2", "out.wav"),
    }
    (call,) = identified(Candidate("c", (*out.parts, *into.parts)), known=known).calls
    assert call.key == key_of("out.wav")
    assert call.retires == (key_of("in.wav"),)


def test_a_transcript_like_that_of_another_call_takes_no_key_from_it() -> None:
    known = {key_of("empty"): KnownCall("rec-1", "a.vtt")}
    text_only = candidate("a.vtt", content="empty", kind=SourceKind.TRANSCRIPT)
    other = candidate("b.vtt", content="empty", kind=SourceKind.TRANSCRIPT)
    both = Candidate("b", (*candidate("b.wav").parts, *other.parts))
    done = identified(text_only, both, known=known)
    assert sorted(call.key for call in done.calls) == sorted([key_of("empty"), key_of("b.wav")])
    assert done.duplicates == []


def test_two_pairs_that_share_one_silent_side_are_two_calls() -> None:
    silent = "silence"
    pairs = [
        Candidate(
            name,
            (
                *candidate(f"{name}_agent.wav").parts,
                *candidate(f"{name}_caller.wav", content=silent).parts,
            ),
        )
        for name in ("x", "y")
    ]
    assert len(identified(*pairs).calls) == 2


def test_a_file_that_can_not_be_read_is_refused_and_the_rest_goes_on() -> None:
    def unreadable(part: Part) -> str:
        if part.file.name == "a.wav":
            raise PermissionError(13, "Permission denied")
        return sha256(part)

    done = identify([candidate("a.wav"), candidate("b.wav")], sha256=unreadable, known={})
    assert [call.name for call in done.calls] == ["b.wav"]
    assert isinstance(done.refused[0].error, SourceUnreadable)
    assert "Permission denied" in str(done.refused[0].error)


def test_a_mix_beside_the_sides_adds_nothing_and_is_named() -> None:
    sides = (*candidate("x_agent.wav").parts, *candidate("x_caller.wav").parts)
    mixed = candidate("x.wav").parts
    done = identified(Candidate("x", sides, mixed_down=mixed))
    assert len(done.calls[0].sources) == 2
    assert [one.source.name for one in done.duplicates] == ["x.wav"]


@pytest.mark.parametrize("kind", [SourceKind.AUDIO, SourceKind.TRANSCRIPT])
def test_empty_files_are_refused_each_on_its_own(kind: SourceKind) -> None:
    done = identified(
        candidate("a", content="", size=0, kind=kind), candidate("b", content="", size=0, kind=kind)
    )
    assert [type(one.error) for one in done.refused] == [EmptyFile, EmptyFile]
    assert done.duplicates == []

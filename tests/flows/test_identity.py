"""One call per recording, one recording per id; the later of two is refused by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest

from calls.call import SourceKind
from calls.errors import CallIdConflict, EmptyFile, SourceConflict
from calls.metadata import CallMetadata
from flows.discovery.grouping import Candidate, Part
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


def identified(
    *candidates: Candidate,
    keys_by_hash: Mapping[str, str] | None = None,
    known: Mapping[str, KnownCall] | None = None,
) -> Identified:
    return identify(candidates, sha256=sha256, keys_by_hash=keys_by_hash or {}, known=known or {})


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
    assert (duplicate.source.name, duplicate.original) == ("b.wav", "a.wav")
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
    assert done.retired == [key_of("old.wav")]
    assert done.refused == []


def test_a_replaced_recording_that_still_lies_there_is_let_be() -> None:
    known = {key_of("new.wav"): KnownCall("A-1", "new.wav")}
    done = identified(
        candidate("old.wav", call_id="A-1", order=1),
        candidate("new.wav", call_id="A-1", order=2, replaces=True),
        known=known,
    )
    assert [call.name for call in done.calls] == ["new.wav"]
    assert done.retired == []
    assert done.refused == []


def test_a_call_keeps_its_key_when_a_recording_joins_its_transcript() -> None:
    text = candidate("a.vtt", kind=SourceKind.TRANSCRIPT)
    first = identified(text).calls[0].key
    both = Candidate("a", (*candidate("a.wav").parts, *text.parts))
    later = identified(both, keys_by_hash={key_of("a.vtt"): first}).calls[0]
    assert later.key == first
    assert [one.name for one in later.sources] == ["a.wav", "a.vtt"]


@pytest.mark.parametrize("kind", [SourceKind.AUDIO, SourceKind.TRANSCRIPT])
def test_empty_files_are_refused_each_on_its_own(kind: SourceKind) -> None:
    done = identified(
        candidate("a", content="", size=0, kind=kind), candidate("b", content="", size=0, kind=kind)
    )
    assert [type(one.error) for one in done.refused] == [EmptyFile, EmptyFile]
    assert done.duplicates == []

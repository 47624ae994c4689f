"""What belongs together, and which facts go with it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from calls.call import SourceKind
from calls.errors import SidecarInvalid, UnknownFormat
from calls.labels import Role
from calls.settings import DiscoverySettings
from flows.discovery.candidates import Candidate, stem_of
from flows.discovery.grouping import group
from flows.discovery.location import Location
from flows.discovery.scan import scan

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>Good morning.\n"
SETTINGS = DiscoverySettings(settle_s=0)


def grouped(folder: Path) -> list[Candidate]:
    location = Location(str(folder))
    return group(location, scan(location, SETTINGS), SETTINGS)


def put(folder: Path, name: str, content: str | dict[str, Any] = "x") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def files(candidate: Candidate) -> list[str]:
    return [part.file.name for part in candidate.parts]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("day/a.wav", "day/a"),
        ("day/a.call.json", "day/a"),
        ("day/a.wav.call.json", "day/a"),
        ("a.vcon.json", "a"),
        ("a.b.wav", "a.b"),
        ("2026-09-14T10.00.call.json", "2026-09-14T10.00"),
    ],
)
def test_a_stem_is_the_name_without_its_endings(name: str, stem: str) -> None:
    assert stem_of(name) == stem


def test_recording_transcript_and_sidecar_of_one_stem_are_one_call(recordings: Path) -> None:
    put(recordings, "a.wav")
    put(recordings, "a.vtt", VTT)
    put(recordings, "a.call.json", {"call_id": "A-1", "account": "Acme"})
    (one,) = grouped(recordings)
    assert files(one) == ["a.wav", "a.vtt"]
    assert [part.kind for part in one.parts] == [SourceKind.AUDIO, SourceKind.TRANSCRIPT]
    assert one.metadata.account == "Acme"
    assert one.name == "a.wav"


def test_a_transcript_of_another_stem_joins_the_recording_with_its_call_id(
    recordings: Path,
) -> None:
    put(recordings, "rec/a.wav")
    put(recordings, "rec/a.call.json", {"call_id": "A-1"})
    put(recordings, "text/zoom.vtt", VTT)
    put(recordings, "text/zoom.call.json", {"call_id": "A-1"})
    (one,) = grouped(recordings)
    assert files(one) == ["rec/a.wav", "text/zoom.vtt"]


def test_same_names_in_two_folders_are_two_calls(recordings: Path) -> None:
    put(recordings, "mon/a.wav")
    put(recordings, "tue/a.wav")
    assert [files(one) for one in grouped(recordings)] == [["mon/a.wav"], ["tue/a.wav"]]


def test_agent_and_caller_files_are_one_call_with_roles(recordings: Path) -> None:
    put(recordings, "x_caller.wav")
    put(recordings, "x_agent.wav")
    put(recordings, "x.call.json", {"call_id": "X-1"})
    (one,) = grouped(recordings)
    assert [(part.file.name, part.role) for part in one.parts] == [
        ("x_agent.wav", Role.REP),
        ("x_caller.wav", Role.CUSTOMER),
    ]
    assert one.metadata.call_id == "X-1"


def test_an_agent_file_alone_is_an_ordinary_recording(recordings: Path) -> None:
    put(recordings, "x_agent.wav")
    (one,) = grouped(recordings)
    assert files(one) == ["x_agent.wav"]
    assert one.parts[0].role is None


def test_a_sidecar_may_list_one_file_per_participant(recordings: Path) -> None:
    put(recordings, "in.wav")
    put(recordings, "out.wav")
    put(
        recordings,
        "call.call.json",
        {
            "participants": [{"name": "Ann", "role": "rep"}, {"name": "Bo", "role": "customer"}],
            "files": [
                {"name": "out.wav", "participant": 0},
                {"name": "in.wav", "participant": "Bo"},
            ],
        },
    )
    (one,) = grouped(recordings)
    assert [(part.file.name, part.role, part.participant) for part in one.parts] == [
        ("out.wav", Role.REP, 0),
        ("in.wav", Role.CUSTOMER, 1),
    ]


def test_a_listed_file_that_is_missing_is_named(recordings: Path) -> None:
    put(recordings, "in.wav")
    put(
        recordings,
        "call.call.json",
        {
            "participants": [{"name": "Ann"}, {"name": "Bo"}],
            "files": [{"name": "in.wav", "participant": 0}, {"name": "o.wav", "participant": 1}],
        },
    )
    (one,) = [one for one in grouped(recordings) if one.problem]
    assert "'o.wav' does not lie beside the sidecar" in str(one.problem)


def test_a_wrong_sidecar_names_file_field_value_and_what_is_allowed(recordings: Path) -> None:
    put(recordings, "a.wav")
    put(recordings, "a.call.json", {"participants": [{"role": "agent"}], "acount": "Acme"})
    (one,) = grouped(recordings)
    assert isinstance(one.problem, SidecarInvalid)
    text = str(one.problem)
    for part in ("a.call.json", "participants.0.role", "'agent'", "'rep'", "acount", "account"):
        assert part in text


@pytest.mark.parametrize(
    ("started_at", "said"),
    [("2026-09-14T10:00:00", "needs a time zone"), ("yesterday", "started_at")],
)
def test_a_start_time_must_be_an_instant(recordings: Path, started_at: str, said: str) -> None:
    put(recordings, "a.wav")
    put(recordings, "a.call.json", {"started_at": started_at})
    (one,) = grouped(recordings)
    assert said in str(one.problem)


def test_json_of_another_name_is_a_sidecar_if_it_has_one_of_our_keys(recordings: Path) -> None:
    put(recordings, "a.wav")
    put(recordings, "a.json", {"call_id": "A-1"})
    (one,) = grouped(recordings)
    assert one.metadata.call_id == "A-1"


def test_json_that_nobody_knows_is_refused_and_its_recording_is_not(recordings: Path) -> None:
    put(recordings, "a.wav")
    put(recordings, "a.json", {"foo": 1})
    good, bad = grouped(recordings)
    assert files(good) == ["a.wav"]
    assert good.problem is None
    assert isinstance(bad.problem, UnknownFormat)
    assert "webvtt" in str(bad.problem).lower()
    assert "call_id" in str(bad.problem)


def test_a_sidecar_without_its_recording_is_no_call(recordings: Path) -> None:
    put(recordings, "a.call.json", {"call_id": "A-1"})
    assert grouped(recordings) == []


def test_rows_of_a_call_list_go_with_their_recordings(recordings: Path) -> None:
    put(recordings, "day/a.wav")
    put(recordings, "day/b.wav")
    put(recordings, "day/c.wav")
    put(
        recordings,
        "day/calls.csv",
        "recording,call_id,rep_name,rep_channel,customer_name,customer_channel,direction\n"
        "a.wav,A-1,Ann,0,Bo,1,outbound\n"
        "b,B-1,,,,,sideways\n",
    )
    a, b, c = grouped(recordings)
    assert a.metadata.call_id == "A-1"
    assert [(one.name, one.role, one.channel) for one in a.metadata.participants] == [
        ("Ann", Role.REP, 0),
        ("Bo", Role.CUSTOMER, 1),
    ]
    assert "calls.csv row 3: direction" in str(b.problem)
    assert c.problem is None
    assert c.metadata.call_id is None


def test_a_sidecar_of_its_own_wins_over_the_call_list(recordings: Path) -> None:
    put(recordings, "a.wav")
    put(recordings, "calls.csv", "recording,call_id\na.wav,FROM-LIST\n")
    put(recordings, "a.call.json", {"call_id": "FROM-SIDECAR"})
    (one,) = grouped(recordings)
    assert one.metadata.call_id == "FROM-SIDECAR"


def test_what_the_sidecar_lists_goes_before_what_a_name_suggests(recordings: Path) -> None:
    put(recordings, "x_agent.wav")
    put(recordings, "x_caller.wav")
    people = [{"name": "Ann", "role": "rep"}, {"name": "Bo", "role": "customer"}]
    files_swapped = [
        {"name": "x_caller.wav", "participant": 0},
        {"name": "x_agent.wav", "participant": 1},
    ]
    put(recordings, "x.call.json", {"participants": people, "files": files_swapped})
    (one,) = grouped(recordings)
    assert [(part.file.name, part.role) for part in one.parts] == [
        ("x_caller.wav", Role.REP),
        ("x_agent.wav", Role.CUSTOMER),
    ]


def test_a_mix_of_the_sides_is_no_third_side(recordings: Path) -> None:
    for name in ("x.wav", "x_agent.wav", "x_caller.wav"):
        put(recordings, name)
    (one,) = grouped(recordings)
    assert files(one) == ["x_agent.wav", "x_caller.wav"]
    assert [part.file.name for part in one.mixed_down] == ["x.wav"]


def test_a_call_list_that_can_not_be_read_holds_its_recordings_back(recordings: Path) -> None:
    put(recordings, "day/a.wav")
    put(recordings, "day/b.wav")
    put(recordings, "day/b.call.json", {"call_id": "B-1"})
    put(recordings, "other/c.wav")
    (recordings / "day" / "calls.parquet").write_bytes(b"no parquet")
    by_name = {one.name: one for one in grouped(recordings)}
    assert by_name["day/a.wav"].problem is not None
    assert by_name["day/b.wav"].problem is None
    assert by_name["other/c.wav"].problem is None
    assert "day/calls.parquet" in str(by_name["day/calls.parquet"].problem)


def test_a_young_call_list_holds_its_recordings_back(recordings: Path) -> None:
    put(recordings, "day/a.wav")
    put(recordings, "day/calls.csv", "recording,call_id\na.wav,A-1\n")
    put(recordings, "other/c.wav")
    for name in ("day/a.wav", "other/c.wav"):
        os.utime(recordings / name, (1_700_000_000, 1_700_000_000))
    patient = DiscoverySettings(settle_s=3600, settle_wait_s=0)
    location = Location(str(recordings))
    found = group(location, scan(location, patient), patient)
    assert [one.name for one in found] == ["other/c.wav"]


def test_wrong_rows_of_one_list_are_told_apart(recordings: Path) -> None:
    put(recordings, "calls.csv", "recording,direction\na,sideways\nb,upwards\n")
    assert [one.name for one in grouped(recordings)] == ["calls.csv: a", "calls.csv: b"]


def test_null_in_a_list_of_a_row_is_no_list(recordings: Path) -> None:
    put(recordings, "a.wav")
    put(recordings, "calls.csv", "recording,participants\na.wav,null\n")
    (one,) = grouped(recordings)
    assert one.problem is None
    assert one.metadata.participants == ()


def test_pipes_folders_and_odd_names_hold_nothing_up(recordings: Path) -> None:
    put(recordings, "a.wav")
    os.mkfifo(recordings / "pipe.wav")
    (recordings / "folder.wav").mkdir()
    odd = os.fsdecode(b"caf\xe9.wav")
    put(recordings, odd)
    assert sorted(one.name for one in grouped(recordings)) == sorted(["a.wav", odd])


def test_what_lies_beside_one_side_goes_with_the_call(recordings: Path) -> None:
    put(recordings, "x_agent.wav")
    put(recordings, "x_caller.wav")
    people = [{"name": "Dana", "role": "rep"}]
    put(recordings, "x_agent.call.json", {"participants": people, "exclude": ["Dana"]})
    put(recordings, "x_caller.vtt", VTT)
    (one,) = grouped(recordings)
    assert one.metadata.exclude == ("Dana",)
    assert files(one) == ["x_agent.wav", "x_caller.wav", "x_caller.vtt"]


def test_two_sidecars_for_one_call_are_refused_not_chosen_from(recordings: Path) -> None:
    put(recordings, "x_agent.wav")
    put(recordings, "x_caller.wav")
    put(recordings, "x_agent.call.json", {"account": "Acme"})
    put(recordings, "x_caller.call.json", {"account": "Bcme"})
    (one,) = grouped(recordings)
    assert "contradicts 'x_agent.call.json'" in str(one.problem)


def test_two_sidecars_that_agree_are_put_together(recordings: Path) -> None:
    put(recordings, "x_agent.wav")
    put(recordings, "x_caller.wav")
    put(recordings, "x_agent.call.json", {"account": "Acme", "team": "North"})
    put(recordings, "x_caller.call.json", {"account": "Acme", "stage": "first"})
    (one,) = grouped(recordings)
    assert one.problem is None
    assert (one.metadata.account, one.metadata.team, one.metadata.stage) == (
        "Acme",
        "North",
        "first",
    )


def test_the_sidecars_of_recording_and_transcript_must_agree(recordings: Path) -> None:
    put(recordings, "a.wav")
    put(recordings, "a.call.json", {"call_id": "A-1", "account": "Acme"})
    put(recordings, "zoom.vtt", VTT)
    put(recordings, "zoom.call.json", {"call_id": "A-1", "account": "Bcme"})
    (one,) = grouped(recordings)
    assert "zoom.call.json" in str(one.problem)


def test_a_listed_file_that_is_still_being_written_makes_its_call_wait(recordings: Path) -> None:
    for name in ("p1.wav", "p2.wav"):
        put(recordings, name)
    people = [{"name": "Ann"}, {"name": "Bo"}]
    listed = [{"name": "p1.wav", "participant": 0}, {"name": "p2.wav", "participant": 1}]
    put(recordings, "c.call.json", {"participants": people, "files": listed})
    for name in ("p1.wav", "c.call.json"):
        os.utime(recordings / name, (1_700_000_000, 1_700_000_000))
    patient = DiscoverySettings(settle_s=3600, settle_wait_s=0)
    location = Location(str(recordings))
    assert group(location, scan(location, patient), patient) == []


@pytest.mark.parametrize(
    "content",
    [
        '{"call_id": ' + "1" * 5000 + "}",
        "[" * 100_000 + "]" * 100_000,
        '{"started_at": "0001-01-01T00:00:00+10:00"}',
        '{"started_at": "9999-12-31T23:59:59-10:00"}',
        "no json",
        "[]",
        '{"call_id": null, "participants": {"a": 1}}',
    ],
    ids=["long number", "deep", "year 1", "year 9999", "text", "list", "object for list"],
)
def test_a_sidecar_gone_wrong_costs_its_own_call_only(recordings: Path, content: str) -> None:
    put(recordings, "a.wav")
    put(recordings, "a.call.json", content)
    put(recordings, "b.wav")
    put(recordings, "w.json", content)
    by_name = {one.name: one for one in grouped(recordings)}
    assert isinstance(by_name["a.wav"].problem, SidecarInvalid)
    assert by_name["b.wav"].problem is None


def test_a_sidecar_in_utf_16_is_read(recordings: Path) -> None:
    put(recordings, "a.wav")
    (recordings / "a.call.json").write_text('{"account": "Zürich AG"}', encoding="utf-16")
    (one,) = grouped(recordings)
    assert one.metadata.account == "Zürich AG"


def test_a_link_to_nowhere_is_not_passed_over(recordings: Path) -> None:
    put(recordings, "a.wav")
    (recordings / "a.call.json").symlink_to(recordings / "gone.json")
    (one,) = grouped(recordings)
    assert "can't be read" in str(one.problem)


def test_rows_that_name_no_recording_are_each_reported(recordings: Path) -> None:
    put(recordings, "calls.csv", "recording,account\n,Acme\n,Bcme\n")
    assert [str(one.problem)[:15] for one in grouped(recordings)] == [
        "calls.csv row 2",
        "calls.csv row 3",
    ]

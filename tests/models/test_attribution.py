from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Listening,
    Recording,
    RoleSource,
    Source,
    SourceKind,
    StartedAtSource,
)
from calls.corrections import Corrections, Swap
from calls.labels import Role
from calls.metadata import CallMetadata
from calls.settings import AttributionSettings
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from models.attribution import attribute, state_of
from models.people import is_anonymous, matching_participant, personal_name, stated_role

NOW = datetime(2026, 9, 14, 10, tzinfo=UTC)
ANNA = {"id": "e1", "name": "Anna Smith", "role": "rep", "email": "anna.smith@example.com"}
BEN = {"name": "Ben Okafor", "role": "customer"}
UNSET = AttributionSettings()


def said(start_s: float, text: str, **labels: Any) -> Utterance:
    words = tuple(
        Word(one, start_s + 0.3 * at, start_s + 0.3 * at + 0.25)
        for at, one in enumerate(text.split())
    )
    return Utterance(start_s, words[-1].end_s, text, words=words, **labels)


TWO_CHANNELS = (said(0, "hello Ben", channel=0), said(2, "hello Anna", channel=1))
TWO_LABELS = (said(0, "hello Ben", speaker="Anna"), said(2, "hello Anna", speaker="Guest 1"))


def attributed(
    utterances: Sequence[Utterance],
    participants: Sequence[dict[str, Any]] = (),
    *,
    layout: ChannelLayout = ChannelLayout.SEPARATE,
    channels: int = 2,
    dead: tuple[int, ...] = (),
    engine: Engine = Engine.WHISPER,
    settings: AttributionSettings = UNSET,
    files: Sequence[dict[str, Any]] = (),
    copied: tuple[int, ...] = (),
    corrected: Mapping[str, Role] | None = None,
    **metadata: Any,
) -> AttributedCall:
    facts = CallMetadata.model_validate({"participants": participants, **metadata})
    sources = tuple(
        Source(f"call{at}.wav", SourceKind.AUDIO, str(at), 1, NOW, **file)
        for at, file in enumerate(files or [{}])
    )
    recording = Recording("k", "c", sources, facts, NOW, StartedAtSource.SIDECAR)
    audio = AudioFacts(60.0, channels, layout, dead_channels=dead, copied_channels=copied)
    transcript = Transcript(tuple(utterances), TranscriptOrigin(engine, "m"), "en", "detected")
    listening = Listening(audio, transcript)
    corrections = Corrections()
    if corrected is not None:
        about = state_of(recording, listening, settings)
        corrections = Corrections((Swap(about, tuple(corrected.items()), NOW),))
    return attribute(recording, listening, settings, corrections)


def roles(call: AttributedCall) -> dict[str, tuple[Role, str | None]]:
    return {one.speaker: (one.role, one.participant_id) for one in call.speakers}


def test_the_sidecars_channel_map_is_trusted_over_the_settings() -> None:
    call = attributed(
        TWO_CHANNELS,
        [{**ANNA, "channel": 1}, {**BEN, "channel": 0}],
        settings=AttributionSettings(channel_roles=(Role.REP, Role.CUSTOMER)),
        account="Acme",
    )
    assert roles(call) == {"ch0": (Role.CUSTOMER, "Acme/Ben Okafor"), "ch1": (Role.REP, "e1")}
    assert call.role_source is RoleSource.SIDECAR
    assert [(turn.speaker, turn.role, turn.participant_id) for turn in call.turns] == [
        ("ch0", Role.CUSTOMER, "Acme/Ben Okafor"),
        ("ch1", Role.REP, "e1"),
    ]
    assert call.speakers[1].name == "Anna Smith"


def test_without_a_channel_map_two_channels_stay_unknown() -> None:
    call = attributed(TWO_CHANNELS, [ANNA, BEN])
    assert roles(call) == {"ch0": (Role.UNKNOWN, None), "ch1": (Role.UNKNOWN, None)}
    assert call.role_source is RoleSource.UNKNOWN


def test_the_settings_give_roles_and_a_role_that_one_person_has_names_them() -> None:
    call = attributed(
        TWO_CHANNELS,
        [ANNA, BEN],
        settings=AttributionSettings(channel_roles=(Role.REP, Role.CUSTOMER)),
    )
    assert roles(call) == {"ch0": (Role.REP, "e1"), "ch1": (Role.CUSTOMER, "Ben Okafor")}
    assert call.role_source is RoleSource.CHANNEL


def test_the_other_of_two_voices_is_the_other_of_two_people() -> None:
    by_channel = attributed(TWO_CHANNELS, [{**ANNA, "channel": 0}, BEN])
    assert roles(by_channel)["ch1"] == (Role.CUSTOMER, "Ben Okafor")
    by_label = attributed(
        TWO_LABELS, [ANNA, BEN], layout=ChannelLayout.NONE, engine=Engine.IMPORTED
    )
    assert roles(by_label) == {
        "Anna": (Role.REP, "e1"),
        "Guest 1": (Role.CUSTOMER, "Ben Okafor"),
    }
    assert by_label.role_source is RoleSource.VENDOR


def test_the_other_voice_is_not_guessed_among_three_people() -> None:
    call = attributed(TWO_CHANNELS, [{**ANNA, "channel": 0}, BEN, {"name": "Cy"}])
    assert roles(call)["ch1"] == (Role.UNKNOWN, None)


def test_one_file_per_participant() -> None:
    call = attributed(
        TWO_CHANNELS,
        [BEN, ANNA],
        layout=ChannelLayout.FILES,
        files=[{"participant": 1}, {"participant": 0}],
    )
    assert roles(call) == {"ch0": (Role.REP, "e1"), "ch1": (Role.CUSTOMER, "Ben Okafor")}
    assert call.role_source is RoleSource.SIDECAR


def test_file_names_give_roles() -> None:
    call = attributed(
        TWO_CHANNELS,
        layout=ChannelLayout.FILES,
        files=[{"role": Role.REP}, {"role": Role.CUSTOMER}],
    )
    assert roles(call) == {"ch0": (Role.REP, None), "ch1": (Role.CUSTOMER, None)}
    assert call.role_source is RoleSource.CHANNEL


def test_vendor_labels_that_state_a_role() -> None:
    utterances = (said(0, "hello", speaker="AGENT"), said(2, "hi", speaker="CUSTOMER"))
    call = attributed(utterances, [ANNA], layout=ChannelLayout.NONE, engine=Engine.IMPORTED)
    assert roles(call) == {"AGENT": (Role.REP, "e1"), "CUSTOMER": (Role.CUSTOMER, None)}


def test_two_labels_of_one_person_are_one_voice() -> None:
    utterances = (said(0, "hello", speaker="Anna"), said(2, "again", speaker="anna SMITH"))
    call = attributed(utterances, [ANNA, BEN], layout=ChannelLayout.NONE, engine=Engine.IMPORTED)
    assert list(roles(call)) == ["Anna"]
    assert " ".join(turn.text for turn in call.turns) == "hello again"


@pytest.mark.parametrize("layout", [ChannelLayout.MONO, ChannelLayout.DUAL_MONO])
def test_one_signal_is_one_unknown_voice_even_if_two_people_are_listed(
    layout: ChannelLayout,
) -> None:
    call = attributed(
        [said(0, "hello", channel=0)],
        [{**ANNA, "channel": 0}, {**BEN, "channel": 1}],
        layout=layout,
        settings=AttributionSettings(channel_roles=(Role.REP, Role.CUSTOMER)),
    )
    assert roles(call) == {"ch0": (Role.UNKNOWN, None)}
    assert call.notes == ("2 participants on one signal without labels can't be told apart",)


def test_a_transcript_without_labels_is_one_unknown_voice() -> None:
    call = attributed(
        [said(0, "hello")], [ANNA, BEN], layout=ChannelLayout.NONE, engine=Engine.IMPORTED
    )
    assert roles(call) == {"ch0": (Role.UNKNOWN, None)}
    assert call.speakers[0].channel is None


def test_a_dead_channel_is_listed_as_not_heard() -> None:
    call = attributed(
        TWO_CHANNELS[:1],
        [{**ANNA, "channel": 0}, {**BEN, "channel": 1}],
        layout=ChannelLayout.ONE_DEAD,
        dead=(1,),
    )
    ben = call.speakers[1]
    assert (ben.speaker, ben.heard, ben.role) == ("ch1", False, Role.CUSTOMER)
    assert ben.not_heard_reason == "channel 1 is silent throughout"


def test_a_channel_on_which_nothing_was_understood_is_listed_as_not_heard() -> None:
    call = attributed(TWO_CHANNELS[:1])
    assert call.speakers[1].not_heard_reason == "no words were heard on channel 1"
    assert [one.not_heard_reason for one in attributed([]).speakers] == ["no speech"] * 2


def test_words_of_an_excluded_participant_are_dropped() -> None:
    call = attributed(
        TWO_CHANNELS,
        [{**ANNA, "channel": 0}, {**BEN, "channel": 1}],
        exclude=["Ben Okafor"],
    )
    assert [turn.text for turn in call.turns] == ["hello Ben"]
    assert call.speakers[1].not_heard_reason == "excluded"
    assert call.notes == ("ch1: 2 words dropped (excluded)",)


def test_nothing_is_read_where_an_excluded_participant_cannot_be_told_apart() -> None:
    mono = attributed(
        [said(0, "hello", channel=0)], [ANNA, BEN], layout=ChannelLayout.MONO, exclude=["e1"]
    )
    shared = attributed(
        TWO_CHANNELS,
        [{**ANNA, "channel": 0}, {**BEN, "channel": 1}, {"name": "Cy", "channel": 1}],
        exclude=["Cy"],
    )
    unmapped = attributed(TWO_CHANNELS, [ANNA, BEN], exclude=["e1"])
    assert mono.turns == unmapped.turns == ()
    assert [turn.text for turn in shared.turns] == ["hello Ben"]


def test_a_voice_with_another_name_is_kept_when_somebody_else_is_excluded() -> None:
    utterances = (said(0, "hello", speaker="Dana Fox"), said(2, "hi", speaker="Speaker 2"))
    call = attributed(
        utterances, [ANNA], layout=ChannelLayout.NONE, engine=Engine.IMPORTED, exclude=["e1"]
    )
    assert [turn.text for turn in call.turns] == ["hello"]


def test_people_who_share_a_channel_share_only_their_role() -> None:
    call = attributed(
        TWO_CHANNELS,
        [{**ANNA, "channel": 0}, {**BEN, "channel": 1}, {**BEN, "name": "Cy", "channel": 1}],
    )
    assert roles(call)["ch1"] == (Role.CUSTOMER, None)
    assert call.notes == ("ch1: 2 participants share the channel",)


def test_a_channel_that_the_recording_lacks_is_noted() -> None:
    call = attributed(TWO_CHANNELS, [{**ANNA, "channel": 4}])
    assert call.notes == ("the sidecar names channel 4; the recording has 2 channels",)


def test_the_sidecars_language_comes_first() -> None:
    call = attributed(TWO_CHANNELS, language="de")
    assert (call.language, call.language_source) == ("de", "sidecar")
    assert attributed(TWO_CHANNELS).language_source == "detected"


DIARIZED = (
    said(0, "hello Ben", channel=0, speaker="A"),
    said(2, "hello Anna", channel=0, speaker="B"),
)


@pytest.mark.parametrize("layout", [ChannelLayout.MONO, ChannelLayout.DUAL_MONO])
def test_voices_told_apart_by_their_sound_are_several_with_unknown_roles(
    layout: ChannelLayout,
) -> None:
    call = attributed(
        DIARIZED,
        [{**ANNA, "channel": 0}, {**BEN, "channel": 0}],
        layout=layout,
        settings=AttributionSettings(channel_roles=(Role.REP, Role.CUSTOMER)),
    )
    assert roles(call) == {"A": (Role.UNKNOWN, None), "B": (Role.UNKNOWN, None)}
    assert [(turn.speaker, turn.text) for turn in call.turns] == [
        ("A", "hello Ben"),
        ("B", "hello Anna"),
    ]
    assert [one.channel for one in call.speakers] == [None, None]  # no channel is anybody's own
    assert call.notes == ()


def test_a_letter_of_diarization_is_nobodys_id() -> None:
    call = attributed(
        DIARIZED, [{**ANNA, "id": "A"}, {**BEN, "id": "B"}], layout=ChannelLayout.MONO
    )
    assert roles(call) == {"A": (Role.UNKNOWN, None), "B": (Role.UNKNOWN, None)}
    assert [one.name for one in call.speakers] == [None, None]


def test_one_voice_for_everybody_tells_nothing() -> None:
    call = attributed(DIARIZED[:1], [ANNA, BEN], layout=ChannelLayout.MONO)
    assert list(roles(call)) == ["ch0"]


def test_words_near_no_voice_stay_without_one_and_a_wrong_count_is_noted() -> None:
    far = said(9, "mm", channel=0)
    third = said(12, "bye", channel=0, speaker="C")
    call = attributed([*DIARIZED, far, third], [ANNA, BEN], layout=ChannelLayout.MONO)
    assert list(roles(call)) == ["A", "B", "unlabelled", "C"]
    assert call.notes == ("3 voices told apart, 2 participants listed",)


def test_labels_within_a_partys_own_channel_are_not_believed() -> None:
    utterances = (*TWO_CHANNELS, said(4, "bye", channel=1, speaker="B"))
    assert list(roles(attributed(utterances))) == ["ch0", "ch1"]


def test_nothing_is_read_where_an_excluded_person_may_be_any_of_the_voices_told_apart() -> None:
    call = attributed(DIARIZED, [ANNA, BEN], layout=ChannelLayout.MONO, exclude=["e1"])
    assert call.turns == ()


def test_a_vendor_that_told_voices_on_one_channel_apart_is_believed() -> None:
    call = attributed(
        [
            said(0, "hello", channel=0, speaker="Agent"),
            said(2, "hi", channel=0, speaker="Customer"),
        ],
        layout=ChannelLayout.MONO,
        engine=Engine.IMPORTED,
    )
    assert roles(call) == {"Agent": (Role.REP, None), "Customer": (Role.CUSTOMER, None)}


def test_a_channel_that_repeats_another_is_nobodys() -> None:
    call = attributed(TWO_CHANNELS, [{**ANNA, "channel": 2}], channels=4, copied=(2, 3))
    assert list(roles(call)) == ["ch0", "ch1"]
    assert call.notes == ("the sidecar names channel 2, which repeats another's signal",)


SELLS = (
    "Hi Ben, this is Kim from Harbour Systems. Thanks for taking the time. I read your annual "
    "report. My guess is your drivers wait. What are your biggest challenges? I'd love to show you."
)
BUYS = (
    "Yes, well, we've got two depots. You're not wrong, it cost us a lot. How much does it cost? "
    "We already use somebody."
)
SALE = (said(0, SELLS, speaker="Speaker 1"), said(60, BUYS, speaker="Speaker 2"))


def test_what_two_voices_say_gives_roles_and_those_name_the_people_who_alone_have_them() -> None:
    call = attributed(SALE, [BEN, ANNA], layout=ChannelLayout.NONE, engine=Engine.IMPORTED)
    assert roles(call) == {
        "Speaker 1": (Role.REP, "e1"),
        "Speaker 2": (Role.CUSTOMER, "Ben Okafor"),
    }
    assert call.role_source is RoleSource.WORDING


def test_wording_can_be_turned_off_and_is_never_asked_where_somebody_is_excluded() -> None:
    off = AttributionSettings(roles_from_wording=False)
    labelled = {"layout": ChannelLayout.NONE, "engine": Engine.IMPORTED}
    quiet = attributed(SALE, settings=off, **labelled)  # type: ignore[arg-type]
    named = [one if at else said(0, SELLS, speaker="Kim Lee") for at, one in enumerate(SALE)]
    careful = attributed(named, [ANNA, BEN], exclude=["Ben Okafor"], **labelled)  # type: ignore[arg-type]
    assert quiet.role_source is careful.role_source is RoleSource.UNKNOWN


SWAPPED = {"ch0": Role.CUSTOMER, "ch1": Role.REP}


def test_a_correction_moves_the_people_of_a_channel_map_with_their_roles() -> None:
    people = [{**ANNA, "channel": 0}, {**BEN, "channel": 1}]
    call = attributed(TWO_CHANNELS, people, corrected=SWAPPED)
    assert roles(call) == {"ch0": (Role.CUSTOMER, "Ben Okafor"), "ch1": (Role.REP, "e1")}
    assert [turn.participant_id for turn in call.turns] == ["Ben Okafor", "e1"]
    assert call.role_source is RoleSource.CORRECTED


def test_a_correction_of_roles_from_wording_outlives_the_wording() -> None:
    labelled = {"layout": ChannelLayout.NONE, "engine": Engine.IMPORTED}
    said_so = {"Speaker 1": Role.CUSTOMER, "Speaker 2": Role.REP}
    call = attributed(SALE, [ANNA, BEN], corrected=said_so, **labelled)  # type: ignore[arg-type]
    assert roles(call) == {
        "Speaker 1": (Role.CUSTOMER, "Ben Okafor"),
        "Speaker 2": (Role.REP, "e1"),
    }
    assert call.role_source is RoleSource.CORRECTED


def test_people_whose_roles_the_sidecar_leaves_open_stay_on_their_channels() -> None:
    people = [{"name": "Anna", "channel": 0}, {"name": "Ben", "channel": 1}]
    call = attributed(TWO_CHANNELS, people, corrected=SWAPPED)
    assert roles(call) == {"ch0": (Role.CUSTOMER, "Anna"), "ch1": (Role.REP, "Ben")}


def test_a_correction_said_about_other_voices_lapses_with_a_note() -> None:
    people = [{**ANNA, "channel": 0}, {**BEN, "channel": 1}]
    facts = CallMetadata.model_validate({"participants": people})
    recording = Recording(
        "k",
        "c",
        (Source("a.wav", SourceKind.AUDIO, "0", 1, NOW),),
        facts,
        NOW,
        StartedAtSource.SIDECAR,
    )
    transcript = Transcript(TWO_CHANNELS, TranscriptOrigin(Engine.WHISPER, "m"), "en", "detected")
    listening = Listening(AudioFacts(60.0, 2, ChannelLayout.SEPARATE), transcript)
    old = Corrections((Swap("of another time", tuple(SWAPPED.items()), NOW),))
    call = attribute(recording, listening, UNSET, old)
    assert call.role_source is RoleSource.SIDECAR
    assert call.notes == (
        "the swap of rep and customer said on 2026-09-14 no longer applies: who is who has been "
        "changed since",
    )


PEOPLE = CallMetadata.model_validate(
    {"participants": [ANNA, BEN, {"name": "Anna Bell"}, {"email": "zoe.li@example.com"}]}
).participants


@pytest.mark.parametrize(
    ("label", "position"),
    [
        ("anna smith", 0),
        ("Smith, Anna (Example Ltd)", 0),
        ("Anna S.", 0),
        ("ANNA.SMITH@example.com", 0),
        ("e1", 0),
        ("Anna", None),
        ("Ben", 1),
        ("Zoë Li", 3),
        ("zoe", 3),
        ("B", None),
        ("Benedict", None),
        ("", None),
    ],
)
def test_labels_match_names(label: str, position: int | None) -> None:
    assert matching_participant(label, PEOPLE) == position


def test_roles_and_anonymous_labels() -> None:
    assert stated_role("Agent 1") is Role.REP
    assert stated_role("Key Account Manager") is Role.REP
    assert stated_role("Dana (customer)") is Role.CUSTOMER
    assert stated_role("Agent and customer") is Role.UNKNOWN
    assert stated_role("Anna") is Role.UNKNOWN
    assert all(map(is_anonymous, ["Speaker 1", "spk_0", "A", "2", "Unknown", "S1", "ch_0"]))
    assert personal_name("Dana Fox (agent)") == "Dana Fox"
    assert [personal_name(one) for one in ("Agent", "Speaker 2", "+44 1632 960000 (customer)")] == [
        None
    ] * 3
    assert not any(map(is_anonymous, ["Dana", "Speaker Pelosi", "Al", "Su"]))

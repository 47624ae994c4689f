"""The voices of a call as they can be told apart by ear, and what says whose they are.

What is believed, most trusted first: the sidecar's channel map, the sidecar's or the file name's
word on one file per participant, the vendor's speaker labels, the roles that the settings give to
channels. What none of them says stays unknown here; `models.attribution` then asks whether a person
has corrected it (`models.corrected`), or the wording leaves little doubt (`models.role_wording`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from calls.call import AudioFacts, ChannelLayout, Recording, RoleSource
from calls.labels import Role
from calls.metadata import CallMetadata, Participant
from calls.settings import AttributionSettings
from calls.transcript import Engine, Transcript, Utterance
from models.people import matching_participant, stated_role

_UNLABELLED = "unlabelled"


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice as it can be told apart by ear, and what is known of whose it is.

    `people` are positions in the sidecar's participants: one if the voice is theirs, several if
    they share a channel, none if nothing says.
    """

    speaker: str
    channel: int | None
    label: str | None
    utterances: tuple[Utterance, ...]
    not_heard_reason: str = ""
    role: Role = Role.UNKNOWN
    people: tuple[int, ...] = ()
    source: RoleSource = RoleSource.UNKNOWN


def is_mixed(audio: AudioFacts, transcript: Transcript) -> bool:
    """True if all people are heard as one signal and nothing tells their voices apart."""
    if transcript.origin.engine is Engine.IMPORTED:
        utterances = transcript.utterances
        return all(one.channel is None and one.speaker is None for one in utterances)
    return audio.layout.is_one_signal and not is_diarized(audio, transcript)


def is_diarized(audio: AudioFacts, transcript: Transcript) -> bool:
    """True if several voices of one signal were told apart by their sound.

    One label for everybody tells nothing: it may as well be two people taken for one.
    """
    if transcript.origin.engine is Engine.IMPORTED or not audio.layout.is_one_signal:
        return False
    return len({one.speaker for one in transcript.utterances} - {None}) > 1


def voices_of(audio: AudioFacts, transcript: Transcript) -> list[Voice]:
    """The voices in order of channel, then of first speech; silent channels are voices too.

    A channel that only repeats another's signal is nobody's.
    """
    heard: dict[tuple[int | None, str | None], list[Utterance]] = {}
    diarized = is_diarized(audio, transcript)
    one_line = diarized or _is_one_labelled_line(transcript)
    for utterance in transcript.utterances:
        # Where parties have channels, labels within one are diarization of one line, and the
        # channel is the safer voice. On one signal the labels are all there is.
        channel = None if one_line else utterance.channel
        label = utterance.speaker if channel is None else None
        heard.setdefault((channel, label), []).append(utterance)
    if all(channel is not None for channel, _ in heard):
        listened = [at for at in range(audio.channel_count) if at not in audio.copied_channels]
        for present in listened if audio.layout.is_separate else listened[:1]:
            heard.setdefault((present, None), [])
    any_label = any(label is not None for _, label in heard)
    voices = []
    for (channel, stated), own in heard.items():
        # A letter of diarization names nobody, though a participant's id may look like it.
        label = None if diarized else stated
        name = stated or (_UNLABELLED if any_label else "ch0")
        if channel is not None:
            name = f"ch{channel}"
            labels = {one.speaker for one in own}
            label = labels.pop() if len(labels) == 1 else None
        reason = "" if own else _silence(channel, audio, anything=bool(transcript.utterances))
        voices.append(Voice(name, channel, label, tuple(own), reason))
    return sorted(voices, key=lambda one: -1 if one.channel is None else one.channel)


def _is_one_labelled_line(transcript: Transcript) -> bool:
    """True if a vendor heard one channel and told the voices on it apart."""
    channels = {one.channel for one in transcript.utterances}
    labels = {one.speaker for one in transcript.utterances} - {None}
    imported = transcript.origin.engine is Engine.IMPORTED
    return imported and len(channels) == 1 and len(labels) > 1


def _silence(channel: int | None, audio: AudioFacts, *, anything: bool) -> str:
    if channel in audio.dead_channels:
        return f"channel {channel} is silent throughout"
    return f"no words were heard on channel {channel}" if anything else "no speech"


def is_unlabelled(voice: Voice) -> bool:
    """True for what nobody in particular says, on a call whose other words have a label."""
    return voice.speaker == _UNLABELLED


def identified(
    voice: Voice,
    recording: Recording,
    audio: AudioFacts,
    settings: AttributionSettings,
    *,
    mixed: bool,
) -> Voice:
    """The voice with what the most trusted source says about it."""
    people = recording.metadata.participants
    if mixed:
        # One signal carries one known person only if the sidecar says so of everybody on the call.
        mapped = {person.channel for person in people} == {0}
        return _with_people(voice, range(len(people)), people) if mapped else voice
    return (
        _mapped(voice, people)
        or _recorded_apart(voice, recording, audio)
        or _named(voice, people)
        or _by_setting(voice, settings)
        or voice
    )


def _mapped(voice: Voice, people: tuple[Participant, ...]) -> Voice | None:
    """The voice as the sidecar's channel map has it."""
    if voice.channel is None:
        return None
    on_channel = [at for at, person in enumerate(people) if person.channel == voice.channel]
    return _with_people(voice, on_channel, people) if on_channel else None


def _recorded_apart(voice: Voice, recording: Recording, audio: AudioFacts) -> Voice | None:
    """The voice as the sidecar or the file name has it, for one file per participant."""
    if audio.layout is not ChannelLayout.FILES or voice.channel is None:
        return None
    if voice.channel >= len(recording.audio):
        return None
    file, people = recording.audio[voice.channel], recording.metadata.participants
    if file.participant is not None and file.participant < len(people):
        return _with_people(voice, [file.participant], people)
    if file.role is not None and file.role is not Role.UNKNOWN:
        return replace(voice, role=file.role, source=RoleSource.CHANNEL)
    return None


def _by_setting(voice: Voice, settings: AttributionSettings) -> Voice | None:
    """The voice with the role that the settings give to its channel."""
    if voice.channel is None or voice.channel >= len(settings.channel_roles):
        return None
    role = settings.channel_roles[voice.channel]
    if role is Role.UNKNOWN:
        return None
    return replace(voice, role=role, source=RoleSource.CHANNEL)


def _with_people(voice: Voice, at: Iterable[int], people: tuple[Participant, ...]) -> Voice:
    """The voice as that of the people the sidecar puts there, with the role they share."""
    found = tuple(at)
    roles = {people[one].role for one in found}
    role = roles.pop() if len(roles) == 1 else Role.UNKNOWN
    return replace(voice, role=role, people=found, source=RoleSource.SIDECAR)


def _named(voice: Voice, people: tuple[Participant, ...]) -> Voice | None:
    """The voice as the person or the role that the vendor's label names."""
    if voice.label is None:
        return None
    role = stated_role(voice.label)
    match = matching_participant(voice.label, people)
    if match is not None:
        known = people[match].role
        role = role if known is Role.UNKNOWN else known
        return replace(voice, role=role, people=(match,), source=RoleSource.VENDOR)
    if role is not Role.UNKNOWN:
        return replace(voice, role=role, source=RoleSource.VENDOR)
    return None


def other_of_two(voices: list[Voice], metadata: CallMetadata) -> list[Voice]:
    """The voices, where of two voices and two people one pair is known and so the other is."""
    placed = [voice for voice in voices if len(voice.people) == 1]
    if len(voices) != 2 or len(metadata.participants) != 2 or len(placed) != 1:
        return voices
    other = next(voice for voice in voices if voice is not placed[0])
    at = 1 - placed[0].people[0]
    role = metadata.participants[at].role
    contradicts = Role.UNKNOWN not in (role, other.role) and role is not other.role
    if other.people or other.speaker == _UNLABELLED or contradicts:
        return voices
    if role is Role.UNKNOWN:
        role = other.role
    found = replace(other, role=role, people=(at,), source=placed[0].source)
    return [found if voice is other else voice for voice in voices]


def merged(voices: list[Voice]) -> list[Voice]:
    """The voices, where several labels that name one person ("Anna", "Anna Smith") are one."""
    merged: dict[tuple[int, ...] | str, Voice] = {}
    for voice in voices:
        key = voice.people if voice.channel is None and len(voice.people) == 1 else voice.speaker
        first = merged.get(key)
        if first is not None:
            voice = replace(first, utterances=first.utterances + voice.utterances)
        merged[key] = voice
    return list(merged.values())


def placed_by_role(voices: list[Voice], metadata: CallMetadata) -> list[Voice]:
    """The voices, where a role that one voice and one person have names the person."""
    taken = {at for voice in voices for at in voice.people}
    placed = []
    for voice in voices:
        alike = [one for one in voices if one.role is voice.role]
        people = [at for at, one in enumerate(metadata.participants) if one.role is voice.role]
        free = voice.role is not Role.UNKNOWN and not voice.people
        if free and len(alike) == 1 and len(people) == 1 and people[0] not in taken:
            voice = replace(voice, people=(people[0],))
        placed.append(voice)
    return placed

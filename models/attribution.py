"""Who is who: voices to participants and roles, then words to turns.

Cheap and apart from listening, so that a sidecar that comes late or a swap of roles re-runs only
this. `models.voices` says what is believed about a voice; here the voices become speakers, words
of excluded people go, and words become turns.

Who is who, most trusted first: what a person has corrected, the sidecar's channel map, a vendor's
labels, the channel, what the voices say. Voices of one signal are told apart by their sound before
(`models.diarization`), or not at all. What none of this says stays unknown.
"""

from __future__ import annotations

from dataclasses import replace

from calls.call import AttributedCall, AudioFacts, Listening, Recording, RoleSource, Speaker
from calls.corrections import Corrections
from calls.labels import Role
from calls.metadata import CallMetadata, Participant
from calls.settings import AttributionSettings
from models.corrected import corrected, mark_of
from models.people import is_anonymous, personal_name
from models.role_wording import with_roles_from_wording
from models.turns import build_turns
from models.voices import (
    Voice,
    identified,
    is_diarized,
    is_mixed,
    is_unlabelled,
    merged,
    other_of_two,
    placed_by_role,
    voices_of,
)

ATTRIBUTION_VERSION = "3"
"""Grows when the same words and facts would give other speakers or turns (`models.turns`)."""

NOTHING_CORRECTED = Corrections()


def attribute(
    recording: Recording,
    listening: Listening,
    settings: AttributionSettings,
    corrections: Corrections = NOTHING_CORRECTED,
) -> AttributedCall:
    """The call with speakers, roles and turns; notes say what could not be told."""
    metadata, audio, transcript = recording.metadata, listening.audio, listening.transcript
    language = metadata.language or transcript.language
    mixed = is_mixed(audio, transcript)
    voices = _believed(recording, listening, settings)
    doubts = _map_notes(
        voices,
        metadata,
        audio,
        mixed=mixed,
        diarized=is_diarized(audio, transcript),
    )
    voices, lapsed = corrected(voices, metadata, corrections)
    # After corrections, which say whose voice is excluded; before wording, which must not.
    voices, dropped = _without_excluded(voices, metadata)
    # A role from wording may name its person, so nobody is named where somebody is excluded.
    if settings.roles_from_wording and not metadata.exclude:
        voices = placed_by_role(with_roles_from_wording(voices, metadata, language), metadata)
    speakers = [_speaker(voice, metadata) for voice in voices]
    turns = build_turns(
        (
            (speaker, utterance)
            for speaker, voice in zip(speakers, voices, strict=True)
            for utterance in voice.utterances
        ),
        settings,
    )
    return AttributedCall(
        recording=recording,
        audio=audio,
        origin=transcript.origin,
        language=language,
        language_source="sidecar" if metadata.language else transcript.language_source,
        speakers=tuple(speakers),
        role_source=_weakest(voices),
        turns=turns,
        notes=(*transcript.notes, *doubts, *lapsed, *dropped),
        quality=transcript.quality,
        redacted=transcript.redacted,
        is_mixed=mixed and all(one.role is Role.UNKNOWN for one in speakers),
    )


def state_of(recording: Recording, listening: Listening, settings: AttributionSettings) -> str:
    """The mark of who is taken for whom before corrections; a swap is said about it."""
    return mark_of(_believed(recording, listening, settings), recording.metadata)


def _believed(
    recording: Recording, listening: Listening, settings: AttributionSettings
) -> list[Voice]:
    """The voices with all that sidecar, labels and channels say about them."""
    metadata, audio, transcript = recording.metadata, listening.audio, listening.transcript
    mixed = is_mixed(audio, transcript)
    voices = [
        identified(voice, recording, audio, settings, mixed=mixed)
        for voice in voices_of(audio, transcript)
    ]
    return placed_by_role(merged(other_of_two(voices, metadata)), metadata)


def _without_excluded(voices: list[Voice], metadata: CallMetadata) -> tuple[list[Voice], list[str]]:
    """The voices without a word of anybody who is, or may be, excluded; and notes with counts."""
    excluded = {at for at, one in enumerate(metadata.participants) if metadata.is_excluded(one)}
    placed = {at for voice in voices for at in voice.people}
    at_large = [metadata.participants[at] for at in sorted(excluded - placed)]
    kept, notes = [], []
    for voice in voices:
        reason = ""
        if excluded.intersection(voice.people):
            alone = len(voice.people) == 1
            reason = "excluded" if alone else "an excluded participant is on the same channel"
        elif any(_may_be(voice, person) for person in at_large):
            reason = "may be an excluded participant"
        if reason and voice.utterances:
            words = sum(len(one.words) or len(one.text.split()) for one in voice.utterances)
            notes.append(f"{voice.speaker}: {words} words dropped ({reason})")
        kept.append(replace(voice, utterances=(), not_heard_reason=reason) if reason else voice)
    return kept, notes


def _may_be(voice: Voice, person: Participant) -> bool:
    """True unless something speaks against the voice being that person's."""
    if voice.people:
        return False
    if voice.role is not Role.UNKNOWN:
        return person.role in (voice.role, Role.UNKNOWN)
    return voice.label is None or is_anonymous(voice.label)


def _speaker(voice: Voice, metadata: CallMetadata) -> Speaker:
    one = metadata.participants[voice.people[0]] if len(voice.people) == 1 else None
    labelled = personal_name(voice.label) if voice.label else None
    # A customer's name is one only at their company; a rep is the same person with every customer.
    account = None if voice.role in (Role.REP, Role.MANAGER) else metadata.account
    return Speaker(
        speaker=voice.speaker,
        role=voice.role,
        channel=voice.channel,
        participant_id=one.key(account) if one else None,
        name=one.name if one and one.name else labelled,
        email=one.email if one else None,
        heard=not voice.not_heard_reason,
        not_heard_reason=voice.not_heard_reason,
    )


def _weakest(voices: list[Voice]) -> RoleSource:
    """The least trusted source that some role of the call rests on."""
    order = list(RoleSource)
    used = [voice.source for voice in voices if voice.role is not Role.UNKNOWN]
    return max(used, key=order.index, default=RoleSource.UNKNOWN)


def _map_notes(
    voices: list[Voice], metadata: CallMetadata, audio: AudioFacts, *, mixed: bool, diarized: bool
) -> list[str]:
    """What the sidecar says that the recording can't bear out."""
    people = metadata.participants
    if mixed and len(people) > 1:
        return [f"{len(people)} participants on one signal without labels can't be told apart"]
    notes = [
        f"{voice.speaker}: {len(voice.people)} participants share the channel"
        for voice in voices
        if len(voice.people) > 1
    ]
    told_apart = sum(not is_unlabelled(voice) for voice in voices)
    if diarized and people and told_apart != len(people):
        notes.append(f"{told_apart} voices told apart, {len(people)} participants listed")
    if audio.layout.is_separate:
        for channel in sorted({one.channel for one in people if one.channel is not None}):
            if channel >= audio.channel_count:
                count = audio.channel_count
                notes.append(
                    f"the sidecar names channel {channel}; the recording has {count} channels"
                )
            elif channel in audio.copied_channels:
                notes.append(f"the sidecar names channel {channel}, which repeats another's signal")
    return notes

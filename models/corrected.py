"""Who is who where a person has said that rep and customer are the other way round."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from calls.call import RoleSource
from calls.corrections import Corrections
from calls.labels import Role
from calls.metadata import CallMetadata
from models.people import matching_participant
from models.voices import Voice, placed_by_role


def mark_of(voices: Sequence[Voice], metadata: CallMetadata) -> str:
    """Names who is taken for whom: 16 hex digits that change when a voice's role or person does.

    The sources of what is believed take no part, and no facts beside it: a sidecar that only names
    another stage leaves the mark as it is.
    """
    believed = [
        [
            voice.speaker,
            str(voice.role),
            sorted(_key(metadata, at) for at in voice.people),
            # Letters of diarization mean somebody only within one listening.
            round(voice.utterances[0].start_s) if _is_lettered(voice) else None,
        ]
        for voice in voices
    ]
    text = json.dumps(sorted(believed, key=lambda one: str(one[0])))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def corrected(
    voices: list[Voice], metadata: CallMetadata, corrections: Corrections
) -> tuple[list[Voice], list[str]]:
    """The voices as a person has corrected them, and a note if a correction no longer holds."""
    mark = mark_of(voices, metadata)
    swap = corrections.in_force(mark)
    if swap is None:
        lapsed = corrections.lapsed(mark)
        if lapsed is None:
            return voices, []
        return voices, [
            f"the swap of rep and customer said on {lapsed.at:%Y-%m-%d} no longer applies: "
            "who is who has been changed since"
        ]
    roles = dict(swap.roles)
    pair = [voice for voice in voices if voice.speaker in roles]
    said = {
        voice.speaker: replace(voice, role=roles[voice.speaker], source=RoleSource.CORRECTED)
        for voice in pair
    }
    if len(pair) == 2 and _people_move(pair, roles, metadata):
        one, other = pair
        said[one.speaker] = replace(said[one.speaker], people=other.people)
        said[other.speaker] = replace(said[other.speaker], people=one.people)
    voices = [said.get(voice.speaker, voice) for voice in voices]
    return placed_by_role(voices, metadata), []


def _people_move(pair: list[Voice], roles: dict[str, Role], metadata: CallMetadata) -> bool:
    """True if the people go with the roles: what said the role said the person as well.

    A role that came from elsewhere (the wording) leaves the people where they are. So does a label
    that names its person: a voice that the vendor calls Anna is Anna's, whatever she is.
    """
    if any(_names_its_person(voice, metadata) for voice in pair):
        return False
    return any(voice.role not in (Role.UNKNOWN, roles[voice.speaker]) for voice in pair)


def _names_its_person(voice: Voice, metadata: CallMetadata) -> bool:
    if voice.label is None or len(voice.people) != 1:
        return False
    return matching_participant(voice.label, metadata.participants) == voice.people[0]


def _is_lettered(voice: Voice) -> bool:
    return voice.channel is None and voice.label is None and bool(voice.utterances)


def _key(metadata: CallMetadata, at: int) -> str:
    return metadata.participants[at].key() or f"participant {at}"

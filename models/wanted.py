"""Which words a call needs: from its sound or a ready transcript, in which language, made of what.

Cheap: it is asked for every call of every night before anything is decoded.
"""

from __future__ import annotations

from calls.call import AudioFacts, ChannelLayout, Listening, Recording
from calls.language import primary
from calls.settings import SpeechSettings
from calls.transcript import Engine, Transcript
from models.importers import IMPORT_VERSION
from models.speech import EMBEDDED_LANGUAGE

LISTEN_VERSION = "3"
"""Grows when listening to the same audio with the same engine would give other words."""


def must_listen(recording: Recording, speech: SpeechSettings) -> bool:
    """True when the call's words come from its sound, not from a ready transcript."""
    return bool(recording.audio) and (speech.prefer_audio or not recording.transcripts)


def known_language(recording: Recording, speech: SpeechSettings) -> str | None:
    """The language an engine is told: as the settings say, else the sidecar; None if neither."""
    return speech.language or recording.metadata.language


def can_hear(engine: Engine | None, language: str | None) -> bool:
    """True when the engine reads calls in that language; None means nobody knows it yet."""
    if engine is None:
        return False
    if engine is not Engine.EMBEDDED or language is None:
        return True
    return primary(language) == EMBEDDED_LANGUAGE


def heard_from(recording: Recording, speech: SpeechSettings) -> str:
    """Names what makes a listening due again when it changes.

    These are the bytes, the version of this room and, where an engine listens, the language it is
    told. A change of model, beam, hotwords or diarization does not make years of calls due again;
    `nightcall run --listen-again` does.
    """
    hashes = ",".join(one.sha256[:16] for one in recording.audio)
    if must_listen(recording, speech):
        language = known_language(recording, speech) or "any language"
        return f"listen {LISTEN_VERSION}, {language}: {hashes}"
    return f"import {IMPORT_VERSION}: {recording.transcripts[0].sha256[:16]}; {hashes}"


def version_of(listening: Listening) -> str:
    """The version of this room (or of the importers) that made a listening."""
    return listening.heard_from.partition(":")[0].partition(",")[0].rpartition(" ")[2]


def read_only(transcript: Transcript, audio: AudioFacts | None, heard_from: str) -> Listening:
    """A ready transcript in place of listening; `audio` if a recording lies beside it."""
    if audio is None:
        ends_s = [one.end_s for one in transcript.utterances]
        # Silence at the end is part of the call, and only the source's own length tells of it.
        duration_s = max([transcript.duration_s or 0.0, *ends_s])
        audio = AudioFacts(duration_s, 0, ChannelLayout.NONE)
    return Listening(audio, transcript, heard_from)

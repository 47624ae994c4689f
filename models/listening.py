"""From the audio files of one call to words by channel: the expensive step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from calls.call import AudioFacts, ChannelLayout, Listening, Recording
from calls.language import primary
from calls.settings import SpeechSettings
from calls.transcript import Engine, Transcript, TranscriptOrigin
from models.audio import SAMPLE_RATE_HZ, DecodedAudio, Samples, decode
from models.channels import measure_layout
from models.importers import IMPORT_VERSION
from models.speech import EMBEDDED_LANGUAGE, SpeechEngine
from models.vad import Chunk, find_speech, pack

LISTEN_VERSION = "2"
"""Grows when listening to the same audio with the same engine would give other words."""

NO_ENGINE = TranscriptOrigin(Engine.NONE, "")
"""The origin of a transcript in which there was nothing to transcribe."""


@dataclass(frozen=True, slots=True)
class AudioFile:
    """One audio file to hear: its name for people, and a path or an open binary file."""

    name: str
    source: Path | BinaryIO


@dataclass(frozen=True, slots=True)
class HeardAudio:
    """What can be known of a call before any words: its facts and its chunks of speech."""

    facts: AudioFacts
    chunks: tuple[Chunk, ...]


def hear(files: Sequence[AudioFile]) -> HeardAudio:
    """Decodes the files of one call and finds the speech in each channel.

    Several files are one call recorded as one file per participant: each becomes a channel, and
    all of them start at the same instant.

    Raises:
        EmptyFile, UndecodableAudio: naming the file.
    """
    decoded = [decode(file.source, name=file.name) for file in files]
    samples, layout, dead = _channels(decoded)
    listened = [0] if layout is ChannelLayout.DUAL_MONO else range(samples.shape[0])
    speech = {
        channel: () if channel in dead else find_speech(samples[channel]) for channel in listened
    }
    facts = AudioFacts(
        duration_s=samples.shape[1] / SAMPLE_RATE_HZ,
        channel_count=samples.shape[0],
        layout=layout,
        sample_rate_hz=decoded[0].sample_rate_hz,
        codec=decoded[0].codec,
        container=decoded[0].container,
        speech_s=tuple(
            sum(span.samples for span in spans) / SAMPLE_RATE_HZ for spans in speech.values()
        ),
        dead_channels=dead,
        truncated=any(one.truncated for one in decoded),
        notes=tuple(note for one in decoded for note in one.notes),
    )
    chunks = tuple(
        chunk
        for channel, spans in speech.items()
        for chunk in pack(channel, samples[channel], spans)
    )
    return HeardAudio(facts, chunks)


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
    """Names all that a listening depends on, so that a changed source is heard again.

    These are the bytes, the version of this room and, where an engine listens, the language it is
    told.
    """
    hashes = ",".join(one.sha256[:16] for one in recording.audio)
    if must_listen(recording, speech):
        language = known_language(recording, speech) or "any language"
        return f"listen {LISTEN_VERSION}, {language}: {hashes}"
    return f"import {IMPORT_VERSION}: {recording.transcripts[0].sha256[:16]}; {hashes}"


def version_of(listening: Listening) -> str:
    """The version of this room (or of the importers) that made a listening."""
    return listening.heard_from.partition(":")[0].partition(",")[0].rpartition(" ")[2]


def transcribe(
    heard: HeardAudio, engine: SpeechEngine, *, language: str | None, heard_from: str
) -> Listening:
    """The words in what was heard. Without speech the engine is not asked, so it invents nothing.

    Raises:
        SpeechUnavailable: the engine can't read this call's language.
    """
    if not heard.chunks:
        return silent(heard, heard_from)
    found = engine.transcribe(heard.chunks, language=language)
    transcript = Transcript(
        found.utterances, engine.origin, found.language, found.language_source, found.notes
    )
    return Listening(heard.facts, transcript, heard_from)


def silent(heard: HeardAudio, heard_from: str) -> Listening:
    """What is left of a recording without speech."""
    return Listening(heard.facts, Transcript((), NO_ENGINE, None, "unknown"), heard_from)


def read_only(transcript: Transcript, audio: AudioFacts | None, heard_from: str) -> Listening:
    """A ready transcript in place of listening; `audio` if a recording lies beside it."""
    if audio is None:
        end_s = max((one.end_s for one in transcript.utterances), default=0.0)
        audio = AudioFacts(end_s, 0, ChannelLayout.NONE)
    return Listening(audio, transcript, heard_from)


def _channels(
    decoded: Sequence[DecodedAudio],
) -> tuple[Samples, ChannelLayout, tuple[int, ...]]:
    if len(decoded) == 1:
        return decoded[0].samples, *measure_layout(decoded[0].samples)
    sides = [one.samples.mean(axis=0, dtype=np.float32) for one in decoded]
    longest = max(side.size for side in sides)
    samples = np.stack([np.pad(side, (0, longest - side.size)) for side in sides])
    _, dead = measure_layout(samples)
    return samples, ChannelLayout.FILES, dead

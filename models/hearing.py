"""From the audio files of a call to its facts and its chunks of speech: no words yet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from calls.call import AudioFacts, ChannelLayout
from models.audio import DecodedAudio, decode
from models.channels import ChannelFacts, ChannelMeter
from models.cross_talk import CrossTalk, without_cross_talk
from models.not_speech import without_other_sounds
from models.sound import SAMPLE_RATE_HZ, SideBySide, Sound
from models.vad import Chunk, Span, find_speech, pack

# Channels are compared over blocks of this many samples (10 s).
_METER_BLOCK = 10 * SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class AudioFile:
    """One audio file to hear: its name for people, and a path or an open binary file."""

    name: str
    source: Path | BinaryIO


@dataclass(frozen=True, slots=True)
class HeardAudio:
    """What can be known of a call before any words: its facts and its chunks of speech.

    The chunks read from `sound`, which whoever heard it closes.
    """

    facts: AudioFacts
    chunks: tuple[Chunk, ...]
    sound: Sound

    def close(self) -> None:
        """Gives the sound's memory or temporary file back."""
        self.sound.close()


def hear(files: Sequence[AudioFile], *, folder: Path | None = None) -> HeardAudio:
    """Decodes the files of one call and finds the speech in each channel.

    Several files are one call recorded as one file per participant: each becomes a channel, and
    all of them start at the same instant.

    Args:
        files: what to decode, in order of channel.
        folder: where sound goes that is too long for memory; None means the system's own place.

    Raises:
        EmptyFile, UndecodableAudio: naming the file.
    """
    decoded: list[DecodedAudio] = []
    with ExitStack() as stack:
        for file in files:
            one = decode(file.source, name=file.name, folder=folder)
            stack.callback(one.sound.close)
            decoded.append(one)
        heard = _heard(decoded)
        stack.pop_all()
    return heard


def _heard(decoded: Sequence[DecodedAudio]) -> HeardAudio:
    several = len(decoded) > 1
    sound = SideBySide([one.sound for one in decoded]) if several else decoded[0].sound
    channels = _measured(sound)
    # Two files with one and the same sound in them are no file per participant.
    as_files = several and not (channels.copies and len(channels.own) == 1)
    notes = [note for one in decoded for note in one.notes]
    if several and not as_files:
        notes.append("the files of all participants hold the same sound: taken for one channel")
    speech = _speech(sound, channels)
    crossed = without_cross_talk(sound, speech, channels)
    facts = AudioFacts(
        duration_s=sound.duration_s,
        channel_count=sound.channel_count,
        layout=ChannelLayout.FILES if as_files else channels.layout,
        sample_rate_hz=decoded[0].sample_rate_hz,
        codec=decoded[0].codec,
        container=decoded[0].container,
        speech_s=tuple(_seconds(spans) for spans in crossed.speech.values()),
        dead_channels=channels.dead,
        copied_channels=tuple(sorted(channels.copies)),
        truncated=any(one.truncated for one in decoded),
        notes=(*notes, *_cross_talk_notes(crossed)),
    )
    chunks = tuple(
        chunk for channel, spans in crossed.speech.items() for chunk in pack(channel, sound, spans)
    )
    return HeardAudio(facts, chunks, sound)


def _measured(sound: Sound) -> ChannelFacts:
    meter = ChannelMeter(sound.channel_count)
    for _, block in sound.blocks(_METER_BLOCK):
        meter.add(block)
    return meter.facts()


def _speech(sound: Sound, channels: ChannelFacts) -> dict[int, tuple[Span, ...]]:
    """The speech of every channel that has a signal of its own, searched on all cores."""

    def found(channel: int) -> tuple[Span, ...]:
        return without_other_sounds(sound, channel, find_speech(sound, channel))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(channels.own, pool.map(found, channels.own), strict=True))


def _cross_talk_notes(crossed: CrossTalk) -> Iterator[str]:
    for channel, spans in crossed.suppressed.items():
        if spans:
            yield (
                f"ch{channel}: {_seconds(spans):.1f} s are the other side heard faintly, not "
                "transcribed"
            )


def _seconds(spans: Iterable[Span]) -> float:
    return sum(span.samples for span in spans) / SAMPLE_RATE_HZ

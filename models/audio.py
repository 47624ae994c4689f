"""Decoding recordings to samples: all channels on one clock, at 16 kHz.

One container is opened once and decoded in a single pass, so channels can't drift apart. Where the
file's clock runs on without sound (packets lost, or never sent while nobody spoke) there is
silence, so every word keeps its time. What decodes of a damaged file is kept and the damage is
reported; only a file in which nothing decodes is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import av

from calls.errors import EmptyFile, UndecodableAudio
from models.sound import SAMPLE_RATE_HZ, Samples, Sound
from models.tape import Tape
from models.truncation import Clock, Damage, cut_off_note, header, promised_end_s, reason

# A file's clock this far ahead of its sound leaves a hole (seconds): the error that word times may
# have. Rounded timestamps and codec delays stay below it.
GAP_S = 0.05
# A damaged timestamp may claim anything; a call is no longer than this (seconds, in all).
LONGEST_SILENCE_S = 4 * 3600
# So often in a row a container may fail to give a packet (Ogg: one try for 64 KB of rubbish).
PATIENCE = 200


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """The sound of a file and the file's own facts. Whoever decodes closes the sound.

    `sample_rate_hz` is that of the file. `truncated`: the file ends before the call does.
    `damaged`: something before its end could not be decoded. `notes` say what and how much.
    """

    sound: Sound
    sample_rate_hz: int
    codec: str
    container: str
    truncated: bool = False
    notes: tuple[str, ...] = ()
    damaged: bool = False

    @property
    def samples(self) -> Samples:
        """All samples at once, of shape (channels, samples): for short sound only."""
        return self.sound.read(0, self.sound.length)

    @property
    def duration_s(self) -> float:
        """Length of the decoded audio in seconds."""
        return self.sound.duration_s


def decode(source: Path | BinaryIO, *, name: str, folder: Path | None = None) -> DecodedAudio:
    """The first audio stream of a file, decoded to 16 kHz with its channels kept apart.

    Args:
        source: a path or an open binary file.
        name: what to call the file in errors; relative to the recordings location.
        folder: where sound goes that is too long for memory; None means the system's own place.

    Raises:
        EmptyFile: the file holds no bytes.
        UndecodableAudio: no audio stream, or nothing in it decodes.
    """
    if isinstance(source, Path) and source.stat().st_size == 0:
        raise EmptyFile(name, "the file is empty (0 bytes).", "Copy the recording again.")
    head = header(source)
    try:
        container = av.open(str(source) if isinstance(source, Path) else source, mode="r")
    except (av.FFmpegError, ValueError) as error:
        raise UndecodableAudio(
            name,
            f"no audio can be decoded ({reason(error)}).",
            "Check that the file is a complete recording in a format such as wav, mp3 or m4a.",
        ) from error
    with container:
        if not container.streams.audio:
            raise UndecodableAudio(
                name, "the file holds no audio stream.", "Remove it or replace it by a recording."
            )
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise UndecodableAudio(
                name,
                "its audio is in a coding that can't be told (a damaged header?).",
                "Export the recording again from the phone system.",
            )
        facts = (stream.codec_context.sample_rate, stream.codec_context.name, container.format.name)
        promised_s = promised_end_s(container, stream, head)
        clock, damage = Clock.of(container, head), Damage()
        tape = _record(_frames(container, stream, damage), clock, damage, folder)
    if not tape.heard_s:
        tape.close()
        why = damage.first or damage.stopped or "no frames"
        raise UndecodableAudio(
            name,
            f"nothing in its {facts[1]} audio stream decodes ({why}).",
            "Export the recording again from the phone system.",
        )
    cut_off = damage.end_note(promised_s, tape.end_s) or cut_off_note(source)
    notes = (cut_off, damage.packets_note(), tape.silence_note())
    return DecodedAudio(
        tape.sound(),
        *facts,
        truncated=cut_off is not None,
        notes=tuple(note for note in notes if note),
        damaged=damage.packets > 0,
    )


def created_at(source: Path | BinaryIO) -> datetime | None:
    """The creation instant in the container's tags, in UTC; None where there is none."""
    try:
        with av.open(str(source) if isinstance(source, Path) else source, mode="r") as container:
            tags = {key.lower(): value for key, value in container.metadata.items()}
    except (av.FFmpegError, ValueError):
        return None
    for key in ("creation_time", "date"):
        try:
            found = datetime.fromisoformat(tags.get(key, ""))
        except ValueError:
            continue
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _record(
    frames: Iterator[av.AudioFrame], clock: Clock, damage: Damage, folder: Path | None = None
) -> Tape:
    tape = Tape(folder)
    for frame in frames:
        timed = clock.has_times
        lead_s = clock.lead_s(frame, tape.end_s) if timed else damage.lost_s(tape.heard_s)
        if lead_s > GAP_S and lead_s + tape.silent / SAMPLE_RATE_HZ <= LONGEST_SILENCE_S:
            tape.fill(lead_s)
            damage.lost_bytes = 0
        elif lead_s < -GAP_S:
            tape.take_back(-lead_s)
        try:
            tape.add(frame)
        except (av.FFmpegError, ValueError) as error:
            damage.count(error)
    tape.end_run()
    return tape


def _frames(
    container: av.container.InputContainer, stream: av.AudioStream, damage: Damage
) -> Iterator[av.AudioFrame]:
    """Every frame that decodes; packets that don't are counted and passed over."""
    for packet in _packets(container, stream, damage):
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            damage.count(error, lost_bytes=packet.size)
            continue
        damage.good_bytes += packet.size
        yield from frames


def _packets(
    container: av.container.InputContainer, stream: av.AudioStream, damage: Damage
) -> Iterator[av.Packet[av.AudioStream]]:
    """Every packet that can be read. A reader that stumbles over damage may go on later."""
    packets = container.demux(stream)
    stumbled: list[av.FFmpegError] = []
    while len(stumbled) < PATIENCE:
        try:
            packet = next(packets)
        except StopIteration:
            break
        except av.FFmpegError as error:
            stumbled.append(error)
            packets = container.demux(stream)
            continue
        if stumbled and packet.size:  # an empty packet marks the end
            damage.count(stumbled[0])
            stumbled.clear()
        yield packet
    if stumbled:
        damage.stopped = reason(stumbled[0])

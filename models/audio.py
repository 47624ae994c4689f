"""Decoding recordings to samples: all channels on one clock, at 16 kHz.

One container is opened once and decoded in a single pass, so channels can't drift apart. Where the
file's clock runs on without sound (packets lost, or never sent while nobody spoke) there is
silence, so every word keeps its time. What decodes of a damaged file is kept and the damage is
reported; only a file in which nothing decodes is refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from calls.errors import EmptyFile, UndecodableAudio
from models.truncation import Clock, Damage, cut_off_note, header, promised_end_s, reason

SAMPLE_RATE_HZ = 16_000
"""What Silero VAD, Whisper and the embedded engine expect."""

# A file's clock this far ahead of its sound leaves a hole (seconds): the error that word times may
# have. Rounded timestamps and codec delays stay below it.
GAP_S = 0.05
# A damaged timestamp may claim anything; a call is no longer than this (seconds, in all).
LONGEST_SILENCE_S = 4 * 3600
# A clock that steps back so soon after a hole was wrong about the hole (seconds).
SECOND_THOUGHTS_S = 10.0
# So often in a row a container may fail to give a packet (Ogg: one try for 64 KB of rubbish).
PATIENCE = 200
# Channels that sound for a shorter stretch than this are a damaged header's invention (seconds).
SHORTEST_LAYOUT_S = 1.0

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """Samples of shape (channels, samples), float32 in [-1, 1] at 16 kHz, and the file's facts.

    `truncated`: the file ends before the call does. `damaged`: something before its end could not
    be decoded. `notes` say what and how much.
    """

    samples: Samples
    sample_rate_hz: int
    codec: str
    container: str
    truncated: bool = False
    notes: tuple[str, ...] = ()
    damaged: bool = False

    @property
    def duration_s(self) -> float:
        """Length of the decoded audio in seconds."""
        return float(self.samples.shape[1] / SAMPLE_RATE_HZ)


@dataclass(slots=True)
class _Tape:
    """Sound and silence laid end to end at 16 kHz.

    A run is sound of one form (layout, rate, sample format) without a hole; each has a resampler
    of its own, because a resampler takes one form only.
    """

    blocks: list[Samples] = field(default_factory=list)
    end_s: float = 0.0
    heard_s: float = 0.0
    silent: int = 0
    _laid: int = 0
    _run_from: int = 0
    _form: tuple[str, int, str] | None = None
    _resampler: av.AudioResampler | None = None
    _longest_runs: dict[int, int] = field(default_factory=dict)  # samples by channel count
    _last_silence: tuple[int, int] | None = None  # its block, and the sample where it ends

    def add(self, frame: av.AudioFrame) -> None:
        """Lays one frame. Raises FFmpegError or ValueError if the frame can't be resampled."""
        form = (frame.layout.name, frame.sample_rate, frame.format.name)
        if self._resampler is None or form != self._form:
            self.end_run()
            # Packed samples: PyAV crashes on arrays of eight planes or more.
            self._resampler = av.AudioResampler("flt", frame.layout, SAMPLE_RATE_HZ)
            self._form = form
        frame.pts = None  # the resampler is to see one steady stream
        self._lay(self._resampler.resample(frame))
        frame_s = frame.samples / frame.sample_rate
        self.end_s += frame_s
        self.heard_s += frame_s

    def end_run(self) -> None:
        """Gets the rest out of the resampler; the next frame starts a new one."""
        ended, self._resampler = self._resampler, None
        if ended:
            with contextlib.suppress(av.FFmpegError, ValueError):  # at most some milliseconds
                self._lay(ended.resample(None))
        self._run_from = self._laid
        self.end_s = self._laid / SAMPLE_RATE_HZ

    def fill(self, seconds: float) -> None:
        """Lays silence up to `seconds` beyond the sound so far."""
        until = round((self.end_s + seconds) * SAMPLE_RATE_HZ)
        self.end_run()
        silence = np.zeros((1, max(0, until - self._laid)), np.float32)
        self._last_silence = (len(self.blocks), until)
        self._append(silence)
        self.silent += silence.shape[1]
        self.end_run()

    def take_back(self, seconds: float) -> None:
        """Shortens the last silence if it is recent and long enough."""
        if self._last_silence is None:
            return
        index, ended = self._last_silence
        surplus = round(seconds * SAMPLE_RATE_HZ)
        silence = self.blocks[index]
        if surplus > silence.shape[1] or self.end_s - ended / SAMPLE_RATE_HZ > SECOND_THOUGHTS_S:
            return
        self.blocks[index] = silence[:, surplus:]
        self._last_silence = (index, ended - surplus)
        self.silent -= surplus
        self._laid -= surplus
        self._run_from -= surplus
        self.end_s -= seconds

    def silence_note(self) -> str | None:
        """How much of it no packet holds; None where that is within what codecs do."""
        seconds = self.silent / SAMPLE_RATE_HZ
        return f"{seconds:.1f} s without packets are kept as silence" if seconds >= 0.5 else None

    def samples(self) -> Samples:
        """All of it, in the most channels that sounded for longer than damage explains."""
        runs = self._longest_runs or {1: 0}  # a sample or two leave nothing after resampling
        real = [count for count in runs if runs[count] >= SHORTEST_LAYOUT_S * SAMPLE_RATE_HZ]
        channels = max(real) if real else max(runs, key=lambda count: runs[count])
        samples = np.empty((channels, self._laid), np.float32)
        at = 0
        for block in self.blocks:
            samples[:, at : at + block.shape[1]] = _with_channels(block, channels)
            at += block.shape[1]
        return samples

    def _lay(self, frames: Sequence[av.AudioFrame | None]) -> None:
        for frame in filter(None, frames):  # a resampler with nothing to do gives its input back
            channels = frame.layout.nb_channels
            packed = frame.to_ndarray().astype(np.float32, copy=False)
            self._append(_in_range(packed.reshape(-1, channels).T))
            run = self._laid - self._run_from
            self._longest_runs[channels] = max(run, self._longest_runs.get(channels, 0))

    def _append(self, block: Samples) -> None:
        self.blocks.append(block)
        self._laid += block.shape[1]


def decode(source: Path | BinaryIO, *, name: str) -> DecodedAudio:
    """The first audio stream of a file, decoded to 16 kHz with its channels kept apart.

    Args:
        source: a path or an open binary file.
        name: what to call the file in errors; relative to the recordings location.

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
        facts = (stream.codec_context.sample_rate, stream.codec_context.name, container.format.name)
        promised_s = promised_end_s(container, stream, head)
        clock, damage = Clock.of(container, head), Damage()
        tape = _record(_frames(container, stream, damage), clock, damage)
    if not tape.heard_s:
        why = damage.first or damage.stopped or "no frames"
        raise UndecodableAudio(
            name,
            f"nothing in its {facts[1]} audio stream decodes ({why}).",
            "Export the recording again from the phone system.",
        )
    cut_off = damage.end_note(promised_s, tape.end_s) or cut_off_note(source)
    notes = (cut_off, damage.packets_note(), tape.silence_note())
    return DecodedAudio(
        tape.samples(),
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


def _record(frames: Iterator[av.AudioFrame], clock: Clock, damage: Damage) -> _Tape:
    tape = _Tape()
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


def _in_range(block: Samples) -> Samples:
    """What is no number in a damaged float file is silence; what is too loud is cut."""
    if not np.isfinite(block).all():
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(block, -1, 1)


def _with_channels(block: Samples, channels: int) -> Samples:
    """A block of another layout: one channel is heard on all, several that are too many on each."""
    there = block.shape[0]
    if there > channels:
        mixed: Samples = block.mean(axis=0, keepdims=True)
        return mixed
    if 1 < there < channels:
        return np.pad(block, ((0, channels - there), (0, 0)))
    return block

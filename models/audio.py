"""Decoding recordings to samples: all channels on one clock, at 16 kHz.

One container is opened once and decoded in a single pass, so channels can't drift apart. What
decodes of a damaged file is kept and the damage is reported; only a file in which nothing decodes
is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from calls.errors import EmptyFile, UndecodableAudio
from models.truncation import cut_off_note

SAMPLE_RATE_HZ = 16_000
"""What Silero VAD, Whisper and the embedded engine expect."""

# A container that promises more than this beyond what decoded was cut off (seconds). Codec delay
# and padding explain some tenths of a second, never this much.
TRUNCATION_TOLERANCE_S = 1.0

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """Samples of shape (channels, samples), float32 in [-1, 1] at 16 kHz, and the file's facts."""

    samples: Samples
    sample_rate_hz: int
    codec: str
    container: str
    truncated: bool = False
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length of the decoded audio in seconds."""
        return float(self.samples.shape[1] / SAMPLE_RATE_HZ)


@dataclass(slots=True)
class _Pass:
    """What one pass over a container gathered."""

    blocks: list[Samples] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""


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
    try:
        container = av.open(str(source) if isinstance(source, Path) else source, mode="r")
    except (av.FFmpegError, ValueError) as error:
        raise UndecodableAudio(
            name,
            f"no audio can be decoded ({_reason(error)}).",
            "Check that the file is a complete recording in a format such as wav, mp3 or m4a.",
        ) from error
    with container:
        if not container.streams.audio:
            raise UndecodableAudio(
                name, "the file holds no audio stream.", "Remove it or replace it by a recording."
            )
        stream = container.streams.audio[0]
        facts = (stream.codec_context.sample_rate, stream.codec_context.name, container.format.name)
        promised_s = _promised_seconds(container, stream)
        done = _decode_stream(container, stream)
    if not done.blocks:
        raise UndecodableAudio(
            name,
            f"nothing in its {facts[1]} audio stream decodes ({done.first_error or 'no frames'}).",
            "Export the recording again from the phone system.",
        )
    samples = np.ascontiguousarray(np.concatenate(done.blocks, axis=1))
    notes = _damage_notes(done, promised_s, samples.shape[1] / SAMPLE_RATE_HZ)
    if not notes and (missing := cut_off_note(source)):
        notes = (missing,)
    return DecodedAudio(samples, *facts, truncated=bool(notes), notes=notes)


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


def _decode_stream(container: av.container.InputContainer, stream: av.AudioStream) -> _Pass:
    done = _Pass()
    resampler = av.AudioResampler(
        format="fltp", layout=stream.codec_context.layout, rate=SAMPLE_RATE_HZ
    )
    for frame in _frames(container, stream, done):
        # Timestamps of damaged files jump; the resampler is to see one steady stream.
        frame.pts = None
        done.blocks += _arrays(resampler.resample(frame))
    if done.blocks:
        done.blocks += _arrays(resampler.resample(None))
    return done


def _arrays(frames: list[av.AudioFrame]) -> list[Samples]:
    return [frame.to_ndarray().astype(np.float32, copy=False) for frame in frames]


def _frames(
    container: av.container.InputContainer, stream: av.AudioStream, done: _Pass
) -> Iterator[av.AudioFrame]:
    """Every frame that decodes; packets that don't are counted and passed over."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError as error:
            _count(done, error)
            return
        try:
            yield from packet.decode()
        except av.FFmpegError as error:
            _count(done, error)


def _count(done: _Pass, error: av.FFmpegError) -> None:
    done.errors += 1
    done.first_error = done.first_error or _reason(error)


def _reason(error: Exception) -> str:
    """FFmpeg's own words, without the path they carry."""
    text = getattr(error, "strerror", None) or str(error)
    return text.strip().rstrip(".").lower() or type(error).__name__


def _promised_seconds(
    container: av.container.InputContainer, stream: av.AudioStream
) -> float | None:
    """The length the header claims; None where it claims nothing."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / 1_000_000
    return None


def _damage_notes(done: _Pass, promised_s: float | None, decoded_s: float) -> tuple[str, ...]:
    notes = []
    if promised_s is not None and promised_s - decoded_s > TRUNCATION_TOLERANCE_S:
        notes.append(
            f"truncated: the header promises {promised_s:.1f} s, {decoded_s:.1f} s could be decoded"
        )
    if done.errors:
        notes.append(f"{done.errors} damaged packets passed over ({done.first_error})")
    return tuple(notes)

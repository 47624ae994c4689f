"""What is missing of a file: what its own header says of its length, and what did not decode.

FFmpeg takes the length of a wav file from its size and that of an Ogg file from its last page, so
a file that was cut off looks like a shorter whole one. For formats that store no length (raw AAC,
MP3 without a Xing frame) it guesses one from the bit rate, so a whole file looks cut off. The
headers know better than either.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av

# A container that promises more than this beyond what decoded was cut off (seconds). Codec delay
# and padding explain some tenths of a second, never this much.
TRUNCATION_TOLERANCE_S = 1.0
# Sizes that mean "unknown": the recorder streamed and never came back to fill them in.
_UNKNOWN_SIZES = {0, 0xFFFFFFFF, 0x7FFFFFFF}
# A last block may be padded or rounded; more than this is missing sound (bytes).
_WAV_TOLERANCE = 4096
_OGG_END_OF_STREAM = 0x04
_OGG_LONGEST_PAGE = 65_307

_MATROSKA = "matroska,webm"
# Containers whose header (Ogg: last page) says how long the sound is.
_STORES_LENGTH = {"aiff", "asf", "caf", "mov,mp4,m4a,3gp,3g2,mj2", "ogg", "tta", "w64", "wv"}
# Containers with a time on every packet. In others FFmpeg only adds up the lengths of packets.
_HAS_TIMES = {"asf", "flac", "flv", "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "mpegts", "ogg"}
_HEAD_BYTES = 65_536
# EBML id of a segment's duration, and the sizes its value may have (float and double).
_MATROSKA_DURATIONS = (b"\x44\x89\x84", b"\x44\x89\x88")


@dataclass(slots=True)
class Damage:
    """What could not be decoded, counted while the rest is."""

    packets: int = 0
    first: str = ""
    stopped: str = ""
    lost_bytes: int = 0
    good_bytes: int = 0

    def count(self, error: Exception, *, lost_bytes: int = 0) -> None:
        """One more packet that did not decode."""
        self.packets += 1
        self.first = self.first or reason(error)
        self.lost_bytes += lost_bytes

    def lost_s(self, heard_s: float) -> float:
        """How long damaged packets were that carry no time: as good ones with as many bytes."""
        return self.lost_bytes / self.good_bytes * heard_s if self.good_bytes else 0.0

    def packets_note(self) -> str | None:
        """What is missing before the end; None where nothing is."""
        if not self.packets:
            return None
        plural = "packet" if self.packets == 1 else "packets"
        return f"{self.packets} damaged {plural} passed over ({self.first})"

    def end_note(self, promised_s: float | None, end_s: float) -> str | None:
        """What is missing at the end; None where nothing is.

        Args:
            promised_s: where the file says its sound ends.
            end_s: where the decoded sound ends.
        """
        if promised_s is not None and promised_s - end_s > TRUNCATION_TOLERANCE_S:
            promise = f"the header promises {promised_s:.1f} s"
            return f"truncated: {promise}, {end_s:.1f} s could be decoded"
        if self.stopped:
            return f"truncated: nothing after {end_s:.1f} s can be read ({self.stopped})"
        return None


def reason(error: Exception) -> str:
    """FFmpeg's own words, without the path they carry."""
    text = getattr(error, "strerror", None) or str(error)
    return text.strip().rstrip(".").lower() or type(error).__name__


@dataclass(frozen=True, slots=True)
class Clock:
    """The times a container puts on its packets, and what they may be."""

    has_times: bool
    start_s: float
    longest_s: float

    @classmethod
    def of(cls, container: av.container.InputContainer, head: bytes) -> Clock:
        """The clock of an open file.

        `longest_s` is the length of the whole container (beside a video the sound may begin late),
        infinite where the header says nothing.
        """
        kind = container.format.name
        stored = kind in _STORES_LENGTH or (kind == _MATROSKA and _has_duration(head))
        known = stored and container.duration is not None
        longest_s = (container.duration or 0) / av.time_base if known else math.inf
        return cls(kind in _HAS_TIMES, _start_s(container), longest_s)

    def lead_s(self, frame: av.AudioFrame, end_s: float) -> float:
        """How far the clock is ahead of sound that ends at `end_s`; negative if behind it."""
        if frame.pts is None or frame.time_base is None:
            return 0.0
        at_s = float(frame.pts * frame.time_base) - self.start_s
        return at_s - end_s if at_s <= self.longest_s + TRUNCATION_TOLERANCE_S else 0.0


def cut_off_note(source: Path | BinaryIO) -> str | None:
    """What a file's own header says is missing at its end; None where nothing is."""
    with _opened(source) as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        start = stream.read(4)
        if start == b"RIFF":
            return _wav_note(stream, size)
        if start == b"OggS":
            return _ogg_note(stream, size)
    return None


def header(source: Path | BinaryIO) -> bytes:
    """The first bytes of a file, past an ID3 tag (which a cover picture makes large)."""
    with _opened(source) as stream:
        stream.seek(0)
        start = stream.read(10)
        tag_bytes = 0
        if start.startswith(b"ID3") and len(start) == 10:
            # Seven bits to a byte, so that a size never looks like the start of a frame.
            tag_bytes = 10 + sum(
                (byte & 127) << 7 * place for place, byte in enumerate(start[:5:-1])
            )
        stream.seek(tag_bytes)
        return stream.read(_HEAD_BYTES)


def promised_end_s(
    container: av.container.InputContainer, stream: av.AudioStream, head: bytes
) -> float | None:
    """Where the file says its sound ends; None where it says nothing, or only a guess is to be had.

    Args:
        container: the open file.
        stream: its audio stream.
        head: what `header` read of it.
    """
    kind = container.format.name
    if kind == "mp3":
        return _xing_seconds(head, stream.codec_context.sample_rate)
    if kind == _MATROSKA:
        return _matroska_seconds(container, stream, head)
    if kind == "flac":
        stored = _flac_samples(head) > 0
    else:
        # PCM of a known size has a known length, whatever it lies in.
        stored = kind in _STORES_LENGTH or stream.codec_context.name.startswith("pcm_")
    if not stored or stream.duration is None or stream.time_base is None:
        return None
    start = stream.start_time or 0
    return float((start + stream.duration) * stream.time_base) - _start_s(container)


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
        return
    yield source
    source.seek(0)


def _start_s(container: av.container.InputContainer) -> float:
    """The container's own first instant, which need not be 0 (MPEG-TS begins at 1.4 s)."""
    return (container.start_time or 0) / av.time_base


def _xing_seconds(head: bytes, rate_hz: int) -> float | None:
    """The length by the frame count that encoders put into a first, silent MP3 frame."""
    for mark in (b"Xing", b"Info"):
        at = head.find(mark, 0, 4096)
        if 0 <= at <= len(head) - 12 and rate_hz and head[at + 7] & 1:
            frames = int.from_bytes(head[at + 8 : at + 12], "big")
            # MPEG-1 has the sampling rates from 32 kHz on; MPEG-2 and 2.5 halve the frame.
            return frames * (1152 if rate_hz >= 32_000 else 576) / rate_hz or None
    return None


def _flac_samples(head: bytes) -> int:
    """The sample count of the stream information block; 0 means unknown."""
    return int.from_bytes(head[18:26], "big") & 0xF_FFFF_FFFF if head[:4] == b"fLaC" else 0


def _matroska_seconds(
    container: av.container.InputContainer, stream: av.AudioStream, head: bytes
) -> float | None:
    """The sound's own length where its tags tell it, else the segment's if all of it is sound."""
    clock = stream.metadata.get("DURATION", "").split(":")
    if len(clock) == 3:
        try:
            hours, minutes, seconds = (float(part) for part in clock)
        except ValueError:
            return None
        return hours * 3600 + minutes * 60 + seconds - _start_s(container)
    if len(container.streams) > 1 or not _has_duration(head) or container.duration is None:
        return None
    return container.duration / av.time_base - _start_s(container)


def _has_duration(head: bytes) -> bool:
    return any(mark in head for mark in _MATROSKA_DURATIONS)


def _wav_note(stream: BinaryIO, size: int) -> str | None:
    """Compares what the data chunk promises with what is there."""
    position = 12
    while position + 8 <= size:
        stream.seek(position)
        name = stream.read(4)
        promised = int.from_bytes(stream.read(4), "little")
        if name == b"data":
            there = size - position - 8
            if promised in _UNKNOWN_SIZES or promised - there <= _WAV_TOLERANCE:
                return None
            return f"truncated: the header promises {promised} bytes of sound, {there} are there"
        position += 8 + promised + promised % 2
    return None


def _ogg_note(stream: BinaryIO, size: int) -> str | None:
    """Looks for the mark that ends the last page of a finished stream."""
    stream.seek(max(0, size - _OGG_LONGEST_PAGE))
    tail = stream.read()
    last = tail.rfind(b"OggS")
    if last >= 0 and len(tail) > last + 5 and tail[last + 5] & _OGG_END_OF_STREAM:
        return None
    return "truncated: the Ogg stream has no end mark"

"""Telling cut-off files from whole ones where the decoder does not.

FFmpeg takes the length of a wav file from its size and that of an Ogg file from its last page, so
a file that was cut off looks like a shorter whole one. Their own headers know better.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# Sizes that mean "unknown": the recorder streamed and never came back to fill them in.
_UNKNOWN_SIZES = {0, 0xFFFFFFFF, 0x7FFFFFFF}
# A last block may be padded or rounded; more than this is missing sound (bytes).
_WAV_TOLERANCE = 4096
_OGG_END_OF_STREAM = 0x04
_OGG_LONGEST_PAGE = 65_307


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


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
        return
    yield source
    source.seek(0)


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

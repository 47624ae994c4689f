"""How much memory hearing a recording takes, by its length.

Run it with `.venv/bin/python -m benchmarks.memory`. Each length is heard in a process of its own:
made two-channel audio is decoded, searched for speech and handed to an engine in batches. The
engine reads every sample of its chunks and computes nothing, so that the memory is Nightcall's own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from calls.settings import SpeechSettings
from calls.transcript import Engine, TranscriptOrigin
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.hearing import AudioFile, hear
from models.listening import CallToHear, listen
from models.sound import SAMPLE_RATE_HZ
from models.speech import SpokenLanguage
from models.vad import Chunk
from tests.sounds import sample_speech

RATE_HZ = 8000
MINUTES = (10, 60, 180)


class ReadsOnly:
    """An engine that reads its chunks in batches, as Whisper does, and hears one word in each."""

    origin = TranscriptOrigin(Engine.WHISPER, "none")
    batch_size = 8

    def language_of(self, chunks: Sequence[Chunk], known: str | None) -> SpokenLanguage:
        """English."""
        return SpokenLanguage("en", "given")

    def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
        """One word for each chunk, as long as it is."""
        audio = [chunk.audio for chunk in chunks]
        return [
            HeardChunk((RawWord("word", 0.0, len(one) / SAMPLE_RATE_HZ, 0.9),)) for one in audio
        ]

    def decode_again(self, chunk: Chunk, options: DecodeOptions) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing to give back."""


def make_recording(path: Path, *, minutes: float) -> Path:
    """A two-channel telephone recording (8 kHz), written a sample call at a time."""
    piece = sample_speech(seconds=80)[:, ::2]
    pcm = (np.clip(piece, -1, 1) * 32767).astype("<i2").T.tobytes()
    left = round(minutes * 60 * RATE_HZ) * 4
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        while left > 0:
            file.writeframes(pcm[:left])
            left -= len(pcm)
    return path


def peak_mb(minutes: float) -> tuple[float, float, int, float]:
    """Peak memory before and after hearing that length, chunks heard, and seconds it took."""
    with tempfile.TemporaryDirectory() as name:
        path = make_recording(Path(name) / "call.wav", minutes=minutes)
        before = _peak()
        began = time.perf_counter()
        audio = hear([AudioFile(path.name, path)])
        settings = SpeechSettings(decode_again=False)
        for _, result in listen(ReadsOnly(), [CallToHear("call", audio, "")], settings):
            if isinstance(result, Exception):
                raise result
        return before, _peak(), len(audio.chunks), time.perf_counter() - began


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, nargs="*", default=MINUTES)
    given = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    print(
        "| length | chunks | peak memory | above the start | real time factor |\n"
        "|---|---|---|---|---|"
    )
    for minutes in given.minutes:
        with spawn.Pool(1) as pool:
            before, after, chunks, seconds = pool.apply(peak_mb, (minutes,))
        print(
            f"| {minutes:g} min | {chunks} | {after:.0f} MB | {after - before:.0f} MB | "
            f"{seconds / minutes / 60:.4f} |"
        )


if __name__ == "__main__":
    main()

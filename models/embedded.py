"""The embedded fallback engine: pocketsphinx with the English model its wheel carries.

It needs no download, so the demo and the tests can listen to real audio anywhere. It reads clean
wide-band speech well and telephone speech badly, writes no punctuation, and knows English only;
nothing chooses it silently.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version

import numpy as np
import pocketsphinx

from calls.errors import SpeechUnavailable
from calls.language import primary
from calls.transcript import Engine, TranscriptOrigin
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.sound import SAMPLE_RATE_HZ, Samples
from models.speech import EMBEDDED_LANGUAGE, SpokenLanguage
from models.vad import Chunk

_FRAMES_PER_S = 100
# "<s>", "<sil>", "[NOISE]" and the like are no words; "the(2)" is a way to say "the".
_NO_WORD = re.compile(r"^(<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT = re.compile(r"\(\d+\)$")

_FoundWord = tuple[str, float, float, float]
"""A word, its start and end in seconds, its probability."""


class EmbeddedEngine:
    """Decodes each stretch of speech as one utterance, on all cores.

    pocketsphinx holds the interpreter lock while it decodes, so the work goes to processes that
    each load the model once (about 60 MB).

    Args:
        processes: how many to use; None means one per core, 1 stays in this process.
    """

    def __init__(self, *, processes: int | None = None) -> None:
        self._processes = processes or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    @property
    def origin(self) -> TranscriptOrigin:
        """Engine and model as they are stored with every transcript."""
        return TranscriptOrigin(Engine.EMBEDDED, "en-us", revision=version("pocketsphinx"))

    @property
    def batch_size(self) -> int:
        """Enough utterances to keep all processes busy."""
        return 8 * self._processes

    def language_of(self, chunks: Sequence[Chunk], known: str | None) -> SpokenLanguage:
        """English, or nothing.

        Raises:
            SpeechUnavailable: the call is known to be in another language than English.
        """
        if known is None:
            return SpokenLanguage(EMBEDDED_LANGUAGE, "engine")
        if primary(known) == EMBEDDED_LANGUAGE:
            return SpokenLanguage(EMBEDDED_LANGUAGE, "given")
        raise SpeechUnavailable(
            f"the embedded engine reads English only and the call is in {known!r}; "
            "it waits for Whisper (see `nightcall doctor`)."
        )

    def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
        """The words of each chunk, each stretch of speech decoded on its own."""
        pieces = [[audio for _, audio in chunk.pieces()] for chunk in chunks]
        found = iter(self._decode_all([_to_pcm16(audio) for own in pieces for audio in own]))
        heard = []
        for own in pieces:
            words: list[RawWord] = []
            offset = 0
            for audio in own:
                words += _placed(next(found), offset / SAMPLE_RATE_HZ, len(audio) / SAMPLE_RATE_HZ)
                offset += len(audio)
            heard.append(HeardChunk(tuple(words)))
        return heard

    def decode_again(self, chunk: Chunk, options: DecodeOptions) -> None:
        """Nothing: the engine has no other method."""

    def close(self) -> None:
        """Ends the decoding processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None

    def _decode_all(self, pieces: Sequence[bytes]) -> list[list[_FoundWord]]:
        if self._processes == 1 or len(pieces) < 2:
            with self._lock:  # this process has one decoder, which takes one utterance at a time
                return [decode_utterance(piece) for piece in pieces]
        pool = self._open_pool()
        try:
            return list(pool.map(decode_utterance, pieces))
        except BrokenProcessPool:
            # A worker was killed, as by a machine short of memory. Its pool is lost for good; this
            # call may have had nothing to do with it, so it gets one more try.
            self._drop(pool)
        pool = self._open_pool()
        try:
            return list(pool.map(decode_utterance, pieces))
        except BrokenProcessPool:
            self._drop(pool)
            raise

    def _open_pool(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # Spawned, not forked: the night runs threads, and a fork would copy their locks.
                self._pool = ProcessPoolExecutor(
                    self._processes, mp_context=multiprocessing.get_context("spawn")
                )
            return self._pool

    def _drop(self, broken: ProcessPoolExecutor) -> None:
        """Forgets a broken pool, unless another thread has replaced it already."""
        with self._lock:
            if self._pool is broken:
                self._pool = None
        broken.shutdown(wait=False, cancel_futures=True)


def decode_utterance(pcm16: bytes) -> list[_FoundWord]:
    """(word, start seconds, end seconds, probability) for 16 kHz 16-bit mono samples."""
    decoder = _decoder()
    # Noise and level are estimated anew, on this utterance alone: the decoder would go on from the
    # one before, and the words would depend on which process happened to hear what.
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(pcm16, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [
        (
            _VARIANT.sub("", segment.word),
            segment.start_frame / _FRAMES_PER_S,
            (segment.end_frame + 1) / _FRAMES_PER_S,
            min(1.0, max(0.0, float(segment.prob))),
        )
        for segment in decoder.seg()
        if not _NO_WORD.match(segment.word)
    ]


@functools.cache
def _decoder() -> pocketsphinx.Decoder:
    """This process's decoder; loading it takes about half a second."""
    return pocketsphinx.Decoder(samprate=SAMPLE_RATE_HZ, loglevel="FATAL", cmn="batch")


def _to_pcm16(audio: Samples) -> bytes:
    return bytes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())


def _placed(found: Sequence[_FoundWord], offset_s: float, length_s: float) -> list[RawWord]:
    """The words of a stretch that begins at `offset_s`, none beyond its end."""
    last_s = offset_s + length_s
    return [
        RawWord(text, min(last_s, offset_s + start), min(last_s, offset_s + end), probability)
        for text, start, end, probability in found
    ]

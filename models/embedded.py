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
from calls.transcript import Engine, TranscriptOrigin, Utterance, Word
from models.audio import SAMPLE_RATE_HZ, Samples
from models.speech import EMBEDDED_LANGUAGE, Heard
from models.vad import Chunk, Span

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

    def transcribe(self, chunks: Sequence[Chunk], *, language: str | None) -> Heard:
        """The words of all chunks, each stretch of speech decoded on its own.

        Raises:
            SpeechUnavailable: the call is known to be in another language than English.
        """
        if language is not None and primary(language) != EMBEDDED_LANGUAGE:
            raise SpeechUnavailable(
                f"the embedded engine reads English only and the call is in {language!r}; "
                "it waits for Whisper (see `nightcall doctor`)."
            )
        pieces = [
            (chunk.channel, span, _to_pcm16(audio))
            for chunk in chunks
            for span, audio in chunk.pieces()
        ]
        found = self._decode_all([audio for _, _, audio in pieces])
        utterances = [
            _utterance(channel, span, words)
            for (channel, span, _), words in zip(pieces, found, strict=True)
            if words
        ]
        utterances.sort(key=lambda one: (one.start_s, one.channel or 0))
        source = "engine" if language is None else "given"
        return Heard(tuple(utterances), EMBEDDED_LANGUAGE, source)

    def close(self) -> None:
        """Ends the decoding processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None

    def _decode_all(self, pieces: Sequence[bytes]) -> list[list[_FoundWord]]:
        if self._processes == 1 or len(pieces) < 2:
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


def _utterance(channel: int, span: Span, found: Sequence[_FoundWord]) -> Utterance:
    offset_s, last_s = span.start / SAMPLE_RATE_HZ, span.end / SAMPLE_RATE_HZ
    words = tuple(
        Word(text, min(last_s, offset_s + start), min(last_s, offset_s + end), probability)
        for text, start, end, probability in found
    )
    return Utterance(
        words[0].start_s,
        words[-1].end_s,
        " ".join(word.text for word in words),
        channel=channel,
        words=words,
    )

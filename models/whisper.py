"""The main engine: faster-whisper, many chunks in one batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment

from calls.language import primary
from calls.settings import SpeechSettings
from calls.transcript import Engine, TranscriptOrigin
from models.heard import DecodeOptions, HeardChunk, RawWord
from models.sound import SAMPLE_RATE_HZ, Samples
from models.speech import SpokenLanguage
from models.vad import CHUNK_S, Chunk
from models.weights import Weights

FRAMES_PER_S = 100
SLOT = int(CHUNK_S * SAMPLE_RATE_HZ)
# So many chunks, the fullest ones, are asked for their language until one is clear enough.
LANGUAGE_CHUNKS = 4
LANGUAGE_PROBABILITY = 0.8
# Subtags that people use for languages which Whisper knows by another.
_WHISPER_NAMES = {"fil": "tl", "iw": "he", "nb": "no"}


class WhisperEngine:
    """Decodes chunks of all channels, and of several calls, together, with word times.

    CTranslate2 releases the interpreter lock while it computes, so one engine serves several
    threads.
    """

    def __init__(self, weights: Weights, settings: SpeechSettings) -> None:
        self._settings = settings
        self._model: WhisperModel | None = WhisperModel(
            str(weights.folder),
            device=settings.device,
            compute_type=compute_type(settings, cuda_devices=ctranslate2.get_cuda_device_count()),
            local_files_only=True,
        )
        self._origin = TranscriptOrigin(
            Engine.WHISPER,
            weights.name,
            revision=weights.revision,
            compute_type=str(self._model.model.compute_type),
            options={"beam_size": settings.beam_size, "batch_size": settings.batch_size},
        )

    @property
    def origin(self) -> TranscriptOrigin:
        """Engine, model and options as they are stored with every transcript."""
        return self._origin

    @property
    def batch_size(self) -> int:
        """As set: more is faster until memory runs out."""
        return self._settings.batch_size

    def language_of(self, chunks: Sequence[Chunk], known: str | None) -> SpokenLanguage:
        """The language as given, if the model reads it, else as the model hears it."""
        model = self._open()
        asked = whisper_language(known)
        if asked is not None and asked in model.supported_languages:
            return SpokenLanguage(asked, "given")
        if len(model.supported_languages) == 1:
            code, source = model.supported_languages[0], "engine"
        else:
            code, source = self._detected(model, chunks), "detected"
        # A language that Whisper does not know would be refused; what it hears is the next best.
        notes = (
            (f"the call is in {known!r}, which this model can't read; it was read as {code!r}",)
            if asked
            else ()
        )
        return SpokenLanguage(code, source, notes)

    def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
        """The words of each chunk.

        The chunks are laid on one tape and handed over as clips, so that the library decodes all
        of them in one batch and never lets a chunk see its neighbour.
        """
        segments, _ = BatchedInferencePipeline(self._open()).transcribe(
            _lay_out(chunks),
            clip_timestamps=_clips(chunks),
            batch_size=len(chunks),
            **self._options(options),
        )
        by_chunk: list[list[Segment]] = [[] for _ in chunks]
        for segment in segments:
            # A segment's `seek` is where its clip begins. Word times can't tell the chunk: they
            # are rounded, and the library may pull a first word back across the border.
            by_chunk[round(segment.seek / (CHUNK_S * FRAMES_PER_S))].append(segment)
        return [_heard(own, offset_s=at * CHUNK_S) for at, own in enumerate(by_chunk)]

    def decode_again(self, chunk: Chunk, options: DecodeOptions) -> HeardChunk:
        """The words of one chunk by the sequential method, with Whisper's own fallbacks.

        Batched decoding leaves these out: higher temperatures where words repeat or are unlikely.
        """
        segments, _ = self._open().transcribe(
            chunk.audio,
            vad_filter=False,
            condition_on_previous_text=False,
            **self._options(options),
        )
        return _heard(segments, offset_s=0.0)

    def close(self) -> None:
        """Gives the model's memory back."""
        self._model = None

    def _open(self) -> WhisperModel:
        if self._model is None:
            raise RuntimeError("this engine has been closed")
        return self._model

    def _options(self, options: DecodeOptions) -> dict[str, Any]:
        return {
            "language": options.language,
            "beam_size": self._settings.beam_size,
            "word_timestamps": True,
            "hotwords": ", ".join(options.hotwords) or None,
        }

    def _detected(self, model: WhisperModel, chunks: Sequence[Chunk]) -> str:
        fullest = sorted(chunks, key=lambda one: one.duration_s, reverse=True)[:LANGUAGE_CHUNKS]
        found, _, _ = model.detect_language(
            _lay_out(fullest),
            language_detection_segments=len(fullest),
            language_detection_threshold=LANGUAGE_PROBABILITY,
        )
        return str(found)


def compute_type(settings: SpeechSettings, *, cuda_devices: int) -> str:
    """The arithmetic to compute with: as set, else float16 on a GPU and int8 on a CPU.

    Args:
        settings: which device and type are asked for.
        cuda_devices: how many GPUs there are; "auto" takes one if it can.
    """
    if settings.compute_type != "auto":
        return settings.compute_type
    on_gpu = settings.device == "cuda" or (settings.device == "auto" and cuda_devices > 0)
    return "float16" if on_gpu else "int8"


def whisper_language(language: str | None) -> str | None:
    """Whisper's own code for a language tag: "en" for "en-GB"; None stays None."""
    if not language:
        return None
    code = primary(language)
    return _WHISPER_NAMES.get(code, code)


def _lay_out(chunks: Sequence[Chunk]) -> Samples:
    """All chunks on one tape, each in a slot of its own of 30 s."""
    tape = np.zeros(len(chunks) * SLOT, dtype=np.float32)
    for index, chunk in enumerate(chunks):
        audio = chunk.audio
        tape[index * SLOT : index * SLOT + len(audio)] = audio
    return tape


def _clips(chunks: Sequence[Chunk]) -> list[dict[str, float]]:
    # The library multiplies by the rate and rounds down; half a sample keeps the end exact.
    return [
        {
            "start": index * CHUNK_S,
            "end": index * CHUNK_S + chunk.duration_s + 0.5 / SAMPLE_RATE_HZ,
        }
        for index, chunk in enumerate(chunks)
    ]


def _heard(segments: Iterable[Segment], *, offset_s: float) -> HeardChunk:
    """The words of one chunk's segments, in seconds from its start; scores are the worst."""
    words: list[RawWord] = []
    no_speech: list[float] = []
    log_probabilities: list[float] = []
    for segment in segments:
        no_speech.append(segment.no_speech_prob)
        log_probabilities.append(segment.avg_logprob)
        for word in segment.words or ():
            if text := word.word.strip():
                start_s, end_s = word.start - offset_s, word.end - offset_s
                words.append(RawWord(text, start_s, end_s, float(word.probability)))
    return HeardChunk(
        tuple(words), max(no_speech, default=None), min(log_probabilities, default=None)
    )

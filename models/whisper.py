"""The main engine: faster-whisper, batched over all chunks of a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment

from calls.language import primary
from calls.settings import SpeechSettings
from calls.transcript import Engine, TranscriptOrigin, Utterance, Word
from models.audio import SAMPLE_RATE_HZ, Samples
from models.speech import Heard
from models.vad import CHUNK_S, Chunk
from models.weights import Weights

FRAMES_PER_S = 100
SLOT = int(CHUNK_S * SAMPLE_RATE_HZ)
# Subtags that people use for languages which Whisper knows by another.
_WHISPER_NAMES = {"fil": "tl", "iw": "he", "nb": "no"}


class WhisperEngine:
    """Decodes the chunks of all channels of a call together, with word times.

    CTranslate2 releases the interpreter lock while it computes, so one engine serves several
    threads.
    """

    def __init__(self, weights: Weights, settings: SpeechSettings) -> None:
        self._settings = settings
        self._weights = weights
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

    def transcribe(self, chunks: Sequence[Chunk], *, language: str | None) -> Heard:
        """The words of all chunks on the recording's clock.

        The chunks are laid on one tape and handed over as clips, so that the library decodes all
        channels in one batch and never lets a chunk see its neighbour.
        """
        if self._model is None:
            raise RuntimeError("this engine has been closed")
        asked = whisper_language(language)
        # A language Whisper does not know would be refused; what it hears is the next best.
        languages = self._model.supported_languages
        known = asked if asked in languages else None
        segments, info = BatchedInferencePipeline(self._model).transcribe(
            _lay_out(chunks),
            language=known,
            beam_size=self._settings.beam_size,
            batch_size=self._settings.batch_size,
            word_timestamps=True,
            clip_timestamps=_clips(chunks),
        )
        utterances = sorted(
            _utterances(list(segments), chunks),
            key=lambda one: (one.start_s, one.channel or 0),
        )
        source = "detected" if len(languages) > 1 else "engine"
        source = source if known is None else "given"
        notes = _language_notes(language, asked, info.language)
        return Heard(tuple(utterances), info.language, source, notes)

    def close(self) -> None:
        """Gives the model's memory back."""
        self._model = None


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


def _language_notes(language: str | None, asked: str | None, read: str) -> tuple[str, ...]:
    if asked is None or asked == read:
        return ()
    return (f"the call is in {language!r}, which this model can't read; it was read as {read!r}",)


def _lay_out(chunks: Sequence[Chunk]) -> Samples:
    """All chunks on one tape, each in a slot of its own of 30 s."""
    tape = np.zeros(len(chunks) * SLOT, dtype=np.float32)
    for index, chunk in enumerate(chunks):
        tape[index * SLOT : index * SLOT + len(chunk.audio)] = chunk.audio
    return tape


def _clips(chunks: Sequence[Chunk]) -> list[dict[str, float]]:
    # The library multiplies by the rate and rounds down; half a sample keeps the end exact.
    return [
        {
            "start": index * CHUNK_S,
            "end": index * CHUNK_S + (len(chunk.audio) + 0.5) / SAMPLE_RATE_HZ,
        }
        for index, chunk in enumerate(chunks)
    ]


def _utterances(segments: Sequence[Segment], chunks: Sequence[Chunk]) -> Iterator[Utterance]:
    """One utterance per stretch of speech, words mapped back to their channel and time."""
    by_stretch: dict[tuple[int, int], list[Word]] = {}
    for segment in segments:
        # A segment's `seek` is where its clip begins. Word times can't tell the chunk: they are
        # rounded, and the library may pull a first word back across the border.
        index = round(segment.seek / (CHUNK_S * FRAMES_PER_S))
        chunk, offset_s = chunks[index], index * CHUNK_S
        for heard in segment.words or ():
            if text := heard.word.strip():
                start_s, end_s = heard.start - offset_s, heard.end - offset_s
                stretch, _ = chunk.span_at((start_s + end_s) / 2)
                first_s, last_s = chunk.word_times(start_s, end_s)
                word = Word(text, first_s, last_s, float(heard.probability))
                by_stretch.setdefault((chunk.channel, stretch.start), []).append(word)
    for (channel, _), words in by_stretch.items():
        words.sort(key=lambda word: (word.start_s, word.end_s))
        yield Utterance(
            words[0].start_s,
            max(word.end_s for word in words),
            " ".join(word.text for word in words),
            channel=channel,
            words=tuple(words),
        )

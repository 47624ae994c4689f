"""The main engine: faster-whisper, batched over all chunks of a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment

from calls.settings import SpeechSettings
from calls.transcript import Engine, TranscriptOrigin, Utterance, Word
from models.audio import SAMPLE_RATE_HZ, Samples
from models.speech import Heard
from models.vad import CHUNK_S, Chunk
from models.weights import Weights

FRAMES_PER_S = 100
SLOT = int(CHUNK_S * SAMPLE_RATE_HZ)


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
            compute_type=_compute_type(settings),
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
        segments, info = BatchedInferencePipeline(self._model).transcribe(
            _lay_out(chunks),
            language=language,
            beam_size=self._settings.beam_size,
            batch_size=self._settings.batch_size,
            word_timestamps=True,
            clip_timestamps=_clips(chunks),
        )
        utterances = sorted(
            _utterances(list(segments), chunks),
            key=lambda one: (one.start_s, one.channel or 0),
        )
        notes: tuple[str, ...] = ()
        if language is not None and info.language != language.split("-")[0]:
            notes = (f"the model reads {info.language!r} only; the call is in {language!r}",)
        source = "sidecar" if language is not None else "detected"
        return Heard(tuple(utterances), info.language, source, notes)

    def close(self) -> None:
        """Gives the model's memory back."""
        self._model = None


def _compute_type(settings: SpeechSettings) -> str:
    if settings.compute_type != "auto":
        return settings.compute_type
    return "float16" if settings.device == "cuda" else "int8"


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

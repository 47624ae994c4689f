"""The contract between listening and speech engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from calls.transcript import TranscriptOrigin, Utterance
from models.vad import Chunk

EMBEDDED_LANGUAGE = "en"
"""The only language the embedded engine reads."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine made of the chunks of one call, on the recording's clock."""

    utterances: tuple[Utterance, ...]
    language: str | None
    language_source: str
    notes: tuple[str, ...] = ()


class SpeechEngine(Protocol):
    """Turns chunks of speech into words with times.

    One engine serves a whole night: it is built once, is safe to call from several threads, and
    holds its model until `close`.
    """

    @property
    def origin(self) -> TranscriptOrigin:
        """The engine, its model and the options every transcript is made with."""

    def transcribe(self, chunks: Sequence[Chunk], *, language: str | None) -> Heard:
        """The words in all chunks of one call; channels share one batch.

        `language` is what is known of the call beforehand; None lets the engine decide.
        """

    def close(self) -> None:
        """Gives the model's memory back."""

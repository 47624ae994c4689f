"""The contract between listening and speech engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from calls.transcript import TranscriptOrigin
from models.heard import DecodeOptions, HeardChunk
from models.vad import Chunk

EMBEDDED_LANGUAGE = "en"
"""The only language the embedded engine reads."""


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """The language to decode in: its code, who said so, and what is odd about that.

    `source` is "given", "detected" or "engine" (it knows no other).
    """

    code: str
    source: str
    notes: tuple[str, ...] = ()


class SpeechEngine(Protocol):
    """Turns chunks of speech into words with times.

    One engine serves a whole night: it is built once, is safe to call from several threads, and
    holds its model until `close`.
    """

    @property
    def origin(self) -> TranscriptOrigin:
        """The engine, its model and the options every transcript is made with."""

    @property
    def batch_size(self) -> int:
        """How many chunks are best decoded at once."""

    def language_of(self, chunks: Sequence[Chunk], known: str | None) -> SpokenLanguage:
        """The language to decode the chunks of one call, or of one channel of it, in.

        `known` is what is known of the call beforehand; None lets the engine find out.

        Raises:
            SpeechUnavailable: the engine can't read that language.
        """

    def decode(self, chunks: Sequence[Chunk], options: DecodeOptions) -> list[HeardChunk]:
        """What is said in each chunk, in their order, decoded as one batch.

        The chunks may be of several channels and calls.
        """

    def decode_again(self, chunk: Chunk, options: DecodeOptions) -> HeardChunk | None:
        """What a slower, more careful method makes of one chunk; None if there is none."""

    def close(self) -> None:
        """Gives the model's memory back."""

"""What goes into a speech engine with each chunk, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class RawWord(NamedTuple):
    """A word as the engine gave it, unchecked. Times are seconds from the start of the chunk."""

    text: str
    start_s: float
    end_s: float
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class HeardChunk:
    """What an engine made of one chunk. A number is None where the engine gives none.

    `no_speech_probability` is Whisper's own; `mean_log_probability` is per token.
    """

    words: tuple[RawWord, ...]
    no_speech_probability: float | None = None
    mean_log_probability: float | None = None

    @property
    def text(self) -> str:
        """The words in a row."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """What chunks must agree on to be decoded in one batch.

    `language` is one the engine has said it reads (`SpeechEngine.language_for`). `hotwords` are
    names to expect, most important first.
    """

    language: str
    hotwords: tuple[str, ...] = ()

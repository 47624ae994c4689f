"""What was said: words, utterances, turns, and where the transcript came from.

All times are seconds from the start of the recording.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from calls.labels import Role
from calls.quality import TranscriptQuality


def _require_order(what: str, start_s: float, end_s: float) -> None:
    # Times tell the place; the words themselves must not get into messages and so into logs.
    if not 0 <= start_s <= end_s:
        raise ValueError(f"{what}: start_s={start_s} and end_s={end_s} are out of order")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as heard. `probability` is the engine's own confidence in [0, 1], if it has one."""

    text: str
    start_s: float
    end_s: float
    probability: float | None = None

    def __post_init__(self) -> None:
        _require_order("word", self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech as the engine or vendor delivered it.

    `channel` is None where the source knows no channels; `speaker` is the label of a vendor or of
    diarization, if any. `words` is empty where the source has no word times. `doubt` says why the
    words are not to be relied on; empty where nothing speaks against them.
    """

    start_s: float
    end_s: float
    text: str
    channel: int | None = None
    speaker: str | None = None
    words: tuple[Word, ...] = ()
    doubt: str = ""

    def __post_init__(self) -> None:
        _require_order("utterance", self.start_s, self.end_s)

    @classmethod
    def of_words(
        cls,
        words: Sequence[Word],
        *,
        channel: int | None = None,
        speaker: str | None = None,
        doubt: str = "",
    ) -> Utterance:
        """These words, at least one, as an utterance: its times and text are theirs."""
        return cls(
            min(word.start_s for word in words),
            max(word.end_s for word in words),
            " ".join(text for word in words if (text := word.text.strip())),
            channel,
            speaker,
            tuple(words),
            doubt,
        )


class Engine(StrEnum):
    """What a transcript was made by."""

    WHISPER = "faster-whisper"
    EMBEDDED = "pocketsphinx"
    IMPORTED = "imported"  # a ready transcript; the model is then its format
    NONE = "none"  # there was nothing to transcribe


@dataclass(frozen=True, slots=True)
class TranscriptOrigin:
    """What made a transcript: an engine with its model and options, or an importer."""

    engine: Engine
    model: str
    revision: str = ""
    compute_type: str = ""
    options: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)

    @property
    def has_times(self) -> bool:
        """False if the source says nowhere when anything was said: the times are guesses."""
        return self.options.get("times") != "estimated"


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything heard on one call, in order of start time, before anyone is given a role.

    `redacted` counts what was masked, by kind; None if nothing was looked for. `duration_s` is the
    length of the recording, where the source says it: no less than the end of the last utterance.
    """

    utterances: tuple[Utterance, ...]
    origin: TranscriptOrigin
    language: str | None
    language_source: str  # "given", "detected", "engine", "transcript" or "unknown"
    notes: tuple[str, ...] = ()
    quality: TranscriptQuality | None = None
    redacted: Mapping[str, int] | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A participant holding the floor.

    `turn` counts from 0 in order of start time. A backchannel is a short acknowledgement inside or
    right after somebody else's speech: it gets a turn of its own and never splits the other's.
    `doubt` says why some of its words are not to be relied on, joined by `; `.
    """

    turn: int
    speaker: str
    role: Role
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    channel: int | None = None
    participant_id: str | None = None
    is_backchannel: bool = False
    doubt: str = ""

    def __post_init__(self) -> None:
        _require_order(f"turn {self.turn}", self.start_s, self.end_s)

    @property
    def word_count(self) -> int:
        """Number of words heard, or of white-space separated tokens where there are none."""
        return len(self.words) or len(self.text.split())

    @property
    def confidence(self) -> float | None:
        """Mean word probability in [0, 1]; None where the source gives none."""
        known = [word.probability for word in self.words if word.probability is not None]
        return sum(known) / len(known) if known else None

    @property
    def is_plain(self) -> bool:
        """True if `text` is the words, with one blank between any two."""
        texts = [word.text for word in self.words]
        return texts == self.text.split(" ") and all(texts)

    def word_starts(self) -> tuple[int, ...]:
        """Where each word begins in `text`, in characters; empty where there are no words."""
        starts = []
        position = 0
        for word in self.words:
            found = self.text.find(word.text, position)
            # A word that is not in the text (it was masked, say) keeps its place in the order.
            starts.append(max(found, position))
            if found >= 0:
                position = found + len(word.text)
        return tuple(starts)

    def time_of_char(self, position: int) -> float:
        """Seconds at which the character at `position` of `text` begins to be spoken.

        Exact to the word where there are word times, else linear within the turn.
        """
        word = self._word_at(position)
        return word.start_s if word is not None else self._linear(position)

    def time_after_char(self, end: int) -> float:
        """Seconds at which the characters before `end` have been spoken; as `time_of_char`."""
        word = self._word_at(end - 1)
        return word.end_s if word is not None else self._linear(end)

    def _word_at(self, position: int) -> Word | None:
        """The word that holds that character, or the one after it where it is a space."""
        if self.is_plain:
            return self.words[min(self.text.count(" ", 0, position + 1), len(self.words) - 1)]
        for word, start in zip(self.words, self.word_starts(), strict=True):
            if position < start + len(word.text):
                return word
        return self.words[-1] if self.words else None

    def _linear(self, position: int) -> float:
        share = position / len(self.text) if self.text else 0.0
        return self.start_s + (self.end_s - self.start_s) * min(1.0, share)

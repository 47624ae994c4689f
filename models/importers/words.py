"""Words with times, as vendors list them, to utterances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from calls.errors import TranscriptInvalid
from calls.transcript import Engine, Transcript, TranscriptOrigin, Utterance, Word
from models.importers.languages import primary_language
from models.importers.node import Node

# A vendor's list of words has no borders of utterances; a pause this long makes one.
_UTTERANCE_GAP_S = 1.0


def whole_utterance(
    start: Node, end: Node, text: str, *, speaker: str | None, unit_s: float = 1.0
) -> Utterance:
    """An utterance without word times; the vendor's times count in units of `unit_s`.

    Raises:
        TranscriptInvalid: if it ends before it starts; which of the two is wrong can't be told.
    """
    start_s, end_s = start.seconds(unit_s=unit_s), end.seconds(unit_s=unit_s)
    if end_s < start_s:
        raise end.wrong(f"lies before the start at {start_s} s", shows_text=True)
    return Utterance(start_s, end_s, " ".join(text.split()), speaker=speaker)


def imported(
    format_: str,
    utterances: tuple[Utterance, ...],
    notes: tuple[str, ...] = (),
    *,
    language: object = None,
    options: Mapping[str, str | bool] | None = None,
    duration_s: float | None = None,
) -> Transcript:
    """The transcript that an importer hands over.

    Args:
        format_: the importer's name.
        utterances: what was said, in order of time.
        notes: what had to be repaired.
        language: a tag or name, or anything else.
        options: what else is known of how it was made.
        duration_s: length of the recording, where the file says it.
    """
    found = primary_language(language)
    transcript = Transcript(
        utterances,
        TranscriptOrigin(Engine.IMPORTED, format_, options=options or {}),
        found,
        "transcript" if found else "unknown",
        notes,
    )
    return with_length(transcript, duration_s)


def with_length(transcript: Transcript, duration_s: float | None) -> Transcript:
    """The transcript with the length of its recording, which is no shorter than what was said."""
    if duration_s is None:
        return transcript
    ends_s = [one.end_s for one in transcript.utterances]
    return replace(transcript, duration_s=max([duration_s, *ends_s]))


@dataclass(frozen=True, slots=True)
class _Heard:
    text: str
    start_s: float | None
    end_s: float | None
    probability: float | None
    speaker: str | None
    channel: int | None


@dataclass(slots=True)
class WordList:
    """Collects a vendor's words in their order and makes utterances of them.

    What a vendor delivers without word times is added as it is (`add_whole`).
    """

    file: str
    _heard: list[_Heard] = field(default_factory=list)
    _whole: list[Utterance] = field(default_factory=list)

    def add(
        self,
        text: str,
        start_s: float | None,
        end_s: float | None,
        *,
        probability: float | None = None,
        speaker: str | None = None,
        channel: int | None = None,
    ) -> None:
        """Adds a word; without times it gets some between its neighbours."""
        parts = text.split()  # now and then a vendor's word is two ("New York")
        step_s = None
        if start_s is not None and end_s is not None:
            step_s = (end_s - start_s) / max(1, len(parts))
        for at, part in enumerate(parts):
            if step_s is not None and start_s is not None and len(parts) > 1:
                low, high = start_s + step_s * at, start_s + step_s * (at + 1)
                self._heard.append(_Heard(part, low, high, probability, speaker, channel))
            else:
                self._heard.append(_Heard(part, start_s, end_s, probability, speaker, channel))

    def add_punctuation(self, text: str) -> None:
        """Puts a punctuation mark at the end of the word before it."""
        if self._heard:
            self._heard[-1] = replace(self._heard[-1], text=self._heard[-1].text + text.strip())

    def add_whole(self, utterance: Utterance) -> None:
        """Adds a stretch of speech that has no word times; one without text is left out."""
        if utterance.text:
            self._whole.append(utterance)

    def utterances(self) -> tuple[tuple[Utterance, ...], tuple[str, ...]]:
        """The utterances in order of time, and what had to be repaired.

        Raises:
            TranscriptInvalid: if there are no words, or none has a time.
        """
        if not self._heard and not self._whole:
            raise TranscriptInvalid(self.file, "holds no words.", "Export the transcript again.")
        timed, repairs = self._grouped() if self._heard else ([], Counter[str]())
        utterances = sorted((*timed, *self._whole), key=lambda one: one.start_s)
        return tuple(utterances), tuple(f"words {what}: {n}" for what, n in repairs.items())

    def _grouped(self) -> tuple[list[Utterance], Counter[str]]:
        """The words as utterances: by voice, cut at pauses."""
        words, repairs = self._timed()
        groups: dict[tuple[int | None, str | None], list[list[Word]]] = {}
        last: tuple[int | None, str | None] | None = None
        for heard, word in zip(self._heard, words, strict=True):
            key = (heard.channel, heard.speaker)
            own = groups.setdefault(key, [])
            changed = key != last and heard.channel is None
            if not own or changed or word.start_s - own[-1][-1].end_s > _UTTERANCE_GAP_S:
                own.append([])
            own[-1].append(word)
            last = key
        utterances = [
            Utterance.of_words(group, channel=channel, speaker=speaker)
            for (channel, speaker), own in groups.items()
            for group in own
        ]
        return utterances, repairs

    def _timed(self) -> tuple[list[Word], Counter[str]]:
        """The words with times, and how many needed which repair."""
        repairs: Counter[str] = Counter()
        spans: dict[int, tuple[float, float]] = {}
        for channel in {one.channel for one in self._heard}:
            # Neighbours are neighbours on one clock only within a channel.
            own = [at for at, one in enumerate(self._heard) if one.channel == channel]
            filled = _filled(
                [self._heard[at].start_s for at in own], [self._heard[at].end_s for at in own]
            )
            if filled is None:
                raise TranscriptInvalid(
                    self.file, "has no word with a time.", "Export it with word times."
                )
            spans.update(zip(own, filled, strict=True))
        words = []
        for at, heard in enumerate(self._heard):
            start_s, end_s = spans[at]
            if heard.start_s is None or heard.end_s is None:
                repairs["without times, placed between their neighbours"] += 1
            if end_s < start_s:
                repairs["that end before they start, swapped"] += 1
                start_s, end_s = end_s, start_s
            words.append(Word(heard.text, start_s, end_s, heard.probability))
        return words, repairs


def _filled(
    starts: list[float | None], ends: list[float | None]
) -> list[tuple[float, float]] | None:
    """Start and end of every word; those that lack them share the time up to the next word.

    None if no word has any time.
    """
    # Borders in order: start, end, start, end, …; unknown ones lie evenly between known ones.
    borders = [one for pair in zip(starts, ends, strict=True) for one in pair]
    known = [(at, one) for at, one in enumerate(borders) if one is not None]
    if not known:
        return None
    filled: list[float] = []
    after = 0
    for at, border in enumerate(borders):
        while after < len(known) and known[after][0] < at:
            after += 1
        if border is None:
            low_at, low_s = known[max(0, after - 1)]
            high_at, high_s = known[min(after, len(known) - 1)]
            # The next word may start earlier (another voice): then this one has no length.
            span_s = max(0.0, high_s - low_s)
            share = (at - low_at) / (high_at - low_at) if low_at < at < high_at else 0.0
            border = round((low_s if low_at < at else high_s) + span_s * share, 3)
        filled.append(border)
    return list(zip(filled[::2], filled[1::2], strict=True))

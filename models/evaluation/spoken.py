"""What was said, by whom and when: the one shape in which references and transcripts are compared.

A transcript may know less than a reference, or the other way round. What one side does not know is
a reason why something can't be measured, never a guess.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from calls.call import Speaker
from calls.labels import Role
from calls.settings import AttributionSettings
from calls.spans import Span, close_gaps
from calls.transcript import Transcript, Turn, Utterance
from models.turns import PAUSE_S, build_turns


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody says in one go; `speaker` is None where nobody says who it is."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """One side of a comparison.

    Attributes:
        lines: what was said, in order of time.
        speech: when each speaker speaks, in seconds, without overlaps within a speaker.
        no_words: why there are no words to compare; empty where there are (or nothing was said).
        no_speakers: why it can't be told who says what.
        no_times: why it can't be told when each speaker speaks.
    """

    lines: tuple[Line, ...]
    speech: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    no_words: str = ""
    no_speakers: str = ""
    no_times: str = ""

    @property
    def text(self) -> str:
        """Everything said, in a row."""
        return _in_a_row(self.lines)

    def text_by_speaker(self) -> dict[str, str]:
        """Everything each speaker says, in a row; "" is whoever is not named."""
        lines: dict[str, list[Line]] = {}
        for line in self.lines:
            lines.setdefault(line.speaker or "", []).append(line)
        return {speaker: _in_a_row(own) for speaker, own in lines.items()}


def spoken(transcript: Transcript, *, ignored: Collection[Span] = ()) -> Spoken:
    """A transcript as one side of a comparison.

    A channel is a speaker; labels tell speakers apart where there is only one channel (or none).
    Words are brought into the order of the turns that Nightcall makes of them, and a speaker speaks
    from word to word as long as the gaps are those of running speech (`models.turns.PAUSE_S`).

    Args:
        transcript: as heard or imported.
        ignored: spans in which nothing counts: words whose middle lies in one are left out.
    """
    utterances = _outside(transcript.utterances, ignored)
    names = [_name(one, transcript.utterances) for one in utterances]
    speakers = {name: Speaker(name, Role.UNKNOWN) for name in names}
    pairs = zip((speakers[name] for name in names), utterances, strict=True)
    turns = build_turns(pairs, AttributionSettings())
    return Spoken(
        lines=tuple(Line(turn.speaker, turn.text) for turn in turns),
        speech=_speech(turns),
        no_speakers="" if _told_apart(transcript.utterances) else "all voices are one speaker",
        no_times=("the times are estimates" if not transcript.origin.has_times else ""),
    )


def merged(speech: Mapping[str, Sequence[Span]]) -> dict[str, list[Span]]:
    """When each speaker speaks, with overlaps and touching spans of one speaker joined."""
    joined = {speaker: close_gaps(spans) for speaker, spans in speech.items()}
    return {
        speaker: [(start_s, end_s) for start_s, end_s in spans if end_s > start_s]
        for speaker, spans in joined.items()
    }


def _in_a_row(lines: Iterable[Line]) -> str:
    return " ".join(line.text for line in lines if line.text)


def _name(utterance: Utterance, all_of_them: Sequence[Utterance]) -> str:
    """Who speaks. Labels on one of several channels only divide a side: the channel is safer."""
    several = len({one.channel for one in all_of_them}) > 1
    if utterance.speaker is not None and not several:
        return utterance.speaker
    return "" if utterance.channel is None else f"ch{utterance.channel}"


def _told_apart(utterances: Sequence[Utterance]) -> bool:
    """True if the source knows speakers at all. Where nothing is said, nothing is mixed up."""
    labelled = any(one.speaker is not None for one in utterances)
    return not utterances or labelled or len({one.channel for one in utterances}) > 1


def _outside(utterances: Sequence[Utterance], ignored: Collection[Span]) -> list[Utterance]:
    """The utterances without the words (or, lacking words, the utterances) of ignored spans."""
    if not ignored:
        return list(utterances)

    def counts(start_s: float, end_s: float) -> bool:
        middle_s = (start_s + end_s) / 2
        return not any(begin_s <= middle_s < until_s for begin_s, until_s in ignored)

    kept = []
    for one in utterances:
        if not one.words:
            kept += [one] if counts(one.start_s, one.end_s) else []
        elif words := tuple(word for word in one.words if counts(word.start_s, word.end_s)):
            kept.append(replace(one, words=words, text=" ".join(word.text for word in words)))
    return kept


def _speech(turns: Sequence[Turn]) -> dict[str, list[Span]]:
    pieces: dict[str, list[Span]] = {}
    for turn in turns:
        timed = [(word.start_s, word.end_s) for word in turn.words]
        pieces.setdefault(turn.speaker, []).extend(timed or [(turn.start_s, turn.end_s)])
    return merged({name: close_gaps(spans, gap_s=PAUSE_S) for name, spans in pieces.items()})

"""Words of one channel to the voices that say them: word by word, never utterance by utterance.

An engine's utterance often crosses a change of speaker. Giving all of it to one voice is the main
source of wrong speakers on mixed recordings, so each word goes to the voice heard at its time, and
the utterances are cut anew where the voice changes. Pure: no clock, no model, no state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from string import ascii_uppercase

from calls.transcript import Utterance

NEAR_S = 0.5
"""A word outside of all segments goes to the nearest that is no further away than this: shorter
gaps lie within running speech. Beyond, nobody is named."""

SURE_SHARE = 0.8
"""An utterance without word times can't be cut. It gets a voice only if that voice has at least
this share of the time in it that belongs to any voice."""

_STRETCH_S = 5.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in which one voice is heard. `speaker` is the label of whatever found it."""

    start_s: float
    end_s: float
    speaker: str

    def __post_init__(self) -> None:
        if not 0 <= self.start_s <= self.end_s:
            raise ValueError(f"segment: {self.start_s} and {self.end_s} s are out of order")


def assign_words(
    utterances: Iterable[Utterance], segments: Sequence[Segment]
) -> tuple[Utterance, ...]:
    """The utterances in order of time, each of one voice: cut where the voice changes.

    Every word comes out exactly once. A word goes to the voice with the largest overlap, a word in
    no segment to the nearest one within `NEAR_S`, any other keeps no speaker (None).
    """
    lookup = _Lookup.of(segments)
    parts = [part for one in utterances for part in _parts(one, lookup)]
    return tuple(sorted(parts, key=lambda part: part.start_s))


def lettered(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments in order of time with their voices called "A", "B", … in order of first speech.

    Labels of engines are numbers that say nothing and change from run to run.
    """
    ordered = sorted(segments, key=lambda one: (one.start_s, one.end_s, one.speaker))
    names: dict[str, str] = {}
    for segment in ordered:
        names.setdefault(segment.speaker, _name(len(names)))
    return tuple(replace(one, speaker=names[one.speaker]) for one in ordered)


def _name(number: int) -> str:
    letters = ascii_uppercase
    return letters[number] if number < len(letters) else f"voice {number + 1}"


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Segments by the stretches of the clock that they, and what is near them, lie in."""

    stretches: Mapping[int, Sequence[Segment]]

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> _Lookup:
        stretches: dict[int, list[Segment]] = {}
        for one in segments:
            for number in _stretches(one.start_s - NEAR_S, one.end_s + NEAR_S):
                stretches.setdefault(number, []).append(one)
        return cls(stretches)

    def around(self, start_s: float, end_s: float) -> list[Segment]:
        """The segments that are no further than `NEAR_S` from the span."""
        found = (
            one
            for number in _stretches(start_s, end_s)
            for one in self.stretches.get(number, ())
            if one.start_s <= end_s + NEAR_S and one.end_s >= start_s - NEAR_S
        )
        return list(dict.fromkeys(found))

    def shares_s(self, start_s: float, end_s: float) -> dict[str, float]:
        """Seconds of the span that each voice is heard in."""
        shares: dict[str, float] = {}
        for one in self.around(start_s, end_s):
            overlap_s = min(end_s, one.end_s) - max(start_s, one.start_s)
            if overlap_s > 0:
                shares[one.speaker] = shares.get(one.speaker, 0.0) + overlap_s
        return shares

    def voice_at(self, start_s: float, end_s: float) -> str | None:
        """Who says a word of that span; None if nobody is heard near it."""
        shares = self.shares_s(start_s, end_s)
        near = self.around(start_s, end_s)
        if shares:
            most_s = max(shares.values())
            near = [one for one in near if shares.get(one.speaker, 0.0) == most_s]
        # Of several as near, the shortest says most about this moment: a word in the middle of a
        # long segment must not win over the one who breaks in there.
        nearest = min(
            near,
            key=lambda one: (
                max(0.0, one.start_s - end_s, start_s - one.end_s),
                one.end_s - one.start_s,
                one.speaker,
            ),
            default=None,
        )
        return nearest.speaker if nearest is not None else None


def _stretches(start_s: float, end_s: float) -> range:
    return range(int(start_s // _STRETCH_S), int(end_s // _STRETCH_S) + 1)


def _parts(utterance: Utterance, lookup: _Lookup) -> list[Utterance]:
    """The utterance cut where the voice changes; whole where it doesn't, or can't be cut."""
    if not utterance.words:
        return [replace(utterance, speaker=_sure_voice(utterance, lookup))]
    voiced = [(lookup.voice_at(word.start_s, word.end_s), word) for word in utterance.words]
    runs = [
        (speaker, [word for _, word in run])
        for speaker, run in groupby(voiced, key=lambda pair: pair[0])
    ]
    if len(runs) == 1:
        return [replace(utterance, speaker=runs[0][0])]
    channel, doubt = utterance.channel, utterance.doubt
    return [
        Utterance.of_words(words, channel=channel, speaker=speaker, doubt=doubt)
        for speaker, words in runs
    ]


def _sure_voice(utterance: Utterance, lookup: _Lookup) -> str | None:
    shares = lookup.shares_s(utterance.start_s, utterance.end_s)
    if not shares:
        return lookup.voice_at(utterance.start_s, utterance.end_s)
    speaker = max(shares, key=lambda one: (shares[one], one))
    return speaker if shares[speaker] >= SURE_SHARE * sum(shares.values()) else None

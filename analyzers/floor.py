"""Who holds the floor, for how long and how it changes hands: definitions over turns.

Each says where it comes from, because tools that use the same word for different numbers are the
main reason why theirs can't be compared.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, pairwise

from calls.spans import TALK_GAP_S, Span, close_gaps
from calls.transcript import Turn

# Word borders are no better than this, so less is no interruption.
INTERRUPTION_S = 0.2
# Truly calls it a monologue from two minutes on; Gong's recommended limit is 2:30.
MONOLOGUE_S = 120.0


def talk_spans(turns: Iterable[Turn]) -> list[Span]:
    """When somebody talks: the union of the words of `turns`, short gaps closed.

    Turns without word times count whole. Source: on a call that Amazon Transcribe Call Analytics
    measured too, the union comes within 5 % of its `TalkTime` for both speakers (pauses of 1.5 to
    1.8 s make most of the difference); sums of words are 12 and 19 % too low, sums of its segments
    1 and 10 % too high (`benchmarks/aws_comparison.py`).
    """
    return close_gaps(chain.from_iterable(map(when_said, turns)), gap_s=TALK_GAP_S)


def when_said(turn: Turn) -> list[Span]:
    """When words of a turn are said, in order; parted wherever none is."""
    if not turn.words:
        return [(turn.start_s, turn.end_s)]
    return close_gaps((word.start_s, word.end_s) for word in turn.words)


def length_s(spans: Iterable[Span]) -> float:
    """Seconds covered by spans that don't overlap."""
    return sum(end_s - start_s for start_s, end_s in spans)


def union(*lists: Sequence[Span]) -> list[Span]:
    """The time that any of the lists covers."""
    return close_gaps(span for spans in lists for span in spans)


class Floor:
    """Who talks when on one call, and for how long: its words are gone through only once."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        self._said: dict[str, list[tuple[Turn, list[Span]]]] = {}
        for turn in turns:
            self._said.setdefault(turn.speaker, []).append((turn, when_said(turn)))
        self._stretches_s: dict[str, list[float]] = {}

    @cached_property
    def talk_s(self) -> Mapping[str, float]:
        """Seconds of talk of everybody who says a word: the length of their `talk_spans`."""
        return {name: length_s(spans) for name, spans in self._talk_spans.items()}

    @cached_property
    def anybody_s(self) -> float:
        """Seconds in which at least one person talks."""
        return length_s(union(*self._talk_spans.values()))

    @cached_property
    def overlap_s(self) -> float:
        """Seconds in which two or more people say words at the same time.

        Here no gap is closed: a reply in somebody's pause is no overlap. The definition is our own.
        """
        edges: list[tuple[float, int]] = []
        for own in self._said.values():
            for start_s, end_s in close_gaps(_spans(own)):
                edges += [(start_s, 1), (end_s, -1)]
        edges.sort()
        total_s, talking, since_s = 0.0, 0, 0.0
        for at_s, change in edges:
            if talking > 1:
                total_s += at_s - since_s
            talking += change
            since_s = at_s
        return total_s

    def turns_talk_s(self, speaker: str, *, least_s: float) -> Iterator[tuple[Turn, float]]:
        """The turns of a speaker with at least so much talk, and the seconds of it."""
        for turn, said in self._said.get(speaker, ()):
            if said[-1][1] - said[0][0] < least_s:
                continue  # too short from end to end, as most are
            talk_s = length_s(close_gaps(said, gap_s=TALK_GAP_S) if len(said) > 1 else said)
            if talk_s >= least_s:
                yield turn, talk_s

    def longest_monologue_s(self, speaker: str) -> float:
        """Seconds of the longest stretch in which `speaker` talks and nobody takes the floor.

        Own gaps up to 1.5 s join (as in BuilderIO's Calls); backchannels of others are allowed
        inside. Source: Gong's "longest uninterrupted monologue", whose gap is not published. Of a
        customer it is Gong's "longest customer story".
        """
        return max(self.stretches_s(speaker), default=0.0)

    def stretches_s(self, speaker: str) -> Sequence[float]:
        """Seconds of every stretch in which `speaker` talks and nobody takes the floor."""
        if speaker not in self._stretches_s:
            self._stretches_s[speaker] = [end_s - start_s for start_s, end_s in self._held(speaker)]
        return self._stretches_s[speaker]

    @cached_property
    def _talk_spans(self) -> Mapping[str, list[Span]]:
        """The `talk_spans` of everybody who says a word."""
        said = self._said.items()
        return {name: close_gaps(_spans(own), gap_s=TALK_GAP_S) for name, own in said}

    def _held(self, speaker: str) -> list[Span]:
        """The stretches of a speaker, in order."""
        taken_s = sorted(
            one.start_s for one in self._turns if one.speaker != speaker and not one.is_backchannel
        )
        runs: list[Span] = []
        rival = 0
        for start_s, end_s in self._pieces(speaker, taken_s):
            first = rival
            while rival < len(taken_s) and taken_s[rival] <= start_s:
                rival += 1
            if not runs or rival > first or start_s - runs[-1][1] > TALK_GAP_S:
                runs.append((start_s, end_s))
            elif end_s > runs[-1][1]:
                runs[-1] = (runs[-1][0], end_s)
        return runs

    def _pieces(self, speaker: str, taken_s: Sequence[float]) -> list[Span]:
        """When a speaker with the floor says words; word by word where others start meanwhile."""
        pieces: list[Span] = []
        for turn, said in self._said.get(speaker, ()):
            if turn.is_backchannel:
                continue
            is_alone = bisect_right(taken_s, said[0][0]) == bisect_right(taken_s, said[-1][1])
            if is_alone or not turn.words:
                pieces += said
            else:
                pieces += [(word.start_s, word.end_s) for word in turn.words]
        pieces.sort()
        return pieces


@dataclass(frozen=True, slots=True)
class Interruption:
    """Somebody starts to talk while somebody else holds the floor."""

    by: str
    of: str
    at_s: float


def interruptions(turns: Sequence[Turn]) -> list[Interruption]:
    """Every turn that starts at least 0.2 s before the end of another's turn that is under way.

    Backchannels neither interrupt nor are interrupted; who starts at the same moment as the other
    interrupts nobody. Sources: revenue.io leaves backchannels out and asks for one channel per
    party; BuilderIO's Calls sets 200 ms. Amazon Transcribe Call Analytics counts fewer: on the call
    that could be compared, only overlaps of its segments of more than 2 s that are no backchannels,
    but also where the other has paused within the segment.
    """
    found: list[Interruption] = []
    under_way: list[Turn] = []
    for turn in _floor(turns):
        under_way = [one for one in under_way if one.end_s > turn.start_s]
        holders = [
            one
            for one in under_way
            if one.speaker != turn.speaker
            and turn.start_s - one.start_s >= INTERRUPTION_S
            and one.end_s - turn.start_s >= INTERRUPTION_S
        ]
        if holders:
            # The floor is with whoever has had it longest.
            found.append(Interruption(turn.speaker, holders[0].speaker, turn.start_s))
        under_way.append(turn)
    return found


def reply_gaps(turns: Sequence[Turn]) -> list[tuple[str, float]]:
    """For every turn that follows another's: who replies, and seconds since the other's end.

    Turns that overlap are left out, and so are backchannels. Source: "patience" has three meanings
    among vendors; this is the wait after the other side's turn, as Gong has it. The wait after an
    own question is `after_question_gaps`.
    """
    gaps: list[tuple[str, float]] = []
    last: Turn | None = None
    for turn in _floor(turns):
        if last is not None and last.speaker != turn.speaker and turn.start_s >= last.end_s:
            gaps.append((turn.speaker, turn.start_s - last.end_s))
        if last is None or turn.end_s >= last.end_s:
            last = turn
    return gaps


def after_question_gaps(
    turns: Sequence[Turn], ends_s: Sequence[tuple[str, float]]
) -> list[tuple[str, float]]:
    """For every question: who asked, and seconds until anybody says the next word.

    Whoever goes on without a pause after his own question has waited for nothing, so that counts
    as well. Left out are questions into which another talks, and those after which nothing is said;
    backchannels are passed over. Source: "patience" in BuilderIO's Calls, 0.5 to 1.5 s being good.

    Args:
        turns: the turns of the call.
        ends_s: who asked each question, and when its last word ended.
    """
    if not ends_s:
        return []
    spans: dict[str, list[Span]] = {}
    words_s: list[float] = []
    for turn in _floor(turns):
        spans.setdefault(turn.speaker, []).append((turn.start_s, turn.end_s))
        words_s += [word.start_s for word in turn.words] or [turn.start_s]
    words_s.sort()
    starts_s = {name: sorted(start_s for start_s, _ in own) for name, own in spans.items()}
    until_s = _talking_until(spans)
    gaps: list[tuple[str, float]] = []
    for asker, end_s in ends_s:
        following = bisect_left(words_s, end_s)
        if following == len(words_s):
            continue
        for other, starts in starts_s.items():
            before = bisect_left(starts, end_s)
            if other != asker and before and until_s[other][before - 1] > end_s:
                break
        else:
            gaps.append((asker, words_s[following] - end_s))
    return gaps


def _talking_until(spans: Mapping[str, Sequence[Span]]) -> dict[str, list[float]]:
    """For each speaker and span in order of start: the latest end of any span up to there."""
    return {
        name: list(accumulate((end_s for _, end_s in sorted(own)), max))
        for name, own in spans.items()
    }


def switch_count(turns: Sequence[Turn]) -> int:
    """How often the floor changes hands; Gong's "interactivity" counts speaker switches too."""
    speakers = [turn.speaker for turn in _floor(turns)]
    return sum(one != other for one, other in pairwise(speakers))


def _spans(said: Iterable[tuple[Turn, list[Span]]]) -> Iterator[Span]:
    """The spans of all those turns."""
    return chain.from_iterable(spans for _, spans in said)


def _floor(turns: Sequence[Turn]) -> Iterator[Turn]:
    """The turns that take the floor, in order of start."""
    return (turn for turn in turns if not turn.is_backchannel)

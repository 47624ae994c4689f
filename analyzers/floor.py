"""Who holds the floor, for how long and how it changes hands: definitions over turns.

Pure functions over `Turn`s. Each says where its definition comes from, because tools that use the
same word for different numbers are the main reason why theirs can't be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from calls.spans import TALK_GAP_S, Span, close_gaps
from calls.transcript import Turn

# Word borders are no better than this, so less is no interruption.
INTERRUPTION_S = 0.2


def talk_spans(turns: Iterable[Turn], *, gap_s: float = TALK_GAP_S) -> list[Span]:
    """When somebody talks: the union of the words of `turns`, short gaps closed.

    Turns without word times count whole. Source: on a call that Amazon Transcribe Call Analytics
    measured too, the union comes within 5 % of its `TalkTime` for both speakers (pauses of 1.5 to
    1.8 s make most of the difference); sums of words are 12 and 19 % too low, sums of its segments
    1 and 10 % too high (`benchmarks/aws_comparison.py`).
    """
    return close_gaps((piece for turn in turns for piece in _pieces(turn)), gap_s=gap_s)


def length_s(spans: Iterable[Span]) -> float:
    """Seconds covered by spans that don't overlap."""
    return sum(end_s - start_s for start_s, end_s in spans)


def union(*lists: Sequence[Span]) -> list[Span]:
    """The time that any of the lists covers."""
    return close_gaps(span for spans in lists for span in spans)


def overlap_s(by_speaker: Iterable[Sequence[Turn]]) -> float:
    """Seconds in which two or more people say words at the same time.

    Here no gap is closed: a reply in somebody's pause is no overlap. The definition is our own.
    """
    edges: list[tuple[float, int]] = []
    for turns in by_speaker:
        for start_s, end_s in talk_spans(turns, gap_s=0.0):
            edges += [(start_s, 1), (end_s, -1)]
    total_s, talking, since_s = 0.0, 0, 0.0
    for at_s, change in sorted(edges):
        if talking > 1:
            total_s += at_s - since_s
        talking += change
        since_s = at_s
    return total_s


def longest_monologue_s(speaker: str, turns: Sequence[Turn]) -> float:
    """Seconds of the longest stretch in which `speaker` talks and nobody takes the floor.

    Own gaps up to 1.5 s join (as in BuilderIO's Calls); backchannels of others are allowed inside.
    Source: Gong's "longest uninterrupted monologue", whose gap is not published.
    """
    own = sorted(
        piece
        for turn in turns
        if turn.speaker == speaker and not turn.is_backchannel
        for piece in _pieces(turn)
    )
    taken_s = [
        turn.start_s for turn in turns if turn.speaker != speaker and not turn.is_backchannel
    ]
    longest_s = 0.0
    run: Span | None = None
    rival = 0
    for start_s, end_s in own:
        first = rival
        while rival < len(taken_s) and taken_s[rival] <= start_s:
            rival += 1
        taken = run is not None and rival > first and taken_s[rival - 1] > run[0]
        if run is None or taken or start_s - run[1] > TALK_GAP_S:
            run = (start_s, end_s)
        else:
            run = (run[0], max(run[1], end_s))
        longest_s = max(longest_s, run[1] - run[0])
    return longest_s


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
    among vendors; this is the wait after the other side's turn, as Gong has it, and not the wait
    after an own question.
    """
    gaps: list[tuple[str, float]] = []
    last: Turn | None = None
    for turn in _floor(turns):
        if last is not None and last.speaker != turn.speaker and turn.start_s >= last.end_s:
            gaps.append((turn.speaker, turn.start_s - last.end_s))
        if last is None or turn.end_s >= last.end_s:
            last = turn
    return gaps


def switch_count(turns: Sequence[Turn]) -> int:
    """How often the floor changes hands; Gong's "interactivity" counts speaker switches too."""
    speakers = [turn.speaker for turn in _floor(turns)]
    return sum(one != other for one, other in pairwise(speakers))


def _floor(turns: Sequence[Turn]) -> Iterator[Turn]:
    """The turns that take the floor, in order of start."""
    return (turn for turn in turns if not turn.is_backchannel)


def _pieces(turn: Turn) -> list[Span]:
    if turn.words:
        return [(word.start_s, word.end_s) for word in turn.words]
    return [(turn.start_s, turn.end_s)]

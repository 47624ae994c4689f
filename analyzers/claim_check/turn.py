"""The claims said in one turn: which stretch stands for which entry, and what nobody has agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analyzers.claim_check.lexicon import english
from analyzers.claim_check.pieces import Piece, Window, pieces_of, windows_of
from analyzers.claim_check.registry import LEAST_UNLABELLED, Registry
from analyzers.claim_check.statement import Statement
from analyzers.claim_check.verdicts import (
    LEAST_OF_CLAIM,
    Judged,
    judge,
)
from analyzers.claim_check.words import stem
from analyzers.context import TurnText
from calls.claim import Verdict
from calls.labels import Label
from calls.moment import Moment

# A longer stretch must be this much nearer for each sentence more: what goes with it is not quoted.
_PER_PIECE = 0.02
# A stretch without the claim's figure gives way to a longer one that has it.
_PARTIAL = 0.1
# How many words may stand between "can't" and "promise".
_DISCLAIMER_REACH = 4


@dataclass(frozen=True, slots=True)
class Said:
    """A claim in a turn: its characters, the verdict, and the labelled span it rests on."""

    start: int
    end: int
    judged: Judged
    moment: Moment | None


def claims_in(
    registry: Registry, turn: TurnText, moments: Sequence[Moment], *, on: date
) -> list[Said]:
    """Every claim of a turn in order.

    A labelled claim that is near no entry is there too, as unknown. What is near an entry is a
    claim though nobody labelled it.

    Args:
        registry: the agreed messaging.
        turn: what a rep said.
        moments: the claim moments of the turn.
        on: the date of the call.
    """
    text = turn.normalised.text
    if not moments and not registry.may_concern(text):
        return []
    pieces = pieces_of(turn)
    chosen = _chosen(registry, text, pieces, moments, on)
    said = [Said(w.start, w.end, judged, _moment_at(moments, w)) for w, judged in chosen]
    for window in _grouped(pieces, moments):
        if not any(window.overlaps(one.start, one.end) for one in said):
            statement = registry.understand(text[window.start : window.end])
            judged = judge(registry, statement, on=on, is_labelled=True)
            # What was near an entry has been chosen above, unless the rep says not to say it.
            if (
                judged is not None
                and judged.verdict is Verdict.UNKNOWN
                and not _disclaims(statement)
            ):
                said.append(Said(window.start, window.end, judged, _moment_at(moments, window)))
    return sorted(said, key=lambda one: (one.start, one.end))


def _chosen(
    registry: Registry,
    text: str,
    pieces: Sequence[Piece],
    moments: Sequence[Moment],
    on: date,
) -> list[tuple[Window, Judged]]:
    """The stretches nearest to an entry, none overlapping another, each entry once."""
    found: list[tuple[float, Window, Judged]] = []
    for window in windows_of(pieces):
        is_labelled = any(window.overlaps(one.start_char, one.end_char) for one in moments)
        if not is_labelled and any(one.is_question for one in pieces[window.first : window.last]):
            continue
        said = text[window.start : window.end]
        if not is_labelled and not registry.may_concern(said):
            continue
        statement = registry.understand(said)
        least = LEAST_OF_CLAIM if is_labelled else LEAST_UNLABELLED
        if not registry.reaches(statement, least):
            continue
        judged = judge(registry, statement, on=on, is_labelled=is_labelled)
        if judged is None or judged.entry is None or _disclaims(statement, judged):
            continue
        rank = judged.similarity - _PER_PIECE * window.size - _PARTIAL * judged.is_partial
        found.append((rank, window, judged))
    chosen: list[tuple[Window, Judged]] = []
    for _, window, judged in sorted(found, key=lambda one: (-one[0], one[1].start)):
        if not any(
            window.overlaps(other.start, other.end) or judged.entry is before.entry
            for other, before in chosen
        ):
            chosen.append((window, judged))
    return chosen


def _grouped(pieces: Sequence[Piece], moments: Sequence[Moment]) -> list[Window]:
    """The pieces that claim moments lie in; moments that share a piece make one claim."""
    groups: list[Window] = []
    for moment in sorted(moments, key=lambda one: (one.start_char, one.end_char)):
        touched = [
            number
            for number, one in enumerate(pieces)
            if one.start < moment.end_char and moment.start_char < one.end
        ]
        if not touched:
            continue
        first, last = touched[0], touched[-1] + 1
        if groups and first < groups[-1].last:
            first, last = groups[-1].first, max(last, groups[-1].last)
            groups.pop()
        groups.append(Window(first, last, pieces[first].start, pieces[last - 1].end))
    return groups


def _moment_at(moments: Sequence[Moment], window: Window) -> Moment | None:
    """The claim moment there that says most: a kind of claim rather than `claim`, the surest."""
    there = (one for one in moments if window.overlaps(one.start_char, one.end_char))
    return max(there, key=lambda one: (one.label is not Label.CLAIM, one.score), default=None)


def _disclaims(statement: Statement, judged: Judged | None = None) -> bool:
    """True for "I can't promise that ..." and "they used to say ...": no claim is made.

    The disclaimer must stand ahead of most of the claim.
    """
    lexicon = english()
    words = [one.word for one in statement.tokens]
    starts = [start for start, _, _ in lexicon.disclaiming_phrases.find(words)]
    for position, word in enumerate(words):
        if word in lexicon.disclaiming_negations:
            following = words[position + 1 : position + 1 + _DISCLAIMER_REACH]
            # "Nobody else can say that" claims all the more.
            if "else" not in following and any(
                stem(one) in lexicon.disclaiming_verbs for one in following
            ):
                starts.append(position)
    if not starts:
        return False
    if judged is None or judged.entry is None:
        return True
    known = judged.entry.known
    places = [place for name, place in statement.concepts.items() if name in known]
    places += [one.start for one in statement.figures]
    return sum(place > min(starts) for place in places) * 2 >= len(places)

"""What has to be masked in a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.redaction.kinds import Kind
from models.redaction.tokens import Token


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` of what an utterance says."""

    utterance: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be masked; more than one place where it runs over several utterances."""

    kind: Kind
    places: tuple[Place, ...]


def finding_of(
    kind: Kind, tokens: Sequence[Token], stretches: Sequence[tuple[int, int]]
) -> Finding:
    """A finding that covers stretches (half open) of a voice's tokens."""
    places = (place for start, end in stretches for place in _places(tokens[start:end]))
    return Finding(kind, tuple(places))


def _places(tokens: Sequence[Token]) -> Iterator[Place]:
    """One place for each utterance that the tokens belong to."""
    start = 0
    for at in range(1, len(tokens) + 1):
        if at == len(tokens) or tokens[at].utterance != tokens[start].utterance:
            first = tokens[start]
            # A "+" is part of a telephone number.
            begin = first.start - first.gap.endswith("+")
            yield Place(first.utterance, begin, max(one.end for one in tokens[start:at]))
            start = at


class Findings:
    """Findings that don't overlap: what was found first stays."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self._taken: dict[int, list[tuple[int, int]]] = {}

    def add(self, finding: Finding) -> bool:
        """Keeps a finding unless a part of it is taken; True if it was kept."""
        if any(self._is_taken(place) for place in finding.places):
            return False
        for place in finding.places:
            self._taken.setdefault(place.utterance, []).append((place.start, place.end))
        self.kept.append(finding)
        return True

    def _is_taken(self, place: Place) -> bool:
        return any(
            start < place.end and place.start < end
            for start, end in self._taken.get(place.utterance, ())
        )

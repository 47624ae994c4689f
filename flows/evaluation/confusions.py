"""What is mistaken for what: the most frequent differences between given and found labels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from calls.labels import Label
from flows.evaluation.predicted import in_order

MOST_FREQUENT = 10
QUOTES = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a turn, and where it stands."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Confusion:
    """`count` turns in which these labels were missed and those were found wrongly.

    What was given and found alike is left out. `quotes` are the first few of the turns.
    """

    missed: tuple[Label, ...]
    found: tuple[Label, ...]
    count: int
    quotes: tuple[Quote, ...]


class Confusions:
    """Collects differences turn by turn; of each kind only the first quotes are kept."""

    def __init__(self, *, quotes: int = QUOTES) -> None:
        self._quotes = quotes
        self._counts: dict[tuple[tuple[Label, ...], tuple[Label, ...]], int] = {}
        self._examples: dict[tuple[tuple[Label, ...], tuple[Label, ...]], list[Quote]] = {}

    def add(
        self, given: Collection[Label], found: Collection[Label], *, where: str, text: str
    ) -> None:
        """Takes in one turn."""
        missed, wrong = in_order(set(given) - set(found)), in_order(set(found) - set(given))
        if not missed and not wrong:
            return
        key = (missed, wrong)
        self._counts[key] = self._counts.get(key, 0) + 1
        examples = self._examples.setdefault(key, [])
        if len(examples) < self._quotes:
            examples.append(Quote(where, text))

    def most_frequent(self, limit: int = MOST_FREQUENT) -> tuple[Confusion, ...]:
        """The differences seen most, most frequent first; of equals the one seen first."""
        order = sorted(self._counts, key=lambda key: -self._counts[key])
        return tuple(
            Confusion(*key, self._counts[key], tuple(self._examples[key])) for key in order[:limit]
        )

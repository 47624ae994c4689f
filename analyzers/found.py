"""What the analyzers have found in a call so far: later ones build on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calls.chain import Chain
from calls.claim import ClaimSaid
from calls.measures import Measure
from calls.moment import Moment
from calls.question import Question

Row = Moment | Measure | Chain | ClaimSaid | Question
"""What an analyzer yields."""

NO_LABELS = "no analyzer has looked for labels"
"""Why nothing that rests on labels can be measured where the settings leave them out."""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of the analyzers that have run, in the order they were found."""

    moments: tuple[Moment, ...] = ()
    measures: tuple[Measure, ...] = ()
    chains: tuple[Chain, ...] = ()
    claims: tuple[ClaimSaid, ...] = ()
    questions: tuple[Question, ...] = ()

    def plus(self, rows: Iterable[Row]) -> Found:
        """These rows and those of one more analyzer."""
        kept = list(rows)
        return Found(
            self.moments + tuple(one for one in kept if isinstance(one, Moment)),
            self.measures + tuple(one for one in kept if isinstance(one, Measure)),
            self.chains + tuple(one for one in kept if isinstance(one, Chain)),
            self.claims + tuple(one for one in kept if isinstance(one, ClaimSaid)),
            self.questions + tuple(one for one in kept if isinstance(one, Question)),
        )

    @property
    def has_labels(self) -> bool:
        """True if labels were looked for, whatever came of it."""
        return self.measure("cliche_question_count") is not None

    def measure(self, name: str, speaker: str | None = None) -> Measure | None:
        """The measure of that name, of the call or of one speaker; None if it was not taken."""
        wanted = (one for one in self.measures if (one.name, one.speaker) == (name, speaker))
        return next(wanted, None)

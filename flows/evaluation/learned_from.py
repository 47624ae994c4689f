"""How many of the turns in an evaluation the learned layer has seen in training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calls.settings import LabelSettings
from flows.evaluation.cases import Case
from models.turn_labels.training.examples import all_examples

# Shorter turns ("Yes, exactly.") are said in any two calls.
_LEAST_WORDS = 5


class LearnedFrom:
    """Watches cases go by and counts the turns that stand in the shipped training data.

    Args:
        settings: with rules alone, or with weights trained elsewhere, nothing can be said.
    """

    def __init__(self, settings: LabelSettings) -> None:
        is_shipped = settings.use_model and settings.model is None
        examples = all_examples() if is_shipped else []
        self._texts = {_plain(one.turn.said.text) for one in examples}
        self._seen = self._all = 0

    def watched(self, cases: Iterable[Case]) -> Iterator[Case]:
        """The same cases, counted."""
        for case in cases:
            for one in case.judged:
                text = _plain(case.call.turns[one.turn].text)
                if len(text) >= _LEAST_WORDS:
                    self._all += 1
                    self._seen += text in self._texts
            yield case

    def sentence(self) -> str:
        """What people must know before they believe the figures; empty if there is nothing."""
        if not self._seen:
            return ""
        return (
            f"{self._seen} of {self._all} turns (of {_LEAST_WORDS} words or more) are among those "
            "the shipped learned layer was trained on: figures on them tell nothing of other "
            "calls. Those on turns held out stand in models/turn_labels/weights/figures.md."
        )


def _plain(text: str) -> tuple[str, ...]:
    return tuple(text.lower().split())

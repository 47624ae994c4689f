"""A learned layer that says what a test tells it to."""

from collections.abc import Mapping, Sequence

from calls.labelling import Fusion, Scored, TurnInContext
from calls.labels import Label


class ScriptedModel:
    """Scores of turns by their text; nothing for all others. Rules alone suffice for a label."""

    version = "scripted"
    languages = frozenset({"en"})

    def __init__(
        self,
        scores: Mapping[str, Mapping[Label, Scored]] | None = None,
        *,
        threshold: float = 0.5,
        bonus: float = 1.0,
    ) -> None:
        self._scores = scores or {}
        self.fusion = {label: Fusion(threshold, bonus) for label in Label}
        self.asked: list[TurnInContext] = []

    def score(self, turns: Sequence[TurnInContext]) -> list[dict[Label, Scored]]:
        self.asked.extend(turns)
        return [dict(self._scores.get(one.said.text, {})) for one in turns]

"""Whether a question takes up what the other side has just said.

A follow-up shares a word that names something with the other side's last turn, names it ("you
said"), or leans on it ("why", "how long has that been going on"). Source: Brooks and John, "The
Surprising Power of Questions" (Harvard Business Review, 2018), for whom follow-ups tell that one
listens; their coders had no word lists, these are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from analyzers.context import TurnText
from analyzers.lexicon_files import read_lexicon
from analyzers.patterns import AnchoredMatcher, Match, parse_template
from analyzers.playbook_files import language_vocab
from analyzers.questions import Asked

# "That" leans on the other side only before one has said much oneself.
_LEANING_WITHIN = 12
# "You said the audit was late, so how many ...": so far before the question it may be named.
_NAMED_WITHIN = 20

Templates = Annotated[tuple[str, ...], Field(min_length=1)]


class Lexicon(BaseModel):
    """The file of a language; what its lists mean stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    leaning: Templates
    naming: Templates
    narrowing: Templates


class FollowUps:
    """Tells follow-ups. `follow_ups_in` keeps one per language."""

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        vocab = language_vocab(language)
        self._matcher = AnchoredMatcher(vocab)
        self._kinds: list[str] = []
        for kind in Lexicon.model_fields:
            for template in getattr(lexicon, kind):
                for pattern in parse_template(template, {}):
                    self._matcher.add(len(self._kinds), pattern)
            self._kinds.append(kind)

    def cues(self, turn: TurnText) -> list[tuple[str, Match]]:
        """Every cue of a turn with its kind; for `reason` and `narrows`."""
        found = self._matcher.find(turn.normalised)
        return [(self._kinds[one.key], one) for one in found if turn.admits(one)]

    def reason(
        self,
        turn: TurnText,
        asked: Asked,
        cues: Sequence[tuple[str, Match]],
        *,
        own: Iterable[str],
        heard: frozenset[str],
        answers: bool,
    ) -> str:
        """By what the question takes up the other side's last turn, or nothing.

        Args:
            turn: the turn that holds the question.
            asked: the question.
            cues: the cues of that turn.
            own: words of the question that name something.
            heard: the same of the other side's last turn.
            answers: False if the asker has said a turn since, so that "that" may be his own.
        """
        shared = sorted(heard.intersection(own))
        if shared:
            return f"takes up '{shared[0]}'"
        for kind, one in cues:
            near = asked.first - _NAMED_WITHIN <= one.start < asked.last
            leans = answers and one.start < _LEANING_WITHIN
            if (kind == "naming" and near) or (
                kind == "leaning" and leans and asked.first <= one.start < asked.last
            ):
                start, end = turn.normalised.span(one.start, one.end)
                return f"leans on the answer: '{turn.normalised.text[start:end]}'"
        return ""

    def narrows(self, asked: Asked, cues: Sequence[tuple[str, Match]]) -> bool:
        """True for an alternative or an offered answer: "or is it the paper"."""
        return any(
            kind == "narrowing" and asked.first - 1 <= one.start <= asked.first
            for kind, one in cues
        )


@cache
def follow_ups_in(language: str) -> FollowUps | None:
    """The follow-ups of a language; None where nobody has written down their words."""
    lexicon = read_lexicon("follow_ups", language, Lexicon)
    return FollowUps(language, lexicon) if lexicon is not None else None

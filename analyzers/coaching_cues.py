"""What is heard in a turn of a coaching session: passages of calls pointed at, practices agreed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from spacy.tokens import Doc

from analyzers.call_times import TimeWords, call_times
from analyzers.context import TurnText
from analyzers.lexicon_files import read_lexicon
from analyzers.patterns import AnchoredMatcher, Match, parse_template
from analyzers.playbook_files import language_vocab
from analyzers.questions import find_questions
from analyzers.turn_texts import prepared

Templates = Annotated[tuple[str, ...], Field(min_length=1)]
_KINDS = ("passages", "commitments", "occasions", "actions", "vague", "acceptances")
# "Can you write down ..." is a question that commits all the same.
_ASKS = ("can", "could", "will", "would")


class Lexicon(BaseModel):
    """The file of a language; what its lists mean stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passages: Templates
    commitments: Templates
    occasions: Templates
    actions: Templates
    vague: Templates
    acceptances: Templates
    numbers: dict[str, int]
    times: TimeWords


@dataclass(frozen=True, slots=True)
class Heard:
    """Words that decided: characters `start` to `end` (half open) of the turn, and what they are.

    `at_s` is the place in a call that they name, if they name one by the clock.
    """

    start: int
    end: int
    words: str
    at_s: int | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """What somebody says he or the other will do: the words that say so, when, and what.

    It is observable if another could see whether it was done: with an occasion and an action.
    """

    commitment: Heard
    occasion: Heard | None
    action: Heard | None

    @property
    def is_observable(self) -> bool:
        """True if another could see whether it was done."""
        return self.occasion is not None and self.action is not None


class CoachingCues:
    """Reads turns of coaching sessions. `coaching_cues_in` keeps one per language."""

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        small = {"small": tuple(lexicon.numbers)}
        self._matcher = AnchoredMatcher(language_vocab(language))
        self._kinds: list[str] = []
        for kind in _KINDS:
            for template in getattr(lexicon, kind):
                for pattern in parse_template(template, small):
                    self._matcher.add(len(self._kinds), pattern)
            self._kinds.append(kind)

    def passage(self, doc: Doc) -> Heard | None:
        """The passage of a call that a turn points at, best one named by the clock."""
        turn = prepared(doc)
        words = turn.normalised.words
        for one in call_times(words, numbers=self._lexicon.numbers, times=self._lexicon.times):
            return _heard(turn, one.first, one.last, one.at_s)
        found = self._found(turn)["passages"]
        return _heard(turn, found[0].start, found[0].end) if found else None

    def practice(self, doc: Doc) -> Practice | None:
        """What a turn commits somebody to, or nothing."""
        turn = prepared(doc)
        found = self._found(turn)
        committed = next((one for one in found["commitments"] if _commits(turn, doc, one)), None)
        if committed is None:
            return None
        # What is done stands behind the words that commit to it.
        action = next((one for one in found["actions"] if one.start >= committed.start), None)
        occasion = next(iter(found["occasions"]), None)
        if occasion is not None and action is not None:
            heard = (_heard(turn, one.start, one.end) for one in (committed, occasion, action))
            return Practice(*heard)
        for vague in found["vague"]:
            return Practice(_heard(turn, vague.start, vague.end), None, None)
        return None

    def accepts(self, doc: Doc) -> bool:
        """True if a turn begins by agreeing."""
        turn = prepared(doc)
        first = turn.sentences[0].last if turn.sentences else 0
        return any(one.start < first for one in self._found(turn)["acceptances"])

    def _found(self, turn: TurnText) -> dict[str, list[Match]]:
        """The cues of a turn by kind; of those that begin at one place the longest first."""
        found: dict[str, list[Match]] = {kind: [] for kind in _KINDS}
        for one in self._matcher.find(turn.normalised):
            if turn.admits(one):
                found[self._kinds[one.key]].append(one)
        for matches in found.values():
            matches.sort(key=lambda one: (one.start, -one.end))
        return found


def _commits(turn: TurnText, doc: Doc, match: Match) -> bool:
    """True unless the words stand in a question that commits to nothing: "what will you see"."""
    around = [one for one in find_questions(doc) if one.first <= match.start < one.last]
    is_request = turn.normalised.words[match.start] in _ASKS and turn.starts_clause(match.start)
    return not around or is_request


def _heard(turn: TurnText, first: int, last: int, at_s: int | None = None) -> Heard:
    start, end = turn.normalised.span(first, last)
    return Heard(start, end, turn.normalised.text[start:end], at_s)


@cache
def coaching_cues_in(language: str) -> CoachingCues | None:
    """The cues of a language; None where nobody has written them down."""
    lexicon = read_lexicon("coaching", language, Lexicon)
    return CoachingCues(language, lexicon) if lexicon is not None else None

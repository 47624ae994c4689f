"""The words of habits that only the run of a call gives away: a lexicon per language, compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from spacy.tokens import Doc

from analyzers.context import TurnText
from analyzers.lexicon_files import read_lexicon
from analyzers.patterns import Match
from analyzers.playbook_files import language_vocab
from analyzers.rulebook import Rulebook
from calls.labels import Hint
from calls.playbook import Family, MeasuredFamily, Playbook, Rule

NAME_DROP, TOO_SOON, FILLER_AGREEMENT = "name_drop", "too_soon", "filler_agreement"

# Between two words: what ends a list of names, and what may part its items.
_ENDS = re.compile(r"[.;:?!\n–—(]")
_PARTS = re.compile(r"[,/&]")
# A transcript that writes capitals writes more of them than "I".
_CAPITALS = re.compile(r"[A-Z][^\W\d_]*[a-z]")
# "Marlow and Sons" is long for a name where no capitals mark it.
_LONGEST_NAME_WORDS = 3
# Without capitals one word may be anything; two in a list are more likely names.
_LEAST_WITHOUT_CAPITALS = 2
# And then it is a guess.
_SCORE_WITHOUT_CAPITALS = 0.6


class ClientRule(Rule):
    """Words beside which names of clients stand; `least` is how many there must be."""

    names: Literal["after", "before"] = "after"
    least: Annotated[int, Field(ge=1)] = 1


class _Words(BaseModel):
    """Word lists; what they mean stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    goes_on: frozenset[str]
    joins: frozenset[str]
    articles: frozenset[str]
    inside: frozenset[str]
    no_names: frozenset[str]


class Lexicon(BaseModel):
    """The file of a language: rules by habit, and word lists."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name_drop: tuple[ClientRule, ...]
    too_soon: tuple[Rule, ...]
    filler_agreement: tuple[Rule, ...]
    words: _Words
    classes: dict[str, tuple[str, ...]]

    @property
    def rules(self) -> dict[str, tuple[Rule, ...]]:
        """The rules of each habit."""
        return {
            NAME_DROP: self.name_drop,
            TOO_SOON: self.too_soon,
            FILLER_AGREEMENT: self.filler_agreement,
        }


@dataclass(frozen=True, slots=True)
class HeardHabit:
    """Words of a habit in one turn; the characters count from the start of its text."""

    family: Family
    start_char: int
    end_char: int
    score: float


class HabitCues:
    """Finds the words of the habits in turns of one language.

    The rules stand in the same context as the playbook's own: what is denied, quoted or reported is
    not found.

    Args:
        playbook: wording and cues, and what to tell people: a habit it says nothing of is not
            looked for.
        lexicon: the rules.
    """

    def __init__(self, playbook: Playbook, lexicon: Lexicon) -> None:
        told = {one.id: one for one in playbook.measured}
        families = tuple(
            _family(told[name], rules) for name, rules in lexicon.rules.items() if name in told
        )
        bearing = tuple(one for one in playbook.cues if not one.marks or Hint.HABIT in one.marks)
        classes = {**playbook.word_classes, **lexicon.classes}
        own = playbook.model_copy(
            update={"families": families, "cues": bearing, "word_classes": classes}
        )
        self._rulebook = Rulebook(own, language_vocab(playbook.language))
        self._words = lexicon.words
        self.version = playbook.version

    def find(self, doc: Doc) -> Iterator[HeardHabit]:
        """What is heard in a turn, in order."""
        turn = self._rulebook.prepare_doc(doc)
        for hit in self._rulebook.hits(turn):
            is_agreement = hit.family.id == FILLER_AGREEMENT
            # "No, absolutely" denies nothing.
            if not (is_agreement or hit.verdict.stands):
                continue
            first, last, score = hit.match.start, hit.match.end, hit.rule.score
            if isinstance(hit.rule, ClientRule):
                names = self._names(turn, hit.match, hit.rule)
                if names is None:
                    continue
                first, last = min(first, names.first), max(last, names.last)
                score = score if _has_capitals(turn) else _SCORE_WITHOUT_CAPITALS
            elif is_agreement and not self._is_all(turn, hit.match):
                continue
            start, end = turn.normalised.span(first, last)
            yield HeardHabit(hit.family, start, end, score)

    def _is_all(self, turn: TurnText, match: Match) -> bool:
        """True if agreement is all there is to the clause: "absolutely", not "absolutely not"."""
        if match.end >= turn.sentences[turn.sentence_at(match.end - 1)].last:
            return True
        gap = _gap(turn, match.end)
        return (
            turn.normalised.words[match.end] in self._words.goes_on
            or _PARTS.search(gap) is not None
            or _ENDS.search(gap) is not None
        )

    def _names(self, turn: TurnText, match: Match, rule: ClientRule) -> _Names | None:
        """The names beside a match; None if there are too few to be a list of clients."""
        if rule.names == "before":
            found = self._read_names(turn, self._first_before(turn, match), match.start)
            beside = found is not None and found.last == match.start
        else:
            found = self._read_names(turn, match.end, len(turn.normalised.words))
            beside = found is not None
        if found is None or not beside:
            return None
        if _has_capitals(turn):
            return found if found.count >= rule.least else None
        # "We work with tesco and asda" could as well be colleagues or tools.
        surely = rule.least == 1 and found.count >= _LEAST_WITHOUT_CAPITALS
        return found if surely and not found.is_plural else None

    def _first_before(self, turn: TurnText, match: Match) -> int:
        """Where the run of names and joining words begins that ends at a match."""
        first = match.start
        least = turn.sentences[turn.sentence_at(match.start)].first
        words = self._words.joins | self._words.articles | self._words.inside
        while first > least and (
            _is_capital(turn, first - 1) or turn.normalised.words[first - 1] in words
        ):
            first -= 1
        return first

    def _read_names(self, turn: TurnText, first: int, end: int) -> _Names | None:
        """The list of names that begins at a token, or nothing."""
        words, lists = turn.normalised.words, self._words
        capitals = _has_capitals(turn)
        items: list[list[str]] = [[]]
        last = token = first
        while token < end:
            gap = _gap(turn, token)
            if token > first and _ENDS.search(gap):
                break
            word = words[token]
            if word in lists.joins or _PARTS.search(gap):
                items.append([])
            if word in lists.joins or (word in lists.articles and not items[-1]):
                token += 1
                continue
            continues = word in lists.inside and bool(items[-1])
            if not (continues or self._may_be_name(turn, token, capitals=capitals)):
                break
            if not capitals and len(items[-1]) == _LONGEST_NAME_WORDS:
                break
            items[-1].append(word)
            token += 1
            last = token if not continues else last
        names = [one for one in items if one]
        if not names:
            return None
        is_plural = all(one[-1].endswith("s") for one in names)
        return _Names(first, last, len(names), is_plural)

    def _may_be_name(self, turn: TurnText, token: int, *, capitals: bool) -> bool:
        word = turn.normalised.words[token]
        if word in self._words.no_names:
            return False
        return _is_capital(turn, token) if capitals else True


@dataclass(frozen=True, slots=True)
class _Names:
    """A list of names: its tokens (half open), their number, and whether all look like plurals."""

    first: int
    last: int
    count: int
    is_plural: bool


def load_habit_cues(playbook: Playbook) -> HabitCues | None:
    """The habits of a playbook's language; None where nobody has written them down."""
    lexicon = load_habit_lexicon(playbook.language)
    return HabitCues(playbook, lexicon) if lexicon is not None else None


def load_habit_lexicon(language: str) -> Lexicon | None:
    """The file of a language, read and checked; None where there is none."""
    return read_lexicon("habits", language, Lexicon)


def _family(told: MeasuredFamily, rules: tuple[Rule, ...]) -> Family:
    """Rules of the lexicon as a family that a rulebook can read."""
    return Family(
        id=told.id,
        title=told.title,
        label=Hint.HABIT,
        severity=told.severity,
        why=told.why,
        better_move=told.better_move,
        source=told.source,
        rules=rules,
    )


def _gap(turn: TurnText, token: int) -> str:
    """What stands between a token and the one before."""
    before = turn.normalised.ends[token - 1] if token else 0
    return turn.normalised.text[before : turn.normalised.starts[token]]


def _has_capitals(turn: TurnText) -> bool:
    """True if capitals in the turn can tell names from other words."""
    return _CAPITALS.search(turn.normalised.text) is not None


def _is_capital(turn: TurnText, token: int) -> bool:
    return turn.normalised.text[turn.normalised.starts[token]].isupper()

"""What a question asks for: the subjects of `en.toml`, and where a turn asks for one."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, TypeAdapter
from spacy.vocab import Vocab

from analyzers.claim_check.words import stem
from analyzers.context import TurnText
from analyzers.patterns import AnchoredMatcher, Match, parse_template
from calls.playbook import Playbook

# "How many shift lead posts do you have": so many words may belong to what is counted.
_NOUN_WORDS = 3
_NO_NOUN = frozenset(
    [
        *("is", "are", "was", "were", "do", "does", "did", "have", "has", "had", "would", "will"),
        *("can", "could", "should", "you", "your", "the", "it", "they", "there", "and", "or", "in"),
        *("roughly", "now", "altogether", "about", "did", "had", "of", "on", "at", "to", "times"),
    ]
)
# A sentence that ends with a full stop asks only if it tells the other to speak.
_REQUESTS = frozenset(
    ["tell", "remind", "introduce", "describe", "explain", "give", "walk", "hear"]
)
# "I won't ask you who owns you": so many words before, it is said not to be asked.
_NEGATION_REACH = 6
_ASKING = frozenset(["ask", "asking", "asked", "need", "know", "care", "wonder", "matter"])


class Subject(BaseModel):
    """Something that can be known about a customer; the fields are explained in `en.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    asks: tuple[str, ...]
    rules: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    number: bool = False
    person: bool = False
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The subjects and word lists of the language."""

    subjects: tuple[Subject, ...]
    nouns: tuple[frozenset[str], ...]
    verified: tuple[str, ...]
    no_answer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a subject: its sentence in the turn, and stems of what is counted, if any."""

    subject: Subject
    sentence: int
    nouns: frozenset[str]


@cache
def english() -> Knowledge:
    """The subjects that come with Nightcall."""
    text = (resources.files("analyzers.known_answers") / "en.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Knowledge(
        subjects=TypeAdapter(tuple[Subject, ...]).validate_python(data["subject"]),
        nouns=tuple(frozenset(map(stem, group)) for group in data["nouns"]["groups"]),
        verified=tuple(data["verified"]["phrases"]),
        no_answer=tuple(data["no_answer"]["phrases"]),
    )


class SubjectFinder:
    """Finds the questions of a turn that ask for a subject.

    Args:
        playbook: its word classes may stand in the templates.
        vocab: a vocabulary of the language.
        knowledge: the subjects; None is English.
    """

    def __init__(
        self, playbook: Playbook, vocab: Vocab, knowledge: Knowledge | None = None
    ) -> None:
        self.knowledge = knowledge or english()
        self._matcher = AnchoredMatcher(vocab)
        for key, subject in enumerate(self.knowledge.subjects):
            for template in subject.asks:
                for pattern in parse_template(template, playbook.word_classes):
                    self._matcher.add(key, pattern)

    def asked(self, turn: TurnText) -> list[Asked]:
        """Every question of a turn for a subject, each subject once a sentence, in order."""
        found: dict[tuple[int, str], Asked] = {}
        for match in sorted(self._matcher.find(turn.normalised), key=lambda one: one.start):
            if not turn.admits(match) or not _is_asked(turn, match):
                continue
            subject = self.knowledge.subjects[match.key]
            nouns = self._counted(turn, match) if subject.counts else frozenset[str]()
            if subject.counts and not nouns:
                continue
            sentence = turn.sentence_at(match.start)
            found.setdefault((sentence, subject.id), Asked(subject, sentence, nouns))
        return list(found.values())

    def _counted(self, turn: TurnText, match: Match) -> frozenset[str]:
        """Stems of the noun after "how many", and of what may stand for it."""
        words = turn.normalised.words[match.end : match.end + _NOUN_WORDS]
        nouns: frozenset[str] = frozenset()
        for word in words:
            if word in _NO_NOUN:
                break
            nouns |= self.same_nouns(word)
        return nouns

    def asked_by_rule(self, turn: TurnText, start: int, rule_ids: Sequence[str]) -> list[Asked]:
        """What the sentence at that character asks for, as the playbook rules that found it say."""
        token = next((at for at, end in enumerate(turn.normalised.ends) if end > start), None)
        if token is None:
            return []
        named = {*rule_ids, *(one.split(".")[0] for one in rule_ids)}
        return [
            Asked(one, turn.sentence_at(token), frozenset())
            for one in self.knowledge.subjects
            if not one.counts and not named.isdisjoint(one.rules)
        ]

    def same_nouns(self, noun: str) -> frozenset[str]:
        """The stems that stand for the same as a noun, its own among them."""
        root = stem(noun)
        groups = [group for group in self.knowledge.nouns if root in group]
        return frozenset({root}).union(*groups)


def _is_asked(turn: TurnText, match: Match) -> bool:
    """True if the sentence wants an answer, and nobody says that it is not asked."""
    sentence = turn.sentences[turn.sentence_at(match.start)]
    words: Sequence[str] = turn.normalised.words
    before = words[max(sentence.first, match.start - _NEGATION_REACH) : match.start]
    if not {"not", "never"}.isdisjoint(before) and not _ASKING.isdisjoint(before):
        return False
    if sentence.mark and "?" not in sentence.mark:
        return not _REQUESTS.isdisjoint(words[sentence.first : match.end])
    return True

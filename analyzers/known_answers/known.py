"""What was known before a call, and whether a question's answer stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzers.claim_check.lexicon import english as number_words
from analyzers.claim_check.numerals import Number, read_number
from analyzers.claim_check.words import stem, tokenize
from analyzers.known_answers.subjects import Asked
from calls.labels import Role
from calls.metadata import CallMetadata

# "118 in-house trade operatives": so many words may stand between a number and its noun.
_NOUN_REACH = 4
# A name inside a fact; its first word is one where nothing but a comma or another name follows.
_NAME = re.compile(r"(?<=[\w,;:&] )[A-Z][\w'’-]+|^[A-Z][\w'’-]+(?=,|$| [A-Z])")
_ON_RECORD = frozenset({"contact name", "company name"})


@dataclass(frozen=True, slots=True)
class Known:
    """Something known: its topic, the words it was known in, and where it stood."""

    topic: str
    text: str
    source: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the text."""
        return tuple(one.word for one in tokenize(self.text))


def known_before(metadata: CallMetadata) -> tuple[Known, ...]:
    """What brief and sidecar say, in their order."""
    facts = [
        Known(one.topic, one.fact, f"account brief, {one.topic}") for one in metadata.account_brief
    ]
    for name in customer_names(metadata):
        facts.append(Known("contact name", name, "sidecar, participants"))
    if metadata.account:
        facts.append(Known("company name", metadata.account, "sidecar, account"))
    return tuple(facts)


def customer_names(metadata: CallMetadata) -> tuple[str, ...]:
    """The names of the customers on the call, as far as the sidecar knows them."""
    people = metadata.participants
    return tuple(one.name for one in people if one.name and one.role is Role.CUSTOMER)


def answer_to(asked: Asked, facts: Iterable[Known], names: Sequence[str]) -> Known | None:
    """The first fact that answers a question.

    Args:
        asked: what is asked for.
        facts: what was known.
        names: the customers on the call; a question for a role asks for theirs.
    """
    return next((one for one in facts if answers(asked, one, names)), None)


def answers(asked: Asked, fact: Known, names: Sequence[str]) -> bool:
    """True if a fact answers a question."""
    subject = asked.subject
    words = fact.words
    if subject.counts:
        return counts(words, asked.nouns)
    if subject.number and not numbers_in(words):
        return False
    if subject.person and names and not _names_one(words, names):
        return False
    topic = fact.topic.lower()
    if topic in _ON_RECORD or topic in subject.topics:
        return topic in subject.topics
    if not set(subject.topics).isdisjoint(topic.split()):
        return True
    if subject.id == "role" and names:
        return _names_one(words, names)  # whatever is known of the person, e.g. from the news
    return any(says(words, one) for one in subject.answers)


def counts(words: Sequence[str], nouns: frozenset[str]) -> bool:
    """True if a number stands before one of the nouns: "14 hotels", "nineteen partners"."""
    for number in numbers_in(words):
        following = words[number.end : number.end + _NOUN_REACH]
        if any(stem(word) in nouns for word in following):
            return True
    return False


def numbers_in(words: Sequence[str]) -> list[Number]:
    """Every number that is said, years included, in order."""
    found = []
    position = 0
    while position < len(words):
        number = read_number(words, position, number_words())
        if number is not None:
            found.append(number)
        position = number.end if number is not None else position + 1
    return found


def says(words: Sequence[str], phrase: str) -> bool:
    """True if the words of a phrase follow one another there."""
    wanted = tuple(phrase.split())
    return any(
        tuple(words[at : at + len(wanted)]) == wanted for at in range(len(words) - len(wanted) + 1)
    )


def gives_away(
    question: Sequence[str], fact: Known, ignored: Iterable[str], *, asks_number: bool
) -> bool:
    """True if a question holds the answer itself: a number of the fact, or else a name in it.

    Args:
        question: the words of the question.
        fact: what was known.
        ignored: names that say nothing, as those of the people on the call and of the account.
        asks_number: True if only a number would be the answer.
    """
    values = {one.value for one in numbers_in(fact.words) if one.value > 1}
    if not values.isdisjoint(one.value for one in numbers_in(question)):
        return True
    if asks_number:
        return False  # "how many have you, and are they all in Texas?" still asks how many
    unsaid = {token.word for name in ignored for token in tokenize(name)}
    names = {token.word for name in _NAME.findall(fact.text) for token in tokenize(name)}
    return not (names - unsaid - number_words().stopwords).isdisjoint(question)


def _names_one(words: Sequence[str], names: Sequence[str]) -> bool:
    return any(not {one.word for one in tokenize(name)}.isdisjoint(words) for name in names)

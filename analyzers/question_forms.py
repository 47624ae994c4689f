"""How a language asks: the words and the grammar by which a question is known without its mark.

Speech engines often write no question marks, so questions are told by their form: a question word
with turned verb and subject ("which system are you on"), the turned pair alone ("do you"), a tag
behind a statement, a fragment ("why not"), a request to tell. Marks are believed where there are
any; this module never sees them. What it can't hear is a statement that only the voice makes a
question ("so it's four plants now").

Sources: Quirk et al., A Comprehensive Grammar of the English Language (1985), 11.4 to 11.23, for
yes-no, wh-, tag and declarative questions. Which words may stand before a question in unmarked
speech was settled on transcripts whose marks had been taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from analyzers.context import TurnText
from analyzers.lexicon_files import read_lexicon
from analyzers.patterns import AnchoredMatcher, parse_template
from analyzers.playbook_files import language_vocab
from analyzers.question_lexicon import Lexicon, Shape

# "Which of the two new systems do you": so many words may part a question word and its verb.
_LONGEST_PHRASE = 5
# "Does Wednesday work" is the shortest of questions with a subject of any kind.
_SHORTEST_TURNED = 3
# "So are the vans": no more words than these agree.
_LONGEST_AGREEMENT = 2
_SHORTEST_ORDERED = 4
# "What keeps us here at night is": so many words may part "what" and the verb that undoes it.
_LONGEST_CLEFT = 9
_SHORT_CLEFT = 2
# Any fewer words and two openings are one question begun twice: "and what, do you".
_SHORTEST_QUESTION = 3
# A tag needs a statement before it: "right" alone only listens.
_TAGGED_WORDS = 3
_LONGEST_TAG = 3


class Form(StrEnum):
    """By what a question was known."""

    MARK = "question mark"
    WH = "question word"
    TURNED = "turned verb and subject"
    TAG = "tag"
    FRAGMENT = "fragment"
    SUPPOSITION = "supposition"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a question begins: its first token, and by what it is known.

    A `sure` one is a question also where punctuation is written and says nothing.
    """

    token: int
    form: Form
    sure: bool


class QuestionGrammar:
    """Finds where questions begin. `grammar_of` keeps one per language."""

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        self._words = lexicon
        self._forms: list[Form | None] = []
        self._matcher = AnchoredMatcher(language_vocab(language))
        self._add(lexicon.shapes, Form.FRAGMENT)
        self._add(lexicon.tags, Form.TAG)
        self._add(lexicon.suppositions, Form.SUPPOSITION)
        self._add(lexicon.requests, Form.REQUEST)
        self._add(lexicon.idle, None)

    def openings(self, turn: TurnText) -> list[list[Opening]]:
        """For every sentence of a turn where the questions in it begin, in order."""
        found: list[list[Opening]] = [[] for _ in turn.sentences]
        idle: list[tuple[int, int]] = []
        for match in self._matcher.find(turn.normalised):
            if not turn.admits(match):
                continue
            form = self._forms[match.key]
            if form is None:
                idle.append((match.start, match.end))
                continue
            number = turn.sentence_at(match.start)
            if form is Form.TAG and match.start - turn.sentences[number].first < _TAGGED_WORDS:
                continue
            found[number].append(Opening(match.start, form, form is Form.REQUEST))
        for number, opening in self._turned(turn):
            found[number].append(opening)
        if idle:
            found = [
                [one for one in here if not any(low <= one.token < high for low, high in idle)]
                for here in found
            ]
        words, embedders = turn.normalised.words, self._words.embedders
        return [
            here if len(here) < 2 else _one_per_question(here, words, embedders) for here in found
        ]

    def _add(self, shapes: Sequence[Shape], form: Form | None) -> None:
        for shape in shapes:
            for template in shape.patterns:
                for pattern in parse_template(template, {}):
                    self._matcher.add(len(self._forms), pattern)
            self._forms.append(form)

    def _turned(self, turn: TurnText) -> Iterator[tuple[int, Opening]]:
        """Openings by question word or by turned verb and subject, and the sentences of them."""
        words, starters = turn.normalised.words, self._words.starters
        number, free_from = 0, 0
        for at in [at for at, word in enumerate(words) if word in starters]:
            if at < free_from:
                continue  # the verb of a question word is its own
            while at >= turn.sentences[number].last:
                number += 1
            first, last = turn.sentences[number].first, turn.sentences[number].last
            if words[at] in self._words.wh:
                if self._asks_with_word(turn, at, first, last):
                    start = self._with_preposition(words, at, first)
                    yield number, Opening(start, Form.WH, turn.starts_clause(at))
                    free_from = (self._turned_after(words, at, last) or at) + 1
            elif self._is_turned(turn, at, first, last):
                # "Why is it so long, do you know": a turned verb at the end is a tag.
                is_tag = last - at <= _LONGEST_TAG and at - first >= _TAGGED_WORDS
                form = Form.TAG if is_tag else Form.TURNED
                yield number, Opening(at, form, not is_tag and turn.starts_clause(at))

    def _asks_with_word(self, turn: TurnText, at: int, first: int, last: int) -> bool:
        """True if the question word at `at` opens a question rather than a clause."""
        lexicon, words = self._words, turn.normalised.words
        before = words[at - 1] if at > first else ""
        if words[at] in lexicon.relatives:
            # "..., who is the ..." ties a clause to a noun; only a sentence can start with it.
            opens = at == first or before in lexicon.joints or before in turn.lead_ins
        else:
            opens = before in lexicon.joints or turn.starts_clause(at)
        verb = self._turned_after(words, at, last)
        if verb is None:
            if opens and self._has_helper(words, at, last):
                return True
            is_loose = at + 1 < last and words[at] == "what" and words[at + 1] in lexicon.loose
            opens = opens or (is_loose and before not in lexicon.embedders)
            return opens and self._asks_for_subject(words, at, last)
        if words[at] in lexicon.relatives and verb == at + 1:
            is_do = words[verb] in lexicon.do
            return (is_do and words[verb + 1] == "you") or (opens and words[at] != "which")
        if opens or words[verb] in lexicon.do or before not in lexicon.embedders:
            return True
        return words[verb] not in lexicon.be and words[verb + 1] in lexicon.pronouns

    def _turned_after(self, words: Sequence[str], at: int, last: int) -> int | None:
        """The verb that changed places with its subject behind a question word, if one did."""
        lexicon = self._words
        for verb in range(at + 1, min(at + 1 + _LONGEST_PHRASE, last - 1)):
            if words[verb] in lexicon.turners:
                subject = verb + 1 + (words[verb + 1] == "not" and verb + 2 < last)
                is_subject = words[subject] in lexicon.turned_subjects
                return verb if is_subject and not self._sums_up(words, at, verb, subject) else None
            if words[verb] in lexicon.nominatives or (
                verb == at + 1 and words[verb] in lexicon.subjects
            ):
                return None  # "what they do", "what your vision is"
        return None

    def _sums_up(self, words: Sequence[str], at: int, verb: int, subject: int) -> bool:
        """True for "what matters to us is the audit": "what" has a verb of its own before."""
        lexicon = self._words
        is_own_verb = words[at + 1].endswith("s") and not words[at + 1].endswith("ss")
        return (
            words[at] == "what"
            and verb > at + 1
            and is_own_verb
            and words[verb] in lexicon.cleft_be
            and words[subject] not in lexicon.pronouns
        )

    def _has_helper(self, words: Sequence[str], at: int, last: int) -> bool:
        """True for "why do so many parcels": "do" with a subject of any kind behind it."""
        return at + 2 < last and words[at] != "who" and words[at + 1] in self._words.do

    def _asks_for_subject(self, words: Sequence[str], at: int, last: int) -> bool:
        """True for "what makes you", "who signs": nothing has changed places there."""
        lexicon = self._words
        if at + 1 >= last:
            return False  # a bare word is a fragment
        following = words[at + 1]
        if words[at] == "which":
            return following in lexicon.parts
        if following in lexicon.never_verbs:
            return False
        if words[at] == "what":
            has_own_verb = at + 2 < last and words[at + 2] in lexicon.own_verbs
            return not has_own_verb and not self._is_cleft(words, at, last)
        if words[at] == "how":
            return lexicon.nominatives.isdisjoint(words[at + 1 : min(at + 4, last)])
        return words[at] == "who"

    def _is_cleft(self, words: Sequence[str], at: int, last: int) -> bool:
        """True for "what matters here is ...", which says what matters."""
        lexicon = self._words
        longest = _SHORT_CLEFT if words[at + 1] in lexicon.short_clefts else _LONGEST_CLEFT
        for verb in range(at + 2, min(at + 2 + longest, last)):
            if words[verb] in lexicon.clauses:
                return False
            if words[verb] in lexicon.cleft_be and words[verb - 1] not in lexicon.nominatives:
                return True
        return False

    def _is_turned(self, turn: TurnText, at: int, first: int, last: int) -> bool:
        """True if a verb and its subject have changed places at `at`, as in a yes-no question."""
        lexicon, words = self._words, turn.normalised.words
        subject = at + 1 + (at + 2 < last and words[at + 1] == "not")
        if subject >= last:
            return False
        if words[subject] not in lexicon.any_subject:
            # At the very start a verb asks whatever its subject: "does Wednesday work".
            is_long = last - at >= _SHORTEST_TURNED
            if not is_long or words[subject] in lexicon.not_subjects:
                return False
            return at == first or (words[at - 1] in turn.lead_ins and turn.starts_clause(at))
        before = words[at - 1] if at > first else ""
        if self._is_other(words, at, subject, last, before):
            return False
        if turn.starts_clause(at):
            following = words[subject + 1] if subject + 1 < last else ""
            return following not in lexicon.conditions.get(words[at], ())
        return at > first and self._asks_midway(words, at, subject, last)

    def _is_other(
        self, words: Sequence[str], at: int, subject: int, last: int, before: str
    ) -> bool:
        """True for a verb and a word behind it that are no pair: an object, a new clause, a nod."""
        lexicon = self._words
        verb, who = words[at], words[subject]
        following = words[subject + 1] if subject + 1 < last else ""
        is_denied = subject > at + 1
        return (
            following in lexicon.never_behind  # "nobody does it's got carpet"
            or (who in lexicon.objects.get(verb, ()) and not is_denied)  # "do that", "have a look"
            # "so do we", "and so are the vans"
            or (before in lexicon.agreeing and last - subject <= _LONGEST_AGREEMENT)
            # "do the maths"
            or (verb in lexicon.do and who in lexicon.subjects and last - at < _SHORTEST_ORDERED)
        )

    def _asks_midway(self, words: Sequence[str], at: int, subject: int, last: int) -> bool:
        """True if a turned pair asks though the words before it begin no clause."""
        lexicon = self._words
        before, verb, who = words[at - 1], words[at], words[subject]
        if who not in lexicon.pronouns:
            return False
        if before in lexicon.joints:
            return True
        if before in lexicon.singular and verb in lexicon.plural_verbs:
            return who in lexicon.anywhere.get(verb, ())  # "thanks for that are you ..."
        if before in lexicon.binders:
            return False
        if verb in lexicon.be and "or" in words[subject + 1 : min(subject + 12, last)]:
            return True  # "is it the queue or is it the plates"
        return who in lexicon.anywhere.get(verb, ())

    def _with_preposition(self, words: Sequence[str], at: int, first: int) -> int:
        """Where the phrase of a question word begins: "for how long"."""
        return at - 1 if at > first and words[at - 1] in self._words.prepositions else at


def _one_per_question(
    openings: list[Opening], words: Sequence[str], embedders: frozenset[str]
) -> list[Opening]:
    """The openings in order, without those that go on with the question before.

    Too near, offered as an alternative ("or is it"), or asked within it ("can you tell me how").
    """
    kept: list[Opening] = []
    for one in sorted(openings, key=lambda one: (one.token, not one.sure)):
        if kept and (
            one.token - kept[-1].token < _SHORTEST_QUESTION
            or one.form is Form.TAG
            or words[one.token - 1] == "or"
            or words[one.token - 1] in embedders
        ):
            continue
        kept.append(one)
    return kept


@cache
def grammar_of(language: str) -> QuestionGrammar | None:
    """The grammar of questions in a language; None where nobody has written it down."""
    lexicon = read_lexicon("questions", language, Lexicon)
    return QuestionGrammar(language, lexicon) if lexicon is not None else None

"""What a customer's answer is worth, and what narrows a question down: a lexicon per language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from pydantic import BaseModel, ConfigDict
from spacy.tokens import Doc
from spacy.util import get_lang_class
from spacy.vocab import Vocab

from analyzers.context import TurnText
from analyzers.lexicon_files import read_lexicon
from analyzers.patterns import AnchoredMatcher, parse_template
from analyzers.playbook_files import language_vocab
from analyzers.questions import count_questions
from analyzers.turn_texts import prepared

# A longer reply says something of substance, whatever else it says.
_DEFLECTION_WORDS = 20
# "Except the audit" is an answer; a trailing "but, no" is none.
_ANSWER_WORDS = 3
_SHORTEST_CONTENT_LETTERS = 4
# "About the month end close": what a question is narrowed down to stands right behind its cue.
_SCOPE_WORDS = 3
# "As head of lettings": so much of what follows its cue is the title.
_TITLE_WORDS = 3
# People say the same words again and again.
_KEPT_WORDS = 20_000


class Lexicon(BaseModel):
    """The file of a language; what its lists mean stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deflections: tuple[str, ...]
    then_answers: tuple[str, ...]
    scopings: tuple[str, ...]
    titles: tuple[str, ...]
    generic: frozenset[str]


class Reactions:
    """The compiled lexicon of a language. `reactions_in` keeps one for each."""

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        vocab = language_vocab(language)
        # Of the vocabulary itself nobody asks: every word asked of would stay in it for good.
        self._stop_words = frozenset(get_lang_class(language).Defaults.stop_words)
        self._named = lru_cache(maxsize=_KEPT_WORDS)(self._what_it_names)
        self._generic = lexicon.generic
        self._deflections = _matcher(lexicon.deflections, vocab)
        self._then_answers = _matcher(lexicon.then_answers, vocab)
        self._scopings = _matcher(lexicon.scopings, vocab)
        self._titles = _matcher(lexicon.titles, vocab)

    def is_deflection(self, reply: Sequence[Doc]) -> bool:
        """True if the turns of a reply answer in form only.

        A deflection is short and says that there is nothing, that all is well, that it depends; or
        it hands the question back, or declines it.
        """
        if sum(len(doc.text.split()) for doc in reply) > _DEFLECTION_WORDS:
            return False
        turns = [prepared(doc) for doc in reply]
        if any(self._deflects(turn) for turn in turns):
            return True
        sentences = sum(len(turn.sentences) for turn in turns)
        return 0 < sentences <= sum(count_questions(doc) for doc in reply)

    def scope(self, doc: Doc, start: int, end: int) -> str:
        """What narrows the question down at those characters of the turn, or nothing."""
        turn = prepared(doc)
        low, high = _tokens_around(turn, start, end)
        words = turn.normalised.words
        cues = [one for one in self._scopings.find(turn.normalised) if low <= one.start < high]
        for cue in sorted(cues, key=lambda one: (one.start, -one.end)):
            for word in words[cue.end : min(cue.end + _SCOPE_WORDS, high)]:
                if self._named(word):
                    return word
                if word in self._stop_words:
                    break
        return ""

    def content_words(self, doc: Doc) -> frozenset[str]:
        """The words of a turn that name something, in the singular."""
        return self._all_named(prepared(doc).normalised.words)

    def question_words(self, doc: Doc, start: int, end: int) -> frozenset[str]:
        """The same of the sentence that holds those characters, without the buyer's title."""
        turn = prepared(doc)
        low, high = _tokens_around(turn, start, end)
        title: set[int] = set()
        for cue in self._titles.find(turn.normalised):
            title.update(range(cue.start, cue.end + _TITLE_WORDS))
        words = turn.normalised.words
        return self._all_named(words[one] for one in range(low, high) if one not in title)

    def _deflects(self, turn: TurnText) -> bool:
        found = [one for one in self._deflections.find(turn.normalised) if turn.admits(one)]
        if not found:
            return False
        first = min(one.start for one in found)
        return not any(
            one.start > first and len(turn.normalised.words) - one.end >= _ANSWER_WORDS
            for one in self._then_answers.find(turn.normalised)
        )

    def _all_named(self, words: Iterable[str]) -> frozenset[str]:
        named = self._named
        found = {named(one) for one in words if len(one) >= _SHORTEST_CONTENT_LETTERS}
        found.discard("")
        return frozenset(found)

    def _what_it_names(self, word: str) -> str:
        """The singular of a word that names something; nothing for any other word."""
        is_content = (
            len(word) >= _SHORTEST_CONTENT_LETTERS
            and word.isalpha()
            and word not in self._generic
            and word not in self._stop_words
        )
        return singular(word) if is_content else ""


@cache
def reactions_in(language: str) -> Reactions | None:
    """The reactions of a language; None where nobody has written them down."""
    lexicon = read_lexicon("reactions", language, Lexicon)
    return Reactions(language, lexicon) if lexicon is not None else None


def _matcher(templates: Iterable[str], vocab: Vocab) -> AnchoredMatcher:
    matcher = AnchoredMatcher(vocab)
    for key, template in enumerate(templates):
        for pattern in parse_template(template, {}):
            matcher.add(key, pattern)
    return matcher


def _tokens_around(turn: TurnText, start: int, end: int) -> tuple[int, int]:
    """First token and the one after the last of the sentences that hold those characters."""
    held = [one for one in turn.sentences if one.start < end and start < one.end]
    return (held[0].first, held[-1].last) if held else (0, 0)


def singular(word: str) -> str:
    """A word as it is compared with others, so that "tablets" take up "tablet"."""
    return word.removesuffix("s")

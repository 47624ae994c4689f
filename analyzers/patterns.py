"""Playbook templates compiled to spaCy matchers that stay fast however many rules there are.

Phrases go to one `PhraseMatcher`. Templates become token patterns, and every pattern is filed
under an anchor: the element it can't do without and that is rarest in speech. Only patterns whose
anchor is in the text, with a word for every other element they need, are tried, and only around
the anchor. One `Matcher` with all patterns takes time linear in their number.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from analyzers.normalise import Normalised

WILDCARD_WORDS = 4
MOST_VARIANTS = 600
_TOKEN = re.compile(r"\s*(\(|\)\??|\||[^\s()|]+)")


class TemplateError(ValueError):
    """A template that can't be read; the text says where."""


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a pattern: any of `words`, or up to four words of any kind if None."""

    words: frozenset[str] | None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """One variant of a template, free of groups. `^` and `$` have become flags."""

    elements: tuple[Element, ...]
    at_start: bool = False
    at_end: bool = False

    @property
    def longest(self) -> int:
        """The greatest number of words it can cover."""
        return sum(WILDCARD_WORDS if one.words is None else 1 for one in self.elements)


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: the key it was added under and its tokens (half open)."""

    key: int
    start: int
    end: int
    at_start: bool = False
    at_end: bool = False


def parse_template(template: str, classes: Mapping[str, Sequence[str]]) -> list[Pattern]:
    """Every variant that `template` stands for.

    Raises:
        TemplateError: for unbalanced parentheses, unknown classes, templates that may match
            nothing, and those with too many variants.
    """
    tokens = _TOKEN.findall(template)
    at_start = bool(tokens) and tokens[0] == "^"
    at_end = bool(tokens) and tokens[-1] == "$"
    body = tokens[at_start : len(tokens) - at_end]
    variants, rest = _sequence(body, classes, grouped=False)
    if rest:
        raise TemplateError(f"unbalanced ')' in {template!r}")
    patterns = []
    for elements in itertools.islice(variants, MOST_VARIANTS + 1):
        if not any(one.words is not None and not one.optional for one in elements):
            raise TemplateError(f"{template!r} may match no word at all")
        patterns.append(Pattern(_trimmed(elements, at_start, at_end), at_start, at_end))
    if len(patterns) > MOST_VARIANTS:
        raise TemplateError(f"{template!r} has more than {MOST_VARIANTS} variants; split it")
    return patterns


def _trimmed(elements: list[Element], at_start: bool, at_end: bool) -> tuple[Element, ...]:
    """The elements without wildcards at an open end, where they would only make matches longer."""
    first, last = 0, len(elements)
    while not at_start and elements[first].words is None:
        first += 1
    while not at_end and elements[last - 1].words is None:
        last -= 1
    return tuple(elements[first:last])


Variants = list[list[Element]]


def _sequence(
    tokens: list[str], classes: Mapping[str, Sequence[str]], *, grouped: bool
) -> tuple[Variants, list[str]]:
    """The variants of a run of items, and the tokens after it."""
    variants: Variants = [[]]
    while tokens and tokens[0] not in {")", ")?", "|"}:
        item, tokens = _item(tokens, classes, grouped=grouped)
        variants = [left + right for left in variants for right in item]
        if len(variants) > 4 * MOST_VARIANTS:
            raise TemplateError(f"more than {MOST_VARIANTS} variants; split the template")
    return variants, tokens


def _item(
    tokens: list[str], classes: Mapping[str, Sequence[str]], *, grouped: bool
) -> tuple[Variants, list[str]]:
    """The variants of one item: a word, a class, a wildcard, alternatives or a group.

    Within a group `|` parts whole sequences, elsewhere it joins words.
    """
    if tokens[0] == "(":
        return _group(tokens[1:], classes)
    head, tokens = tokens[0], tokens[1:]
    if head == "*":
        return [[Element(None)]], tokens
    names = [head]
    while not grouped and tokens[:1] == ["|"] and len(tokens) > 1:
        names.append(tokens[1])
        tokens = tokens[2:]
    optional = names[-1].endswith("?")
    names[-1] = names[-1].removesuffix("?")
    sequences = [words for name in names for words in _spelled(name, classes)]
    return _alternatives(sequences, optional), tokens


def _group(tokens: list[str], classes: Mapping[str, Sequence[str]]) -> tuple[Variants, list[str]]:
    """The variants of what stands in parentheses."""
    variants: Variants = []
    while True:
        inner, tokens = _sequence(tokens, classes, grouped=True)
        variants.extend(inner)
        if not tokens:
            raise TemplateError("unbalanced '('")
        closing, tokens = tokens[0], tokens[1:]
        if closing != "|":
            return _merged(variants, optional=closing == ")?"), tokens


def _merged(variants: Variants, *, optional: bool) -> Variants:
    """The same alternatives with all single words in one element."""
    plain = [one for one in variants if len(one) == 1 and one[0].words and not one[0].optional]
    others = [one for one in variants if one not in plain]
    words = frozenset(word for one in plain for word in one[0].words or ())
    merged: Variants = [[Element(words, optional)], *others] if words else others
    return [*merged, []] if optional and not words else merged


def _spelled(name: str, classes: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """The word sequences that a word or the name of a class stands for."""
    if not name.startswith("["):
        return [(name,)]
    known = classes.get(name.strip("[]"))
    if known is None or not name.endswith("]"):
        raise TemplateError(f"unknown word class {name}; known: {', '.join(sorted(classes))}")
    return [tuple(entry.split()) for entry in known]


def _alternatives(sequences: list[tuple[str, ...]], optional: bool) -> Variants:
    """Single words as one element, longer sequences as variants of their own."""
    variants: Variants = []
    single = frozenset(words[0] for words in sequences if len(words) == 1)
    if single:
        variants.append([Element(single, optional)])
    elif optional:
        variants.append([])
    for words in sequences:
        if len(words) > 1:
            variants.append([Element(frozenset({word})) for word in words])
    return variants


@dataclass(frozen=True, slots=True)
class _Filed:
    """A pattern as it is filed under its anchors."""

    matcher: Matcher
    needs: tuple[frozenset[str], ...]
    reach: int


class AnchoredMatcher:
    """Finds many patterns at once. Keys are small integers given by the caller."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._phrases = PhraseMatcher(vocab, attr="ORTH")
        self._anchors: dict[str, list[_Filed]] = {}
        self._meanings: dict[int, tuple[int, bool, bool]] = {}

    def add_phrase(self, key: int, words: Sequence[str]) -> None:
        """Adds a plain sequence of normalised words."""
        name = self._name(key, at_start=False, at_end=False)
        self._phrases.add(name, [Doc(self._vocab, words=list(words))])

    def add(self, key: int, pattern: Pattern) -> None:
        """Adds one variant of a template."""
        matcher = Matcher(self._vocab, validate=False)
        matcher.add(
            self._name(key, at_start=pattern.at_start, at_end=pattern.at_end),
            [[_token_pattern(element) for element in pattern.elements]],
        )
        needed = [one.words for one in pattern.elements if one.words and not one.optional]
        needed.sort(key=self._commonness)
        filed = _Filed(matcher, tuple(needed[1:]), pattern.longest)
        for word in needed[0]:
            self._anchors.setdefault(word, []).append(filed)

    def find(self, normalised: Normalised) -> set[Match]:
        """Every match in a text, in no order; overlapping ones included."""
        words = normalised.words
        present = set(words)
        doc: Doc | None = None
        found: set[tuple[int, int, int]] = set()
        if len(self._phrases) and words:
            doc = Doc(self._vocab, words=list(words))
            found.update(self._phrases(doc))
        for position, word in enumerate(words):
            for filed in self._anchors.get(word, ()):
                if any(present.isdisjoint(need) for need in filed.needs):
                    continue
                doc = doc or Doc(self._vocab, words=list(words))
                low = max(0, position - filed.reach)
                window = doc[low : position + filed.reach]
                found.update(
                    (name, low + start, low + end) for name, start, end in filed.matcher(window)
                )
        return set(self._matches(found))

    def _matches(self, found: Iterable[tuple[int, int, int]]) -> Iterator[Match]:
        for name, start, end in found:
            key, at_start, at_end = self._meanings[name]
            yield Match(key, start, end, at_start, at_end)

    def _name(self, key: int, *, at_start: bool, at_end: bool) -> str:
        name = f"{key}{'^' * at_start}{'$' * at_end}"
        self._meanings[self._vocab.strings.add(name)] = (key, at_start, at_end)
        return name

    def _commonness(self, words: frozenset[str]) -> tuple[int, int]:
        """A sort key that puts first what is likely to be rarest in speech."""
        common = sum(self._vocab[word].is_stop for word in words)
        return common, len(words)


def _token_pattern(element: Element) -> dict[str, object]:
    if element.words is None:
        return {"OP": f"{{0,{WILDCARD_WORDS}}}"}
    words = sorted(element.words)
    token: dict[str, object] = {"ORTH": words[0] if len(words) == 1 else {"IN": words}}
    return token | {"OP": "?"} if element.optional else token

"""Playbook templates, filed so that finding them stays fast however many rules there are.

Every pattern is filed under an anchor: two neighbouring words it can't do without, or else the one
that is rarest in speech. Only patterns whose anchor is in the text, with a word for every other
element they need, are tried, and only around the anchor. One spaCy `Matcher` with all patterns
takes time linear in their number, and one for each pattern needs a Doc for each text.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from spacy.vocab import Vocab

from analyzers.elements import Element, ends, starts
from analyzers.normalise import Normalised

MOST_VARIANTS = 600
# A pattern is filed under no more pairs of words than this.
_MOST_PAIRS = 400
_TOKEN = re.compile(r"\s*(\(|\)\??|\||[^\s()|]+)")


class TemplateError(ValueError):
    """A template that can't be read; the text says where."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One variant of a template, free of groups. `^` and `$` have become flags."""

    elements: tuple[Element, ...]
    at_start: bool = False
    at_end: bool = False


class Match(NamedTuple):
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
    """A pattern as it is filed under its anchor: what must stand left and right of it.

    `left` is in order of distance, nearest first. `needs` are the words of the other elements that
    it can't do without, the rarest first.
    """

    key: int
    pattern: Pattern
    left: tuple[Element, ...]
    right: tuple[Element, ...]
    needs: tuple[frozenset[str], ...]


@dataclass(slots=True)
class _Anchor:
    """Every pattern with one anchor, and all words that any of them needs most beside it.

    Common anchors ("it is") have dozens of patterns. Where a text has none of the words needed, one
    look rules them all out, unless a pattern stands `alone`: it needs nothing more.
    """

    patterns: list[_Filed] = field(default_factory=list)
    needed: set[str] = field(default_factory=set)
    alone: bool = False

    def add(self, filed: _Filed) -> None:
        self.patterns.append(filed)
        self.alone = self.alone or not filed.needs
        self.needed.update(*filed.needs[:1])

    def find(self, normalised: Normalised, first: int, last: int, found: list[Match]) -> None:
        """Adds what is found with the anchor at `first` to `last` (half open)."""
        present = normalised.present
        if not self.alone and self.needed.isdisjoint(present):
            return
        for filed in self.patterns:
            for need in filed.needs:
                if need.isdisjoint(present):
                    break
            else:
                _try(filed, normalised.words, first, last, found)


class AnchoredMatcher:
    """Finds many patterns at once. Keys are small integers given by the caller.

    Args:
        vocab: knows the language's stop words.
        common: more words that are frequent in speech, to look for patterns by rarer ones.
    """

    def __init__(self, vocab: Vocab, *, common: Collection[str] = ()) -> None:
        self._vocab = vocab
        self._common = frozenset(common)
        self._words: defaultdict[str, _Anchor] = defaultdict(_Anchor)
        self._pairs: defaultdict[tuple[str, str], _Anchor] = defaultdict(_Anchor)

    def add_phrase(self, key: int, words: Sequence[str]) -> None:
        """Adds a plain sequence of normalised words."""
        self.add(key, Pattern(tuple(Element(frozenset({word})) for word in words)))

    def add(self, key: int, pattern: Pattern) -> None:
        """Adds one variant of a template."""
        elements = pattern.elements
        first, last = self._anchor(elements)
        others = (*elements[:first], *elements[last:])
        needs = [one.words for one in others if one.words and not one.optional]
        needs.sort(key=self._commonness)
        filed = _Filed(key, pattern, elements[:first][::-1], elements[last:], tuple(needs))
        for word in _words(elements[first]):
            if last - first == 1:
                self._words[word].add(filed)
                continue
            for following in _words(elements[first + 1]):
                self._pairs[word, following].add(filed)

    def find(self, normalised: Normalised) -> set[Match]:
        """Every match in a text, in no order; overlapping ones included."""
        words, pairs, singles = normalised.words, self._pairs, self._words
        found: list[Match] = []
        for place, pair in enumerate(itertools.pairwise(words)):
            if pair in pairs:
                pairs[pair].find(normalised, place, place + 2, found)
        if not singles.keys().isdisjoint(words):
            for place, word in enumerate(words):
                if word in singles:
                    singles[word].find(normalised, place, place + 1, found)
        return set(found)

    def _anchor(self, elements: Sequence[Element]) -> tuple[int, int]:
        """The rarest pair of neighbours that can't be missing, or else the rarest such element."""
        needed = [place for place, one in enumerate(elements) if one.words and not one.optional]
        pairs = [
            place
            for place in needed
            if place + 1 in needed
            and len(_words(elements[place])) * len(_words(elements[place + 1])) <= _MOST_PAIRS
        ]
        if pairs:
            rarest = min(pairs, key=lambda place: self._pair_commonness(elements, place))
            return rarest, rarest + 2
        rarest = min(needed, key=lambda place: self._commonness(_words(elements[place])))
        return rarest, rarest + 1

    def _pair_commonness(self, elements: Sequence[Element], place: int) -> tuple[int, int]:
        both = [self._commonness(_words(one)) for one in elements[place : place + 2]]
        return sum(common for common, _ in both), sum(count for _, count in both)

    def _commonness(self, words: frozenset[str]) -> tuple[int, int]:
        """A sort key that puts first what is likely to be rarest in speech."""
        common = sum(word in self._common or self._vocab[word].is_stop for word in words)
        return common, len(words)


def _try(filed: _Filed, words: Sequence[str], first: int, last: int, found: list[Match]) -> None:
    """Adds every match of a pattern whose anchor stands at `first` to `last` (half open)."""
    lasts = ends(filed.right, words, last)
    if not lasts:
        return
    pattern = filed.pattern
    for start in starts(filed.left, words, first):
        for end in lasts:
            found.append(Match(filed.key, start, end, pattern.at_start, pattern.at_end))


def _words(element: Element) -> frozenset[str]:
    return element.words or frozenset()

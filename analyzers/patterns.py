"""Playbook templates, filed so that finding them stays fast however many rules there are.

Every pattern is filed under an anchor: two neighbouring words it can't do without, or else the one
that is rarest in speech. Only patterns whose anchor is in the text, with a word for every other
element they need, are tried, and only around the anchor. One spaCy `Matcher` with all patterns
takes time linear in their number, and one for each pattern needs a Doc for each text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from spacy.vocab import Vocab

from analyzers.normalise import Normalised

WILDCARD_WORDS = 4
MOST_VARIANTS = 600
# A pattern is filed under no more pairs of words than this.
_MOST_PAIRS = 400
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
    at_start: bool
    at_end: bool
    left: tuple[Element, ...]
    right: tuple[Element, ...]
    needs: tuple[frozenset[str], ...]


@dataclass(slots=True)
class _Anchor:
    """Every pattern with one anchor, filed under the words of the rarest element it needs beside.

    Common anchors ("it is") have dozens of patterns. One look at the words of a text rules most of
    them out.
    """

    always: list[_Filed] = field(default_factory=list)
    by_need: dict[str, list[_Filed]] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()

    def add(self, filed: _Filed) -> None:
        if not filed.needs:
            self.always.append(filed)
            return
        self.needed |= filed.needs[0]
        for word in filed.needs[0]:
            self.by_need.setdefault(word, []).append(filed)

    def matches(
        self, words: Sequence[str], present: Set[str], first: int, last: int
    ) -> Iterator[Match]:
        """What is found with the anchor at `first` to `last` (half open); some of it twice."""
        for filed in self.always:
            yield from _matches(filed, words, first, last)
        if self.needed.isdisjoint(present):
            return
        for word in self.needed & present:
            for filed in self.by_need[word]:
                if len(filed.needs) == 1 or not _lacks_one(present, filed.needs):
                    yield from _matches(filed, words, first, last)


class AnchoredMatcher:
    """Finds many patterns at once. Keys are small integers given by the caller.

    Args:
        vocab: knows the language's stop words.
        common: more words that are frequent in speech, to look for patterns by rarer ones.
    """

    def __init__(self, vocab: Vocab, *, common: Collection[str] = ()) -> None:
        self._vocab = vocab
        self._common = frozenset(common)
        self._words: dict[str, _Anchor] = {}
        self._pairs: dict[tuple[str, str], _Anchor] = {}

    def add_phrase(self, key: int, words: Sequence[str]) -> None:
        """Adds a plain sequence of normalised words."""
        self.add(key, Pattern(tuple(Element(frozenset({word})) for word in words)))

    def add(self, key: int, pattern: Pattern) -> None:
        """Adds one variant of a template."""
        elements = pattern.elements
        first, last = self._anchor(elements)
        filed = _Filed(
            key,
            pattern.at_start,
            pattern.at_end,
            left=elements[:first][::-1],
            right=elements[last:],
            needs=tuple(
                sorted(
                    (
                        one.words
                        for one in (*elements[:first], *elements[last:])
                        if one.words and not one.optional
                    ),
                    key=self._commonness,
                )
            ),
        )
        for word in _words(elements[first]):
            if last - first == 1:
                self._words.setdefault(word, _Anchor()).add(filed)
                continue
            for following in _words(elements[first + 1]):
                self._pairs.setdefault((word, following), _Anchor()).add(filed)

    def find(self, normalised: Normalised) -> set[Match]:
        """Every match in a text, in no order; overlapping ones included."""
        words, present = normalised.words, normalised.present
        found: set[Match] = set()
        for place, pair in enumerate(zip(words, words[1:], strict=False)):
            if pair in self._pairs:
                found.update(self._pairs[pair].matches(words, present, place, place + 2))
        if not self._words.keys().isdisjoint(words):
            for place, word in enumerate(words):
                if word in self._words:
                    found.update(self._words[word].matches(words, present, place, place + 1))
        return found

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


def _matches(filed: _Filed, words: Sequence[str], first: int, last: int) -> Iterator[Match]:
    """Every match of a pattern whose anchor stands at `first` to `last` (half open)."""
    ends = _ends(filed.right, words, last)
    if not ends:
        return
    for start in _starts(filed.left, words, first):
        for end in ends:
            yield Match(filed.key, start, end, filed.at_start, filed.at_end)


def _ends(elements: Sequence[Element], words: Sequence[str], place: int) -> Collection[int]:
    """Where elements may end that begin at a place."""
    for number, element in enumerate(elements):
        if element.words is None or element.optional:
            return _all_places(_after, elements[number:], words, place)
        if place == len(words) or words[place] not in element.words:
            return ()
        place += 1
    return (place,)


def _starts(elements: Sequence[Element], words: Sequence[str], place: int) -> Collection[int]:
    """Where elements may begin that end at a place, the nearest first."""
    for number, element in enumerate(elements):
        if element.words is None or element.optional:
            return _all_places(_before, elements[number:], words, place)
        if place == 0 or words[place - 1] not in element.words:
            return ()
        place -= 1
    return (place,)


def _all_places(
    step: Callable[[Element, Sequence[str], set[int]], set[int]],
    elements: Sequence[Element],
    words: Sequence[str],
    place: int,
) -> set[int]:
    """Where one may get from a place by elements that may be of several lengths."""
    places = {place}
    for element in elements:
        places = step(element, words, places)
        if not places:
            break
    return places


def _after(element: Element, words: Sequence[str], places: set[int]) -> set[int]:
    """Where an element may end that begins at one of the places."""
    if element.words is None:
        most = len(words)
        return {
            end for place in places for end in range(place, min(most, place + WILDCARD_WORDS) + 1)
        }
    taken = {place + 1 for place in places if place < len(words) and words[place] in element.words}
    return taken | places if element.optional else taken


def _before(element: Element, words: Sequence[str], places: set[int]) -> set[int]:
    """Where an element may begin that ends at one of the places."""
    if element.words is None:
        return {
            begin for place in places for begin in range(max(0, place - WILDCARD_WORDS), place + 1)
        }
    taken = {place - 1 for place in places if place > 0 and words[place - 1] in element.words}
    return taken | places if element.optional else taken


def _words(element: Element) -> frozenset[str]:
    return element.words or frozenset()


def _lacks_one(present: Set[str], needs: tuple[frozenset[str], ...]) -> bool:
    """True if no word of one of the needs is present."""
    # A loop, because this runs for every pattern that an anchor brings up.
    for need in needs:  # noqa: SIM110
        if present.isdisjoint(need):
            return True
    return False

"""What a sentence says, taken apart: what it is about, its figures, how far it reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzers.claim_check.figures import Figure, find_figures
from analyzers.claim_check.lexicon import NEUTRAL, Lexicon
from analyzers.claim_check.words import Token, stem, tokenize

ABSOLUTE = frozenset({"every", "always", "never", "guaranteed"})
"""Scopes without any exception."""

_NEVER = "never"
_TOP = "top"
_ONLY = "only"
_LEAST_SUPERLATIVE = 6
_COMPARED_WITHIN = 9


@dataclass(frozen=True, slots=True)
class Statement:
    """A text taken apart. Positions are those of `tokens`.

    `concepts` gives for each notion where it is first said, `scopes` for each class of scope the
    words that carry it and where, `negations` where something is turned round.
    """

    text: str
    tokens: tuple[Token, ...]
    concepts: Mapping[str, int]
    figures: tuple[Figure, ...]
    scopes: Mapping[str, tuple[str, int]]
    negations: tuple[int, ...]
    directions: Mapping[str, str]

    def words(self, start: int, end: int) -> str:
        """The text as said from token `start` to `end` (half open)."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def said(self, figure: Figure) -> str:
        """A figure as said, with what narrows it."""
        return self.words(figure.first, figure.end)


def understand(text: str, lexicon: Lexicon, *, own_names: frozenset[str]) -> Statement:
    """A text taken apart.

    Args:
        text: one or a few sentences.
        lexicon: the words of the language.
        own_names: words of the vendor's own name; who speaks is no part of what is claimed.
    """
    tokens = tokenize(text)
    words = [one.word for one in tokens]
    scopes = lexicon.scope.find(words)
    figures = _without_figures_of_speech(find_figures(tokens, lexicon), scopes)
    scopes = [one for one in scopes if not _overlaps_any(one, figures)]
    taken = _taken(figures, scopes)
    return Statement(
        text=text,
        tokens=tokens,
        concepts=_concepts(words, taken, lexicon, own_names),
        figures=figures,
        scopes=_scope_classes(words, scopes, lexicon),
        negations=_negations(words, scopes, lexicon),
        directions=_directions(words, lexicon),
    )


def _without_figures_of_speech(
    figures: tuple[Figure, ...], scopes: Sequence[tuple[int, int, str]]
) -> tuple[Figure, ...]:
    """The figures without those inside "not one second"."""
    never = [(start, end) for start, end, name in scopes if name == _NEVER]
    return tuple(
        one
        for one in figures
        if not any(start < one.end and one.first < end for start, end in never)
    )


def _overlaps_any(scope: tuple[int, int, str], figures: Sequence[Figure]) -> bool:
    """True for words that belong to a figure: "at most", "only one hour in five"."""
    return any(scope[0] < one.end and one.first < scope[1] for one in figures)


def _taken(figures: Sequence[Figure], scopes: Sequence[tuple[int, int, str]]) -> frozenset[int]:
    """Places that are no concepts, because they are a figure or only say how far it reaches."""
    taken = {position for one in figures for position in range(one.first, one.end)}
    for start, end, name in scopes:
        if name != _TOP:  # what is topped is part of what is claimed
            taken.update(range(start, end))
    return frozenset(taken)


def _concepts(
    words: Sequence[str], taken: frozenset[int], lexicon: Lexicon, own_names: frozenset[str]
) -> dict[str, int]:
    concepts: dict[str, int] = {}
    used = set(taken)
    for start, end, group in lexicon.synonym_phrases.find(words):
        if used.isdisjoint(range(start, end)):
            concepts.setdefault(group, start)
            used.update(range(start, end))
    for position, word in enumerate(words):
        if position in used or word in lexicon.stopwords or word in own_names:
            continue
        if word[0].isdigit() or word in lexicon.numbers or word in lexicon.scales:
            continue
        root = stem(word)
        concepts.setdefault(lexicon.synonym_stems.get(root, root), position)
    # "halve" and "twice" are figures; that something goes down or up is a notion beside that.
    for position, word in enumerate(words):
        if word in lexicon.fractions and word in lexicon.down:
            concepts.setdefault("cut", position)
    return concepts


def _scope_classes(
    words: Sequence[str], scopes: Sequence[tuple[int, int, str]], lexicon: Lexicon
) -> dict[str, tuple[str, int]]:
    """Each class of scope with the words that carry it first, and where."""
    classes: dict[str, tuple[str, int]] = {}
    for start, end, name in scopes:
        if name != NEUTRAL:
            classes.setdefault(name, (" ".join(words[start:end]), start))
    for position, word in enumerate(words):
        before = words[max(0, position - _COMPARED_WITHIN) : position]
        if _is_superlative(word, lexicon):
            classes.setdefault(_TOP, (word, position))
        if _is_unsurpassed(words, position, lexicon):
            # "No product in the category needs less" ranks as high as "the shortest".
            classes.setdefault(_TOP, (word, position))
            classes.pop(_ONLY, None)
        # "No forged document will ever get past us."
        if word == "ever" and not (lexicon.nobody | {"not"}).isdisjoint(before):
            classes.setdefault(_NEVER, ("no ... ever", position))
        # "We haven't been down for a second."
        if word in lexicon.instants and "not" in before and before[-1] in ("a", "one", "single"):
            classes.setdefault(_NEVER, (f"not a {word}", position))
    return classes


def _is_superlative(word: str, lexicon: Lexicon) -> bool:
    is_long = len(word) >= _LEAST_SUPERLATIVE
    return is_long and word.endswith("est") and word not in lexicon.no_superlatives


def _is_unsurpassed(words: Sequence[str], position: int, lexicon: Lexicon) -> bool:
    """True at the "less" of "nobody needs less", not at that of "nobody less than ten"."""
    before = words[max(0, position - _COMPARED_WITHIN) : position]
    return (
        words[position] in lexicon.comparatives
        and words[position + 1 : position + 2] != ["than"]
        and not lexicon.nobody.isdisjoint(before)
    )


def _negations(
    words: Sequence[str], scopes: Sequence[tuple[int, int, str]], lexicon: Lexicon
) -> tuple[int, ...]:
    """Where something is denied; "not once" and the tag "isn't it" are no denials."""
    inside = {position for start, end, _ in scopes for position in range(start, end)}
    return tuple(start for start, _, _ in lexicon.negation.all_at(words) if start not in inside)


def _directions(words: Sequence[str], lexicon: Lexicon) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        if word in lexicon.down:
            found.setdefault("down", word)
        elif word in lexicon.up:
            found.setdefault("up", word)
    return found

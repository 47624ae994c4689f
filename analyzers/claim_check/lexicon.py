"""The English words of the claim check, read from `en.toml` once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from analyzers.claim_check.words import Phrases, stem, tokenize

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word lists in the form in which they are looked up."""

    stopwords: frozenset[str]
    synonyms: tuple[tuple[str, str], ...]
    synonym_phrases: Phrases
    synonym_stems: Mapping[str, str]
    numbers: Mapping[str, float]
    scales: Mapping[str, float]
    fractions: Mapping[str, float]
    factors: Mapping[str, float]
    units: Mapping[str, float]
    money: Mapping[str, str]
    bounds: Phrases
    bounds_after: Phrases
    scope: Phrases
    scope_words: tuple[tuple[str, str], ...]
    no_superlatives: frozenset[str]
    comparatives: frozenset[str]
    nobody: frozenset[str]
    instants: frozenset[str]
    negation: Phrases
    down: frozenset[str]
    up: frozenset[str]
    disclaiming_negations: frozenset[str]
    disclaiming_verbs: frozenset[str]
    disclaiming_phrases: Phrases


@cache
def english() -> Lexicon:
    """The lexicon that comes with Nightcall."""
    data = tomllib.loads(
        (resources.files("analyzers.claim_check") / "en.toml").read_text(encoding="utf-8")
    )
    groups = data["synonyms"]
    disclaimed = data["disclaimed"]
    return Lexicon(
        stopwords=frozenset(one.word for one in tokenize(data["stopwords"])),
        synonyms=tuple((word, group[0]) for group in groups for word in group),
        synonym_phrases=Phrases(
            (phrase, group[0]) for group in groups for phrase in group[1:] if " " in phrase
        ),
        synonym_stems={
            stem(word): group[0] for group in groups for word in group if " " not in word
        },
        numbers=data["numbers"],
        scales=data["scales"],
        fractions=data["fractions"],
        factors=data["factors"],
        units=data["units"],
        money=data["money"],
        bounds=_phrases(data["bounds"]),
        bounds_after=_phrases(data["bounds_after"]),
        scope=_phrases(data["scope"]),
        scope_words=tuple(
            (phrase, name) for name, phrases in data["scope"].items() for phrase in phrases
        ),
        no_superlatives=frozenset(data["superlative"]["are_none"]),
        comparatives=frozenset(data["superlative"]["comparatives"]),
        nobody=frozenset(data["superlative"]["nobody"]),
        instants=frozenset(data["superlative"]["instants"]),
        negation=Phrases((phrase, "negation") for phrase in data["negation"]["words"]),
        down=frozenset(data["direction"]["down"]),
        up=frozenset(data["direction"]["up"]),
        disclaiming_negations=frozenset(disclaimed["negations"]),
        disclaiming_verbs=frozenset(stem(one) for one in disclaimed["verbs"]),
        disclaiming_phrases=Phrases((one, "reported") for one in disclaimed["phrases"]),
    )


def _phrases(classes: Mapping[str, list[str]]) -> Phrases:
    return Phrases((phrase, name) for name, phrases in classes.items() for phrase in phrases)

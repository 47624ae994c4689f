"""The agreed messaging made ready for comparison, and how near a statement comes to an entry."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from analyzers.claim_check.figures import Kind
from analyzers.claim_check.lexicon import Lexicon, english
from analyzers.claim_check.statement import ABSOLUTE, Statement, understand
from analyzers.claim_check.words import stem, tokenize
from calls.messaging import AgreedClaim, ForbiddenClaim, Messaging

LEAST_UNLABELLED = 0.6
"""A statement nobody labelled as a claim must be this near, and lack nothing essential."""

_WORD = re.compile(r"[a-z]+|\d+|[%£$€]")
_SUPERLATIVE = "est"
_NOTHING: frozenset[str] = frozenset()
# A kind of figure or scope ("has a share", "says only") counts as much as this part of a word that
# only one entry has: it tells kinds of claims apart, but many claims share it.
_FACET_WEIGHT = 0.6
# A word that no entry knows speaks against nearness, but people say many words around a claim.
_FOREIGN_WEIGHT = 0.35
# "Everybody" or "most clients" stands where "nine in ten" was agreed.
_SHARE_IN_WORDS = frozenset({"every", "some"})
# How much what the statement says besides the claim matters against what of the claim it says.
_PRECISION_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Nearness:
    """An entry, and how near a statement comes to it: 0 nothing in common, 1 word for word."""

    entry: Entry
    similarity: float


@dataclass(frozen=True)
class Entry:
    """One entry of the messaging with its variants taken apart."""

    source: AgreedClaim | ForbiddenClaim
    variants: tuple[Statement, ...]

    @cached_property
    def features(self) -> tuple[frozenset[str], ...]:
        """What each variant is about, and which kinds of figures and scopes it has."""
        return tuple(features_of(one) for one in self.variants)

    @cached_property
    def known(self) -> frozenset[str]:
        """Every feature of any variant."""
        return frozenset().union(*self.features)

    @cached_property
    def common(self) -> frozenset[str]:
        """The features that all variants share: what the claim can't do without."""
        return frozenset.intersection(*self.features)

    @cached_property
    def scopes(self) -> frozenset[str]:
        """The classes of scope that any variant uses."""
        return frozenset(name for one in self.variants for name in one.scopes)

    @cached_property
    def is_negated(self) -> bool:
        """True if a variant itself denies something."""
        return any(one.negations for one in self.variants)

    @cached_property
    def directions(self) -> frozenset[str]:
        """Whether variants speak of something going down or up."""
        return frozenset(name for one in self.variants for name in one.directions)


def features_of(statement: Statement) -> frozenset[str]:
    """The concepts of a statement, and `#` features for its kinds of figures and scopes."""
    facets = {f"#{one.kind}" for one in statement.figures}
    facets |= {f"#{name}" for name in ("only", "top") if name in statement.scopes}
    if not ABSOLUTE.isdisjoint(statement.scopes):
        facets.add("#absolute")
    if not _SHARE_IN_WORDS.isdisjoint(statement.scopes):
        facets.add(f"#{Kind.SHARE}")
    return frozenset(statement.concepts) | frozenset(facets)


def facet_words(lexicon: Lexicon) -> list[tuple[str, str]]:
    """Words without which a text has no figure of a kind, and none of a class of scope."""
    found = [
        (word, f"#{Kind.DURATION}") for word in (*lexicon.units, "instantly", "instant", "time")
    ]
    found += [(word, f"#{Kind.DURATION}") for word in ("immediately", "instantaneously")]
    found += [(word, f"#{Kind.FACTOR}") for word in (*lexicon.factors, "times", "fold", "x")]
    found += [(word, f"#{Kind.MONEY}") for word in (*lexicon.money, "£", "$", "€")]
    found += [(word, f"#{Kind.SHARE}") for word in (*lexicon.fractions, "percent", "cent", "%")]
    found += [(word, f"#{Kind.SHARE}") for word in ("in", "of", "pct")]
    for phrase, name in lexicon.scope_words:
        if name in _SHARE_IN_WORDS:
            found.append((phrase, f"#{Kind.SHARE}"))
        if name in ("only", "top"):
            found.append((phrase, f"#{name}"))
        if name in ABSOLUTE:
            found.append((phrase, "#absolute"))
    found += [(word, "#top") for word in lexicon.comparatives]
    found += [(word, "#absolute") for word in (*lexicon.instants, "ever")]
    return found


class Registry:
    """All entries of a messaging, compared with one measure.

    Args:
        messaging: the agreed claims.
        lexicon: the words of the language; None is English.
    """

    def __init__(self, messaging: Messaging, lexicon: Lexicon | None = None) -> None:
        self.messaging = messaging
        self._lexicon = lexicon or english()
        self._own_names = _names_of(messaging)
        self.entries = tuple(
            Entry(one, tuple(map(self.understand, one.variants))) for one in messaging.entries
        )
        self._weights = self._weighed(self.entries)
        self._foreign = _FOREIGN_WEIGHT * self._rarity(0)
        self._having: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for feature in entry.known:
                self._having.setdefault(feature, []).append(entry)
        # What each variant weighs in all; a variant of stopwords alone weighs next to nothing.
        self._whole = {
            id(one): tuple(max(self._weight(each), 1e-9) for each in one.features)
            for one in self.entries
        }
        self._triggers = self._triggered()

    def understand(self, text: str) -> Statement:
        """A text taken apart as the entries are."""
        return understand(text, self._lexicon, own_names=self._own_names)

    def nearest(self, statement: Statement, *, least: float) -> list[Nearness]:
        """The entries that a statement comes near to, nearest first."""
        features = features_of(statement)
        concepts = frozenset(one for one in features if not one.startswith("#"))
        met = {id(one): one for name in concepts for one in self._having.get(name, ())}
        found = (Nearness(one, self.similarity(features, one)) for one in met.values())
        return sorted(
            (one for one in found if one.similarity >= least), key=lambda one: -one.similarity
        )

    def may_concern(self, text: str) -> bool:
        """False if a text lacks the words to come near any entry.

        Most turns end here, and nothing is taken apart: the words alone must be able to give most
        of what an entry says.
        """
        given: set[str] = set()
        for word in _WORD.findall(text.lower()):
            root = stem(word)
            given |= self._triggers.get(root, _NOTHING)
            if root.endswith(_SUPERLATIVE):
                given.add("#top")
        return self._reached(frozenset(given), LEAST_UNLABELLED)

    def reaches(self, statement: Statement, least: float) -> bool:
        """False if a statement can't be as near as `least` to any entry, whatever else it says."""
        return self._reached(features_of(statement), least)

    def _reached(self, features: frozenset[str], least: float) -> bool:
        met = {
            id(one): one
            for name in features
            if not name.startswith("#")
            for one in self._having.get(name, ())
        }
        return any(self._said_share(features, one) >= least for one in met.values())

    def _said_share(self, features: frozenset[str], entry: Entry) -> float:
        """The greatest similarity that these features allow: as if nothing else were said."""
        known = features & entry.known
        own = self._whole[id(entry)]
        nearest = max(
            self._weight(known & one) / whole
            for one, whole in zip(entry.features, own, strict=True)
        )
        mixed = min(1.0, self._weight(known) * len(own) / sum(own))
        return float((nearest ** (1 - _PRECISION_SHARE) + mixed ** (1 - _PRECISION_SHARE)) / 2)

    def similarity_of(self, statement: Statement, entry: Entry) -> float:
        """How near a statement comes to one entry, in [0, 1]."""
        return self.similarity(features_of(statement), entry)

    def similarity(self, features: frozenset[str], entry: Entry) -> float:
        """How near these features are to an entry, in [0, 1].

        The mean of two looks: at the variant that is nearest, and at all variants together, because
        people mix the words of several.
        """
        said = self._weight(features)
        nearest = max(self._compared(features & one, one, said) for one in entry.features)
        together = self._weight(features & entry.known)
        usual = sum(map(self._weight, entry.features)) / len(entry.features)
        mixed = _mean(min(1.0, together / usual), together / said) if said and usual else 0.0
        return (nearest + mixed) / 2

    def _compared(self, shared: frozenset[str], variant: frozenset[str], said: float) -> float:
        own = self._weight(variant)
        if not own or not said:
            return 0.0
        weight = self._weight(shared)
        return _mean(weight / own, weight / said)

    def _weight(self, features: Iterable[str]) -> float:
        return sum(self._weights.get(one, self._foreign) for one in features)

    def _triggered(self) -> dict[str, set[str]]:
        """For every stem the features that a text which has it may have.

        A phrase is stood for by its longest word: without that it can't be there.
        """
        triggers: dict[str, set[str]] = {}
        for concept in self._having:
            triggers.setdefault(concept, set()).add(concept)
        for phrase, feature in (*self._lexicon.synonyms, *facet_words(self._lexicon)):
            if feature in self._having:
                triggers.setdefault(stem(max(phrase.split(), key=len)), set()).add(feature)
        return triggers

    def _weighed(self, entries: Iterable[Entry]) -> Mapping[str, float]:
        """Rare words tell entries apart and weigh more."""
        counts = Counter(feature for one in entries for feature in one.known)
        return {
            feature: self._rarity(count) * (_FACET_WEIGHT if feature.startswith("#") else 1.0)
            for feature, count in counts.items()
        }

    def _rarity(self, count: int) -> float:
        return math.log(1 + (len(self.entries) + 1) / (count + 0.5))


def _mean(recall: float, precision: float) -> float:
    """How much of the claim is said, weighed with how much of what is said is the claim."""
    if recall <= 0 or precision <= 0:
        return 0.0
    return float(recall ** (1 - _PRECISION_SHARE) * precision**_PRECISION_SHARE)


def _names_of(messaging: Messaging) -> frozenset[str]:
    """The words of the vendor's name, unless a module is called so: modules tell claims apart."""
    vendor = messaging.vendor
    if vendor is None:
        return frozenset()
    modules = {one.word for name in vendor.modules for one in tokenize(name)}
    own = {one.word for one in tokenize(vendor.name)}
    return frozenset(own - modules) | frozenset(stem(one) for one in own - modules)

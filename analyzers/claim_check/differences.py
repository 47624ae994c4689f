"""What a statement changes about an agreed claim: figures, scope, absoluteness, negation.

Every difference is a sentence part for people: "said 'one hour', agreed 'within two hours'". What
any variant of the entry allows is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.claim_check.figures import Bound, Figure, Kind
from analyzers.claim_check.registry import Entry, features_of
from analyzers.claim_check.statement import ABSOLUTE, Statement

# "Two months" stands for "eight weeks"; in one unit, figures must be equal.
_OTHER_UNIT_TOLERANCE = 0.09
_SAME_UNIT_TOLERANCE = 0.004

# What narrows a claim: to leave it out promises more than was agreed.
_NARROWING = ("some", "usually", "average", "median", "maybe")
# What a statement may say though no variant does: it promises the same or less hours of the day.
_HARMLESS = frozenset({"any_hour", "future"})
_WEAKER = frozenset({"some", "usually", "maybe"})

# How far before a word of the claim a "not" still bears on it.
_NEGATION_REACH = 4

_NAMED = {
    "every": "every",
    "always": "always",
    "never": "never",
    "guaranteed": "guaranteed",
    "only": "only",
    "top": "a superlative",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change, in words; `weakens` is True if the statement claims less for it.

    `is_headline` marks that what the claim can't do without is left out: its figure, its "only",
    its superlative. `is_denial` marks a "not" that turns it round, `is_figure` another figure
    or none.
    """

    text: str
    weakens: bool = False
    is_headline: bool = False
    is_denial: bool = False
    is_figure: bool = False


def differences(statement: Statement, entry: Entry) -> list[Difference]:
    """Everything that a statement changes about an entry; empty if it says what was agreed."""
    return [
        *_figures(statement, entry),
        *_left_out(statement, entry),
        *_scopes(statement, entry),
        *_negation(statement, entry),
        *_direction(statement, entry),
    ]


def _figures(statement: Statement, entry: Entry) -> list[Difference]:
    """Figures that no variant has, or that are narrowed or widened otherwise."""
    found = []
    agreed = _agreed_figures(entry)
    for figure in statement.figures:
        same_kind = [one for one in agreed if one[0].kind is figure.kind]
        if not same_kind:
            found.append(Difference(f"added '{statement.said(figure)}'", is_figure=True))
            continue
        equal = [one for one in same_kind if _is_equal(figure, one[0])]
        if not any(_may_stand_for(figure, one) for one, _ in equal):
            shown = (equal or same_kind)[0][1]
            said = f"said '{statement.said(figure)}', agreed '{shown}'"
            found.append(Difference(said, is_figure=True))
    return _once(found)


def contradicted_figures(statement: Statement, entry: Entry) -> list[str]:
    """Figures of a statement that the entry gives with another value, in words."""
    found = []
    for figure in statement.figures:
        same_kind = [one for one in _agreed_figures(entry) if one[0].kind is figure.kind]
        if same_kind and not any(_is_equal(figure, one) for one, _ in same_kind):
            found.append(f"'{statement.said(figure)}' against '{same_kind[0][1]}'")
    return list(dict.fromkeys(found))


def _agreed_figures(entry: Entry) -> list[tuple[Figure, str]]:
    return [(figure, one.said(figure)) for one in entry.variants for figure in one.figures]


def _is_equal(said: Figure, agreed: Figure) -> bool:
    if said.unit != agreed.unit and said.kind is Kind.MONEY:
        return False
    same_unit = said.unit.rstrip("s") == agreed.unit.rstrip("s")
    tolerance = _SAME_UNIT_TOLERANCE if same_unit else _OTHER_UNIT_TOLERANCE
    return abs(said.value - agreed.value) <= tolerance * max(abs(agreed.value), 1e-9)


def _may_stand_for(said: Figure, agreed: Figure) -> bool:
    """True if the words around two equal figures mean the same or nearly so.

    "In two minutes" may stand for "within two minutes", but neither "about" nor "over" may.
    """
    if said.bound is agreed.bound or said.bound is Bound.EXACT:
        return said.bound is agreed.bound or agreed.bound in (Bound.MOST, Bound.ABOUT, Bound.LEAST)
    return said.bound is Bound.MOST and said.kind is Kind.DURATION and agreed.bound is Bound.EXACT


def _left_out(statement: Statement, entry: Entry) -> list[Difference]:
    """What all variants say and the statement does not: figures, "only", a superlative."""
    said = features_of(statement)
    found = []
    for kind in Kind:
        has_all = all(kind in {one.kind for one in each.figures} for each in entry.variants)
        if has_all and kind not in {one.kind for one in statement.figures}:
            agreed = next(text for one, text in _agreed_figures(entry) if one.kind is kind)
            lacks = f"#{kind}" not in said
            found.append(Difference(f"left out '{agreed}'", is_headline=lacks, is_figure=True))
    for name in ("only", "top"):
        if f"#{name}" in entry.common - said:
            words = entry.variants[0].scopes.get(name, (name, 0))[0]
            found.append(Difference(f"left out '{words}'", weakens=True, is_headline=True))
    if "#absolute" in entry.common - said:
        found.append(Difference("says it less absolutely", weakens=True, is_headline=True))
    return found


def _scopes(statement: Statement, entry: Entry) -> list[Difference]:
    """Words of scope that are new, and narrowing words that are gone."""
    found = []
    for name, (words, _) in statement.scopes.items():
        if name in entry.scopes or name in _HARMLESS:
            continue
        if name in ABSOLUTE and not ABSOLUTE.isdisjoint(entry.scopes) and name != "guaranteed":
            continue  # "never" and "every" are equally absolute
        # "We work with many firms, and everybody loves it" says it of everybody all the same.
        stays = not ABSOLUTE.isdisjoint(entry.scopes) and not ABSOLUTE.isdisjoint(statement.scopes)
        found.append(Difference(f"added '{words}'", weakens=name in _WEAKER and not stays))
    for name in _NARROWING:
        if all(name in one.scopes for one in entry.variants) and name not in statement.scopes:
            words = entry.variants[0].scopes[name][0]
            found.append(Difference(f"left out '{words}'"))
    return found


def _negation(statement: Statement, entry: Entry) -> list[Difference]:
    """A "not" that bears on what is claimed."""
    if entry.is_negated or "never" in entry.scopes:
        return []
    places = {place for name, place in statement.concepts.items() if name in entry.known}
    places |= {one.start for one in statement.figures}
    # "We are not the only one": a denial bears on scope as well.
    places |= {place for name, (_, place) in statement.scopes.items() if name in ("only", "top")}
    for negation in statement.negations:
        if not places.isdisjoint(range(negation + 1, negation + 1 + _NEGATION_REACH)):
            end = min(negation + _NEGATION_REACH, len(statement.tokens))
            said = statement.words(negation, max(end, negation + 1))
            return [Difference(f"denies it: '{said}'", weakens=True, is_denial=True)]
    return []


def _direction(statement: Statement, entry: Entry) -> list[Difference]:
    """Something that goes up where it was agreed to go down, or the other way round."""
    for said, opposite in (("up", "down"), ("down", "up")):
        is_turned = said in statement.directions and opposite not in statement.directions
        if is_turned and said not in entry.directions and opposite in entry.directions:
            agreed = next(
                one.directions[opposite] for one in entry.variants if opposite in one.directions
            )
            return [Difference(f"said '{statement.directions[said]}', agreed '{agreed}'")]
    return []


def _once(found: Sequence[Difference]) -> list[Difference]:
    return list(dict.fromkeys(found))

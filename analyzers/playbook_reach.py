"""Rules that can't speak: templates that no text fits, rules that another rule makes needless."""

from __future__ import annotations

from collections.abc import Iterator

from analyzers.context import TurnText
from analyzers.marked import read_marks
from analyzers.patterns import AnchoredMatcher, Match, Pattern, TemplateError, parse_template
from analyzers.rulebook import Rulebook
from calls.playbook import Family, Rule

# Ways of filling a template's places that are tried before it is said to match nothing.
_TRIES_PER_VARIANT = 12
_TRIES_PER_TEMPLATE = 600
_ANY_WORD = "xyz"


def unreachable(rulebook: Rulebook, template: str) -> str:
    """Why a template can never match anything, or nothing.

    Raises:
        TemplateError: it can't be read at all.
    """
    changed = _changed_words(rulebook, template)
    if changed:
        return changed
    if sample(rulebook, template) is not None:
        return ""
    return (
        f"{template!r} can never match: whatever is said, normalising changes its words (fillers "
        "are dropped, words said twice are taken for one)"
    )


def sample(rulebook: Rulebook, template: str) -> str | None:
    """A text that the template matches as a whole; None if none was found."""
    patterns = parse_template(template, rulebook.playbook.word_classes)
    tries = _TRIES_PER_TEMPLATE
    for pattern in patterns:
        matcher = AnchoredMatcher(rulebook.vocab)
        matcher.add(0, pattern)
        for text in _fillings(pattern):
            turn = rulebook.prepare(text)
            found = matcher.find(turn.normalised)
            if any(turn.admits(match) and _is_whole(match, turn) for match in found):
                return text
            tries -= 1
            if not tries:
                return None
    return None


def needless(rulebook: Rulebook, family: Family, rule: Rule) -> str:
    """The id of another rule of the family that finds all that `rule` finds, or nothing."""
    samples = [read_marks(hit).text for hit in rule.hits]
    samples += rule.phrases
    try:
        samples += filter(None, (sample(rulebook, template) for template in rule.patterns))
    except TemplateError:
        return ""
    finders: set[str] | None = None
    for text in samples:
        turn = rulebook.prepare(text)
        spans: dict[str, list[Match]] = {}
        for hit in rulebook.hits(turn):
            if hit.family.id == family.id:
                spans.setdefault(hit.rule.id, []).append(hit.match)
        own = spans.pop(rule.id, [])
        covering = {
            name
            for name, matches in spans.items()
            if own and all(any(_covers(one, mine) for one in matches) for mine in own)
        }
        finders = covering if finders is None else finders & covering
        if not finders:
            return ""
    alike = [one.id for one in family.rules if one.id in (finders or ()) and _same_terms(one, rule)]
    return alike[0] if alike else ""


def _changed_words(rulebook: Rulebook, template: str) -> str:
    """Words of a template that normalising would change, so that they are never seen."""
    kept_at_times = {one.phrase for one in rulebook.playbook.wording.soft_fillers}
    literal = set(template.replace("(", " ").replace(")", " ").split())
    for token in sorted({part for one in literal for part in one.split("|")}):
        word = token.removesuffix("?")
        if not word or word == "*" or word.startswith("["):
            continue
        if word in ("^", "$"):
            if template.strip("^$ ").count(word):
                return f"{template!r}: {word!r} has a meaning only at an end of the template"
            continue
        seen = rulebook.prepare(word).normalised.words
        if seen != (word,) and word not in kept_at_times:
            instead = f"makes it {' '.join(seen)!r}" if seen else "leaves it out"
            return f"{word!r} is never seen; normalising {instead}"
    return ""


def _fillings(pattern: Pattern) -> Iterator[str]:
    """Texts that fill a pattern's places: optional ones left out, wildcards empty or one word."""
    for wildcard in ("", _ANY_WORD):
        places = [
            sorted(one.words)[:_TRIES_PER_VARIANT] if one.words else [wildcard]
            for one in pattern.elements
            if not one.optional
        ]
        # Side by side rather than every combination: each try changes every place.
        for step in range(max(map(len, places))):
            yield " ".join(words[step % len(words)] for words in places)
        if all(one.words for one in pattern.elements):
            return


def _is_whole(match: Match, turn: TurnText) -> bool:
    return match.start == 0 and match.end == len(turn.normalised.words)


def _covers(one: Match, other: Match) -> bool:
    return one.start <= other.start and other.end <= one.end


def _same_terms(one: Rule, other: Rule) -> bool:
    return (one.asked, one.stated, one.across) == (other.asked, other.stated, other.across)

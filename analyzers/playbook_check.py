"""The playbook held against its own examples.

Every rule must find what stands in `[brackets]` in its hits, and must let its misses go.
"""

from __future__ import annotations

from analyzers.marked import read_marks
from analyzers.patterns import parse_template
from analyzers.playbook_files import language_vocab
from analyzers.rulebook import Hit, Rulebook
from calls.errors import PlaybookInvalid
from calls.playbook import Family, Playbook, Rule


def check_playbook(playbook: Playbook) -> list[str]:
    """Every way in which the playbook breaks its own rules and examples; empty if it holds."""
    try:
        rulebook = Rulebook(playbook, language_vocab(playbook.language))
    except PlaybookInvalid as error:
        return [str(error)]
    problems = []
    for family in playbook.families:
        for rule in family.rules:
            problems.extend(check_rule(rulebook, family, rule))
            problems.extend(_unreachable(rulebook, family, rule))
    return problems


def check_rule(rulebook: Rulebook, family: Family, rule: Rule) -> list[str]:
    """What is wrong with the examples of one rule."""
    name = f"{family.id}.{rule.id}"
    problems = []
    for example in rule.hits:
        problem = check_hit(rulebook, name, example)
        if problem:
            problems.append(problem)
    for example in rule.misses:
        problem = check_miss(rulebook, name, example)
        if problem:
            problems.append(problem)
    return problems


def check_hit(rulebook: Rulebook, name: str, example: str) -> str:
    """Why `example` does not show what rule `name` finds, or nothing.

    The rule must find something at each bracket and nothing elsewhere.
    """
    marked = read_marks(example)
    found = _found(rulebook, name, marked.text)
    standing = [span for span, hit in found if hit.verdict.stands]
    for start, end in marked.spans:
        if not any(start < right and left < end for left, right in standing):
            return f"{name}: hit {example!r} is not found{_because(found)}"
    for left, right in standing:
        if not any(start < right and left < end for start, end in marked.spans):
            return f"{name}: hit {example!r} is found at {marked.text[left:right]!r} instead"
    return ""


def check_miss(rulebook: Rulebook, name: str, example: str) -> str:
    """Why `example` is no miss of rule `name`, or nothing."""
    for (left, right), hit in _found(rulebook, name, example):
        if hit.verdict.stands:
            return f"{name}: miss {example!r} is found at {example[left:right]!r}"
    return ""


def _found(rulebook: Rulebook, name: str, text: str) -> list[tuple[tuple[int, int], Hit]]:
    turn = rulebook.prepare(text)
    return [
        (turn.normalised.span(hit.match.start, hit.match.end), hit)
        for hit in rulebook.hits(turn)
        if hit.rule_id == name
    ]


def _because(found: list[tuple[tuple[int, int], Hit]]) -> str:
    """Why the context threw a match out, if it did."""
    for _, hit in found:
        if hit.verdict.against:
            cue = hit.verdict.against[0]
            return f": {cue.kind} by cue {cue.cue_id} ({cue.words!r})"
        return ": nothing says that it is asked"
    return ""


def _unreachable(rulebook: Rulebook, family: Family, rule: Rule) -> list[str]:
    """Literal words of templates that normalising would change, so that they never match."""
    problems = []
    words = {
        word
        for template in rule.patterns
        for pattern in parse_template(template, rulebook.playbook.word_classes)
        for element in pattern.elements
        for word in element.words or ()
    }
    for word in sorted(words):
        seen = rulebook.prepare(word).normalised.words
        if seen and seen != (word,):
            problems.append(
                f"{family.id}.{rule.id}: {word!r} is never seen; normalising makes it "
                f"{' '.join(seen)!r}"
            )
    return problems

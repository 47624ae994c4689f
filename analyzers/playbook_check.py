"""The playbook held against its own examples.

Every rule must find what stands in `[brackets]` in its hits, must let its misses go, and must be
able to match something that people may say.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzers.marked import read_marks
from analyzers.patterns import TemplateError, parse_template
from analyzers.playbook_files import language_vocab
from analyzers.playbook_layers import LoadedPlaybook
from analyzers.playbook_reach import needless, unreachable
from analyzers.rulebook import Hit, Rulebook
from calls.playbook import Family, Playbook, Rule


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a rule or cue. A warning alone does not make a playbook invalid."""

    place: str
    rule: str
    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}: {self.text}"


def check_playbook(loaded: LoadedPlaybook) -> list[Problem]:
    """Every way in which the playbook breaks its own rules and examples; empty if it holds."""
    playbook = loaded.playbook
    problems = _unreadable(loaded)
    if problems:
        return problems  # what can't be compiled can't be tried either
    rulebook = Rulebook(playbook, language_vocab(playbook.language))
    for family in playbook.families:
        for rule in family.rules:
            problems.extend(_check_rule(loaded, rulebook, family, rule))
    for cue in playbook.cues:
        for template in cue.patterns:
            reason = unreachable(rulebook, template)
            if reason:
                name = f"cue {cue.id}"
                problems.append(Problem(loaded.place(name, template, "patterns"), name, reason))
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
            return f"hit {example!r} is not found{_because(found)}"
    for left, right in standing:
        if not any(start < right and left < end for start, end in marked.spans):
            return f"hit {example!r} is found at {marked.text[left:right]!r} instead"
    return ""


def check_miss(rulebook: Rulebook, name: str, example: str) -> str:
    """Why `example` is no miss of rule `name`, or nothing."""
    for (left, right), hit in _found(rulebook, name, example):
        if hit.verdict.stands:
            return f"miss {example!r} is found at {example[left:right]!r}"
    return ""


def _check_rule(
    loaded: LoadedPlaybook, rulebook: Rulebook, family: Family, rule: Rule
) -> list[Problem]:
    """What is wrong with one rule: its examples, and templates that match nothing."""
    name = f"{family.id}.{rule.id}"
    told = [("hits", one, check_hit(rulebook, name, one)) for one in rule.hits]
    told += [("misses", one, check_miss(rulebook, name, one)) for one in rule.misses]
    told += [("patterns", one, unreachable(rulebook, one)) for one in rule.patterns]
    problems = [
        Problem(loaded.place(name, one, key), name, text) for key, one, text in told if text
    ]
    if not problems:
        other = needless(rulebook, family, rule)
        if other:
            text = f"needless: {family.id}.{other} finds all that it finds"
            problems.append(Problem(loaded.place(name), name, text, is_warning=True))
    return problems


def _unreadable(loaded: LoadedPlaybook) -> list[Problem]:
    """Templates and phrases that can't be compiled."""
    playbook = loaded.playbook
    problems = []
    named = [
        (f"{family.id}.{rule.id}", rule.patterns)
        for family in playbook.families
        for rule in family.rules
    ]
    named += [(f"cue {cue.id}", cue.patterns) for cue in playbook.cues]
    for name, templates in named:
        for template in templates:
            try:
                parse_template(template, playbook.word_classes)
            except TemplateError as error:
                place = loaded.place(name, template, "patterns")
                problems.append(Problem(place, name, f"{error}"))
    return [*problems, *_empty_phrases(loaded, playbook)]


def _empty_phrases(loaded: LoadedPlaybook, playbook: Playbook) -> list[Problem]:
    """Phrases of which normalising leaves nothing."""
    bare = Rulebook(
        playbook.model_copy(update={"families": (), "cues": ()}), language_vocab(playbook.language)
    )
    problems = []
    for family in playbook.families:
        for rule in family.rules:
            name = f"{family.id}.{rule.id}"
            for phrase in rule.phrases:
                if not bare.prepare(phrase).normalised.words:
                    place = loaded.place(name, phrase, "phrases")
                    problems.append(Problem(place, name, f"nothing is left of {phrase!r}"))
    return problems


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
        if hit.rule.stated:
            return ": it is asked, and the rule wants a statement"
        return ": nothing says that it is asked"
    return ""

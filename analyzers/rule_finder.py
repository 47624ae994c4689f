"""What the playbook's rules find in one turn, as a spaCy component.

`find` is pure and is what tests call; `__call__` only stores its result. A turn is read with the
rules of the labels that its speaker's role may carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from analyzers.context import TurnText
from analyzers.playbook_files import load_playbook
from analyzers.rulebook import Hit, Rulebook
from calls.labels import Label, Mark, Role
from calls.moment import Severity
from calls.playbook import Playbook

COMPONENT = "call_rules"
FINDINGS = "call_findings"
"""Key in `doc.user_data`: what the rules found in the turn."""
ROLE = "call_role"
"""Key in `doc.user_data`: the role of whoever speaks the turn. Without one no rule speaks."""

_SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH)


@dataclass(frozen=True, slots=True)
class Finding:
    """What rules found in one sentence under one label. Offsets point into the turn's text."""

    label: Mark
    rule_ids: tuple[str, ...]
    start_char: int
    end_char: int
    sentence_start: int
    sentence_end: int
    score: float
    severity: Severity | None
    reason: str
    better_move: str
    version: str


class RuleFinder:
    """Component that stores the playbook's findings of a turn in `doc.user_data`.

    Args:
        vocab: the pipeline's vocabulary.
        playbook: families and rules to look for.
    """

    def __init__(self, vocab: Vocab, *, playbook: Playbook) -> None:
        self.playbook = playbook
        self._rulebooks = {
            role: Rulebook(own, vocab) for role in Role if (own := playbook.for_role(role)).families
        }

    def __call__(self, doc: Doc) -> Doc:
        """The same Doc with its findings, if anything is looked for in turns of its role."""
        role = doc.user_data.get(ROLE)
        if role in self._rulebooks:
            doc.user_data[FINDINGS] = self.find(doc, role=role)
        return doc

    def find(self, doc: Doc, *, role: Role = Role.REP) -> list[Finding]:
        """The findings in a turn, in order; one per label and sentence, with all rule ids."""
        if role not in self._rulebooks:
            return []
        rulebook = self._rulebooks[role]
        turn = rulebook.prepare_doc(doc)
        grouped: dict[tuple[Mark, int], list[Hit]] = {}
        standing = [hit for hit in rulebook.hits(turn) if hit.verdict.stands]
        if not standing:
            return []
        opening = _opening_sentences(turn, standing)
        for hit in standing:
            sentence = opening[turn.sentence_at(hit.match.start)]
            for label in _with_parent(hit.family.label):
                grouped.setdefault((label, sentence), []).append(hit)
        findings = []
        for (label, _), hits in grouped.items():
            spans = [turn.normalised.span(hit.match.start, hit.match.end) for hit in hits]
            start, end = min(one[0] for one in spans), max(one[1] for one in spans)
            first = turn.sentences[turn.sentence_at(hits[0].match.start)]
            last = turn.sentences[turn.sentence_at(max(hit.match.end for hit in hits) - 1)]
            gravest = max(hits, key=_gravity)
            findings.append(
                Finding(
                    label=label,
                    rule_ids=tuple(sorted({hit.rule_id for hit in hits})),
                    start_char=start,
                    end_char=end,
                    sentence_start=first.start,
                    sentence_end=last.end,
                    score=max(hit.rule.score for hit in hits),
                    severity=gravest.family.severity,
                    reason=_reason(gravest, turn.normalised.text[start:end]),
                    better_move=gravest.family.better_move,
                    version=self.playbook.version,
                )
            )
        return sorted(findings, key=lambda one: (one.start_char, one.end_char, one.label))

    def explain(self, doc: Doc, *, role: Role = Role.REP) -> list[Hit]:
        """Every hit in a turn, also those that the context threw out, with the cues."""
        rulebook = self._rulebooks.get(role)
        return rulebook.hits(rulebook.prepare_doc(doc)) if rulebook is not None else []


def _opening_sentences(turn: TurnText, hits: list[Hit]) -> list[int]:
    """For every sentence the first of those that hits tie together by running over their ends."""
    opening = list(range(len(turn.sentences)))
    for hit in hits:
        first = turn.sentence_at(hit.match.start)
        for number in range(first + 1, turn.sentence_at(hit.match.end - 1) + 1):
            opening[number] = opening[first]
    return opening


def _with_parent(label: Mark) -> tuple[Mark, ...]:
    """The label, and `claim` with any of its sub-labels."""
    is_claim = label.startswith(f"{Label.CLAIM}_")
    return (label, Label.CLAIM) if is_claim else (label,)


def _gravity(hit: Hit) -> tuple[int, float]:
    severity = hit.family.severity
    return -1 if severity is None else _SEVERITIES.index(severity), hit.rule.score


def _reason(hit: Hit, heard: str) -> str:
    """Why a person should look: what the family is about, the words heard, the rule."""
    asked = ", asked of the customer" if hit.rule.asked else ""
    return f"{hit.family.title}: '{heard}'{asked} (rule {hit.rule_id})"


def make_rule_finder(nlp: Language, name: str, *, playbook: str | None) -> RuleFinder:
    """The component for the language of `nlp`; `playbook` is a folder or None for the shipped."""
    folder = Path(playbook) if playbook else None
    return RuleFinder(nlp.vocab, playbook=load_playbook(folder, nlp.lang or "en"))


def register_components() -> None:
    """Makes the component known to spaCy. May be called any number of times."""
    if not Language.has_factory(COMPONENT):
        Language.factory(COMPONENT, default_config={"playbook": None}, func=make_rule_finder)

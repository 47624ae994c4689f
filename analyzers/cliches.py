"""Cliches: what the playbook's rules find in one turn, as a spaCy component and an analyzer.

`find` is pure and is what tests call; `__call__` only stores its result. The component knows
nothing of roles: the Reader leaves out turns of people who can't carry the playbook's labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from analyzers.annotated import AnnotatedCall
from analyzers.context import TurnText
from analyzers.playbook_files import load_playbook
from analyzers.rulebook import Hit, Rulebook
from calls.call import AttributedCall
from calls.labels import Hint, Label, Mark, Role
from calls.measures import Measure, State, not_measurable
from calls.moment import FoundBy, Moment, Severity
from calls.playbook import Playbook
from calls.transcript import Turn
from calls.trust import doubts_about_roles, doubts_about_text

COMPONENT = "call_cliches"
FINDINGS = "call_cliches"
SKIP = "call_cliches_skip"

CLICHE_MEASURES: dict[str, Mark] = {
    "cliche_question_count": Label.CLICHE_QUESTION,
    "homework_question_count": Label.HOMEWORK_QUESTION,
    "vague_next_step_count": Label.VAGUE_NEXT_STEP,
    "claim_count": Label.CLAIM,
    "habit_count": Hint.HABIT,
}
"""The call's measures, and the mark that each of them counts."""

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
    severity: Severity
    reason: str
    better_move: str
    version: str


class ClicheFinder:
    """Component that stores the playbook's findings of a turn in `doc.user_data`.

    Args:
        vocab: the pipeline's vocabulary.
        playbook: families and rules to look for.
    """

    def __init__(self, vocab: Vocab, *, playbook: Playbook) -> None:
        self.playbook = playbook
        self._rulebook = Rulebook(playbook, vocab)

    def __call__(self, doc: Doc) -> Doc:
        """The same Doc with its findings, unless it is marked to be skipped."""
        if not doc.user_data.get(SKIP, False):
            doc.user_data[FINDINGS] = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Finding]:
        """The findings in a turn, in order; one per label and sentence, with all rule ids."""
        turn = self._rulebook.prepare_doc(doc)
        grouped: dict[tuple[Mark, int], list[Hit]] = {}
        standing = [hit for hit in self._rulebook.hits(turn) if hit.verdict.stands]
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
                    reason=_reason(gravest, doc.text[start:end]),
                    better_move=gravest.family.better_move,
                    version=self.playbook.version,
                )
            )
        return sorted(findings, key=lambda one: (one.start_char, one.end_char, one.label))

    def explain(self, doc: Doc) -> list[Hit]:
        """Every hit in a turn, also those that the context threw out, with the cues."""
        turn = self._rulebook.prepare_doc(doc)
        return self._rulebook.hits(turn)


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
    return _SEVERITIES.index(hit.family.severity), hit.rule.score


def _reason(hit: Hit, heard: str) -> str:
    """Why a person should look: what the family is about, the words heard, the rule."""
    asked = ", asked of the customer" if hit.rule.asked else ""
    return f"{hit.family.title}: '{heard}'{asked} (rule {hit.rule_id})"


def make_cliche_finder(nlp: Language, name: str, *, playbook: str | None) -> ClicheFinder:
    """The component for the language of `nlp`; `playbook` is a folder or None for the shipped."""
    folder = Path(playbook) if playbook else None
    return ClicheFinder(nlp.vocab, playbook=load_playbook(folder, nlp.lang or "en"))


def register_components() -> None:
    """Makes the component known to spaCy. May be called any number of times."""
    if not Language.has_factory(COMPONENT):
        Language.factory(COMPONENT, default_config={"playbook": None}, func=make_cliche_finder)


def cliches(annotated: AnnotatedCall) -> Iterator[Moment | Measure]:
    """The moments that playbook rules found in the rep's turns, and how many of each label.

    A customer may carry `vague_next_step` too, but the rules are written for reps: on customers'
    turns of the gold data 3 of 19 finds are wrong.
    """
    obstacle = _obstacle(annotated)
    if obstacle:
        yield from (not_measurable(name, obstacle) for name in CLICHE_MEASURES)
        return
    counts = dict.fromkeys(CLICHE_MEASURES.values(), 0)
    for turn, doc in zip(annotated.call.turns, annotated.docs, strict=True):
        if turn.role is Role.REP:
            for finding in doc.user_data.get(FINDINGS, ()):
                yield _moment(turn, finding)
                if finding.label in counts:
                    counts[finding.label] += 1
    doubt = _doubt(annotated.call)
    for name, label in CLICHE_MEASURES.items():
        state = State.LOW_CONFIDENCE if doubt else State.OK
        yield Measure(name, counts[label], None, state, doubt)


def _obstacle(annotated: AnnotatedCall) -> str:
    """Why nothing can be said about this call, or nothing."""
    call = annotated.call
    reps = call.with_role(Role.REP)
    if not annotated.covered:
        return f"language {call.language or 'en'!r} has no playbook"
    if not reps:
        return "speaker roles unknown"
    if not any(one.heard for one in reps):
        return "the rep's side was not heard"
    return ""


def _doubt(call: AttributedCall) -> str:
    """Why the counts are to be taken with care, or nothing."""
    doubted = any(turn.doubt for turn in call.turns if turn.role is Role.REP)
    own = ("some of the rep's words are doubtful",) if doubted else ()
    return "; ".join((*doubts_about_text(call), *doubts_about_roles(call), *own))


def _moment(turn: Turn, finding: Finding) -> Moment:
    return Moment(
        label=finding.label,
        turn=turn.turn,
        speaker=turn.speaker,
        start_s=turn.time_of_char(finding.start_char),
        end_s=turn.time_after_char(finding.end_char),
        start_char=finding.start_char,
        end_char=finding.end_char,
        quote=turn.text[finding.sentence_start : finding.sentence_end],
        score=finding.score,
        found_by=FoundBy.RULE,
        rule_ids=finding.rule_ids,
        version=finding.version,
        reason=finding.reason,
        severity=finding.severity,
        better_move=finding.better_move,
    )

"""An evaluation as rows of the table `evaluations`, and as one JSON document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from calls.labels import Label, Role
from flows.evaluation.cases import Kind
from flows.evaluation.data import EvaluationData
from flows.evaluation.evaluate import CallOutcome, Evaluation
from flows.evaluation.expected import Expected
from flows.evaluation.scores import Mean, Score
from warehouse.schemas import EvaluationRow

MACRO = "macro"
MICRO = "micro"


@dataclass(frozen=True, slots=True)
class Heading:
    """What an evaluation is of, and what read. `model_version` is None if only rules did.

    `role` is what every speaker of talk was taken for; None where there is no talk.
    """

    evaluation_id: str
    started_at: datetime
    data: EvaluationData
    role: Role | None
    model_version: str | None = None


@dataclass(frozen=True, slots=True)
class CallSummary:
    """How many calls came out right, of those that people say something about.

    `cliche_error` is the mean absolute difference of cliche counts, in turns per call.
    """

    call_count: int
    steps_right_count: int
    complete_right_count: int
    both_right_count: int
    cliche_error: float | None


def call_summary(evaluation: Evaluation) -> CallSummary | None:
    """The calls taken together, sessions apart; None if there are none."""
    calls = [one for one in evaluation.calls if not one.is_session]
    if not calls:
        return None
    errors = [
        abs(one.expected.cliche_count - one.found.cliche_count)
        for one in calls
        if one.expected.cliche_count is not None and one.found.cliche_count is not None
    ]
    return CallSummary(
        call_count=len(calls),
        steps_right_count=sum(one.steps_right is True for one in calls),
        complete_right_count=sum(one.complete_right is True for one in calls),
        both_right_count=sum(
            one.steps_right is True and one.complete_right is True for one in calls
        ),
        cliche_error=sum(errors) / len(errors) if errors else None,
    )


def rows(heading: Heading, evaluation: Evaluation) -> list[EvaluationRow]:
    """A row per kind of data and label, then its macro and micro means."""
    found = []
    for kind, scores in evaluation.scores.items():
        n_turns = scores.turn_count
        for label, score in scores.by_label.items():
            found.append(_row(heading, evaluation, kind, label, n_turns, score=score))
        found.append(_row(heading, evaluation, kind, MACRO, n_turns, mean=scores.macro))
        found.append(_row(heading, evaluation, kind, MICRO, n_turns, score=scores.micro))
    if evaluation.talk is not None:
        talk = evaluation.talk
        found += [
            _row(
                heading,
                evaluation,
                Kind.TALK,
                label,
                talk.turn_count,
                hits_per_1000_turns=talk.per_1000(label),
            )
            for label in Label
        ]
    return found


def _row(
    heading: Heading,
    evaluation: Evaluation,
    kind: Kind,
    label: str,
    n_turns: int,
    *,
    score: Score | None = None,
    mean: Mean | None = None,
    hits_per_1000_turns: float | None = None,
) -> EvaluationRow:
    either = score or mean
    return EvaluationRow(
        evaluation_id=heading.evaluation_id,
        started_at=heading.started_at,
        data=heading.data.name,
        data_digest=heading.data.digest,
        kind=str(kind),
        label=str(label),
        n_turns=n_turns,
        support=score.support if score else None,
        true_positives=score.true_positives if score else None,
        false_positives=score.false_positives if score else None,
        false_negatives=score.false_negatives if score else None,
        precision=score.precision if score else None,
        recall=score.recall if score else None,
        f1=either.f1 if either else None,
        f1_low=either.f1_low if either else None,
        f1_high=either.f1_high if either else None,
        hits_per_1000_turns=hits_per_1000_turns,
        as_role=str(heading.role) if heading.role and kind is Kind.TALK else None,
        read_version=evaluation.read_version,
        playbook_version=evaluation.playbook_version,
        model_version=heading.model_version,
    )


def document(heading: Heading, evaluation: Evaluation, unread: list[str]) -> dict[str, Any]:
    """Everything that was found out, ready for JSON.

    Args:
        heading: what was evaluated.
        evaluation: what came of it.
        unread: what could not be read, and why.
    """
    summary = call_summary(evaluation)
    return {
        "evaluation_id": heading.evaluation_id,
        "started_at": heading.started_at.isoformat(),
        "data": heading.data.name,
        "data_digest": heading.data.digest,
        "as_role": heading.role,
        "versions": {
            "read": evaluation.read_version,
            "playbook": evaluation.playbook_version,
            "model": heading.model_version,
        },
        "n_turns": evaluation.turn_count,
        "n_turns_unlabelled": evaluation.unlabelled_count,
        "n_turns_in_other_languages": evaluation.uncovered_count,
        "notes": list(heading.data.notes),
        "unread": unread,
        "scores": {
            kind: {
                "n_turns": scores.turn_count,
                "n_units": scores.unit_count,
                "labels": {label: asdict(one) for label, one in scores.by_label.items()},
                "macro": asdict(scores.macro),
                "micro": asdict(scores.micro),
            }
            for kind, scores in evaluation.scores.items()
        },
        "confusions": [asdict(one) for one in evaluation.confusions],
        "calls": {
            "summary": asdict(summary) if summary else None,
            "calls": [_call(one) for one in evaluation.calls if not one.is_session],
        },
        "sessions": [_session(one) for one in evaluation.calls if one.is_session],
        "talk": _talk(evaluation),
    }


def _call(one: CallOutcome) -> dict[str, Any]:
    return {
        "call_id": one.id,
        "steps_right": one.steps_right,
        "complete_right": one.complete_right,
        "expected": _facts_of_call(one.expected),
        "found": _facts_of_call(one.found),
        "has_complete_chain": one.has_complete_chain,
    }


def _facts_of_call(facts: Expected) -> dict[str, Any]:
    return {
        "steps_in_order": facts.steps_in_order,
        "insight_sequence_complete": facts.is_complete,
        "cliche_count": facts.cliche_count,
    }


def _session(one: CallOutcome) -> dict[str, Any]:
    def facts(given: Expected) -> dict[str, Any]:
        return {
            "coaching_behavior_turns": given.coaching_count,
            "spreadsheet_coaching_turns": given.spreadsheet_count,
        }

    return {"session_id": one.id, "expected": facts(one.expected), "found": facts(one.found)}


def _talk(evaluation: Evaluation) -> dict[str, Any] | None:
    talk = evaluation.talk
    if talk is None:
        return None
    return {
        "n_turns": talk.turn_count,
        "n_turns_with_any_label": talk.turns_with_any_label,
        "labels": {
            label: {
                "hit_turns": talk.counts[label],
                "per_1000_turns": talk.per_1000(label),
                "hits": [asdict(hit) for hit in talk.hits[label]],
            }
            for label in Label
        },
    }

"""The labels of a call: what rules and the learned layer find in each turn, as one score.

Rules know the phrases a coach would point at; the model knows paraphrases that no rule foresees.
Their score is the model's, plus a bonus where a rule that stands in its context has found the same
label. Threshold and bonus of each label were chosen by cross-validation (`calls.labelling.Fusion`).
Where no model reads the call's language the rules decide alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from analyzers.annotated import AnnotatedCall
from analyzers.found import Found
from analyzers.label_counts import label_counts
from analyzers.playbook_files import load_playbooks
from analyzers.quotes import quote_around
from analyzers.rule_finder import FINDINGS, Finding
from analyzers.severity import weighed
from calls.call import AttributedCall
from calls.labelling import Fusion, Scored, TurnLabeller
from calls.labels import Label, Role
from calls.measures import Measure
from calls.moment import FoundBy, Moment
from calls.settings import Settings
from calls.transcript import Turn

_CLAIM_KINDS = tuple(label for label in Label if label.startswith(f"{Label.CLAIM}_"))


class LabelReader:
    """The analyzer: yields the moments of all labels and hints, and how many turns have them.

    Args:
        settings: the playbook says what to tell people about labels that no rule has found.
    """

    def __init__(self, settings: Settings) -> None:
        self._playbooks = load_playbooks(settings.playbook)

    def __call__(self, annotated: AnnotatedCall, _: Found) -> Iterator[Moment | Measure]:
        """The moments and counts of one call."""
        carriers = _carriers(annotated.call)
        moments = [
            moment
            for position, turn in enumerate(annotated.call.turns)
            if turn.role in carriers
            for moment in self._moments(annotated, position, turn)
        ]
        yield from weighed(annotated, moments)
        yield from label_counts(annotated, moments)

    def _moments(self, annotated: AnnotatedCall, position: int, turn: Turn) -> Iterator[Moment]:
        """What holds for one turn: hints as the rules say, labels as rules and model say."""
        doc = annotated.docs[position]
        findings: Sequence[Finding] = doc.user_data.get(FINDINGS, ())
        ruled: dict[Label, list[Finding]] = {}
        for one in findings:
            if annotated.model is not None and isinstance(one.label, Label):
                ruled.setdefault(one.label, []).append(one)
            else:
                yield _found_by_rule(turn, one)
        if annotated.model is None:
            return
        scored, fusion = annotated.scores[position], annotated.model.fusion
        for label in standing(scored, ruled, fusion):
            score = round(fused(label, scored, ruled, fusion), 4)
            if label in ruled:
                found_by = finder(label, scored, fusion)
                for one in ruled[label]:
                    yield replace(_found_by_rule(turn, one), score=score, found_by=found_by)
            elif label in scored:
                moment = _found_by_model(annotated.model, turn, label, scored[label])
                playbook = self._playbooks.get(doc.lang_)
                family = playbook.measured_family(label) if playbook is not None else None
                if family is not None:
                    moment = replace(
                        moment, severity=family.severity, better_move=family.better_move
                    )
                yield moment


def _carriers(call: AttributedCall) -> tuple[Role, ...]:
    """Whose turns may carry marks on this call.

    What a rep says in a coaching session is said to the manager: a cliche quoted or rehearsed. And
    where a customer listens in, a manager sells or hosts, and coaches nobody.
    """
    if call.recording.metadata.is_coaching:
        return (Role.MANAGER,)
    with_customer = bool(call.with_role(Role.CUSTOMER))
    return (Role.REP, Role.CUSTOMER) if with_customer else (Role.REP, Role.CUSTOMER, Role.MANAGER)


def standing(
    scored: Mapping[Label, Scored], ruled: Mapping[Label, object], fusion: Mapping[Label, Fusion]
) -> list[Label]:
    """The labels that hold for a turn, in the order of `Label`.

    A claim is of some kind, and whatever is of a kind is a claim: where only the claim is sure, the
    likeliest kind holds with it, if any is likely at all.
    """
    spoken_of = {*scored, *ruled}
    found = {
        label
        for label in spoken_of
        if fused(label, scored, ruled, fusion) >= fusion[label].threshold
    }
    if not found:
        return []
    kinds = found.intersection(_CLAIM_KINDS)
    if kinds:
        found.add(Label.CLAIM)
    elif Label.CLAIM in found:
        likely = [kind for kind in _CLAIM_KINDS if kind in scored or kind in ruled]
        if likely:
            found.add(max(likely, key=lambda kind: fused(kind, scored, ruled, fusion)))
    return [label for label in Label if label in found]


def fused(
    label: Label,
    scored: Mapping[Label, Scored],
    ruled: Mapping[Label, object],
    fusion: Mapping[Label, Fusion],
) -> float:
    """The score of a label: the model's, and the bonus if a rule has found it too; at most 1."""
    model = scored[label].score if label in scored else 0.0
    return min(1.0, model + (fusion[label].bonus if label in ruled else 0.0))


def finder(label: Label, scored: Mapping[Label, Scored], fusion: Mapping[Label, Fusion]) -> FoundBy:
    """What a label that a rule has found rests on: the rule alone if the model would not have it.

    Both are named where each suffices, and where it takes both to reach the threshold.
    """
    threshold, bonus = fusion[label].threshold, fusion[label].bonus
    model = scored[label].score if label in scored else 0.0
    return FoundBy.RULE if bonus >= threshold > model else FoundBy.BOTH


def _found_by_rule(turn: Turn, finding: Finding) -> Moment:
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


def _found_by_model(model: TurnLabeller, turn: Turn, label: Label, scored: Scored) -> Moment:
    start, end = scored.start_char, scored.end_char
    if start >= end:  # nothing but marks: the turn as a whole decided
        start, end = 0, len(turn.text)
    quote_start, quote_end = quote_around(turn.text, start, end)
    threshold = model.fusion[label].threshold
    needed = f"needed {threshold:.2f}"
    if scored.score < threshold:  # see `standing`
        needed = "the likeliest kind of this claim" if label in _CLAIM_KINDS else "by its kind"
    return Moment(
        label=label,
        turn=turn.turn,
        speaker=turn.speaker,
        start_s=turn.time_of_char(start),
        end_s=turn.time_after_char(end),
        start_char=start,
        end_char=end,
        quote=turn.text[quote_start:quote_end],
        score=round(scored.score, 4),
        found_by=FoundBy.MODEL,
        rule_ids=(),
        version=model.version,
        reason=f"reads like {_named(label)}: '{turn.text[start:end]}' "
        f"(model {scored.score:.2f}, {needed})",
    )


def _named(label: Label) -> str:
    name = label.replace("_", " ")
    if label in _CLAIM_KINDS:
        claim, kind = name.split(" ", 1)
        name = f"{kind} {claim}"
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"  # "a unique claim"

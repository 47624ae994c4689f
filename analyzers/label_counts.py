"""In how many of the rep's turns each kind of moment is, and how far that can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from analyzers.annotated import AnnotatedCall
from analyzers.measurable import doubt, measure, rep_obstacle
from calls.labels import Label, Role
from calls.measures import Measure
from calls.moment import Moment

LABEL_COUNTS: dict[str, Label] = {
    "cliche_question_count": Label.CLICHE_QUESTION,
    "homework_question_count": Label.HOMEWORK_QUESTION,
    "vague_next_step_count": Label.VAGUE_NEXT_STEP,
    "claim_count": Label.CLAIM,
}
"""The call's measures, and the label of the rep's turns that each of them counts."""


def label_counts(annotated: AnnotatedCall, moments: Sequence[Moment]) -> Iterator[Measure]:
    """One count for each of `LABEL_COUNTS`.

    Turns are counted, as in the label guide: rules may find two cliches in one turn where the model
    tells only that there is one.
    """
    obstacle = rep_obstacle(annotated)
    reps = {turn.turn for turn in annotated.call.turns if turn.role is Role.REP}
    counts = Counter(
        label for turn, label in {(one.turn, one.label) for one in moments} if turn in reps
    )
    care = doubt(annotated, Role.REP, of_labels=True)
    for name, label in LABEL_COUNTS.items():
        yield measure(name, obstacle or counts[label], care)

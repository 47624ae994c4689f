"""An evaluation as people read it: sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from calls.labels import Label
from flows.evaluation.cases import Kind
from flows.evaluation.evaluate import CallOutcome, Evaluation, TalkHits
from flows.evaluation.scores import LEAST_UNITS, Score, Scores
from flows.evaluation.summary import Heading, call_summary

if TYPE_CHECKING:
    import polars as pl

_TITLES = {Kind.TURNS: "Single turns", Kind.CALLS: "Turns of calls and sessions"}
_LONGEST_QUOTE = 160


def report(heading: Heading, found: Evaluation) -> Iterator[str | pl.DataFrame]:
    """Everything that was found out, in the order in which one asks for it."""
    yield _made_with(heading, found)
    yield from heading.data.notes
    if found.unlabelled_count:
        yield f"{found.unlabelled_count} turns are not labelled: for them there are predictions."
    if found.uncovered_count:
        yield (
            f"{found.uncovered_count} turns are in a language without a playbook: nothing can be "
            "found in them, and what they carry counts as missed."
        )
    for kind, scores in found.scores.items():
        yield from _scores(_TITLES[kind], scores)
    yield from _confusions(found)
    yield from _calls([one for one in found.calls if not one.is_session], found)
    yield from _sessions([one for one in found.calls if one.is_session])
    if found.talk is not None:
        yield from _talk(heading, found.talk)


def _made_with(heading: Heading, found: Evaluation) -> str:
    read_by = f"analyzers {found.read_version}, playbook {found.playbook_version or 'none'}"
    model = heading.model_version
    learned = f"learned layer {model}" if model else "no learned layer"
    return (
        f"{heading.data.name} ({heading.data.digest}): {found.turn_count} turns, read by "
        f"{read_by}, {learned}."
    )


def _scores(title: str, scores: Scores) -> Iterator[str | pl.DataFrame]:
    import polars as pl

    yield f"\n{title}: {scores.turn_count}"
    rows = [_score_row(str(label), one) for label, one in scores.by_label.items()]
    rows.append(_score_row("micro", scores.micro))
    macro = scores.macro
    left_out = len(scores.by_label) - len(macro.labels)
    rows.append(
        {
            "label": "macro",
            "precision": "",
            "recall": "",
            "F1": _rate(macro.f1),
            "95 %": _interval(macro.f1_low, macro.f1_high),
            "support": "",
            "right, wrong, missed": "",
        }
    )
    yield pl.DataFrame(rows)
    if left_out:
        yield f"macro leaves out the {left_out} labels without support."
    if scores.unit_count < LEAST_UNITS:
        yield f"No intervals: {scores.unit_count} units are too few ({LEAST_UNITS} are needed)."


def _score_row(label: str, one: Score) -> dict[str, Any]:
    return {
        "label": label,
        "precision": _rate(one.precision),
        "recall": _rate(one.recall),
        "F1": _rate(one.f1),
        "95 %": _interval(one.f1_low, one.f1_high),
        "support": str(one.support) if one.support else "-",
        "right, wrong, missed": (
            f"{one.true_positives}, {one.false_positives}, {one.false_negatives}"
        ),
    }


def _confusions(found: Evaluation) -> Iterator[str | pl.DataFrame]:
    import polars as pl

    if not found.confusions:
        return
    yield "\nMost frequent confusions"
    yield pl.DataFrame(
        [
            {
                "turns": one.count,
                "missed": ", ".join(one.missed) or "nothing",
                "found wrongly": ", ".join(one.found) or "nothing",
                "e.g.": "\n".join(f"{quote.where}: {_short(quote.text)}" for quote in one.quotes),
            }
            for one in found.confusions
        ]
    )


def _calls(calls: Sequence[CallOutcome], found: Evaluation) -> Iterator[str | pl.DataFrame]:
    import polars as pl

    summary = call_summary(found)
    if summary is None:
        return
    yield f"\nCalls: {summary.call_count}"
    yield pl.DataFrame(
        [
            {
                "call": one.id,
                "steps": _compared(_steps(one.expected.steps_in_order), _found_steps(one)),
                "complete": _compared(_yes(one.expected.is_complete), _yes(one.found.is_complete)),
                "cliches": _compared(_number(one.expected.cliche_count), _cliches(one)),
                "complete chain": _yes(one.has_complete_chain),
            }
            for one in calls
        ]
    )
    error = "" if summary.cliche_error is None else f"{summary.cliche_error:.2f}"
    yield (
        f"Steps right: {summary.steps_right_count}. Completeness right: "
        f"{summary.complete_right_count}. Both: {summary.both_right_count}. "
        f"Cliches off by {error or '-'} a call on average."
    )
    yield (
        "Steps and completeness follow from the labels of turns (docs/labels.md); `complete chain` "
        "is what the table `chains` says, which has time limits. '≠' stands between what people "
        "say and what was found."
    )


def _sessions(sessions: Sequence[CallOutcome]) -> Iterator[str | pl.DataFrame]:
    import polars as pl

    if not sessions:
        return
    yield f"\nCoaching sessions: {len(sessions)}"
    yield pl.DataFrame(
        [
            {
                "session": one.id,
                "coaching turns": _compared(
                    _number(one.expected.coaching_count), _number(one.found.coaching_count)
                ),
                "spreadsheet turns": _compared(
                    _number(one.expected.spreadsheet_count), _number(one.found.spreadsheet_count)
                ),
            }
            for one in sessions
        ]
    )


def _talk(heading: Heading, talk: TalkHits) -> Iterator[str | pl.DataFrame]:
    import polars as pl

    yield f"\nTalk: {talk.turn_count} turns, everybody taken for the {heading.role}"
    yield pl.DataFrame(
        [
            {
                "label": str(label),
                "hits": talk.counts[label],
                "per 1,000 turns": f"{talk.per_1000(label):.2f}",
                "e.g.": "\n".join(f"{hit.where}: {_short(hit.text)}" for hit in talk.hits[label]),
            }
            for label in Label
            if talk.counts[label]
        ],
        schema={
            "label": pl.String,
            "hits": pl.Int64,
            "per 1,000 turns": pl.String,
            "e.g.": pl.String,
        },
    )
    yield (
        f"Turns with any label: {talk.turns_with_any_label} of {talk.turn_count}. "
        "Labels that are not listed were not found."
    )


def _found_steps(one: CallOutcome) -> str:
    return _steps(one.found.steps_in_order)


def _cliches(one: CallOutcome) -> str:
    return _number(one.found.cliche_count)


def _steps(steps: tuple[Label, ...] | None) -> str:
    if steps is None:
        return "-"
    return " → ".join(steps) or "none"


def _compared(expected: str, found: str) -> str:
    """One value where they agree, else both."""
    return found if expected == found else f"{expected} ≠ {found}"


def _yes(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else "no"


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[: _LONGEST_QUOTE - 1]}…"

"""Table `evaluations`: how well a set of labelled data was read, label by label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from warehouse.schemas.spec import INSTANT, Column, TableSpec

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One label (or mean over labels) of one kind of data in one evaluation."""

    evaluation_id: str
    started_at: datetime
    data: str
    data_digest: str
    kind: str
    label: str
    n_turns: int
    support: int | None
    true_positives: int | None
    false_positives: int | None
    false_negatives: int | None
    precision: float | None
    recall: float | None
    f1: float | None
    f1_low: float | None
    f1_high: float | None
    hits_per_1000_turns: float | None
    as_role: str | None
    read_version: str
    playbook_version: str
    model_version: str | None


def _kept(
    name: str, kind: pa.DataType, meaning: str, unit: str = "", *, null: bool = False
) -> Column:
    return Column(name, kind, meaning, unit, null, "kept")


def _turns(name: str, meaning: str) -> Column:
    return _kept(name, pa.int32(), f"{meaning} Null for talk and `macro`.", "turns", null=True)


def _share(name: str, meaning: str) -> Column:
    return _kept(name, pa.float64(), meaning, "0 to 1", null=True)


EVALUATIONS = TableSpec(
    name="evaluations",
    version=SCHEMA_VERSION,
    row_type=EvaluationRow,
    columns=(
        _kept("evaluation_id", pa.string(), "Names the evaluation."),
        _kept("started_at", INSTANT, "When the evaluation began.", "UTC"),
        _kept("data", pa.string(), "Name of the file or folder that was read; no path."),
        _kept(
            "data_digest",
            pa.string(),
            "Changes with the content of the data: compare only figures of one digest.",
        ),
        _kept(
            "kind",
            pa.string(),
            "`turns` (single turns with context), `calls` (whole calls and coaching sessions) or "
            "`talk` (ordinary talk without labels, where every hit is a false alarm).",
        ),
        _kept(
            "label",
            pa.string(),
            "The label; `macro` is the mean over the labels that have support, `micro` pools all "
            "labels.",
        ),
        _kept("n_turns", pa.int32(), "Turns that were judged.", "turns"),
        _turns("support", "Turns that carry the label in the data."),
        _turns("true_positives", "Turns with the label both in the data and found."),
        _turns("false_positives", "Turns in which the label was found wrongly."),
        _turns("false_negatives", "Turns in which the label was missed."),
        _share("precision", "Of the turns found, the share that carry the label. Null if none."),
        _share("recall", "Of the turns that carry the label, the share found. Null if none."),
        _share("f1", "Harmonic mean of precision and recall. Null without support."),
        _share("f1_low", "Lower end of the 95 % bootstrap interval of f1."),
        _share("f1_high", "Upper end of the 95 % bootstrap interval of f1."),
        _kept(
            "hits_per_1000_turns",
            pa.float64(),
            "Turns in which the label was found, per 1,000 turns of talk. Null for other kinds.",
            "1/1000 turns",
            null=True,
        ),
        _kept(
            "as_role",
            pa.string(),
            "The role every speaker of the talk was given. Null for other kinds.",
            null=True,
        ),
        _kept("read_version", pa.string(), "Version of the analyzers."),
        _kept("playbook_version", pa.string(), "Digest of the playbook."),
        _kept(
            "model_version",
            pa.string(),
            "Version of the learned layer. Null if only rules read.",
            null=True,
        ),
    ),
    key=("evaluation_id", "kind", "label"),
    sort=("started_at", "evaluation_id", "kind", "label"),
    partition="run_date",
    one_row_per="evaluation × kind of data × label",
    owner="evaluation_id",
)

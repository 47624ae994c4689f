"""The evaluations on record: one file each under `work/evaluations/`, written once.

The table `evaluations` is made from these alone, so that a rebuild brings it back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from calls.errors import WarehouseDamaged
from warehouse import layout
from warehouse.arrow import require_unique, to_arrow
from warehouse.evolution import filled
from warehouse.files import locked, to_json, write_whole
from warehouse.rows import call_date
from warehouse.schemas import EvaluationRow
from warehouse.schemas.evaluations import EVALUATIONS

_ENDING = ".json"
_EVALUATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """The evaluations of one warehouse.

    Args:
        root: the warehouse folder.
        time_zone: the zone in which an evaluation's start gives its date.
    """

    root: Path
    time_zone: str

    def add(self, rows: Sequence[EvaluationRow]) -> None:
        """Returns when the rows of one evaluation are on disk.

        Nights and other evaluations may be under way: no run needs to be waited for.

        Raises:
            ValueError: there are no rows, they are of several evaluations, or the id is taken.
            WarehouseDamaged: a row does not fit the table.
        """
        names = {row.evaluation_id for row in rows}
        if len(names) != 1:
            raise ValueError(f"One evaluation is added at a time; these rows have {len(names)}.")
        (evaluation_id,) = names
        to_arrow(EVALUATIONS, rows)  # a row that fits no table must not get into the record
        require_unique(EVALUATIONS, rows)
        path = self._path(evaluation_id)
        # The unfinished file lies where only holders of this lock sweep.
        with locked(layout.publish_lock(self.root)):
            if path.exists():
                raise ValueError(f"Evaluation {evaluation_id!r} is on record; take another id.")
            facts = [asdict(row) for row in rows]
            write_whole(path, to_json(facts, indent=1), staging=layout.staging(self.root))

    def ids(self) -> list[str]:
        """The ids of every evaluation, in order."""
        return sorted(path.stem for path in self._folder.glob(f"*{_ENDING}"))

    def rows(self, evaluation_id: str) -> tuple[EvaluationRow, ...]:
        """The rows of that evaluation.

        Raises:
            WarehouseDamaged: its file can't be read.
        """
        path = self._path(evaluation_id)
        try:
            facts = json.loads(path.read_bytes())
            return tuple(
                EvaluationRow(**filled(EVALUATIONS, row | {"started_at": _instant(row)}))
                for row in facts
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise WarehouseDamaged(
                f"work/evaluations/{path.name}: can't be read ({type(error).__name__}). "
                "Remove the file."
            ) from error

    def tables(self, evaluation_ids: Iterable[str]) -> dict[layout.Day, dict[str, pa.Table]]:
        """The rows of the table `evaluations`, by the date on which the evaluation began."""
        by_day: dict[date, list[EvaluationRow]] = {}
        for one in evaluation_ids:
            for row in self.rows(one):
                day = call_date(row.started_at, self.time_zone)
                by_day.setdefault(day, []).append(row)
        return {
            day: {EVALUATIONS.name: to_arrow(EVALUATIONS, rows)} for day, rows in by_day.items()
        }

    @property
    def _folder(self) -> Path:
        return self.root / "work" / "evaluations"

    def _path(self, evaluation_id: str) -> Path:
        if not _EVALUATION_ID.fullmatch(evaluation_id):
            raise ValueError(
                f"Evaluation id {evaluation_id!r} can't be used: 1 to 64 letters, digits, '_' and "
                "'-', beginning with a letter or digit."
            )
        return self._folder / f"{evaluation_id}{_ENDING}"


def _instant(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["started_at"])

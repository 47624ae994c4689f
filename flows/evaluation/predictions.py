"""What was found, as a file for other programs: one JSON line per case, in their order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO, Any

from calls.errors import UsageError
from flows.evaluation.cases import Kind
from flows.evaluation.evaluate import Judged
from flows.evaluation.predicted import in_order
from warehouse.files import to_json


def prediction_lines(judged: Judged) -> Iterator[dict[str, Any]]:
    """What is said of one case.

    A single turn: `id` and `labels`. A call or session: `call_id`, what follows from its labels,
    and its turns. Talk: `file`, `line` and `labels`, turn by turn.
    """
    case = judged.case
    if case.kind is Kind.CALLS:
        yield {
            "call_id": case.id,
            "steps_in_order": judged.facts.steps_in_order,
            "insight_sequence_complete": judged.facts.is_complete,
            "cliche_count": judged.facts.cliche_count,
            "turns": [
                {"i": one.number, "labels": in_order(found)}
                for one, found in zip(case.judged, judged.found, strict=True)
            ],
        }
        return
    for one, found in zip(case.judged, judged.found, strict=True):
        if case.kind is Kind.TURNS:
            yield {"id": case.id, "labels": in_order(found)}
        else:
            yield {"file": case.file, "line": one.number, "labels": in_order(found)}


class PredictionFile:
    """A file of predictions that is there whole in the end, or as it was before.

    Raises:
        UsageError: it can't be written where it shall be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> PredictionFile:
        try:
            if self._path.is_dir():
                raise IsADirectoryError(21, os.strerror(21))
            self._file = NamedTemporaryFile(
                dir=self._path.parent, prefix=f".{self._path.name}.", delete=False
            )
        except OSError as error:
            raise UsageError(
                f"--predictions {self._path}: can't be written ({error.strerror})."
            ) from error
        return self

    def write(self, judged: Judged) -> None:
        """Writes the lines of one case."""
        assert self._file is not None
        for line in prediction_lines(judged):
            self._file.write(to_json(line) + b"\n")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        unfinished = Path(self._file.name)
        try:
            self._file.close()
            if kind is None:
                unfinished.chmod(0o666 & ~_umask())
                unfinished.replace(self._path)
        finally:
            unfinished.unlink(missing_ok=True)


def _umask() -> int:
    """The permissions that new files of this process don't get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""The progress bar of a run on a terminal."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from flows.progress import KeepsReport


class Bar(KeepsReport):
    """A bar per step on standard error; sentences appear above it."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:>8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._total = 0
        self._lock = threading.Lock()  # several batches may be under way

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def say(self, line: str) -> None:
        """Shows a sentence above the bar."""
        self._progress.console.print(line, markup=False, highlight=False)

    def begin(self, calls: int) -> None:
        """Starts the bars of a night."""
        self._total = calls

    def advance(self, step: str, calls: int = 1) -> None:
        """Moves the step's bar."""
        with self._lock:
            if step not in self._tasks:
                self._tasks[step] = self._progress.add_task(step, total=self._total)
            self._progress.advance(self._tasks[step], calls)

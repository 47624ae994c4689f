"""What a run shows while it works: a bar on a terminal, plain lines in a log, or nothing.

The steps report to whatever `current()` is; a context variable carries it into Prefect's threads.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from flows.report import NightReport


class Progress(Protocol):
    """Hears how far the night has come, and what came of it."""

    report: NightReport | None

    def say(self, line: str) -> None:
        """One plain sentence for people."""

    def begin(self, calls: int) -> None:
        """The number of calls to be worked on."""

    def advance(self, step: str, calls: int = 1) -> None:
        """So many more calls have been through that step ("listened", "read")."""

    def end(self, report: NightReport) -> None:
        """The night has ended, with this report."""


class KeepsReport:
    """Keeps the report of the night for whoever asked for the run."""

    report: NightReport | None = None

    def end(self, report: NightReport) -> None:
        """Keeps it."""
        self.report = report


class Silent(KeepsReport):
    """Shows nothing: tests and deployments, where Prefect shows the run."""

    def say(self, line: str) -> None:
        """Shows nothing."""

    def begin(self, calls: int) -> None:
        """Shows nothing."""

    def advance(self, step: str, calls: int = 1) -> None:
        """Shows nothing."""


class Lines(KeepsReport):
    """Plain lines, at most about twenty per step, for logs and pipes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._total = 0
        self._done: dict[str, int] = {}
        self._lock = threading.Lock()  # several batches may be under way

    def say(self, line: str) -> None:
        """Writes the line."""
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def begin(self, calls: int) -> None:
        """Remembers the total."""
        self._total, self._done = calls, {}

    def advance(self, step: str, calls: int = 1) -> None:
        """Writes a line for every twentieth part of the night."""
        with self._lock:
            before = self._done.get(step, 0)
            now = self._done[step] = before + calls
        part = max(1, self._total // 20)
        if before // part != now // part or now == self._total:
            self.say(f"{step}: {now} of {self._total} calls")


_current: ContextVar[Progress | None] = ContextVar("nightcall_progress", default=None)


def current() -> Progress:
    """Whoever listens now."""
    return _current.get() or Silent()


@contextmanager
def showing(progress: Progress) -> Iterator[Progress]:
    """Sends all progress made inside to `progress`."""
    token = _current.set(progress)
    try:
        yield progress
    finally:
        _current.reset(token)

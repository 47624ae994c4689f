"""Work done in forked children, each killed at its n-th step that changes the disk.

A script of the tests hands its work to `in_children`; the test gives it orders through `Dying`.
Forked, because importing takes longer than the work: the script imports all it needs first, and
nothing in it may touch polars or Arrow before the fork.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def die_at_step(last_step: int) -> list[int]:
    """Counts the steps to come that change the disk, and kills this process at one of them.

    `Path.replace`, `Path.unlink` and `Path.mkdir` call these functions at the time they are used.
    """
    steps = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            steps[0] += 1
            if steps[0] == last_step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return step

    for name in ("fsync", "replace", "unlink", "open", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
    return steps


def in_children(work: Callable[..., int]) -> None:
    """Carries out an order per line of standard input, each in a child.

    An order is a JSON list of what `work` takes; it gives back how many steps it took. Output, one
    line each: how the child ended (negative: the signal), and those steps.
    """
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, str(work(*json.loads(line))).encode())
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        taken = os.read(reader, 16).decode() or "0"
        os.close(reader)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {taken}\n")
        sys.stdout.flush()


class Dying:
    """Such a script at work."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def __enter__(self) -> Dying:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def order(self, *order: Any) -> tuple[int, int]:
        """How the child ended, and how many steps it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        code, steps = self._process.stdout.readline().split()
        return int(code), int(steps)

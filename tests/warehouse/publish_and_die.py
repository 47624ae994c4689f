"""Publishes in forked children; each kills itself at its n-th step that changes the disk.

Input, one JSON per line: [folder, step, changed, retired]. Output, one line each: how the child
ended (negative: the signal), and how many steps it took. Forked, because importing takes longer
than publishing; nothing here may touch polars or Arrow before the fork.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import pandas  # noqa: F401 - Arrow imports it with its first table: once here, not in every child

from warehouse import open_warehouse


def die_at_step(last_step: int) -> list[int]:
    """Counts the steps to come that change the disk, and kills this process at one of them.

    `Path.replace`, `Path.unlink` and `Path.mkdir` call these functions at the time they are used.
    """
    steps = [0]

    def counted(real):
        def step(*arguments, **options):
            steps[0] += 1
            if steps[0] == last_step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return step

    for name in ("fsync", "replace", "unlink", "open", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
    return steps


def publish_until(path: str, last_step: int, changed: list[str], retired: list[str]) -> int:
    """How many steps a publication takes that is not killed before."""
    steps = die_at_step(last_step)
    open_warehouse(path).publish(changed, retired)
    return steps[0]


def main() -> None:
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, str(publish_until(*json.loads(line))).encode())
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        taken = os.read(reader, 16).decode() or "0"
        os.close(reader)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {taken}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

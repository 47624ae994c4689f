"""Brings warehouses up to date in forked children, each killed at its n-th step on the disk.

Arguments: a folder and a step, again and again. Output, one line each: how the child ended
(negative: the signal), and how many steps it took. Forked for the reason that `publish_and_die`
gives.
"""

from __future__ import annotations

import os
import signal
import sys

import pandas  # noqa: F401 - as in `publish_and_die`

from tests.warehouse.newer import newer_nightcall
from warehouse import open_warehouse


def evolve_until(path: str, last_step: int) -> int:
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
    with newer_nightcall():
        open_warehouse(path).bring_up_to_date()
    return steps[0]


def main() -> None:
    for path, step in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, str(evolve_until(path, int(step))).encode())
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        taken = os.read(reader, 16).decode() or "0"
        os.close(reader)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {taken}\n")


if __name__ == "__main__":
    main()

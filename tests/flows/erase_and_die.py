"""Erases a call in forked children; each kills itself at its n-th step that changes the disk.

Input, one JSON per line: [settings, step, call id]. Output, one line each: how the child ended
(negative: the signal), and how many steps it took. Forked, because importing takes longer than
erasing; nothing here may touch polars or Arrow before the fork.
"""

from __future__ import annotations

import json
import os
import sys

import pandas  # noqa: F401 - Arrow imports it with its first table: once here, not in every child

from calls.settings import Settings
from flows.erasing.erase import erase
from flows.erasing.wanted import Request
from tests.warehouse.publish_and_die import die_at_step


def erase_until(settings: str, last_step: int, call_id: str) -> int:
    request = Request(call_ids=(call_id,), by="op", delete_recordings=True)
    steps = die_at_step(last_step)
    erase(Settings.model_validate_json(settings), request)
    return steps[0]


def main() -> None:
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, str(erase_until(*json.loads(line))).encode())
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        taken = os.read(reader, 16).decode() or "0"
        os.close(reader)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {taken}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

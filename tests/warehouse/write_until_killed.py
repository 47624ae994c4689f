"""Writes into a warehouse and is killed for it, again and again.

Input, one JSON per line: [folder, seed, seconds, step]. For each, a forked child publishes one
change after the other until it is killed: after so many seconds, or (step > 0) by itself at its
step-th change to the disk. Output, one JSON per line: how the child ended, how often it had
published, and the revision of each call in that. With the argument `quick` nobody waits for the
disk. Forked, because importing takes longer than publishing; nothing here may touch polars or Arrow
before the fork.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time

import pandas  # noqa: F401 - Arrow imports it with its first table: once here, not in every child

from tests.warehouse.changing_calls import NAMES, rows_at
from tests.warehouse.publish_and_die import die_at_step
from warehouse import Warehouse, open_warehouse


def write(path: str, seed: int, step: int, done: int) -> None:
    """Publishes changes until killed; tells `done` what is published."""
    draw = random.Random(seed)
    store = open_warehouse(path)
    revisions = _revisions(store)
    if step:
        die_at_step(step)
    while True:
        changed = draw.sample(NAMES, draw.randint(1, len(NAMES)))
        for name in changed:
            revisions[name] += 1
            store.artifacts.save_reading(rows_at(name, revisions[name]))
        keys = [rows_at(name, 1).source_key for name in changed]
        store.publish(keys)
        os.write(done, json.dumps({name: revisions[name] for name in changed}).encode() + b"\n")


def _revisions(store: Warehouse) -> dict[str, int]:
    """The revision of each call's artifact: what is published may be older."""
    found = {}
    for name in NAMES:
        header = store.artifacts.reading_header(rows_at(name, 1).source_key)
        found[name] = header.revision if header else 0
    return found


def main() -> None:
    if "quick" in sys.argv:
        os.fsync = lambda descriptor: None
    for line in sys.stdin:
        path, seed, seconds, step = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            write(path, seed, step, writer)
        os.close(writer)
        if not step:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reader) as told:
            published = [json.loads(one) for one in told]
        latest = {name: revision for one in published for name, revision in one.items()}
        code = os.waitstatus_to_exitcode(status)
        answer = {"code": code, "publications": len(published), "published": latest}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Publishes changed calls without a pause until its input ends, as a night or a `swap` does.

`python -m tests.warehouse.publish_in_turns FOLDER SEED`: prints "publishing" after the first time,
and at the end how often it did.
"""

from __future__ import annotations

import os
import random
import select
import sys
from itertools import count
from pathlib import Path

from tests.warehouse.changing_calls import NAMES, rows_at
from warehouse import Warehouse, open_warehouse
from warehouse.files import locked


def change(store: Warehouse, name: str) -> str:
    """The source key of a call that has a new reading."""
    key = rows_at(name, 1).source_key
    # One run at a time reads a call again (the night lock); only publications overlap here.
    with locked(store.path / "state" / "reading.lock"):
        header = store.artifacts.reading_header(key)
        assert header is not None
        store.artifacts.save_reading(rows_at(name, header.revision + 1))
    return key


def main() -> None:
    os.fsync = lambda descriptor: None
    store = open_warehouse(Path(sys.argv[1]))
    draw = random.Random(sys.argv[2])
    for times in count():
        if times == 1:
            sys.stdout.write("publishing\n")
            sys.stdout.flush()
        if select.select([sys.stdin], [], [], 0)[0]:
            break
        names = draw.sample(NAMES, draw.randint(1, len(NAMES)))
        done = store.publish([change(store, name) for name in names])
        assert not done.refused, done.refused
    sys.stdout.write(f"{times}\n")


if __name__ == "__main__":
    main()

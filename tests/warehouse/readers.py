"""Processes that read a warehouse all the while, and what they saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KINDS = ("polars", "duckdb", "nightcall")

ENVIRONMENT = {**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONWARNINGS": "ignore"}


def start(module: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that runs one of the modules beside this one."""
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.warehouse.{module}", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


@contextmanager
def reading_all_the_while(folder: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """What each kind of reader saw: empty inside, filled when the block ends."""
    seen: dict[str, dict[str, Any]] = {}
    with ExitStack() as running:
        readers = {
            kind: running.enter_context(start("poll_tables", kind, str(folder))) for kind in KINDS
        }
        for one in readers.values():
            assert one.stdout is not None
            assert one.stdout.readline() == "reading\n"
        yield seen
        for kind, one in readers.items():
            told, _ = one.communicate()
            seen[kind] = json.loads(told)

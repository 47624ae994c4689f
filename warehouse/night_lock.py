"""One run at a time: a lock that says who holds it, and that the system frees if they die."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from calls.errors import WarehouseBusy
from warehouse.files import locked


@contextmanager
def night_lock(path: Path) -> Iterator[None]:
    """Nothing; while inside, nobody else gets in.

    Raises:
        WarehouseBusy: naming process, host and start of the run that holds the lock.
    """
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(locked(path, wait=False))
        except BlockingIOError:
            raise WarehouseBusy(_busy(path)) from None
        _write(descriptor, _holder())
        yield
        os.ftruncate(descriptor, 0)


def _holder() -> bytes:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = {"pid": os.getpid(), "host": socket.gethostname(), "started_at": now}
    return json.dumps(facts).encode()


def _write(descriptor: int, data: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, data, 0)


def _busy(path: Path) -> str:
    try:
        facts = json.loads(path.read_bytes())
        who = f"process {facts['pid']} on {facts['host']} since {facts['started_at']}"
    except (ValueError, KeyError, OSError):
        who = "it began a moment ago"  # it has the lock, but has not signed yet
    return (
        f"Another run holds this warehouse: {who}. Wait until it ends, or end that process; the "
        "lock then goes by itself."
    )

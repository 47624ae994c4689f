"""Stopping a run by Ctrl-C or a signal: at once, with one line, and with no process left behind.

Every step leaves whole artifacts, so a run may be stopped anywhere. Letting Prefect wind down would
take minutes: a Ctrl-C reaches its server as well, and the client goes on asking a dead server.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

STOPPED = 128
"""Shells report a process ended by signal N as 128 + N."""


_active: ContextVar[bool] = ContextVar("nightcall_stops_at_once", default=False)


@contextmanager
def stops_at_once() -> Iterator[None]:
    """Inside, SIGINT and SIGTERM end this process and all that it has started."""
    token = _active.set(True)
    try:
        with _handlers():
            yield
    finally:
        _active.reset(token)


@contextmanager
def still_stops_at_once() -> Iterator[None]:
    """The same inside a flow, if it holds outside: Prefect puts a handler of its own in place."""
    if _active.get() and threading.current_thread() is threading.main_thread():
        with _handlers():
            yield
    else:
        yield


@contextmanager
def _handlers() -> Iterator[None]:
    before = {one: signal.signal(one, _stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    sys.stderr.write("\nStopped. Finished work is kept; run again to go on.\n")
    sys.stderr.flush()
    for child in multiprocessing.active_children():
        child.kill()
    _stop_prefect_server()
    os._exit(STOPPED + number)


def _stop_prefect_server() -> None:
    """Ends the private server, if one was started."""
    module = sys.modules.get("prefect.server.api.server")
    if module is None:
        return
    instances = getattr(module.SubprocessASGIServer, "_instances", {})  # not a public name
    for server in list(instances.values()):
        process = getattr(server, "server_process", None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

"""What a run shows while it works."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from flows.progress import Lines, current, showing


def test_a_large_night_writes_about_twenty_lines_per_step() -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    lines.begin(10_000)
    for _ in range(10_000):
        lines.advance("listened")
    written = stream.getvalue().splitlines()
    assert len(written) == 20
    assert written[-1] == "listened: 10000 of 10000 calls"


def test_progress_reaches_whoever_shows_it_from_other_threads() -> None:
    stream = io.StringIO()
    with showing(Lines(stream)), ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, lambda: current().say("hello")).result()
    assert stream.getvalue() == "hello\n"


def test_outside_of_a_run_nothing_is_shown() -> None:
    current().say("nobody hears this")
    current().begin(1)
    current().advance("read")

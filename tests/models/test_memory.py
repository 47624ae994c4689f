"""What hearing a recording takes does not grow with its length."""

from __future__ import annotations

import multiprocessing

import pytest

from benchmarks.memory import peak_mb


@pytest.mark.speech
def test_a_call_five_times_as_long_takes_hardly_more_memory() -> None:
    spawn = multiprocessing.get_context("spawn")
    peaks = []
    for minutes in (6, 30):  # both longer than the block that is searched at once
        with spawn.Pool(1) as pool:
            _, peak, chunks, _ = pool.apply(peak_mb, (minutes,))
        assert chunks > minutes
        peaks.append(peak)
    # As arrays, 24 more minutes of two channels would be 184 MB, and their speech as much again.
    assert peaks[1] - peaks[0] < 90

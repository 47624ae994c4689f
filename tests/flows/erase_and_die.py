"""Erases a call in forked children that die (`tests.dying`)."""

from __future__ import annotations

import pandas  # noqa: F401 - Arrow imports it with its first table: once here, not in every child

from calls.settings import Settings
from flows.erasing.erase import erase
from flows.erasing.wanted import Request
from tests.dying import die_at_step, in_children


def erase_until(settings: str, last_step: int, call_id: str) -> int:
    """How many steps an erasure takes that is not killed before."""
    request = Request(call_ids=(call_id,), by="op", delete_recordings=True)
    steps = die_at_step(last_step)
    erase(Settings.model_validate_json(settings), request)
    return steps[0]


if __name__ == "__main__":
    in_children(erase_until)

"""Compacts warehouses in forked children that die (`tests.dying`)."""

from __future__ import annotations

import pandas  # noqa: F401 - as in `publish_and_die`

from tests.dying import die_at_step, in_children
from warehouse import open_warehouse
from warehouse.compact import compact


def compact_until(path: str, last_step: int) -> int:
    """How many steps it takes when it is not killed before."""
    steps = die_at_step(last_step)
    compact(open_warehouse(path))
    return steps[0]


if __name__ == "__main__":
    in_children(compact_until)

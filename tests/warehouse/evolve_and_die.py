"""Brings warehouses up to date in forked children that die (`tests.dying`)."""

from __future__ import annotations

import pandas  # noqa: F401 - as in `publish_and_die`

from tests.dying import die_at_step, in_children
from tests.warehouse.newer import newer_nightcall
from warehouse import open_warehouse


def evolve_until(path: str, last_step: int) -> int:
    """How many steps it takes when it is not killed before."""
    steps = die_at_step(last_step)
    with newer_nightcall():
        open_warehouse(path).bring_up_to_date()
    return steps[0]


if __name__ == "__main__":
    in_children(evolve_until)

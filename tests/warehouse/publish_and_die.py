"""Publishes in forked children that die (`tests.dying`)."""

from __future__ import annotations

import pandas  # noqa: F401 - Arrow imports it with its first table: once here, not in every child

from tests.dying import die_at_step, in_children
from warehouse import open_warehouse


def publish_until(path: str, last_step: int, changed: list[str], retired: list[str]) -> int:
    """How many steps a publication takes that is not killed before."""
    steps = die_at_step(last_step)
    open_warehouse(path).publish(changed, retired)
    return steps[0]


if __name__ == "__main__":
    in_children(publish_until)

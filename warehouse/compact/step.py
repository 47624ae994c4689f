"""One thing that compacting has done, would do, or leaves to people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What was done."""

    REMOVED = "removed"
    REWRITTEN = "rewritten"
    KEPT = "kept"  # of no use any more, as far as can be told; people decide


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done, or with `--dry-run` would be.

    `where` is a path below the warehouse, `what` says for people what lies or lay there. Of what is
    kept, `size_bytes` is what it takes; else it is what was freed (below 0 where a file grew).
    """

    deed: Deed
    where: str
    what: str
    files: int
    size_bytes: int

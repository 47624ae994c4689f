"""What a check of a warehouse finds: what is wrong, where, what it means and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from calls.errors import WarehouseDamaged

REBUILD = "Run: nightcall tables rebuild"
"""The next step for a table file that is not what the artifacts say."""

REBUILD_OR_READ = (
    "Run: nightcall tables rebuild. If it is found again, run: nightcall analyze --all CALL_ID"
)
"""The next step for rows that may stand so in the artifacts too: then the call is read again."""


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    NOTE = "note"  # worth knowing, and nothing to be put right


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be, or that is worth knowing.

    `check` names what was looked at, for programs; `where` is a path below the warehouse. Of
    findings about rows, `rows` counts them and `example` holds the key of one: ids and numbers,
    never what was said.
    """

    check: str
    where: str
    problem: str
    next_step: str
    level: Level = Level.ERROR
    rows: int | None = None
    example: str = ""


@dataclass(slots=True)
class Findings:
    """What has been found so far, in order."""

    found: list[Finding] = field(default_factory=list)

    def __iter__(self) -> Iterator[Finding]:
        """Every finding, in order."""
        return iter(self.found)

    def add(
        self,
        check: str,
        where: str,
        problem: str,
        next_step: str,
        *,
        level: Level = Level.ERROR,
        rows: int | None = None,
        example: str = "",
    ) -> None:
        """Keeps one finding."""
        self.found.append(Finding(check, where, problem, next_step, level, rows, example))

    def add_damage(self, error: WarehouseDamaged, where: str = "") -> None:
        """Keeps what an error says: "PLACE: problem. Next step".

        Args:
            error: the error.
            where: the path, where the error names the place in another way.
        """
        place, _, said = str(error).partition(": ")
        problem, _, next_step = said.partition(". ")
        self.add("unreadable", where or place, problem, next_step)

"""What `nightcall doctor` has to say of one thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: is it well, what was found, what to do if it is not."""

    topic: str
    well: bool
    found: str
    remedy: str = ""

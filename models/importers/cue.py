"""One cue of a subtitle file."""

from __future__ import annotations

from dataclasses import dataclass

from models.importers.labels import Voiced


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue as its file has it. `number` counts from 1; `voices` are stated by the format."""

    number: int
    line: int
    start_s: float
    end_s: float
    text: str
    voices: tuple[Voiced, ...] = ()

"""Rolling captions: live captioning shows a line again while the next one is being spoken.

Video sites and meeting tools save such captions as they were shown, so that every line is in the
file two or three times. Somebody may also say a thing twice; so repeated words are taken out only
where the file as a whole shows that it rolls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from models.importers.cue import Cue

# Nobody begins one caption after another with the last three words of the one before.
_MIN_WORDS = 3
_MIN_ROLLED = 3
_MIN_SHARE = 0.5
# No screen shows more words at once.
_MAX_WORDS = 100


@dataclass(frozen=True, slots=True)
class _Step:
    """What a cue has in common with the one before it, in words and in whole lines."""

    shared_words: int
    shared_line_words: int
    new_words: int

    @property
    def rolls(self) -> bool:
        return self.shared_words >= _MIN_WORDS and self.new_words > 0

    @property
    def holds(self) -> bool:
        return self.shared_words > 0 and self.new_words == 0

    @property
    def repeated(self) -> int:
        """The words at its beginning that are shown again, if the file rolls."""
        long_enough = self.shared_words if self.shared_words >= _MIN_WORDS or self.holds else 0
        return max(long_enough, self.shared_line_words)


def unrolled(cues: Sequence[Cue]) -> tuple[list[Cue], int]:
    """The cues with every word once, and how many repeated words were taken out.

    Cues whose speaker is stated by a tag are whole already; a file with one does not roll.
    """
    if len(cues) <= _MIN_ROLLED or any(cue.voices for cue in cues):
        return list(cues), 0
    steps = [_step(before, cue) for before, cue in pairwise(cues)]
    rolled = sum(step.rolls for step in steps)
    shown_again = rolled + sum(step.holds for step in steps)
    if rolled < _MIN_ROLLED or shown_again < _MIN_SHARE * len(steps):
        return list(cues), 0
    kept = [cues[0]]
    for cue, step in zip(cues[1:], steps, strict=True):
        if text := _without_first(cue.text, step.repeated):
            kept.append(replace(cue, text=text))
    return kept, sum(step.repeated for step in steps)


def _step(before: Cue, cue: Cue) -> _Step:
    old, new = before.text.split(), cue.text.split()
    most = min(len(old), len(new), _MAX_WORDS)
    shared = next((count for count in range(most, 0, -1) if old[-count:] == new[:count]), 0)
    # A line of one or two words rolls as well, but only as a whole line.
    first_line = len(cue.text.strip().split("\n")[0].split())
    last_line = before.text.strip().split("\n")[-1].split()
    whole_line = first_line if last_line == new[:first_line] else 0
    return _Step(shared, whole_line, len(new) - shared)


def _without_first(text: str, words: int) -> str:
    """The text without its first words, line breaks kept."""
    lines = []
    for line in text.split("\n"):
        own = line.split()
        lines.append(" ".join(own[words:]))
        words = max(0, words - len(own))
    return "\n".join(line for line in lines if line)

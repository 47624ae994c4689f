"""Examples with `[brackets]` around what must be found."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKED = re.compile(r"\[([^\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """An example without its brackets, and the characters that stood in them."""

    text: str
    spans: tuple[tuple[int, int], ...]


def read_marks(example: str) -> MarkedText:
    """The text of an example and its marked spans.

    Raises:
        ValueError: if a bracket is not closed, not opened, nested or holds nothing.
    """
    spans: list[tuple[int, int]] = []
    text = ""
    position = 0
    for found in _MARKED.finditer(example):
        text += example[position : found.start()]
        spans.append((len(text), len(text) + len(found.group(1))))
        text += found.group(1)
        position = found.end()
    text += example[position:]
    if "[" in text or "]" in text:
        raise ValueError(f"unbalanced bracket in {example!r}")
    return MarkedText(text, tuple(spans))

"""Where in a TOML file something stands: `tomllib` gives values, people need line numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"))*)\s*=")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""|' r"'''.*?'''|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'", re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)")

Location = tuple[int | str, ...]
"""A way into parsed TOML: `("family", 2, "rule", 0, "hits")`."""


class TomlLines:
    """The lines on which the tables and keys of a valid TOML text begin.

    Args:
        text: the content of the file.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: dict[Location, int] = {}
        self._find()

    def line_of(self, location: Sequence[int | str]) -> int:
        """The line (from 1) of that table or key, else of the nearest one that holds it."""
        place = tuple(location)
        while place and place not in self._starts:
            place = place[:-1]
        return self._line(self._starts.get(place, 0))

    def line_of_text(self, location: Sequence[int | str], text: str) -> int:
        """The line of a string that stands under `location`, else that of the location."""
        place = tuple(location)
        if place in self._starts:
            start = self._starts[place]
            after = [one for one in self._starts.values() if one > start]
            end = min(after, default=len(self._text))
            for found in _STRING.finditer(self._text, start, end):
                if _ESCAPED.sub(r"\1", found.group()).strip("\"'") == text.strip("\"'"):
                    return self._line(found.start())
        return self.line_of(place)

    def _line(self, position: int) -> int:
        return self._text.count("\n", 0, position) + 1

    def _find(self) -> None:
        """Notes where every header and key begins, passing over their values."""
        counts: dict[Location, int] = {}
        table: Location = ()
        position = 0
        while position < len(self._text):
            header = _HEADER.match(self._text, position)
            key = None if header else _KEY.match(self._text, position)
            if header:
                table = self._open(header.group(2), header.group(1) == "[[", counts)
                self._starts.setdefault(table, header.start(1))
                if isinstance(table[-1], int):
                    self._starts.setdefault(table[:-1], header.start(1))
                position = header.end()
            elif key:
                self._starts.setdefault((*table, *_parts(key.group(1))), key.start(1))
                position = self._after_value(key.end())
            newline = self._text.find("\n", position)
            position = len(self._text) if newline < 0 else newline + 1

    def _open(self, name: str, is_list: bool, counts: dict[Location, int]) -> Location:
        """The location that a header opens: the next of its kind if it is a list."""
        place: Location = ()
        parts = _parts(name)
        for number, part in enumerate(parts):
            place = (*place, part)
            is_last = number == len(parts) - 1
            if is_last and is_list:
                counts[place] = counts.get(place, -1) + 1
            if place in counts:
                place = (*place, counts[place])
        return place

    def _after_value(self, position: int) -> int:
        """Where a value ends: at the end of its line, or behind the bracket that closes it."""
        depth = 0
        while position < len(self._text):
            char = self._text[position]
            if char in "\"'":
                found = _STRING.match(self._text, position)
                position = found.end() if found else position + 1
                continue
            if char == "#":
                newline = self._text.find("\n", position)
                position = len(self._text) if newline < 0 else newline
                continue
            if char == "\n" and depth == 0:
                return position
            depth += (char in "[{") - (char in "]}")
            position += 1
        return position


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in name.split("."))

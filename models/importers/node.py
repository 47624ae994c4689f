"""A value inside a JSON transcript that knows its place, so that errors can name it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from calls.errors import TranscriptInvalid

MAX_S = 7 * 24 * 3600.0
"""No call lasts a week: a later time is in another unit."""

# As many as a sidecar can name.
_MAX_CHANNEL = 31


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value, the file it is from and its path, e.g. `results.items[3].start_time`."""

    file: str
    value: Any
    path: str = ""

    def __getitem__(self, key: str) -> Node:
        """The value under that key; a node that holds None where there is none."""
        inner = self.value.get(key) if isinstance(self.value, dict) else None
        return Node(self.file, inner, f"{self.path}.{key}" if self.path else key)

    def __bool__(self) -> bool:
        return self.value not in (None, "", [], {})

    def __iter__(self) -> Iterator[Node]:
        """The elements of a list; none where there is no list.

        Raises:
            TranscriptInvalid: if the value is no list.
        """
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.wrong("is no list")
        for at, inner in enumerate(self.value):
            yield Node(self.file, inner, f"{self.path}[{at}]")

    def first(self, *keys: str) -> Node:
        """The first of several keys that has a value; the last of them where none has."""
        inner = self
        for key in keys:
            inner = self[key]
            if inner.value is not None:
                break
        return inner

    @property
    def text(self) -> str:
        """The text here; empty where there is none.

        Raises:
            TranscriptInvalid: if the value is no text.
        """
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.wrong("is no text")
        return _sound(self.value).strip()

    @property
    def label(self) -> str | None:
        """A speaker label, which vendors write as text or number; None where there is none."""
        if self.value is None or isinstance(self.value, bool | dict | list):
            return None
        return _sound(str(self.value)).strip() or None

    def channel(self, *, first: int = 0) -> int | None:
        """The channel here, from 0, where the vendor counts from `first`; None where there is none.

        Raises:
            TranscriptInvalid: if the value is no channel number.
        """
        if self.value is None:
            return None
        number = self.number
        if number is None or not number.is_integer() or not 0 <= number - first <= _MAX_CHANNEL:
            raise self.wrong("is no channel", shows_text=True)
        return int(number) - first

    def seconds(self, *, unit_s: float = 1.0) -> float:
        """The time here in seconds, rounded to milliseconds.

        Raises:
            TranscriptInvalid: if the value is no time within a week.
        """
        number = self.number
        if number is None or not 0 <= number * unit_s <= MAX_S:
            raise self.wrong("is no time", shows_text=True)
        return round(number * unit_s, 3)

    def length_s(self, *, unit_s: float = 1.0) -> float | None:
        """The length of a recording in seconds; None where there is none or it can't be one.

        It is no reason to refuse a transcript: the words are there.
        """
        number = self.number
        if number is None or not 0 < number * unit_s <= MAX_S:
            return None
        return round(number * unit_s, 3)

    @property
    def number(self) -> float | None:
        """The finite number here, also if it is written as text; None where there is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float | str):
            return None
        try:
            number = float(self.value)
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    @property
    def probability(self) -> float | None:
        """A confidence in [0, 1]; None where there is none or it is on another scale."""
        number = self.number
        return number if number is not None and 0 <= number <= 1 else None

    def wrong(self, what: str, *, shows_text: bool = False) -> TranscriptInvalid:
        """The error that this value breaks its format.

        Text is named by its type alone, because it may be what was said, unless `shows_text` says
        that it is none of that (a time, a status).
        """
        shown = f"a {type(self.value).__name__}"
        if self.value is None or isinstance(self.value, bool | int | float):
            shown = repr(self.value)
        elif shows_text and isinstance(self.value, str):
            shown = f"{self.value[:30]!r}"
        return TranscriptInvalid(
            self.file, f"{self.path or 'the file'} {what} ({shown}).", "Export it again."
        )


def _sound(text: str) -> str:
    """The text without halves of characters, which JSON can hold and nothing else can write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")

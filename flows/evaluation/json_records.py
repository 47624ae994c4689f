"""Records of a JSON or JSON-lines file, each with the place it stands at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calls.errors import UsageError


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value of a file. `line` counts from 1; it is 0 where the file is one value."""

    value: Any
    file: str
    line: int

    @property
    def where(self) -> str:
        """File and line, for people."""
        return f"{self.file}, line {self.line}" if self.line else self.file

    @property
    def default_id(self) -> str:
        """What the record is called that has no name of its own."""
        if self.line:
            return f"{self.file}:{self.line}"
        return Path(self.file).stem


def read_records(path: Path, name: str) -> Iterator[Record]:
    """The records of a file: its one value if it is a whole JSON document, else one per line.

    Args:
        path: the file.
        name: what it is called in messages.

    Raises:
        UsageError: it can't be read, or is no JSON; naming the line.
    """
    try:
        if path.suffix.lower() == ".json":
            yield from _whole(path.read_bytes(), name)
        else:
            yield from _by_line(path, name)
    except OSError as error:
        raise UsageError(f"{name}: can't be read ({error.strerror}).") from error


def _whole(data: bytes, name: str) -> Iterator[Record]:
    """The value of the document; a document with several values is taken as lines."""
    if not data.strip():
        return
    text = _text(data, name, 0)
    try:
        yield Record(_value(text), name, 0)
        return
    except (ValueError, RecursionError) as error:
        # One object per line, under the other ending.
        lines = text.strip().split("\n")
        if not (len(lines) > 1 and _is_json(lines[0])):
            raise UsageError(f"{name}: {_problem(error)}.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield Record(_parsed(line, name, number), name, number)


def _by_line(path: Path, name: str) -> Iterator[Record]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield Record(_parsed(_text(line, name, number), name, number), name, number)


def _parsed(line: str, name: str, number: int) -> Any:
    try:
        return _value(line)
    except (ValueError, RecursionError) as error:
        problem = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise UsageError(f"{name}, line {number}: no JSON ({problem}).") from error


def _value(text: str) -> Any:
    r"""The value of a JSON text; half a character (`\ud83d` alone) fits no encoding and is "?"."""
    value = json.loads(text)
    if "\\ud" not in text.lower():
        return value
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _text(data: bytes, name: str, number: int) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"{name}, line {number}" if number else name
        raise UsageError(f"{where}: is no UTF-8 text. Save the file as UTF-8.") from error


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _problem(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: no JSON ({error.msg})"
    return f"no JSON ({type(error).__name__})"

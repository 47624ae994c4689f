"""The messaging file, read and checked for what it must be to be read at all."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from analyzers.toml_lines import TomlLines
from calls.described import objection
from calls.errors import MessagingInvalid
from calls.messaging import Messaging

_ADVICE = "A messaging file is TOML with [vendor], [[claim]] and [[forbidden]]."


def load_messaging(path: Path) -> Messaging:
    """The messaging in that file.

    Raises:
        MessagingInvalid: naming file, line, entry and field of everything that is wrong.
    """
    data, text = read_toml(path)
    try:
        messaging = Messaging.model_validate(data)
    except ValidationError as error:
        raise MessagingInvalid(_described(path, error, data, TomlLines(text))) from error
    return messaging.model_copy(update={"version": messaging_version(path)})


def messaging_version(path: Path) -> str:
    """12 hex digits that change when the file does.

    Raises:
        MessagingInvalid: if there is no such file.
    """
    return hashlib.sha256(_content(path)).hexdigest()[:12]


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The values of a messaging file, and its text.

    Raises:
        MessagingInvalid: it is no TOML.
    """
    try:
        text = _content(path).decode("utf-8").replace("\r\n", "\n")
        return tomllib.loads(text), text
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MessagingInvalid(f"{path}: not valid TOML: {error}.") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MessagingInvalid(
            f"{path}: can't be read ({error.strerror}). Name the messaging file with --messaging "
            "or the setting `messaging`."
        ) from error


def _described(path: Path, error: ValidationError, data: dict[str, Any], lines: TomlLines) -> str:
    """One line per problem: file and line, entry by its id, field, what is wrong."""
    described = []
    for problem in error.errors():
        place = problem["loc"]
        name = ".".join(str(one) for one in _named(place, data)) or "(file)"
        value = problem.get("input")
        shown = "" if isinstance(value, dict | list | tuple) else f" (is {value!r})"
        line = lines.line_of(place) if place else _line_of_duplicate(data, lines)
        described.append(f"{path}:{line}: {name}: {objection(problem, Messaging)}{shown}.")
    return "\n".join([*described, _ADVICE])


def _named(place: tuple[int | str, ...], data: Any) -> tuple[int | str, ...]:
    """A way into the data in which positions are replaced by the ids of the entries."""
    names: list[int | str] = []
    for step in place:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            data = None
        is_entry = isinstance(step, int) and isinstance(data, dict) and "id" in data
        names.append(data["id"] if is_entry else step)
    return tuple(names)


def _line_of_duplicate(data: dict[str, Any], lines: TomlLines) -> int:
    """The line of the second entry that has an id given before, else of the file's start."""
    seen: set[object] = set()
    for table in ("claim", "forbidden"):
        entries = data.get(table, [])
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            name = entry.get("id") if isinstance(entry, dict) else None
            if name in seen:
                return lines.line_of((table, number, "id"))
            seen.add(name)
    return 1

"""From the bytes of a transcript file to text and, where it is JSON, to values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from calls.errors import EmptyFile
from models.importers.encoding import decode

# What a file that is cut inside such a word ends with is the beginning of one of them.
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: its text with `\\n` line ends, and its JSON value, if it is JSON.

    `notes` says what had to be repaired to read it at all.
    """

    name: str
    text: str
    json: Any = None
    json_problem: str = ""
    notes: tuple[str, ...] = ()


def read_content(name: str, data: bytes) -> Content:
    """The text of `data`, and its JSON value where the text is JSON.

    Raises:
        EmptyFile: if there is nothing but white space.
        TranscriptInvalid: if the bytes are no text.
    """
    decoded, notes = decode(name, data)
    text = decoded.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise EmptyFile(name, "holds no text.", "Deliver the transcript again.")
    # Some tools write a byte order mark twice.
    body = text.lstrip("\ufeff \t\n")
    if body[:1] not in ("{", "["):
        return Content(name, text, notes=notes)
    try:
        value, problem = parse_json(body), ""
    except ValueError as error:
        value, problem = None, f"line {_line_of(error, text, body)}: {error_text(error, body)}."
    return Content(name, text, value, problem, notes)


def parse_json(text: str) -> Any:
    """The value that `text` is.

    Raises:
        ValueError: for anything that is no JSON value, or one that no transcript needs: nested
            beyond what can be read, numbers of thousands of digits.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        raise ValueError("JSON with a number too long to be one") from None
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None


def error_text(error: ValueError, text: str) -> str:
    """What keeps `text` from being JSON, without any of what it says."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    if _is_cut(error, text):
        return "the file ends in the middle (the JSON is cut off)"
    return f"no valid JSON ({error.msg}, column {error.colno})"


def _is_cut(error: json.JSONDecodeError, text: str) -> bool:
    """True if nothing is wrong but that the rest is missing."""
    rest = text[error.pos :].strip()
    return (
        not rest
        or error.msg.startswith("Unterminated string")
        or any(literal.startswith(rest) for literal in _LITERALS)
        # "\u00e" and the number "1."
        or (error.msg.startswith("Invalid \\") and len(rest) <= len("\\u0000"))
        or (rest[0] in ".eE" and len(rest) <= 3)
    )


def _line_of(error: ValueError, text: str, body: str) -> int:
    """The line at which reading stopped, from 1; the last one where the rest is missing."""
    if not isinstance(error, json.JSONDecodeError):
        return 1
    if _is_cut(error, body):
        return text.rstrip().count("\n") + 1
    return text[: len(text) - len(body)].count("\n") + error.lineno

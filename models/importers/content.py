"""From the bytes of a transcript file to text and, where it is JSON, to values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from charset_normalizer import from_bytes

from calls.errors import EmptyFile, TranscriptInvalid

# Byte order marks settle the encoding; guessing is for files that have none. UTF-32 first: its
# little-endian mark begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# What Windows tools write when they don't write Unicode: tried before the rare code pages that a
# statistical guess may prefer on short texts.
_LIKELY = ["cp1252", "cp1250", "cp1251", "utf_16_le", "utf_16_be"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: its text with `\\n` line ends, and its JSON value, if it is JSON."""

    name: str
    text: str
    json: Any = None
    json_problem: str = ""


def read_content(name: str, data: bytes) -> Content:
    """The text of `data`, and its JSON value where the text is JSON.

    Raises:
        EmptyFile: if there is nothing but white space.
        TranscriptInvalid: if the bytes are no text.
    """
    text = decode(name, data).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise EmptyFile(name, "holds no text.", "Deliver the transcript again.")
    if text.lstrip()[0] not in "{[":
        return Content(name, text)
    try:
        return Content(name, text, json=json.loads(text))
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}: no valid JSON ({error.msg}, column {error.colno})."
        return Content(name, text, json_problem=problem)
    except RecursionError:
        return Content(name, text, json_problem="line 1: JSON that is nested too deeply.")
    except ValueError:
        return Content(name, text, json_problem="line 1: JSON with a number too long to be one.")


def decode(name: str, data: bytes) -> str:
    """The text that `data` encodes: by its byte order mark, as UTF-8, else by the best guess.

    Raises:
        TranscriptInvalid: if the bytes are no text in any encoding.
    """
    encoding = next((found for mark, found in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = ""
    if text and "\0" not in text:
        return text
    if not data.strip():
        return ""
    for choice in (_LIKELY, None):
        guess = from_bytes(data, cp_isolation=choice).best()
        if guess is not None:
            return str(guess)
    raise TranscriptInvalid(
        name, "is not text in any encoding known.", "Save the transcript as UTF-8."
    )

"""File names as they are and as text: a name on a disk need not be valid UTF-8.

The operating system hands such a name over with lone surrogates (`os.fsdecode`). No table, log or
terminal takes those, so at every border the name is written as `printable` and read back with
`original_name`.
"""

from __future__ import annotations

import re

_LOOKS_ESCAPED = re.compile(r"\\(?=x[0-9a-f]{2})")
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


def printable(name: str) -> str:
    r"""The name as text that any encoding takes: bytes that are no UTF-8 become `\xe9`.

    A backslash that would be taken for such an escape is escaped itself, so nothing is lost.
    """
    escaped = _LOOKS_ESCAPED.sub(r"\\x5c", name)
    return escaped.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def original_name(shown: str) -> str:
    """The name that `printable` made that text of."""
    data = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), shown.encode())
    return data.decode("utf-8", "surrogateescape")

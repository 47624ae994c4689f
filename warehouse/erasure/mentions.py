"""Messages about one recording that name another: its file, or the id it claims."""

from __future__ import annotations

import re

from warehouse.erasure.target import Target, Targets

# How messages quote values: as Python does (`repr`).
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


class Mentions:
    """Finds the calls of an erasure in messages about other recordings."""

    def __init__(self, targets: Targets) -> None:
        self._by_quote = {
            repr(value)[1:-1]: one for one in targets.all for value in (*one.ids, *one.names)
        }

    def of(self, message: str | None) -> Target | None:
        """The call that a message names in quotes."""
        for found in _QUOTED.finditer(message or ""):
            target = self._by_quote.get(found[1] or found[2] or "")
            if target is not None:
                return target
        return None

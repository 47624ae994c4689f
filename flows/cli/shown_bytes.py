"""Sizes as people read them."""

from __future__ import annotations


def bytes_shown(count: int) -> str:
    """So many bytes in the unit that fits."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"

"""Times of a call as people read them off a player."""

from __future__ import annotations


def minutes_and_seconds(seconds: float) -> str:
    """Whole seconds as minutes and seconds: 75.4 is "1:15"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"

"""Stretches of time, and the one way in which short gaps between them are closed."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[float, float]
"""From second to second."""

TALK_GAP_S = 1.5
"""Own gaps up to this long are part of talking (`talk_s`).

A definition, not a setting: talk times measured with another gap could not be compared. At 1.5 s
the talk time of a call that AWS also measured comes out within 5 % of AWS's figures; most of the
rest is pauses of 1.5 to 1.8 s, which AWS seems to close (`benchmarks/aws_comparison.py`).
"""


def close_gaps(spans: Iterable[Span], *, gap_s: float = 0.0) -> list[Span]:
    """What the spans cover, in order, as spans that lie more than `gap_s` apart."""
    ordered = sorted(spans)
    if not ordered:
        return []
    closed: list[Span] = []
    start_s, end_s = ordered[0]
    for next_start_s, next_end_s in ordered:
        if next_start_s - end_s > gap_s:
            closed.append((start_s, end_s))
            start_s, end_s = next_start_s, next_end_s
        elif next_end_s > end_s:
            end_s = next_end_s
    closed.append((start_s, end_s))
    return closed

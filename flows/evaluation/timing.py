"""When turns are spoken where the data doesn't say, and which of them are backchannels."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest

from models.turns import BACKCHANNEL_MAX_S, is_acknowledgement

# English conversation runs at about 150 words a minute.
WORDS_PER_S = 2.5
LEAST_TURN_S = 0.5
# Most gaps between turns are shorter than half a second (`models.turns.PAUSE_S`).
GAP_S = 0.3


def steady_times(texts: Sequence[str], clock_s: float = 0.0) -> list[tuple[float, float]]:
    """Start and end in seconds of turns that follow each other at an even pace from `clock_s` on.

    They are invented: what is measured on them (pace, gaps) says nothing about anybody.
    """
    times = []
    for text in texts:
        end_s = clock_s + max(LEAST_TURN_S, len(text.split()) / WORDS_PER_S)
        times.append((clock_s, end_s))
        clock_s = end_s + GAP_S
    return times


def backchannels(
    spoken: Sequence[tuple[str, str]], times: Sequence[tuple[float, float]]
) -> frozenset[int]:
    """The turns that are short acknowledgements while another's turn goes on.

    Args:
        spoken: speaker and text of each turn, in order of start.
        times: start and end of each turn in seconds.
    """
    found = set()
    last_end_s: dict[str, float] = {}
    for number, ((speaker, text), (start_s, end_s)) in enumerate(zip(spoken, times, strict=True)):
        is_short = end_s - start_s <= BACKCHANNEL_MAX_S
        # The two latest ends are enough: one of them is another speaker's.
        latest = nlargest(2, last_end_s, key=last_end_s.__getitem__)
        goes_on = any(last_end_s[one] > end_s for one in latest if one != speaker)
        if is_short and goes_on and is_acknowledgement(text):
            found.add(number)
        last_end_s[speaker] = max(end_s, last_end_s.get(speaker, 0.0))
    return frozenset(found)

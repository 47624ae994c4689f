"""Rates at which nobody speaks.

In 139 chunks of calls and readings people say 2.3 to 4.1 words a second, and 6.5 for a dozen words
at most (8.3 where the transcript mixes two speakers). Scripts without spaces are counted in
characters, of which about two make a word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.guards.evidence import Evidence
from models.heard import RawWord


@dataclass(frozen=True, slots=True)
class _Limits:
    """Tokens a second: over all of a chunk at most and at least, and over a passage at most."""

    most: float
    most_in_passage: float
    passage: int
    least: float


_WORDS = _Limits(most=7.0, most_in_passage=10.0, passage=12, least=0.4)
_CHARACTERS = _Limits(most=14.0, most_in_passage=20.0, passage=24, least=0.8)
# Fewer tokens than this say nothing about a rate.
_ENOUGH = 6
# Nor does less sound than this (seconds), when there are few.
_SLOW_FOR_S = 5.0
# Words shorter than this (seconds) have no time; engines round so now and then, not in a row.
_NO_TIME_S = 0.015
_IN_A_ROW = 6


def is_impossible(evidence: Evidence) -> bool:
    """True when there are too many words for the time, or far too few for the sound."""
    limits = _CHARACTERS if evidence.is_spaceless else _WORDS
    return (
        _is_too_fast(evidence, limits)
        or _is_too_slow(evidence, limits)
        or _has_words_without_time(evidence.heard.words)
    )


def _is_too_fast(evidence: Evidence, limits: _Limits) -> bool:
    tokens = evidence.tokens
    # Against all of the chunk: a listener's "mm-hmm" takes up padding that is no padding.
    if len(tokens) >= _ENOUGH and len(tokens) > limits.most * evidence.chunk.duration_s:
        return True
    words = evidence.words
    for first, last in zip(tokens, tokens[limits.passage - 1 :], strict=False):
        taken_s = words[last.word].end_s - words[first.word].start_s
        if limits.passage > limits.most_in_passage * taken_s:
            return True
    return False


def _is_too_slow(evidence: Evidence, limits: _Limits) -> bool:
    few = len(evidence.tokens)
    if not few or evidence.speech_s < _SLOW_FOR_S or few >= limits.least * evidence.speech_s:
        return False
    sounding_s = evidence.loudness.sounding_s(0.0, evidence.chunk.duration_s)
    return sounding_s >= _SLOW_FOR_S and few < limits.least * sounding_s


def _has_words_without_time(words: Sequence[RawWord]) -> bool:
    run = 0
    for word in words:
        length_s = word.end_s - word.start_s
        run = run + 1 if math.isfinite(length_s) and length_s < _NO_TIME_S else 0
        if run >= _IN_A_ROW:
            return True
    return False

"""Passages that were spoken and not written down.

Batched decoding drops whole passages without a sign; only comparing the words with the speech
shows it. Voice activity detection also takes laughter and music for speech, so a gap counts only
where it is long and sounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.guards.evidence import Evidence, Stretch
from models.guards.tokens import split
from models.heard import RawWord

# Stretches of speech hold pauses of up to half a second, and start and end with padding: so near a
# word nothing is missing.
REACH_S = 0.5
# A gap this long beyond the reach of words holds a sentence, and half of a sentence sounds. The
# longest in 67 chunks of real speech that an engine read is 0.6 s.
_GAP_S = 3.0
_SOUNDING_SHARE = 0.4
# From here on half of it without words is more than a laugh.
_MOST_UNCOVERED = 0.5
_UNCOVERED_S = 3.0
# The longest a word can be: engines stretch the word before a passage they drop over all of it.
_WORD_S = 0.6
_PER_CHARACTER_S = 0.15
_PER_DIGIT_S = 0.5


def has_gap(evidence: Evidence) -> bool:
    """True when a passage that sounds like speech has no words."""
    gaps = list(gaps_of(evidence.words, evidence.chunk.duration_s))
    missing_s = [_missing_s(gap, evidence) for gap in gaps]
    if max(missing_s, default=0.0) >= _GAP_S:
        return True
    uncovered_s = sum(missing_s)
    return uncovered_s >= _UNCOVERED_S and uncovered_s > _MOST_UNCOVERED * evidence.speech_s


def covered_s(words: Sequence[RawWord], duration_s: float) -> float:
    """Seconds of a chunk's speech that lie at a word or within half a second of one.

    Args:
        words: with their times in order.
        duration_s: of the chunk.
    """
    return duration_s - sum(gap.end_s - gap.start_s for gap in gaps_of(words, duration_s))


def gaps_of(words: Sequence[RawWord], duration_s: float) -> Iterator[Stretch]:
    """What no word reaches, in order."""
    free_s = 0.0
    for word in words:
        start_s = max(0.0, word.start_s - REACH_S)
        if start_s > free_s:
            yield Stretch(free_s, start_s)
        free_s = max(free_s, min(word.end_s, word.start_s + _longest_s(word)) + REACH_S)
    if duration_s > free_s:
        yield Stretch(free_s, duration_s)


def _missing_s(gap: Stretch, evidence: Evidence) -> float:
    """Seconds of speech in a gap; 0 where hardly any of it sounds.

    Padding of the stretches inside of it is no speech.
    """
    speech_s = sum(
        Stretch(max(gap.start_s, one.start_s), min(gap.end_s, one.end_s)).speech_s
        for one in evidence.stretches
        if one.start_s < gap.end_s and one.end_s > gap.start_s
    )
    if speech_s < 1.0:
        return 0.0
    loudness = evidence.loudness
    if loudness.is_voiceless(gap.start_s, gap.end_s):
        return 0.0
    sounding_s = loudness.sounding_s(gap.start_s, gap.end_s)
    return speech_s if sounding_s >= _SOUNDING_SHARE * speech_s else 0.0


def _longest_s(word: RawWord) -> float:
    digits = sum(char.isdigit() for char in word.text)
    characters = sum(len(token) for token in split(word.text)) - digits
    return _WORD_S + _PER_CHARACTER_S * characters + _PER_DIGIT_S * digits

"""Loops: the engine says the same over and over, often with high confidence.

People repeat themselves too ("no, no, no, no"), so limits are set by what they do: of 18,000 turns
of recorded meetings (QMSum, 280,000 words) two reach one. Nobody there says two words more than 4.5
times in a row, four words more than 2.5 times, or six and more over twice; 75 words in a row
compress by 2.3 at most.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from models.guards.evidence import Evidence
from models.guards.tokens import mostly_spaceless

# Shortest period of a loop and the number of copies that no longer is natural, largest first.
_LIMITS = ((12, 2.0), (6, 2.5), (4, 3.0), (3, 4.0), (2, 5.0), (1, 8.0))
# The same for scripts without spaces, in characters. About two make a word.
_SPACELESS_LIMITS = ((20, 2.0), (12, 2.5), (8, 3.0), (4, 5.0), (2, 7.0), (1, 12.0))
# A loop within one long "word": characters of a copy, copies, characters in all.
_LONGEST_PERIOD_IN_WORD = 8
_COPIES_IN_WORD = 8
_LOOP_IN_WORD = 24
# The most tokens of an acknowledgement: "oh okay, all right", "そうですね".
_SHORT_WORDS = 4
_SHORT_CHARACTERS = 8
# Longer passages than this are said again, not looped.
_LONGEST_PERIOD = 60
# Whisper decodes a segment again above 2.4, and measures it on text that still has the case and
# punctuation that make it less regular.
_COMPRESSION_LIMIT = 2.6
# The ratio means something only for texts that are long enough (characters).
_COMPRESSIBLE = 120


def is_loop(evidence: Evidence) -> bool:
    """True when the words go round in a loop that no speaker does.

    Short stretches of speech are left out: a listener says "mm-hmm" many times, with the other's
    speech in between that packing drops.
    """
    if any(_loops_within(text) for text in evidence.texts):
        return True
    short = _SHORT_CHARACTERS if evidence.is_spaceless else _SHORT_WORDS
    long_ones = [texts for texts in evidence.texts_by_stretch if len(texts) > short]
    return repeats([text for texts in long_ones for text in texts])


def repeats(tokens: Sequence[str]) -> bool:
    """True when these tokens in a row go round in a loop."""
    limits = _SPACELESS_LIMITS if mostly_spaceless(tokens) else _LIMITS
    longest = min(_LONGEST_PERIOD, len(tokens) // 2)
    for period in range(1, longest + 1):
        most = next(copies for shortest, copies in limits if period >= shortest)
        if copies_of(tokens, period) >= most:
            return True
    return _is_too_regular(tokens)


def copies_of(tokens: Sequence[str], period: int) -> float:
    """How often the same `period` tokens follow each other at most; 1 where nothing repeats."""
    longest = run = 0
    for token, before in zip(tokens[period:], tokens, strict=False):
        run = run + 1 if token == before else 0
        longest = max(longest, run)
    return (longest + period) / period


def compression_ratio(text: str) -> float:
    """How much shorter the text gets when compressed, as Whisper measures it.

    Characters of any script count as one byte each where there are no more than 256 of them, or
    scripts with long codes would seem more regular than others.
    """
    if not text:
        return 1.0
    codes = {char: code for code, char in enumerate(sorted(set(text)))}
    data = bytes(codes[char] for char in text) if len(codes) <= 256 else text.encode("utf-16-le")
    return len(data) / len(zlib.compress(data))


def _loops_within(token: str) -> bool:
    if len(token) < _LOOP_IN_WORD:
        return False
    for period in range(1, _LONGEST_PERIOD_IN_WORD + 1):
        copies = copies_of(token, period)
        if copies >= _COPIES_IN_WORD and copies * period >= _LOOP_IN_WORD:
            return True
    return False


def _is_too_regular(tokens: Sequence[str]) -> bool:
    text = ("" if mostly_spaceless(tokens) else " ").join(tokens)
    return len(text) >= _COMPRESSIBLE and compression_ratio(text) > _COMPRESSION_LIMIT

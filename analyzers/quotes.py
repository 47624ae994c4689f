"""The words around a span that a person needs to understand it."""

from __future__ import annotations

import re

_END = re.compile(r"[.?!…]+[\"'”’)]*(?=\s|$)|\n+")
# Where no punctuation shows a sentence, so many words on either side are shown.
_WORDS_AROUND = 12
_LONGEST_SENTENCE_WORDS = 60


def quote_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Half-open character offsets of the sentences that hold a span.

    A sentence without end, as speech engines without punctuation write it, is cut to some words
    around the span.
    """
    cuts = [found.end() for found in _END.finditer(text)]
    first = max((cut for cut in cuts if cut <= start), default=0)
    last = min((cut for cut in cuts if cut >= end), default=len(text))
    if len(text[first:last].split()) > _LONGEST_SENTENCE_WORDS:
        first, last = _words_around(text, start, end, first, last)
    shown = text[first:last]
    return first + len(shown) - len(shown.lstrip()), last - len(shown) + len(shown.rstrip())


def _words_around(text: str, start: int, end: int, first: int, last: int) -> tuple[int, int]:
    before = [found.start() for found in re.finditer(r"\S+", text[first:start])]
    after = [found.end() for found in re.finditer(r"\S+", text[end:last])]
    if len(before) > _WORDS_AROUND:
        first += before[-_WORDS_AROUND]
    if len(after) > _WORDS_AROUND:
        last = end + after[_WORDS_AROUND - 1]
    return first, last

"""Words as the guards compare them: without case, punctuation and spelling variants.

Scripts that write no spaces give one token per character, so that one set of rules reads both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.guards.scripts import is_spaceless
from models.heard import RawWord

_APOSTROPHES = frozenset("'’ʼ`´")
# Marks that some writers leave out: accents that no letter takes up, and the vowel points of Arabic
# and Hebrew. Vowel signs of other scripts are letters.
_OPTIONAL_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")


class Token(NamedTuple):
    """A token and the position of the word it is in."""

    text: str
    word: int


def split(text: str) -> list[str]:
    """The tokens of a text: "Don't say 2 e-mails." has dont, say, 2, e, mails."""
    found: list[str] = []
    current = ""
    for char in _OPTIONAL_MARKS.sub("", unicodedata.normalize("NFKC", text).casefold()):
        if char in _APOSTROPHES:
            continue
        if unicodedata.category(char).startswith("M"):
            # Vowel signs belong to the letter before them.
            if current:
                current += char
            elif found:
                found[-1] += char
        elif is_spaceless(char):
            if current:
                found.append(current)
                current = ""
            found.append(char)
        elif char.isalnum():
            current += char
        elif current:
            found.append(current)
            current = ""
    return [*found, current] if current else found


def tokens_of(words: Iterable[RawWord]) -> tuple[Token, ...]:
    """The tokens of the words in a row."""
    return tuple(
        Token(text, index) for index, word in enumerate(words) for text in split(word.text)
    )


def mostly_spaceless(tokens: Sequence[str]) -> bool:
    """True when most of the text is in a script that writes no spaces."""
    return 2 * sum(is_spaceless(token[0]) for token in tokens) > len(tokens)


def positions_of(phrase: Sequence[str], tokens: Sequence[str]) -> list[int]:
    """Where a phrase begins among the tokens, overlaps included."""
    length = len(phrase)
    if not length:
        return []
    return [
        start
        for start in range(len(tokens) - length + 1)
        if list(tokens[start : start + length]) == list(phrase)
    ]

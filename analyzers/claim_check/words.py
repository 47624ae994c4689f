"""Text as words with their places, and words brought to one form (a light stem).

The claim check has a tokenizer of its own: it needs "%", "2x", "£" and figures as they stand,
which the normal form for playbook rules leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r"\d[\d,]*(?:\.\d+)?(?=x\b|k\b)|\d[\d,]*(?:\.\d+)?|[a-z]+(?:['’][a-z]+)*|[%£$€]", re.IGNORECASE
)
_SPECIAL = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
    "dont": ("do", "not"),
    "doesnt": ("does", "not"),
    "wont": ("will", "not"),
    "cant": ("can", "not"),
    "isnt": ("is", "not"),
    "hasnt": ("has", "not"),
    "havent": ("have", "not"),
    "%": ("percent",),
    "per": ("per",),
    "x": ("times",),
    "£": ("£",),
}
_ENDINGS = {"'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "would"}
_LEAST_STEM = 3


@dataclass(frozen=True, slots=True)
class Token:
    """One word in lower case, and the characters of the text it stands for."""

    word: str
    start: int
    end: int


def tokenize(text: str) -> tuple[Token, ...]:
    """The words of a text in order. Contractions are written out; possessives lose their `'s`."""
    tokens: list[Token] = []
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        tokens.extend(
            Token(word, start, end) for word in _parts(found.group().lower().replace("’", "'"))
        )
    return tuple(tokens)


def _parts(word: str) -> Sequence[str]:
    known = _SPECIAL.get(word)
    if known is not None:
        return known
    if word.endswith("n't"):
        return (word.removesuffix("n't"), "not")
    for ending, meaning in _ENDINGS.items():
        if word.endswith(ending):
            return (word.removesuffix(ending), meaning)
    if word.endswith("'s"):
        # "that's" is "that is", "client's" is the client's: neither adds to what is claimed.
        return (word.removesuffix("'s"),)
    return (word.replace("'", ""),)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its inflection: `checks`, `checked` and `checking` become one.

    Only as good as comparing words of one registry needs; it is no dictionary.
    """
    if len(word) <= _LEAST_STEM or not word.isalpha():
        return word
    for ending, instead in (
        ("ies", "y"),
        ("ied", "y"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM - 1:
            return word.removesuffix(ending) + instead
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= _LEAST_STEM and any(one in "aeiouy" for one in root):
            return _undoubled(root)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word.removesuffix("s")
    return _undoubled(word.removesuffix("e")) if len(word) > _LEAST_STEM else word


def _undoubled(root: str) -> str:
    """`stopp` of "stopping" as `stop`; `sav` of "saving" and "save" alike."""
    if len(root) > _LEAST_STEM and root[-1] == root[-2] and root[-1] not in "aeiouls":
        return root[:-1]
    return root.removesuffix("e") if len(root) > _LEAST_STEM else root


class Phrases:
    """Word sequences with a value each, found longest first without overlapping.

    Args:
        phrases: pairs of a phrase (words parted by spaces) and its value.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, value in phrases:
            words = tuple(one.word for one in tokenize(phrase))
            if words:
                self._by_first.setdefault(words[0], []).append((words, value))
        for same in self._by_first.values():
            same.sort(key=lambda one: -len(one[0]))

    def find(self, words: Sequence[str]) -> list[tuple[int, int, str]]:
        """Start, end (half open) and value of every phrase, from left to right."""
        found = []
        position = 0
        while position < len(words):
            match = self._at(words, position)
            if match is None:
                position += 1
            else:
                found.append((position, position + match[0], match[1]))
                position += match[0]
        return found

    def all_at(self, words: Sequence[str]) -> list[tuple[int, int, str]]:
        """As `find`, but overlapping phrases too: the longest at every place."""
        return [
            (position, position + match[0], match[1])
            for position in range(len(words))
            if (match := self._at(words, position)) is not None
        ]

    def _at(self, words: Sequence[str], position: int) -> tuple[int, str] | None:
        for phrase, value in self._by_first.get(words[position], ()):
            if tuple(words[position : position + len(phrase)]) == phrase:
                return len(phrase), value
        return None

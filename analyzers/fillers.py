"""Fillers in what people say: "um", "basically", "like"."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict

from analyzers.lexicon_files import read_lexicon
from analyzers.normalise import by_first_word, signs_of
from analyzers.playbook_files import load_playbook

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# Of ASCII: small letters for capitals, and blanks for all that is neither letter nor apostrophe.
_SPACED = bytes(
    ord(one.lower() if one.isalpha() or one == "'" else " ") for one in map(chr, range(128))
).ljust(256)


class Lexicon(BaseModel):
    """The file of a language; what its lists mean stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hesitations: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FillerCount:
    """How many fillers a text holds, and how many of them are sounds of hesitation."""

    fillers: int
    hesitations: int


_NO_FILLERS = FillerCount(0, 0)


class Fillers:
    """Counts the fillers of a language. `fillers_in` keeps one for each."""

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        self._hesitations = frozenset(lexicon.hesitations)
        soft = load_playbook(None, language).wording.soft_fillers
        phrases: dict[tuple[str, ...], Collection[str]] = {
            tuple(one.split()): () for one in (*lexicon.hesitations, *lexicon.phrases)
        }
        phrases |= {tuple(one.phrase.split()): frozenset(one.keep_after) for one in soft}
        self._by_first = by_first_word(phrases)
        self._signs = signs_of(phrases)

    def count(self, text: str) -> FillerCount:
        """The fillers of a text, as it stands in the transcript."""
        words = _words(text)
        if self._signs.isdisjoint(words):
            return _NO_FILLERS
        fillers = hesitations = free_from = 0
        for position in [at for at, word in enumerate(words) if word in self._by_first]:
            if position < free_from:
                continue  # the phrase before goes on to here
            before = words[position - 1] if position else ""
            length = self._length(words, position, before)
            fillers += length > 0
            hesitations += words[position] in self._hesitations
            free_from = position + length
        return FillerCount(fillers, hesitations)

    def _length(self, words: list[str], position: int, before: str) -> int:
        """The length in words of the filler that begins at `position`, or 0."""
        for phrase, keep_after in self._by_first[words[position]]:
            length = len(phrase)
            if words[position : position + length] == phrase and before not in keep_after:
                return length
        return 0


def _words(text: str) -> list[str]:
    """The words of a text in lower case; "don't" is one, and quotation marks belong to none."""
    text = text.replace("’", "'")
    if text.isascii():
        # Much faster than the expression below; only an apostrophe at an edge is too much for it.
        spaced = f" {text} ".encode().translate(_SPACED).decode()
        if " '" not in spaced and "' " not in spaced and "''" not in spaced:
            return spaced.split()
    return [one.lower() for one in _WORD.findall(text)]


@cache
def fillers_in(language: str) -> Fillers | None:
    """The fillers of a language; None where nobody has written them down."""
    lexicon = read_lexicon("fillers", language, Lexicon)
    return Fillers(language, lexicon) if lexicon is not None else None

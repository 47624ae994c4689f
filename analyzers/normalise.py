"""Text as people say it, brought to one form for matching, with the way back to the original.

Lower case, contractions written out, fillers and stuttered repetitions left out, numbers and
common mishearings respelled. Punctuation is not needed and leaves no token. Every token knows
which characters of the original text it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from calls.playbook import Wording

_RAW = re.compile(
    r"%|\d+(?:[.,]\d+)*(?:st|nd|rd|th)?|['’]?[^\W\d_]+(?:['’][^\W\d_]+)*", re.IGNORECASE
)
# A word broken off and said again from its start: "the chal- challenges", "wh- what".
_BROKEN_OFF = re.compile(r"[^\W\d_]+-(?=\s)", re.IGNORECASE)
_LONGEST_STUTTER = 4
Value = TypeVar("Value")

Piece = tuple[str, int, int]
"""One normalised word and the characters of the original text it stands for."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in normal form: parallel tuples of words and their character offsets."""

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Character offsets in the original text of the tokens `start` to `end` (half open)."""
        return self.starts[start], max(self.ends[start:end])


class Normaliser:
    """Brings text to the normal form that a language's `Wording` describes."""

    def __init__(self, wording: Wording) -> None:
        self._contractions = {
            key: tuple(value.split()) for key, value in wording.contractions.items()
        }
        self._endings = {key: tuple(value.split()) for key, value in wording.endings.items()}
        self._is_hosts = frozenset(wording.is_hosts)
        self._doubles = frozenset(wording.doubles)
        always = {tuple(phrase.split()): frozenset[str]() for phrase in wording.fillers}
        soft = {
            tuple(one.phrase.split()): frozenset(one.keep_after) for one in wording.soft_fillers
        }
        self._fillers = _by_first_word(always | soft)
        self._rewrites = _by_first_word(
            {tuple(key.split()): tuple(value.split()) for key, value in wording.rewrites.items()}
        )

    def __call__(self, text: str) -> Normalised:
        """The normal form of `text`."""
        pieces = self._without_fillers(self._raw(text))
        pieces = self._rewritten(_without_stutters(pieces, self._doubles))
        words, starts, ends = zip(*pieces, strict=True) if pieces else ((), (), ())
        return Normalised(text, words, starts, ends)

    def words(self, text: str) -> tuple[str, ...]:
        """Only the words of the normal form."""
        return self(text).words

    def _raw(self, text: str) -> list[Piece]:
        pieces: list[Piece] = []
        broken_off = {found.start() for found in _BROKEN_OFF.finditer(text)} if "- " in text else ()
        for found in _RAW.finditer(text):
            start, end = found.span()
            word = found.group().lower().replace("’", "'")
            if pieces and pieces[-1][1] in broken_off and word.startswith(pieces[-1][0]):
                pieces.pop()
            if word[0] == "'" and word != "'s" and word not in self._endings:
                word, start = word[1:], start + 1
            known = self._contractions.get(word)
            if known is not None:
                pieces.extend((part, start, end) for part in known)
            elif "'" in word:
                self._split(word, start, end, pieces)
            else:
                pieces.append((word, start, end))
        return pieces

    def _split(self, word: str, start: int, end: int, pieces: list[Piece]) -> None:
        """Adds what stands before an apostrophe and what its ending stands for."""
        for ending, meaning in self._endings.items():
            if word.endswith(ending):
                _add_host(word.removesuffix(ending), start, end, pieces)
                pieces.extend((part, start, end) for part in meaning)
                return
        host, _, ending = word.rpartition("'")
        _add_host(host, start, end, pieces)
        if ending != "s":
            pieces.append((ending, start, end))
        elif pieces and pieces[-1][0] in self._is_hosts:
            pieces.append(("is", start, end))

    def _without_fillers(self, pieces: list[Piece]) -> list[Piece]:
        kept: list[Piece] = []
        position = 0
        while position < len(pieces):
            length = self._filler_length(pieces, position, kept[-1][0] if kept else "")
            if length:
                position += length
            else:
                kept.append(pieces[position])
                position += 1
        return kept

    def _filler_length(self, pieces: list[Piece], position: int, before: str) -> int:
        for phrase, keep_after in self._fillers.get(pieces[position][0], ()):
            if before not in keep_after and _stands_at(phrase, pieces, position):
                return len(phrase)
        return 0

    def _rewritten(self, pieces: list[Piece]) -> list[Piece]:
        result: list[Piece] = []
        position = 0
        while position < len(pieces):
            for phrase, instead in self._rewrites.get(pieces[position][0], ()):
                if _stands_at(phrase, pieces, position):
                    source = pieces[position : position + len(phrase)]
                    result.extend(_respelled(source, instead))
                    position += len(phrase)
                    break
            else:
                result.append(pieces[position])
                position += 1
        return result


def _by_first_word(
    phrases: Mapping[tuple[str, ...], Value],
) -> dict[str, list[tuple[tuple[str, ...], Value]]]:
    """Phrases under their first word, longest first."""
    index: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        index.setdefault(phrase[0], []).append((phrase, phrases[phrase]))
    return index


def _add_host(host: str, start: int, end: int, pieces: list[Piece]) -> None:
    if host:
        pieces.append((host.replace("'", ""), start, end))


def _stands_at(phrase: Sequence[str], pieces: Sequence[Piece], position: int) -> bool:
    """True if `phrase` is what the pieces say from `position` on."""
    if len(pieces) - position < len(phrase):
        return False
    return all(pieces[position + step][0] == word for step, word in enumerate(phrase))


def _without_stutters(pieces: list[Piece], doubles: Collection[str]) -> list[Piece]:
    """Only the last of several repetitions: "what what is", "if you were to if you were to"."""
    kept: list[Piece] = []
    for piece in pieces:
        kept.append(piece)
        if piece[0] in doubles:
            continue
        for length in range(1, _LONGEST_STUTTER + 1):
            if len(kept) < 2 * length:
                break
            if piece[0] == kept[-1 - length][0] and all(
                kept[-step][0] == kept[-step - length][0] for step in range(2, length + 1)
            ):
                del kept[-2 * length : -length]
                break
    return kept


def _respelled(source: Sequence[Piece], instead: Sequence[str]) -> list[Piece]:
    """The words `instead`, each standing for its own word of `source` where the counts agree."""
    if len(source) == len(instead):
        return [(word, old[1], old[2]) for word, old in zip(instead, source, strict=True)]
    start, end = source[0][1], source[-1][2]
    return [(word, start, end) for word in instead]

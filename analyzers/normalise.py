"""Text as people say it, brought to one form for matching, with the way back to the original.

Lower case, contractions written out, fillers and stuttered repetitions left out, numbers and
common mishearings respelled. Punctuation is not needed and leaves no token. Every token knows
which characters of the original text it stands for.

All that is said comes through here, so what stands between two spaces is spelled once and
remembered, and every step first looks whether there is anything for it to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import eq
from typing import NamedTuple, TypeVar

from calls.playbook import Wording

_RAW = re.compile(
    r"%|\d+(?:[.,]\d+)*(?:st|nd|rd|th)?|['’]?[^\W\d_]+(?:['’][^\W\d_]+)*", re.IGNORECASE
)
# A word broken off and said again from its start: "the chal- challenges", "wh- what".
_BROKEN_OFF = re.compile(r"[^\W\d_]+-(?=\s)")
_LONGEST_STUTTER = 4
_APOSTROPHE_S = "'s"
# So many chunks of text are remembered, and none that is longer: it won't come again.
_MOST_REMEMBERED = 20_000
_LONGEST_REMEMBERED = 30
Value = TypeVar("Value")

Piece = tuple[str, int, int]
"""One normalised word and the characters of the original text it stands for."""


class Normalised(NamedTuple):
    """A text in normal form: parallel tuples of words and their character offsets.

    `present` holds every word once.
    """

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    present: frozenset[str]

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
        rewrites = {tuple(key.split()): tuple(new.split()) for key, new in wording.rewrites.items()}
        self._fillers, self._filler_signs = by_first_word(always | soft), signs_of(always | soft)
        self._rewrites, self._rewrite_signs = by_first_word(rewrites), signs_of(rewrites)
        self._spellings = _Memo(self._spelling)
        self._plain_words = _Memo(self._plain_word)

    def __call__(self, text: str) -> Normalised:
        """The normal form of `text`."""
        pieces = self._spelled(text)
        self._drop_fillers(pieces)
        _drop_stutters(pieces, self._doubles)
        self._rewrite(pieces)
        words = tuple(pieces.words)
        return Normalised(text, words, tuple(pieces.starts), tuple(pieces.ends), frozenset(words))

    def words(self, text: str) -> tuple[str, ...]:
        """Only the words of the normal form."""
        return self(text).words

    def _spelled(self, text: str) -> _Pieces:
        """Every word of a text in lower case, with contractions written out."""
        pieces = _Pieces()
        words, starts, ends = pieces.words, pieces.starts, pieces.ends
        at = 0
        for chunk in text.split(" "):
            word = self._plain_words[chunk]
            if word:
                words.append(word)
                starts.append(at)
                ends.append(at + len(word))
            else:
                for part, start, end in self._spellings[chunk]:
                    words.append(part)
                    starts.append(at + start)
                    ends.append(at + end)
            at += len(chunk) + 1
        if _APOSTROPHE_S in words:
            self._settle_apostrophes(pieces)
        if "- " in text:
            _drop_broken_off(pieces, text)
        return pieces

    def _plain_word(self, chunk: str) -> str:
        """The word of a chunk that begins with it and says no more, or nothing."""
        spelling = self._spellings[chunk]
        if len(spelling) != 1:
            return ""
        word, start, end = spelling[0]
        return word if (start, end) == (0, len(word)) else ""

    def _spelling(self, chunk: str) -> tuple[Piece, ...]:
        """The words of a text without spaces. An `'s` with nothing before it is left as it is."""
        pieces: list[Piece] = []
        for found in _RAW.finditer(chunk):
            start, end = found.span()
            word = found.group().lower().replace("’", "'")
            if word[0] == "'" and word != _APOSTROPHE_S and word not in self._endings:
                word, start = word[1:], start + 1
            known = self._contractions.get(word)
            if known is not None:
                pieces.extend((part, start, end) for part in known)
            elif "'" in word:
                self._split(word, start, end, pieces)
            else:
                pieces.append((word, start, end))
        return tuple(pieces)

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
        elif not pieces:
            pieces.append((_APOSTROPHE_S, start, end))
        elif pieces[-1][0] in self._is_hosts:
            pieces.append(("is", start, end))

    def _settle_apostrophes(self, pieces: _Pieces) -> None:
        """Makes of an `'s` that stands alone what the word before it asks for: "what 's up"."""
        words = pieces.words
        for place in _places(words, {_APOSTROPHE_S}):
            if place and words[place - 1] in self._is_hosts:
                words[place] = "is"
        for place in reversed(_places(words, {_APOSTROPHE_S})):
            pieces.drop(place, place + 1)

    def _drop_fillers(self, pieces: _Pieces) -> None:
        words = pieces.words
        if self._filler_signs.isdisjoint(words):
            return
        dropped = end = 0
        for place in _places(words, self._fillers):
            if place < end:
                continue  # it has gone with the filler before it
            at = place - dropped
            before = words[at - 1] if at else ""
            for phrase, keep_after in self._fillers[words[at]]:
                if before not in keep_after and words[at : at + len(phrase)] == phrase:
                    pieces.drop(at, at + len(phrase))
                    dropped += len(phrase)
                    end = place + len(phrase)
                    break

    def _rewrite(self, pieces: _Pieces) -> None:
        words = pieces.words
        if self._rewrite_signs.isdisjoint(words):
            return
        grown = end = 0
        for place in _places(words, self._rewrites):
            if place < end:
                continue  # it was rewritten with the words before it
            at = place + grown
            for phrase, instead in self._rewrites[words[at]]:
                if words[at : at + len(phrase)] == phrase:
                    pieces.respell(at, at + len(phrase), instead)
                    grown += len(instead) - len(phrase)
                    end = place + len(phrase)
                    break


@dataclass(slots=True)
class _Pieces:
    """A text on its way to the normal form: words, and the characters that each stands for."""

    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def drop(self, first: int, last: int) -> None:
        """Leaves out the pieces `first` to `last` (half open)."""
        del self.words[first:last], self.starts[first:last], self.ends[first:last]

    def respell(self, first: int, last: int, instead: Sequence[str]) -> None:
        """Puts other words there, each for its own piece where the counts agree."""
        self.words[first:last] = instead
        if len(instead) != last - first:
            self.starts[first:last] = [self.starts[first]] * len(instead)
            self.ends[first:last] = [self.ends[last - 1]] * len(instead)


class _Memo(dict[str, Value]):
    """What a function makes of a text, worked out once. It forgets all when it is full."""

    def __init__(self, make: Callable[[str], Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> Value:
        value = self._make(text)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[text] = value
        return value


def by_first_word(
    phrases: Mapping[tuple[str, ...], Value],
) -> dict[str, list[tuple[list[str], Value]]]:
    """Phrases under their first word, longest first."""
    index: dict[str, list[tuple[list[str], Value]]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        index.setdefault(phrase[0], []).append((list(phrase), phrases[phrase]))
    return index


def signs_of(phrases: Collection[tuple[str, ...]]) -> frozenset[str]:
    """A word of each phrase, the longest: it is likely to be the rarest ("you know": "know")."""
    return frozenset(max(reversed(phrase), key=len) for phrase in phrases)


def _add_host(host: str, start: int, end: int, pieces: list[Piece]) -> None:
    if host:
        pieces.append((host.replace("'", ""), start, end))


def _places(words: Sequence[str], wanted: Collection[str]) -> list[int]:
    """Where any of the wanted words stands."""
    return [place for place, word in enumerate(words) if word in wanted]


def _drop_broken_off(pieces: _Pieces, text: str) -> None:
    """Leaves out every word that breaks off and is said again from its start."""
    broken_off = {found.start() for found in _BROKEN_OFF.finditer(text)}
    for at in range(len(pieces.words) - 1, 0, -1):
        start, again = pieces.starts[at - 1], pieces.starts[at]
        repeated = text[again : pieces.ends[at]].lower()
        if start in broken_off and start != again and repeated.startswith(pieces.words[at - 1]):
            pieces.drop(at - 1, at)


def _drop_stutters(pieces: _Pieces, doubles: Collection[str]) -> None:
    """Keeps only the last of several repetitions: "what what is", "if you were to if you were"."""
    if not _may_stutter(pieces.words):
        return
    said: list[str] = []
    kept: list[int] = []
    for place, word in enumerate(pieces.words):
        is_said_again = word in said[-_LONGEST_STUTTER:] and word not in doubles
        said.append(word)
        kept.append(place)
        if not is_said_again:
            continue
        for length in range(1, _LONGEST_STUTTER + 1):
            if said[-length:] == said[-2 * length : -length]:
                del said[-2 * length : -length], kept[-2 * length : -length]
                break
    if len(said) < len(pieces.words):
        pieces.words = said
        pieces.starts = [pieces.starts[place] for place in kept]
        pieces.ends = [pieces.ends[place] for place in kept]


def _may_stutter(words: Sequence[str]) -> bool:
    """True if as many words as a stutter has are said again right after them.

    It asks first what is quickest to know: is any word said twice, any pair of words?
    """
    if len(set(words)) == len(words):
        return False
    following = words[1:]
    if any(map(eq, words, following)):
        return True
    if len(set(pairwise(words))) == len(following):
        return False
    for length in range(2, _LONGEST_STUTTER + 1):
        again = words[length:]
        if any(map(eq, words, again)) and bytes(length * [1]) in bytes(map(eq, words, again)):
            return True
    return False

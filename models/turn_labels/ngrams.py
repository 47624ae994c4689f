"""A turn as a bag of word and character n-grams, hashed into a fixed number of buckets.

Words say what is meant, pieces of words bridge forms, dialects and slips of recognition. The last
turn before is a bag of its own, because "exactly" means one thing after a guess and another after a
price.

Every turn of every call comes through here. So what a word adds is remembered, an n-gram's hash
continues that of a shorter one, and the n-grams of many turns are counted and weighted together.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from calls.labelling import TurnInContext

_BUCKET_BITS = 17
BUCKETS = 2**_BUCKET_BITS
AT_ONCE = 128
"""So many turns are looked at together: more need memory and gain no time."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\?")
# Of a speech only the beginning and the end can matter to one label, and time is bounded.
_MOST_WORDS = 400
_LONGEST_PIECE = 5
# A bag has three parts: words, pieces of words, and words of the turn before, up to so many words
# together. The turn before says what is answered; it must not drown the answer.
_PART_LENGTHS = np.array([1.0, 1.0, 0.5])
_PARTS = len(_PART_LENGTHS)
_MOST_TOGETHER, _MOST_TOGETHER_BEFORE = 3, 2
# What the hashes of each part start from, so that a word said is another than the same word before.
_SAID, _PIECE, _BEFORE = crc32(b"w"), crc32(b"c"), crc32(b"b")

Ids = npt.NDArray[np.int32]
Values = npt.NDArray[np.float32]
_Keys = npt.NDArray[np.uint32]
"""N-grams: the number of the part among those of all turns, then the bits of the bucket."""
_NO_KEY = np.uint32(2**32 - 1)


@dataclass(frozen=True, slots=True)
class Bags:
    """Bags of several turns, one after the other, as the rows of a sparse matrix.

    `ids` and `values` are of shape (entries,); row r spans `starts[r]` to `starts[r + 1]`.
    """

    ids: Ids
    values: Values
    starts: npt.NDArray[np.int64]


class _Word(NamedTuple):
    """What a word adds to a text.

    `said` and `before` are its hashes for either part, `follows` continues the hash of the words
    before it, `pieces` are the hashes of its pieces as the bytes of an array.
    """

    text: str
    said: int
    before: int
    follows: bytes
    pieces: bytes


class _Text(NamedTuple):
    """The hashes of a text's n-grams, part by part, as the bytes of arrays."""

    said: bytes
    pieces: bytes
    before: bytes


def bags(turns: Sequence[TurnInContext], idf: Values) -> Bags:
    """The weighted n-grams of each turn.

    Args:
        turns: what to look at.
        idf: weight of each bucket, of shape (BUCKETS,).
    """
    some = [
        _bags(turns[first : first + AT_ONCE], idf) for first in range(0, len(turns) or 1, AT_ONCE)
    ]
    lengths = np.concatenate([np.diff(one.starts) for one in some])
    return Bags(
        np.concatenate([one.ids for one in some]),
        np.concatenate([one.values for one in some]),
        np.concatenate([[0], np.cumsum(lengths)]),
    )


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; a question mark counts as one."""
    return [word.text for word in _words(text)]


def _bags(turns: Sequence[TurnInContext], idf: Values) -> Bags:
    """Each n-gram once, weighted by how often it occurs in its part and how rare it is at all."""
    keys = _sorted_keys(turns)
    lasts = np.flatnonzero(keys[:-1] != keys[1:])
    counts = np.diff(lasts, prepend=-1)
    keys = keys[lasts]
    ids, parts = (keys & (BUCKETS - 1)).view(np.int32), keys >> _BUCKET_BITS
    values = idf[ids]
    repeated = np.flatnonzero(counts > 1)
    values[repeated] *= (1.0 + np.log(counts[repeated])).astype(np.float32)
    lengths = np.sqrt(np.bincount(parts, values * values, len(turns) * _PARTS))
    factors = np.tile(_PART_LENGTHS, len(turns)) / np.where(lengths > 0.0, lengths, 1.0)
    values *= factors.astype(np.float32)[parts]
    rows = np.arange(len(turns) + 1, dtype=np.uint32) * _PARTS
    return Bags(ids, values, np.searchsorted(parts, rows))


def _sorted_keys(turns: Sequence[TurnInContext]) -> _Keys:
    """The keys of all turns, and a last one that no n-gram has."""
    parts: list[bytes] = []
    for turn in turns:
        said = _read(turn.said.text)
        parts += (said.said, said.pieces)
        parts.append(_read(turn.before[-1].text).before if turn.before else b"")
    counts = np.fromiter(map(len, parts), np.int64, len(parts)) // 4
    numbers = np.repeat(np.arange(len(parts), dtype=np.uint32), counts)
    hashes = np.frombuffer(b"".join(parts), np.uint32)
    keys = np.append(numbers << _BUCKET_BITS | hashes & (BUCKETS - 1), _NO_KEY)
    ends = np.cumsum(counts)[_PARTS - 1 :: _PARTS]
    for start, end in pairwise([0, *ends.tolist()]):  # many short sorts are faster than a long one
        keys[start:end].sort()
    return keys


@lru_cache(maxsize=256)  # a turn is soon the turn before another
def _read(text: str) -> _Text:
    words = _words(text)
    if not words:
        return _Text(b"", b"", b"")
    _, said, before, follows, pieces = zip(*words, strict=True)
    return _Text(
        _hashes(said, follows, _MOST_TOGETHER),
        b"".join(pieces),
        _hashes(before, follows, _MOST_TOGETHER_BEFORE),
    )


def _words(text: str) -> list[_Word]:
    words = list(chain.from_iterable(map(_words_within, text.lower().split())))
    if len(words) <= _MOST_WORDS:
        return words
    return words[: _MOST_WORDS // 2] + words[-_MOST_WORDS // 2 :]


@lru_cache(maxsize=30_000)
def _words_within(token: str) -> tuple[_Word, ...]:
    """The words of what stands between two spaces."""
    return tuple(map(_word, _WORD.findall(token.replace("’", "'"))))


@lru_cache(maxsize=30_000)
def _word(text: str) -> _Word:
    follows = f" {text}".encode()
    letters = [letter.encode() for letter in f" {text} "]
    pairs = [crc32(a + b, _PIECE) for a, b in pairwise(letters)]
    return _Word(
        text,
        said=crc32(follows[1:], _SAID),
        before=crc32(follows[1:], _BEFORE),
        follows=follows,
        pieces=_hashes(pairs, letters[1:], _LONGEST_PIECE - 1),
    )


def _hashes(shortest: Sequence[int], follows: Sequence[bytes], most: int) -> bytes:
    """The hashes of n-grams of each of `most` lengths, from every place that has room for them.

    Args:
        shortest: hashes of the shortest, one for each place.
        follows: what continues the hash of an n-gram that ends before that place.
        most: so many lengths, each by one place longer than the one before.
    """
    hashes = list(shortest)
    found = list(hashes)
    for more in range(1, most):
        hashes = list(map(crc32, follows[more:], hashes))
        found += hashes
    return array("I", found).tobytes()

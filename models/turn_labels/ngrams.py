"""A turn as a bag of word and character n-grams, hashed into a fixed number of buckets.

Words say what is meant, pieces of words bridge forms, dialects and slips of recognition. The last
turn before is a bag of its own, because "exactly" means one thing after a guess and another after a
price.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

from calls.labelling import TurnInContext

BUCKETS = 2**17
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\?")
_WORDS_TOGETHER = 3
_PIECES = range(2, 6)
# The turn before says what is answered; it must not drown the answer.
_WEIGHT_BEFORE = 0.5
# Of a speech only the beginning and the end can matter to one label, and time is bounded.
_MOST_WORDS = 400

Ids = npt.NDArray[np.int32]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bags:
    """Bags of several turns, one after the other, as the rows of a sparse matrix.

    `ids` and `values` are of shape (entries,); row r spans `starts[r]` to `starts[r + 1]`.
    """

    ids: Ids
    values: Values
    starts: npt.NDArray[np.int64]


def bags(turns: Sequence[TurnInContext], idf: Values) -> Bags:
    """The weighted n-grams of each turn.

    Args:
        turns: what to look at.
        idf: weight of each bucket, of shape (BUCKETS,).
    """
    ids: list[Ids] = []
    values: list[Values] = []
    lengths = [0]
    for turn in turns:
        row_ids, row_values = _row(turn, idf)
        ids.append(row_ids)
        values.append(row_values)
        lengths.append(len(row_ids))
    return Bags(
        np.concatenate(ids) if ids else np.zeros(0, np.int32),
        np.concatenate(values) if values else np.zeros(0, np.float32),
        np.cumsum(lengths),
    )


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; a question mark counts as one."""
    words = [word.replace("’", "'") for word in _WORD.findall(text.lower())]
    if len(words) <= _MOST_WORDS:
        return words
    return words[: _MOST_WORDS // 2] + words[-_MOST_WORDS // 2 :]


def _row(turn: TurnInContext, idf: Values) -> tuple[Ids, Values]:
    words = words_of(turn.said.text)
    parts = [
        _weighted(_word_ngrams(words, "w"), idf, 1.0),
        _weighted(_pieces_of(words), idf, 1.0),
    ]
    if turn.before:
        before = words_of(turn.before[-1].text)
        parts.append(_weighted(_word_ngrams(before, "b", 2), idf, _WEIGHT_BEFORE))
    return np.concatenate([one[0] for one in parts]), np.concatenate([one[1] for one in parts])


def _weighted(found: Ids, idf: Values, weight: float) -> tuple[Ids, Values]:
    """Each bucket once, weighted by how often it is hit and how rare it is; length `weight`."""
    ids, counts = np.unique(found, return_counts=True)
    values = (1.0 + np.log(counts)).astype(np.float32) * idf[ids]
    length = float(np.sqrt(values @ values))
    return ids, values * np.float32(weight / length) if length else values


def _word_ngrams(words: Sequence[str], kind: str, together: int = _WORDS_TOGETHER) -> Ids:
    return np.fromiter(
        (
            crc32(f"{kind}{' '.join(words[start : start + length])}".encode()) % BUCKETS
            for length in range(1, together + 1)
            for start in range(len(words) - length + 1)
        ),
        np.int32,
    )


def _pieces_of(words: Sequence[str]) -> Ids:
    return np.concatenate([_pieces(word) for word in words]) if words else np.zeros(0, np.int32)


@lru_cache(maxsize=50_000)
def _pieces(word: str) -> Ids:
    """The buckets of every piece of a word, its ends included."""
    padded = f" {word} "
    return np.fromiter(
        (
            crc32(f"c{padded[start : start + length]}".encode()) % BUCKETS
            for length in _PIECES
            for start in range(len(padded) - length + 1)
        ),
        np.int32,
    )

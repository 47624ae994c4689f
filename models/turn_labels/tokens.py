"""Turns as token ids for the encoder: the turn first, then the words before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from calls.labelling import TurnInContext
from calls.labels import Role

MOST_TOKENS = 80
"""Of a longer turn only the beginning and the end are read."""
MOST_TOKENS_BEFORE = {Role.CUSTOMER: 64}
"""Of the turns before only the end is read. An answer hangs on what it answers more than others."""
_MOST_TOKENS_BEFORE_OTHERS = 24
_REMEMBERED = 512
_START, _END, _PADDING = "[CLS]", "[SEP]", "[PAD]"

_Item = TypeVar("_Item")
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tokens:
    """One turn as the encoder sees it.

    `ids` hold the turn, `before` what was said before it. `spans` are the half-open character
    offsets of the turn's tokens in its text; (0, 0) for the marks around it.
    """

    ids: tuple[int, ...]
    before: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def length(self) -> int:
        """How many tokens are read in all."""
        return len(self.ids) + len(self.before)


@dataclass(frozen=True, slots=True)
class Batch:
    """Several turns side by side, padded.

    `ids` and `mask` are of shape (turns, tokens), `before` and `before_mask` of shape (turns,
    tokens before); a mask is true where there is a token.
    """

    ids: Ints
    mask: Mask
    before: Ints
    before_mask: Mask

    @property
    def arrays(self) -> tuple[Ints, Mask, Ints, Mask]:
        """All four, in the order in which the network takes them."""
        return self.ids, self.mask, self.before, self.before_mask


class TurnTokenizer:
    """Cuts turns into word pieces. May be used from several threads.

    Args:
        path: a `tokenizer.json` of the `tokenizers` library.
    """

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        vocabulary = self._tokenizer.get_vocab()
        self._start, self._end, self._padding = (
            vocabulary[mark] for mark in (_START, _END, _PADDING)
        )
        # A turn is read once for itself and up to TURNS_BEFORE times as what came before.
        self._pieces = lru_cache(maxsize=_REMEMBERED)(self._cut)

    def __call__(self, turn: TurnInContext) -> Tokens:
        """The turn's tokens, cut to what the encoder reads."""
        ids, spans = self._pieces(turn.said.text)
        own = (self._start, *_ends(ids, MOST_TOKENS), self._end)
        most = MOST_TOKENS_BEFORE.get(turn.said.role, _MOST_TOKENS_BEFORE_OTHERS)
        before: tuple[int, ...] = ()
        for one in reversed(turn.before):
            if len(before) >= most:
                break
            before = self._pieces(f"{one.role}:")[0] + self._pieces(one.text)[0] + before
        tail = (*before[-most:], self._end) if before else ()
        return Tokens(own, tail, ((0, 0), *_ends(spans, MOST_TOKENS), (0, 0)))

    def _cut(self, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """The word pieces of a text and where they stand in it."""
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return tuple(found.ids), tuple(found.offsets)

    def batch(self, turns: Sequence[Tokens], *, multiple_of: int = 1) -> Batch:
        """The turns side by side; lengths are rounded up so that fewer shapes occur."""
        ids, mask = self._padded([one.ids for one in turns], multiple_of)
        before, before_mask = self._padded([one.before for one in turns], multiple_of)
        return Batch(ids, mask, before, before_mask)

    def _padded(self, rows: Sequence[Sequence[int]], multiple_of: int) -> tuple[Ints, Mask]:
        # One token at least: ONNX Runtime has kernels that take no empty side.
        length = max(1, *(len(one) for one in rows))
        length = -(-length // multiple_of) * multiple_of
        ids = np.full((len(rows), length), self._padding, np.int64)
        mask = np.zeros(ids.shape, np.bool_)
        for row, one in enumerate(rows):
            ids[row, : len(one)] = one
            mask[row, : len(one)] = True
        return ids, mask


def _ends(items: tuple[_Item, ...], most: int) -> tuple[_Item, ...]:
    if len(items) <= most:
        return items
    return items[: most // 2] + items[-(most // 2) :]

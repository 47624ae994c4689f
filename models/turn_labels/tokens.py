"""Turns as token ids for the encoder: the turn first, then the words before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from calls.labelling import TurnInContext
from calls.labels import Role

MOST_TOKENS = 80
"""Of a longer turn only the beginning and the end are read."""
MOST_TOKENS_BEFORE = {Role.CUSTOMER: 48}
"""Of the turns before only the end is read. An answer hangs on what it answers more than others."""
_MOST_TOKENS_BEFORE_OTHERS = 24
_START, _END, _PADDING = "[CLS]", "[SEP]", "[PAD]"

_Item = TypeVar("_Item")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """One turn as the encoder sees it.

    `ids` hold the turn (the first `own`) and what was said before. `spans` are the half-open
    character offsets of the turn's own tokens in its text; (0, 0) for the marks around it.
    """

    ids: tuple[int, ...]
    own: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Several turns side by side, padded: all of shape (turns, tokens)."""

    ids: Ints
    types: Ints
    mask: npt.NDArray[np.bool_]


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

    def __call__(self, turn: TurnInContext) -> Tokens:
        """The turn's tokens, cut to what the encoder reads."""
        said = self._tokenizer.encode(turn.said.text, add_special_tokens=False)
        ids, spans = _ends(said.ids, MOST_TOKENS), _ends(said.offsets, MOST_TOKENS)
        own = (self._start, *ids, self._end)
        before = " ".join(f"{one.role}: {one.text}" for one in turn.before)
        context = self._tokenizer.encode(before, add_special_tokens=False).ids if before else []
        most = MOST_TOKENS_BEFORE.get(turn.said.role, _MOST_TOKENS_BEFORE_OTHERS)
        tail = (*context[-most:], self._end) if context else ()
        return Tokens((*own, *tail), len(own), ((0, 0), *spans, (0, 0)))

    def batch(self, turns: Sequence[Tokens], *, multiple_of: int = 1) -> Batch:
        """The turns side by side; the length is rounded up so that fewer shapes occur."""
        length = max(len(one.ids) for one in turns)
        length = -(-length // multiple_of) * multiple_of
        ids = np.full((len(turns), length), self._padding, np.int64)
        types = np.zeros_like(ids)
        mask = np.zeros(ids.shape, np.bool_)
        for row, one in enumerate(turns):
            ids[row, : len(one.ids)] = one.ids
            types[row, one.own : len(one.ids)] = 1
            mask[row, : len(one.ids)] = True
        return Batch(ids, types, mask)


def _ends(items: Sequence[_Item], most: int) -> Sequence[_Item]:
    if len(items) <= most:
        return items
    return [*items[: most // 2], *items[-(most // 2) :]]

"""Turns side by side, as training takes them: padded to one length, with masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.turn_labels.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Batch:
    """Several turns and what was said before them.

    `ids` and `mask` are of shape (turns, tokens), `before` and `before_mask` of shape (turns,
    tokens before); a mask is true where there is a token.
    """

    ids: Tensor
    mask: Tensor
    before: Tensor
    before_mask: Tensor

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All four, in the order in which the network takes them."""
        return self.ids, self.mask, self.before, self.before_mask


def side_by_side(turns: Sequence[Tokens], padding: int, *, multiple_of: int = 1) -> Batch:
    """The turns as one batch.

    Args:
        turns: the turns.
        padding: the token for places without one.
        multiple_of: lengths are rounded up to this, so that fewer shapes occur.
    """
    ids, mask = _padded([one.ids for one in turns], padding, multiple_of)
    before, before_mask = _padded([one.before for one in turns], padding, multiple_of)
    return Batch(ids, mask, before, before_mask)


def _padded(rows: Sequence[Sequence[int]], padding: int, multiple_of: int) -> tuple[Tensor, Tensor]:
    length = max(len(one) for one in rows)
    length = -(-length // multiple_of) * multiple_of
    ids = torch.full((len(rows), length), padding, dtype=torch.int64)
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for row, one in enumerate(rows):
        ids[row, : len(one)] = torch.tensor(one)
        mask[row, : len(one)] = True
    return ids, mask

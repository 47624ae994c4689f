"""Making a layer of the encoder narrower without training it: fewer neurons between its halves.

Most of a transformer's arithmetic is done between the two matrices of each layer's feed-forward
half. Neurons are taken out one by one, each time the one whose loss the others can make up for
best, and the weights of those others are corrected for it: optimal brain surgeon (Hassibi and
Stork, 1993) on whole neurons, in closed form from what they answer to real text.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from models.turn_labels.training.batches import Batch
from models.turn_labels.training.network import Encoder, Layer
from models.turn_labels.training.watch import watch

# Keeps the inverse finite where neurons always fire together.
_DAMPING = 1e-4


def narrow(encoder: Encoder, batch: Batch, width: int) -> None:
    """Leaves so many neurons between the halves of each layer, in place.

    Args:
        encoder: all layers.
        batch: real turns, by which the neurons are judged.
        width: how many neurons are to stay.
    """
    layers = [one for one in encoder.modules() if isinstance(one, Layer)]
    # Each is narrowed before it is run, so those above learn of it as it will be.
    watch(encoder, batch, {one.inner: partial(_narrow_one, one, width) for one in layers})


@torch.no_grad()
def _narrow_one(layer: Layer, width: int, attended: Tensor) -> None:
    """Narrows one layer by what its second half is given, of shape (tokens, WIDTH)."""
    fired = functional.gelu(
        functional.linear(attended, layer.inner.weight, layer.inner.bias)
    ).double()
    ones = torch.ones(len(fired), 1, dtype=fired.dtype)
    fired = torch.cat([fired, ones], 1)  # the last stands for the bias, which always stays
    moments = fired.T @ fired / len(fired)
    moments += _DAMPING * moments.diagonal().mean() * torch.eye(len(moments), dtype=fired.dtype)
    weights = torch.cat([layer.outer.weight.T, layer.outer.bias[None]]).double()
    kept = _eliminate(torch.linalg.inv(moments), weights, width)
    inner, outer = layer.inner, layer.outer
    inner.weight.data, inner.bias.data = inner.weight[kept].clone(), inner.bias[kept].clone()
    outer.weight.data = weights[kept].T.float().contiguous()
    outer.bias.data = weights[-1].float()
    inner.out_features = outer.in_features = width


def _eliminate(inverse: Tensor, weights: Tensor, width: int) -> Tensor:
    """The rows of `weights` that stay; both arguments are changed."""
    is_kept = torch.ones(len(weights) - 1, dtype=torch.bool)
    for _ in range(len(is_kept) - width):
        # What the sum of squares grows by if a neuron goes and the others make up for it.
        costs = weights.square().sum(1) / inverse.diagonal()
        place = int(costs[:-1].masked_fill(~is_kept, torch.inf).argmin())
        is_kept[place] = False
        column = inverse[:, place] / inverse[place, place]
        weights -= column[:, None] * weights[place].clone()
        inverse -= column[:, None] * inverse[place].clone()
        weights[place] = 0.0
        # Rounding would otherwise pile up on what is gone.
        inverse[place], inverse[:, place], inverse[place, place] = 0.0, 0.0, 1.0
    return is_kept.nonzero()[:, 0]

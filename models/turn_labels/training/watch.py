"""Looking at what parts of the encoder are given while it reads real turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from models.turn_labels.training.batches import Batch
from models.turn_labels.training.network import Encoder


@torch.no_grad()
def watch(
    encoder: Encoder, batch: Batch, seen: Mapping[nn.Module, Callable[[Tensor], Any]]
) -> None:
    """Reads the turns and calls what belongs to each part with the states the part is given.

    Each is called before its part is run, with the states of all tokens but padding, of shape
    (tokens, width); what it changes in the part holds already for this reading.
    """
    both = torch.cat([batch.mask, batch.before_mask], 1)
    real = {one.shape[1]: one for one in (both, batch.mask)}

    def show(see: Callable[[Tensor], Any], _: nn.Module, given: tuple[Tensor]) -> None:
        states = given[0]
        see(states[real[states.shape[1]]])

    hooks = [part.register_forward_pre_hook(partial(show, see)) for part, see in seen.items()]
    encoder(*batch.tensors)
    for hook in hooks:
        hook.remove()

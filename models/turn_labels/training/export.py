"""The trained encoder as one small file that ONNX Runtime reads: weights of one byte each."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from models.turn_labels.training.batches import Batch
from models.turn_labels.training.graph import Graph
from models.turn_labels.training.network import Encoder, Layer, Lower, Upper
from models.turn_labels.training.watch import watch


def export(lower: Lower, upper: Upper, batch: Batch, target: Path) -> None:
    """Writes both halves as one `.onnx` file; see `models.turn_labels.training.graph`.

    Weights are rounded to 8 bits, which makes the file four times smaller and reading about twice
    as fast; so are, while it reads, the states between them.

    Args:
        lower: the layers as published.
        upper: the layers that were trained.
        batch: real turns, which show what ranges the states have.
        target: the file.
    """
    encoder = Encoder(lower, upper).float().eval()
    graph = Graph(_largest(encoder, batch))
    graph.write(lower, upper)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        onnx.save(graph.model(upper.judge.out_features), whole)
        quantize_dynamic(
            whole,
            target,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=graph.exact,
            per_channel=True,
            extra_options={"MatMulConstBOnly": True},
        )


def _largest(encoder: Encoder, batch: Batch) -> dict[nn.Module, Tensor]:
    """The largest inputs of each matrix of the layers, of shape (width,)."""
    largest: dict[nn.Module, Tensor] = {}

    def keep(part: nn.Module, states: Tensor) -> None:
        largest[part] = states.abs().amax(0)

    parts = [
        part
        for layer in encoder.modules()
        if isinstance(layer, Layer)
        for part in (layer.key_value, layer.inner, layer.outer)
    ]
    watch(encoder, batch, {part: partial(keep, part) for part in parts})
    return largest

"""The encoder as a graph of ONNX operators, written node by node.

It reads one turn at a time, so it needs neither padding nor masks, and attention is one operator of
ONNX Runtime: what tracing PyTorch gives takes about a tenth longer, also for one turn at a time.

The graph is made to be rounded to 8 bits. States are rounded by the largest of them all, and a few
places are always ten times as large as the rest, which would leave the rest three bits. So each
place is scaled before a matrix and the matrix back (SmoothQuant: Xiao et al., 2023), and the few
loudest neurons of a layer are left exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from models.turn_labels.training.network import EPSILON, HEADS, Layer, Lower, Upper

_OPSET, _RUNTIME_OPSET, _IR = 17, 1, 8
_RUNTIME = "com.microsoft"
# So much of a place's range goes into the matrix, the rest stays in the states.
_INTO_MATRIX = 0.65
# So many neurons of each layer are left exact.
_LOUD = 4
_SMALLEST = 1e-5


class Graph:
    """The graph as it grows. Most methods return the name of what their last node puts out.

    Its inputs are `ids`, the tokens of the turn and of what was said before, `types`, 0 or 1 for
    each, both of shape (tokens,), and `own`, how many are the turn's, of shape (1,). Its outputs
    are `logits` of shape (labels,) and `looked` of shape (own tokens, labels).

    Args:
        largest: the largest inputs of the layers' matrices, each of shape (width,).
    """

    def __init__(self, largest: Mapping[nn.Module, Tensor]) -> None:
        self._largest = largest
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._known: list[onnx.ValueInfoProto] = []
        self.exact: list[str] = []
        """Names of nodes that are not to be rounded."""

    @torch.no_grad()
    def write(self, lower: Lower, upper: Upper) -> None:
        """All nodes, from token ids to `logits` and `looked`."""
        both = self._embedded(lower)
        for layer in [*lower.layers, *upper.together]:
            both = self._layer(layer, both)
        tokens_before = self._one("Sub", self._one("Shape", "ids"), "own")
        sizes = self._one("Concat", "own", tokens_before, axis=0)
        hidden, before = self._node("Split", both, sizes, outputs=2, axis=1)
        for layer in upper.alone:
            hidden = self._layer(layer, hidden, before)
        self._head(upper, hidden)

    def model(self, labels: int) -> onnx.ModelProto:
        """The graph with its inputs and outputs."""
        ints, floats = TensorProto.INT64, TensorProto.FLOAT
        inputs = {"ids": ["tokens"], "types": ["tokens"], "own": [1]}
        outputs = {"logits": [labels], "looked": ["own_tokens", labels]}
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info(name, ints, shape) for name, shape in inputs.items()],
            [helper.make_tensor_value_info(name, floats, one) for name, one in outputs.items()],
            self._weights,
            value_info=self._known,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, _RUNTIME_OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)

    def _embedded(self, lower: Lower) -> str:
        words = self._one("Gather", self._weight(lower.words.weight), "ids")
        types = self._one("Gather", self._weight(lower.types.weight), "types")
        tokens = self._one("Shape", "ids")
        positions = self._one(
            "Slice", self._weight(lower.positions.weight), self._ints([0]), tokens, self._ints([0])
        )
        summed = self._one("Add", self._one("Add", words, types), positions)
        one_turn = self._one("Unsqueeze", summed, self._ints([0]))
        norm = self._weight(lower.norm.weight), self._weight(lower.norm.bias)
        return self._one("LayerNormalization", one_turn, *norm, axis=-1, epsilon=EPSILON)

    def _layer(self, layer: nn.Module, hidden: str, before: str = "") -> str:
        """One layer over `hidden`, which looks at itself and at what was `before`, if anything."""
        assert isinstance(layer, Layer)
        seen = self._one("Concat", hidden, before, axis=1) if before else hidden
        scale = self._scale(layer.key_value, layer.query)
        query = self._linear(hidden, layer.query.weight, layer.query.bias, scale)
        key_value = self._linear(seen, layer.key_value.weight, layer.key_value.bias, scale)
        key, value = self._node("Split", key_value, outputs=2, axis=2)
        mixed = self._one("MultiHeadAttention", query, key, value, domain=_RUNTIME, num_heads=HEADS)
        mixed = self._linear(mixed, layer.attended.weight, layer.attended.bias)
        attended = self._normed(layer.attended_norm, mixed, hidden)
        return self._normed(layer.outer_norm, self._thought(layer, attended), attended)

    def _thought(self, layer: Layer, attended: str) -> str:
        """The second half of a layer, with its neurons in order of how loud they are."""
        order = self._largest[layer.outer].argsort()
        quiet, loud = order[:-_LOUD], order[-_LOUD:]
        weight, bias = layer.inner.weight[order], layer.inner.bias[order]
        inner = self._linear(attended, weight, bias, self._scale(layer.inner))
        fired = self._one("Gelu", inner, domain=_RUNTIME)
        sizes = self._ints([len(quiet), len(loud)])
        most, few = self._node("Split", fired, sizes, outputs=2, axis=2)
        weight, bias = layer.outer.weight, layer.outer.bias
        outer = self._linear(most, weight[:, quiet], bias, self._scale(layer.outer)[quiet])
        return self._one("Add", outer, self._product(few, weight[:, loud], exact=True))

    def _scale(self, linear: nn.Linear, *others: nn.Linear) -> Tensor:
        """By what each place before matrices is divided; the first has seen the largest inputs."""
        weights = torch.cat([one.weight for one in (linear, *others)])
        largest = weights.abs().amax(0).clamp(min=_SMALLEST)
        seen = self._largest[linear].clamp(min=_SMALLEST)
        return seen**_INTO_MATRIX / largest ** (1.0 - _INTO_MATRIX)

    def _head(self, upper: Upper, hidden: str) -> None:
        tokens = self._one("Squeeze", hidden, self._ints([0]))
        look, judge = (
            self._one("Add", self._product(tokens, one.weight, exact=True), self._weight(one.bias))
            for one in (upper.look, upper.judge)
        )
        self._node("Softmax", look, outputs=["looked"], axis=0)
        judged = self._one("Mul", "looked", judge)
        self._node("ReduceSum", judged, self._ints([0]), outputs=["logits"], keepdims=0)

    def _linear(
        self, hidden: str, weight: Tensor, bias: Tensor, scale: Tensor | None = None
    ) -> str:
        if scale is not None:
            hidden = self._one("Mul", hidden, self._weight(1.0 / scale))
            weight = weight * scale
        return self._one("Add", self._product(hidden, weight), self._weight(bias))

    def _product(self, hidden: str, weight: Tensor, *, exact: bool = False) -> str:
        product = self._one("MatMul", hidden, self._weight(weight.T))
        if exact:
            self.exact.append(self._nodes[-1].name)
        return product

    def _normed(self, norm: nn.LayerNorm, hidden: str, skipped: str) -> str:
        weights = self._weight(norm.weight), self._weight(norm.bias)
        summed = self._one("Add", hidden, skipped)
        return self._one("LayerNormalization", summed, *weights, axis=-1, epsilon=EPSILON)

    def _one(self, kind: str, *inputs: str, **more: Any) -> str:
        return self._node(kind, *inputs, **more)[0]

    def _node(
        self, kind: str, *inputs: str, outputs: int | list[str] = 1, **more: Any
    ) -> list[str]:
        name = f"{kind}_{len(self._nodes)}"
        if isinstance(outputs, int):
            outputs = [f"{name}_{place}" for place in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), outputs, name, **more))
        if more.get("domain") == _RUNTIME:  # what those put out, onnx itself can't infer
            floats = TensorProto.FLOAT
            self._known += [helper.make_tensor_value_info(one, floats, None) for one in outputs]
        return outputs

    def _weight(self, tensor: Tensor) -> str:
        return self._stored(tensor.float().contiguous().numpy())

    def _ints(self, values: list[int]) -> str:
        return self._stored(np.array(values, np.int64))

    def _stored(self, array: npt.NDArray[Any]) -> str:
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(array, name))
        return name

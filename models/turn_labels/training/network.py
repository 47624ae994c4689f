"""The encoder as it is trained: the lower layers of MiniLM, and one attention for each label.

MiniLM (Wang et al., 2020; Apache-2.0), as trained for sentence similarity
(sentence-transformers/all-MiniLM-L6-v2), already knows which wordings mean the same. Its lowest
layers stay as they are, which halves the work of training and keeps what they know. Each label
looks at the words of the turn with an attention of its own (Mullenbach et al., 2018), so that one
clause of a long turn can decide, and can be shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, INNER = 384, 12, 1536
POSITIONS = 512
_EPSILON = 1e-12


class Layer(nn.Module):
    """One transformer layer, normalised after each half, as in BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.attended_norm = nn.LayerNorm(WIDTH, _EPSILON)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.outer_norm = nn.LayerNorm(WIDTH, _EPSILON)

    def forward(self, hidden: Tensor, blocked: Tensor) -> Tensor:
        """New states of shape (turns, tokens, WIDTH); `blocked` is added to the attention."""
        turns, tokens, _ = hidden.shape
        parts = self.query_key_value(hidden).view(turns, tokens, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        query = query * (WIDTH // HEADS) ** -0.5
        weights = query @ key.transpose(-1, -2) + blocked
        mixed = (torch.softmax(weights, -1) @ value).transpose(1, 2).reshape(turns, tokens, WIDTH)
        hidden = self.attended_norm(hidden + self.attended(mixed))
        inner = functional.gelu(self.inner(hidden))
        out: Tensor = self.outer_norm(hidden + self.outer(inner))
        return out


class Lower(nn.Module):
    """Embeddings and the layers that are not trained."""

    def __init__(self, vocabulary: int, layers: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, _EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """States of shape (turns, tokens, WIDTH)."""
        places = torch.arange(ids.shape[1], device=ids.device)
        hidden: Tensor = self.norm(
            self.words(ids) + self.positions(places)[None] + self.types(types)
        )
        for layer in self.layers:
            hidden = layer(hidden, _blocked(mask, hidden.dtype))
        return hidden


class Upper(nn.Module):
    """The layers that are trained, and the attention of each label."""

    def __init__(self, layers: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.look = nn.Linear(WIDTH, labels)
        self.judge = nn.Linear(WIDTH, labels)

    def forward(self, hidden: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Log odds of shape (turns, labels), and where each label looked (turns, tokens, labels).

        Only the turn's own words are judged; what was said before colours them.
        """
        for layer in self.layers:
            hidden = layer(hidden, _blocked(mask, hidden.dtype))
        hidden = self.dropout(hidden)
        own = (mask & (types == 0))[..., None]
        looked = self.look(hidden).float().masked_fill(~own, -1e4).softmax(1)
        return (looked * self.judge(hidden).float()).sum(1), looked


class Encoder(nn.Module):
    """Both halves in one, for export."""

    def __init__(self, lower: Lower, upper: Upper) -> None:
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As `Upper`, from token ids."""
        logits, looked = self.upper(self.lower(ids, types, mask), types, mask)
        return logits, looked


def from_pretrained(
    stored: Mapping[str, Tensor], kept: list[int], lower: int, upper: int, labels: int
) -> tuple[Lower, Upper]:
    """Both halves with the weights of a published BERT of this width.

    Args:
        stored: its tensors, by name.
        kept: the rows of its vocabulary that are kept, in order.
        lower: layers that stay as they are.
        upper: layers above those, to be trained; higher ones are left out.
        labels: how many labels there are.
    """
    below, above = Lower(len(kept), lower), Upper(upper, labels, dropout=0.1)
    with torch.no_grad():
        below.words.weight.copy_(stored["embeddings.word_embeddings.weight"][kept])
        below.positions.weight.copy_(stored["embeddings.position_embeddings.weight"])
        below.types.weight.copy_(stored["embeddings.token_type_embeddings.weight"])
        _copy(below.norm, stored, "embeddings.LayerNorm")
        for number, layer in enumerate([*below.layers, *above.layers]):
            assert isinstance(layer, Layer)
            _fill(layer, stored, f"encoder.layer.{number}.")
    below.requires_grad_(False)
    return below, above


def _fill(layer: Layer, stored: Mapping[str, Tensor], prefix: str) -> None:
    for kind in ("weight", "bias"):
        three = [
            stored[f"{prefix}attention.self.{one}.{kind}"] for one in ("query", "key", "value")
        ]
        getattr(layer.query_key_value, kind).copy_(torch.cat(three))
    _copy(layer.attended, stored, f"{prefix}attention.output.dense")
    _copy(layer.attended_norm, stored, f"{prefix}attention.output.LayerNorm")
    _copy(layer.inner, stored, f"{prefix}intermediate.dense")
    _copy(layer.outer, stored, f"{prefix}output.dense")
    _copy(layer.outer_norm, stored, f"{prefix}output.LayerNorm")


def _copy(part: nn.Module, stored: Mapping[str, Tensor], name: str) -> None:
    for kind in ("weight", "bias"):
        getattr(part, kind).copy_(stored[f"{name}.{kind}"])


def _blocked(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """What is added to the attention so that nothing looks at padding."""
    return torch.where(mask, 0.0, -1e4).to(dtype)[:, None, None, :]

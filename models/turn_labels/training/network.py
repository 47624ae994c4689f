"""The encoder as it is trained: the lower layers of MiniLM, and one attention for each label.

MiniLM (Wang et al., 2020; Apache-2.0), as trained for sentence similarity
(sentence-transformers/all-MiniLM-L6-v2), already knows which wordings mean the same. Its lowest
layers stay as they are, which saves work in training and keeps what they know. Each label
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
EPSILON = 1e-12


class Layer(nn.Module):
    """One transformer layer, normalised after each half, as in BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key_value = nn.Linear(WIDTH, 2 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.attended_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.outer_norm = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, hidden: Tensor, seen: Tensor, blocked: Tensor) -> Tensor:
        """New states of shape (turns, tokens, WIDTH).

        Args:
            hidden: states of that shape.
            seen: the states looked at, of shape (turns, tokens seen, WIDTH).
            blocked: added to the attention, of shape (turns, 1, 1, tokens seen).
        """
        return self.think(self.attend(hidden, seen, blocked))

    def attend(self, hidden: Tensor, seen: Tensor, blocked: Tensor) -> Tensor:
        """The first half, with the arguments of `forward`."""
        query = _in_heads(self.query(hidden)) * (WIDTH // HEADS) ** -0.5
        key, value = (_in_heads(one) for one in self.key_value(seen).chunk(2, -1))
        weights = query @ key.transpose(-1, -2) + blocked
        mixed = (torch.softmax(weights, -1) @ value).transpose(1, 2).flatten(2)
        attended: Tensor = self.attended_norm(hidden + self.attended(mixed))
        return attended

    def think(self, attended: Tensor) -> Tensor:
        """The second half, each token for itself; `attended` is what the first half left."""
        inner = functional.gelu(self.inner(attended))
        out: Tensor = self.outer_norm(attended + self.outer(inner))
        return out


class Lower(nn.Module):
    """Embeddings and the layers that are not trained."""

    def __init__(self, vocabulary: int, layers: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def forward(
        self, ids: Tensor, mask: Tensor, before: Tensor, before_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """States of the turn's tokens and of those before, (turns, tokens, WIDTH) each."""
        places = torch.arange(ids.shape[1], device=ids.device)[None].expand_as(ids)
        # What was said before follows the turn, wherever that ends.
        follow = mask.sum(1, keepdim=True) + torch.arange(before.shape[1], device=ids.device)
        places = torch.cat([places, follow], 1)
        types = torch.cat([torch.zeros_like(ids), torch.ones_like(before)], 1)
        words = self.words(torch.cat([ids, before], 1))
        hidden: Tensor = self.norm(words + self.positions(places) + self.types(types))
        blocked = _blocked(torch.cat([mask, before_mask], 1), hidden.dtype)
        for layer in self.layers:
            hidden = layer(hidden, hidden, blocked)
        return hidden[:, : ids.shape[1]], hidden[:, ids.shape[1] :]


class Upper(nn.Module):
    """The layers that are trained, and the attention of each label.

    Args:
        together: layers that take along what was said before.
        alone: layers above those, which go on with the turn's own tokens.
        labels: how many labels there are.
        dropout: share of the last states that training blanks out.
    """

    def __init__(self, together: int, alone: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.together = nn.ModuleList(Layer() for _ in range(together))
        self.alone = nn.ModuleList(Layer() for _ in range(alone))
        self.dropout = nn.Dropout(dropout)
        self.look = nn.Linear(WIDTH, labels)
        self.judge = nn.Linear(WIDTH, labels)

    def forward(
        self, hidden: Tensor, mask: Tensor, before: Tensor, before_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Log odds of shape (turns, labels), and where each label looked (turns, tokens, labels).

        Only the turn's own words are judged. The highest layers look at those before as the layer
        below left them, which costs a quarter of taking them along.
        """
        blocked = _blocked(torch.cat([mask, before_mask], 1), hidden.dtype)
        own = hidden.shape[1]
        both = torch.cat([hidden, before], 1)
        for layer in self.together:
            both = layer(both, both, blocked)
        hidden, before = both[:, :own], both[:, own:]
        for layer in self.alone:
            hidden = layer(hidden, torch.cat([hidden, before], 1), blocked)
        hidden = self.dropout(hidden)
        looked = self.look(hidden).float().masked_fill(~mask[..., None], -1e4).softmax(1)
        return (looked * self.judge(hidden).float()).sum(1), looked

    @property
    def layers(self) -> list[nn.Module]:
        """All layers, from below."""
        return [*self.together, *self.alone]


class Encoder(nn.Module):
    """Both halves in one."""

    def __init__(self, lower: Lower, upper: Upper) -> None:
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(
        self, ids: Tensor, mask: Tensor, before: Tensor, before_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As `Upper`, from token ids."""
        hidden, seen = self.lower(ids, mask, before, before_mask)
        logits, looked = self.upper(hidden, mask, seen, before_mask)
        return logits, looked


def from_pretrained(
    stored: Mapping[str, Tensor], kept: list[int], layers: tuple[int, int, int], labels: int
) -> tuple[Lower, Upper]:
    """Both halves with the weights of a published BERT of this width.

    Args:
        stored: its tensors, by name.
        kept: the rows of its vocabulary that are kept, in order.
        layers: how many stay as they are, how many above those are trained and take along what was
            said before, and how many go on alone; higher ones are left out.
        labels: how many labels there are.
    """
    lower, together, alone = layers
    below, above = Lower(len(kept), lower), Upper(together, alone, labels, dropout=0.1)
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
    _copy(layer.query, stored, f"{prefix}attention.self.query")
    for kind in ("weight", "bias"):
        both = [stored[f"{prefix}attention.self.{one}.{kind}"] for one in ("key", "value")]
        getattr(layer.key_value, kind).copy_(torch.cat(both))
    _copy(layer.attended, stored, f"{prefix}attention.output.dense")
    _copy(layer.attended_norm, stored, f"{prefix}attention.output.LayerNorm")
    _copy(layer.inner, stored, f"{prefix}intermediate.dense")
    _copy(layer.outer, stored, f"{prefix}output.dense")
    _copy(layer.outer_norm, stored, f"{prefix}output.LayerNorm")


def _copy(part: nn.Module, stored: Mapping[str, Tensor], name: str) -> None:
    for kind in ("weight", "bias"):
        getattr(part, kind).copy_(stored[f"{name}.{kind}"])


def _in_heads(states: Tensor) -> Tensor:
    """Of shape (turns, HEADS, tokens, width of a head)."""
    return states.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)


def _blocked(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """What is added to the attention so that nothing looks at padding."""
    return torch.where(mask, 0.0, -1e4).to(dtype)[:, None, None, :]

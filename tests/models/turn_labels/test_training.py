"""Training, on a network without its published weights. Skipped without the extra `training`."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calls.labelling import Said, TurnInContext
from calls.labels import Label, Role
from models.turn_labels.encoder import Encoder
from models.turn_labels.labeller import TOKENIZER
from models.turn_labels.training.examples import Example

torch = pytest.importorskip("torch", reason="the extra `training` is not installed")
pytest.importorskip("onnx", reason="the extra `training` is not installed")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "what", "keeps", "you", "awake", "the", "van", "red"]
CLICHE = list(Label).index(Label.CLICHE_QUESTION)


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    path = tmp_path / TOKENIZER
    model = {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {word: number for number, word in enumerate(WORDS)},
    }
    whole = {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "model": model}
    path.write_text(json.dumps({**whole, "added_tokens": []}), encoding="utf-8")
    return path


def examples() -> list[Example]:
    said = [("what keeps you awake", True), ("the red van", False)] * 24
    return [
        Example(
            TurnInContext(Said(Role.REP, text)),
            frozenset({Label.CLICHE_QUESTION} if is_cliche else ()),
            "file",
            str(number),
        )
        for number, (text, is_cliche) in enumerate(said)
    ]


def test_what_was_trained_is_what_is_read_with(tokenizer: Path, tmp_path: Path) -> None:
    from models.turn_labels.tokens import TurnTokenizer
    from models.turn_labels.training.batches import side_by_side
    from models.turn_labels.training.export import export
    from models.turn_labels.training.fit_encoder import fit_upper, predict, prepare
    from models.turn_labels.training.network import WIDTH, Lower, Upper
    from models.turn_labels.training.plan import EncoderPlan

    torch.manual_seed(3)
    lower, upper = Lower(len(WORDS), 1), Upper(1, 1, len(Label), dropout=0.1)
    plan = EncoderPlan(
        layers_as_published=1,
        layers_together=1,
        layers_alone=1,
        inner_width=WIDTH,
        epochs=8,
        learning_rate=1e-3,
        head_factor=5.0,
        warm_up=0.1,
        weight_decay=0.01,
        batch_size=8,
        changed=0.5,
    )
    cut = TurnTokenizer(tokenizer)
    told: list[str] = []
    fit_upper(lower, upper, cut, examples(), plan, seed=1, say=told.append)
    assert len(told) == plan.epochs
    asked, other = (one.turn for one in examples()[:2])
    turns = [asked, other, replace(asked, before=(other.said, asked.said))]
    odds = predict(upper, cut, prepare(lower, cut, turns))[:, CLICHE]
    assert odds[0] > 1.0 > -1.0 > odds[1]
    shown = side_by_side([cut(one) for one in turns], cut.padding)
    export(lower, upper, shown, tmp_path / "encoder.onnx")
    encoder = Encoder(tmp_path / "encoder.onnx", tokenizer)
    judged = [encoder.judge(one) for one in turns]
    # Training runs in half, reading in 8-bit precision.
    assert [one.logits[CLICHE] for one in judged] == pytest.approx(odds, abs=0.7)
    assert judged[0].looked[:, CLICHE].sum() == pytest.approx(1.0, abs=1e-3)


def test_the_layers_are_those_of_a_published_bert() -> None:
    """Against the formulas of BERT (Devlin et al., 2019), step by step in float64."""
    from models.turn_labels.training.network import HEADS, WIDTH, Layer

    torch.manual_seed(5)
    layer = Layer().double()
    hidden = torch.randn(2, 5, WIDTH, dtype=torch.float64)
    blocked = torch.zeros(2, 1, 1, 5, dtype=torch.float64)
    blocked[1, ..., 3:] = -1e4
    query = layer.query(hidden)
    key, value = layer.key_value(hidden).chunk(2, dim=-1)
    size = WIDTH // HEADS
    mixed = torch.zeros_like(hidden)
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        weights = query[..., part] @ key[..., part].transpose(1, 2) / size**0.5
        weights = torch.softmax(weights + blocked[:, 0], dim=-1)
        mixed[..., part] = weights @ value[..., part]
    attended = layer.attended_norm(hidden + layer.attended(mixed))
    inner = layer.inner(attended)
    inner = inner * 0.5 * (1.0 + torch.erf(inner / 2.0**0.5))
    expected = layer.outer_norm(attended + layer.outer(inner))
    found = layer(hidden, hidden, blocked)
    assert np.allclose(found.detach(), expected.detach(), atol=1e-9)


def test_narrowing_costs_nothing_where_half_of_the_neurons_say_the_same() -> None:
    from models.turn_labels.training.narrow import narrow

    encoder, batch = some_encoder()
    layers = [*encoder.lower.layers, *encoder.upper.layers]
    half = layers[0].inner.out_features // 2
    for layer in layers:
        layer.inner.weight.data[half:] = layer.inner.weight.data[:half]
        layer.inner.bias.data[half:] = layer.inner.bias.data[:half]
    whole = encoder(*batch.tensors)[0]
    narrow(encoder, batch, half)
    assert [layer.outer.in_features for layer in layers] == [half] * 3
    assert np.allclose(encoder(*batch.tensors)[0].detach(), whole.detach(), atol=1e-3)


def test_those_that_stay_make_up_for_those_that_go() -> None:
    from models.turn_labels.training.narrow import narrow

    encoder, batch = some_encoder()
    cut = deepcopy(encoder)
    whole = encoder(*batch.tensors)[0]
    narrow(encoder, batch, 96)
    for layer in [*cut.lower.layers, *cut.upper.layers]:  # simply cut off
        layer.inner.weight.data = layer.inner.weight.data[:96]
        layer.inner.bias.data = layer.inner.bias.data[:96]
        layer.outer.weight.data = layer.outer.weight.data[:, :96]
    lost, lost_cut = ((one(*batch.tensors)[0] - whole).square().mean() for one in (encoder, cut))
    assert lost < 0.5 * lost_cut


def some_encoder():
    """Three small layers with random weights, and turns with and without some before."""
    from models.turn_labels.tokens import Tokens
    from models.turn_labels.training.batches import side_by_side
    from models.turn_labels.training.network import Encoder as Network
    from models.turn_labels.training.network import Lower, Upper

    torch.manual_seed(11)
    network = Network(Lower(len(WORDS), 1), Upper(1, 1, len(Label), dropout=0.0)).eval()
    said = torch.randint(4, len(WORDS), (40, 12)).tolist()
    turns = [
        Tokens((2, *one[: 3 + n % 9], 3), tuple(one[: n % 5]), ()) for n, one in enumerate(said)
    ]
    return network, side_by_side(turns, padding=0)

"""Training the exact half: the upper layers of the encoder, on what the lower ones make of text."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from calls.labelling import TurnInContext
from models.turn_labels.tokens import Tokens, TurnTokenizer
from models.turn_labels.training.batches import side_by_side
from models.turn_labels.training.examples import Example, allowed, otherwise, targets
from models.turn_labels.training.network import Lower, Upper
from models.turn_labels.training.plan import EncoderPlan

# Turns of like length are batched together; so many batches are drawn at once to mix them.
_MIXED_BATCHES = 20
# Few lengths mean few kernels to prepare.
_LENGTH_STEP = 16
_MOST_GRADIENT = 1.0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A turn and what came before as the lower layers left them, in half precision.

    `hidden` and `before` are of shape (tokens, width).
    """

    tokens: Tokens
    hidden: Tensor
    before: Tensor


def fit_upper(
    lower: Lower,
    upper: Upper,
    tokenizer: TurnTokenizer,
    examples: Sequence[Example],
    plan: EncoderPlan,
    *,
    seed: int,
    say: Callable[[str], None],
) -> None:
    """Trains `upper` in place."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    as_written = prepare(lower, tokenizer, [one.turn for one in examples])
    as_changed = prepare(lower, tokenizer, otherwise(examples, seed=seed))
    truth = torch.from_numpy(targets(examples))
    may = torch.from_numpy(allowed([one.turn for one in examples])).float()
    layers = [*upper.together.parameters(), *upper.alone.parameters()]
    head = [*upper.look.parameters(), *upper.judge.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": layers}, {"params": head}],
        lr=plan.learning_rate,
        weight_decay=plan.weight_decay,
        fused=True,
    )
    steps = plan.epochs * math.ceil(len(examples) / plan.batch_size)
    step = 0
    upper.train()
    for epoch in range(plan.epochs):
        shown = [
            changed if chance.random() < plan.changed else written
            for written, changed in zip(as_written, as_changed, strict=True)
        ]
        total = 0.0
        for rows in _batches([one.tokens.length for one in shown], plan.batch_size, chance):
            rate = _rate(step, steps, plan)
            optimizer.param_groups[0]["lr"] = rate
            optimizer.param_groups[1]["lr"] = rate * plan.head_factor
            logits, _ = _run(upper, tokenizer, [shown[row] for row in rows])
            losses = nn.functional.binary_cross_entropy_with_logits(
                logits, truth[rows], reduction="none"
            )
            loss = (losses * may[rows]).sum() / may[rows].sum().clamp(min=1.0)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(upper.parameters(), _MOST_GRADIENT)
            optimizer.step()
            total += loss.item() * len(rows)
            step += 1
        say(f"  epoch {epoch + 1} of {plan.epochs}: loss {total / len(examples):.4f}")
    upper.eval()


@torch.no_grad()
def prepare(
    lower: Lower, tokenizer: TurnTokenizer, turns: Sequence[TurnInContext]
) -> list[_Prepared]:
    """What the lower layers make of each turn. They don't change, so once is enough."""
    tokens = [tokenizer(turn) for turn in turns]
    prepared: list[_Prepared | None] = [None] * len(turns)
    for rows in _batches([one.length for one in tokens], 64, None):
        some = [tokens[row] for row in rows]
        batch = side_by_side(some, tokenizer.padding, multiple_of=_LENGTH_STEP)
        with torch.autocast("cpu", torch.bfloat16):
            hidden, before = lower(*batch.tensors)
        for place, row in enumerate(rows):
            one = tokens[row]
            prepared[row] = _Prepared(
                one, _kept(hidden[place], len(one.ids)), _kept(before[place], len(one.before))
            )
    return [one for one in prepared if one is not None]


@torch.no_grad()
def predict(
    upper: Upper, tokenizer: TurnTokenizer, prepared: Sequence[_Prepared]
) -> npt.NDArray[np.float32]:
    """Log odds of shape (turns, labels)."""
    upper.eval()
    logits = np.zeros((len(prepared), upper.judge.out_features), np.float32)
    for rows in _batches([one.tokens.length for one in prepared], 64, None):
        found, _ = _run(upper, tokenizer, [prepared[row] for row in rows])
        logits[rows] = found.numpy()
    return logits


def _kept(states: Tensor, length: int) -> Tensor:
    return states[:length].to(torch.bfloat16).clone()


def _run(
    upper: Upper, tokenizer: TurnTokenizer, some: Sequence[_Prepared]
) -> tuple[Tensor, Tensor]:
    tokens = [one.tokens for one in some]
    batch = side_by_side(tokens, tokenizer.padding, multiple_of=_LENGTH_STEP)
    hidden = _padded([one.hidden for one in some], batch.ids.shape[1])
    before = _padded([one.before for one in some], batch.before.shape[1])
    with torch.autocast("cpu", torch.bfloat16):
        logits, looked = upper(hidden, batch.mask, before, batch.before_mask)
    return logits.float(), looked


def _padded(rows: Sequence[Tensor], length: int) -> Tensor:
    """All rows, padded, of shape (rows, length, width)."""
    padded = torch.zeros(len(rows), length, rows[0].shape[1], dtype=torch.bfloat16)
    for row, one in enumerate(rows):
        padded[row, : len(one)] = one
    return padded


def _batches(
    lengths: Sequence[int], size: int, chance: random.Random | None
) -> Iterator[list[int]]:
    """Rows in batches of like length; mixed where chance is given, else in order of length."""
    order = list(range(len(lengths)))
    if chance is None:
        order.sort(key=lengths.__getitem__)
        yield from (order[first : first + size] for first in range(0, len(order), size))
        return
    chance.shuffle(order)
    batches: list[list[int]] = []
    drawn = size * _MIXED_BATCHES
    for first in range(0, len(order), drawn):
        some = sorted(order[first : first + drawn], key=lengths.__getitem__)
        batches += [some[one : one + size] for one in range(0, len(some), size)]
    chance.shuffle(batches)
    yield from batches


def _rate(step: int, steps: int, plan: EncoderPlan) -> float:
    """Up in a straight line, then down to nothing."""
    warm = plan.warm_up * steps
    return plan.learning_rate * min((step + 1) / max(warm, 1.0), (steps - step) / (steps - warm))

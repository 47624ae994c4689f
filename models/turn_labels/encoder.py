"""The exact half of the learned layer: a small transformer that reads a turn in its context."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from calls.labelling import TurnInContext
from models.turn_labels.ngrams import Values
from models.turn_labels.tokens import Tokens, TurnTokenizer

# Joined with the addition before it, normalisation takes several times as long on a CPU.
_NOT_JOINED = ["SkipLayerNormFusion"]
# The words shown are the fewest in a row that hold so much of a label's attention.
_SHOWN_ATTENTION = 0.6


@dataclass(frozen=True, slots=True)
class Judged:
    """What the encoder makes of one turn.

    `logits` are log odds of shape (labels,); `looked` says where each label looked, of shape
    (own tokens, labels), summing to 1 over the tokens.
    """

    logits: Values
    looked: Values
    tokens: Tokens
    text: str

    def span(self, label: int) -> tuple[int, int]:
        """Half-open character offsets in the turn of the words that decided about a label."""
        first, last = _narrowest(self.looked[:, label], _SHOWN_ATTENTION)
        spans = [one for one in self.tokens.spans[first:last] if one != (0, 0)]
        if not spans:  # it looked at the marks around the turn only: the whole turn decided
            spans = [one for one in self.tokens.spans if one != (0, 0)] or [(0, 0)]
        return _whole_words(self.text, spans[0][0], spans[-1][1])


class Encoder:
    """The transformer, run by ONNX Runtime on the CPU. May be used from several threads.

    Args:
        model: an `.onnx` file as `models.turn_labels.training` exports it.
        tokenizer: its `tokenizer.json`.
    """

    def __init__(self, model: Path, tokenizer: Path) -> None:
        options = ort.SessionOptions()
        # Reading is spread over processes, one per core: threads within one would only compete.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(
            str(model),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=_NOT_JOINED,
        )
        self._tokenizer = TurnTokenizer(tokenizer)

    def judge(self, turn: TurnInContext) -> Judged:
        """What the encoder makes of a turn.

        One at a time: side by side turns would need padding, and on a CPU gain nothing.
        """
        tokens = self._tokenizer(turn)
        own, before = len(tokens.ids), len(tokens.before)
        types = np.zeros(own + before, np.int64)
        types[own:] = 1
        logits, looked = self._session.run(
            None,
            {
                "ids": np.array(tokens.ids + tokens.before, np.int64),
                "types": types,
                "own": np.array([own], np.int64),
            },
        )
        return Judged(logits, looked, tokens, turn.said.text)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without marks at its ends, and with the rest of words that it cuts."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    while start > 0 and _is_within(text, start):
        start -= 1
    while end < len(text) and _is_within(text, end):
        end += 1
    return start, end


def _is_within(text: str, place: int) -> bool:
    """True if a word goes on from the sign before `place` to the one at it."""
    return all(one.isalnum() or one in "'’-" for one in text[place - 1 : place + 1])


def _narrowest(weights: npt.NDArray[np.float32], enough: float) -> tuple[int, int]:
    """The shortest run of weights whose sum is at least `enough` of all, half open."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    wanted = enough * sums[-1]
    best = (0, len(weights))
    for first in range(len(weights)):
        last = int(np.searchsorted(sums, sums[first] + wanted - 1e-9))
        if last > len(weights):
            break
        if last - first < best[1] - best[0]:
            best = (first, max(last, first + 1))
    return best

"""Turns as token ids for the encoder: the turn first, then the words before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from tokenizers import Tokenizer

from calls.labelling import TurnInContext
from calls.labels import Role

MOST_TOKENS = 80
"""Of a longer turn only the beginning and the end are read."""
MOST_TOKENS_BEFORE = {Role.CUSTOMER: 64}
"""Of the turns before only the end is read. An answer hangs on what it answers more than others."""
_MOST_TOKENS_BEFORE_OTHERS = 24
_REMEMBERED = 512
_START, _END, _PADDING = "[CLS]", "[SEP]", "[PAD]"

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One turn as the encoder sees it.

    `ids` hold the turn, `before` what was said before it. `spans` are the half-open character
    offsets of the turn's tokens in its text; (0, 0) for the marks around it.
    """

    ids: tuple[int, ...]
    before: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def length(self) -> int:
        """How many tokens are read in all."""
        return len(self.ids) + len(self.before)


class TurnTokenizer:
    """Cuts turns into word pieces. May be used from several threads.

    `padding` is the token for a place without a word.

    Args:
        path: a `tokenizer.json` of the `tokenizers` library.
    """

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        vocabulary = self._tokenizer.get_vocab()
        self._start, self._end, self.padding = (
            vocabulary[mark] for mark in (_START, _END, _PADDING)
        )
        # A turn is read once for itself and up to TURNS_BEFORE times as what came before.
        self._pieces = lru_cache(maxsize=_REMEMBERED)(self._cut)

    def __call__(self, turn: TurnInContext) -> Tokens:
        """The turn's tokens, cut to what the encoder reads."""
        ids, spans = self._pieces(turn.said.text)
        own = (self._start, *_ends(ids, MOST_TOKENS), self._end)
        most = MOST_TOKENS_BEFORE.get(turn.said.role, _MOST_TOKENS_BEFORE_OTHERS)
        before: tuple[int, ...] = ()
        for one in reversed(turn.before):
            if len(before) >= most:
                break
            before = self._pieces(f"{one.role}:")[0] + self._pieces(one.text)[0] + before
        tail = (*before[-most:], self._end) if before else ()
        return Tokens(own, tail, ((0, 0), *_ends(spans, MOST_TOKENS), (0, 0)))

    def _cut(self, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """The word pieces of a text and where they stand in it."""
        found = self._tokenizer.encode(text, add_special_tokens=False)
        return tuple(found.ids), tuple(found.offsets)


def _ends(items: tuple[_Item, ...], most: int) -> tuple[_Item, ...]:
    if len(items) <= most:
        return items
    return items[: most // 2] + items[-(most // 2) :]

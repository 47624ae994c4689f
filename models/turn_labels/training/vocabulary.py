"""The vocabulary that is kept: most of the published one never occurs on a sales call."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

# The published vocabulary is roughly in order of frequency, after its special and single marks.
_COMMON = 5_000
# What occurs once is a name or a slip; it can still be spelled.
_FEWEST = 2
_LONGEST_KEPT_PIECE = 2


def kept_vocabulary(tokenizer: Path, texts: Iterable[str]) -> list[int]:
    """The rows of the vocabulary to keep, in order.

    Those are marks, single characters and short endings (so that any word can still be spelled),
    the most common words, and every word piece that the texts have more than once.
    """
    whole = Tokenizer.from_file(str(tokenizer))
    whole.no_padding()
    whole.no_truncation()
    vocabulary = whole.get_vocab()
    kept = {
        row
        for piece, row in vocabulary.items()
        if (row < _COMMON and not piece.startswith("[unused") and piece.isascii())
        or (piece.isascii() and len(piece.removeprefix("##")) <= _LONGEST_KEPT_PIECE)
    }
    kept.update(vocabulary[mark] for mark in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"))
    counts = Counter(
        row
        for encoded in whole.encode_batch(list(texts), add_special_tokens=False)
        for row in encoded.ids
    )
    kept.update(row for row, count in counts.items() if count >= _FEWEST)
    return sorted(kept)


def write_tokenizer(tokenizer: Path, kept: list[int], target: Path) -> None:
    """Writes the tokenizer with only those rows, numbered anew from 0."""
    stored: dict[str, Any] = json.loads(tokenizer.read_text(encoding="utf-8"))
    number = {old: new for new, old in enumerate(kept)}
    pieces = stored["model"]["vocab"]
    stored["model"]["vocab"] = {
        piece: number[row]
        for piece, row in sorted(pieces.items(), key=lambda one: one[1])
        if row in number
    }
    for added in stored["added_tokens"]:
        added["id"] = number[added["id"]]
    stored["post_processor"] = stored["padding"] = stored["truncation"] = None
    text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"))
    target.write_text(text + "\n", encoding="utf-8")

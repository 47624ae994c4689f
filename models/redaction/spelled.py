"""Letters and digits read out one after the other: ids, passports, IBANs.

"n l nine one a b n a oh four …", "GB29 NWBK 6016 …" and "AB 12 34 56 C" are pieces of one number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.redaction.national_ids import LONGEST
from models.redaction.numerals import numeral_at
from models.redaction.runs import LONGEST_PAUSE_S
from models.redaction.tokens import Token
from models.redaction.wording import Wording

_LONGEST_CODE = 6
_MOST_BRIDGES = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Capital letters and digits, and the tokens (half open) of the voice that hold them."""

    characters: str
    start: int
    end: int

    @property
    def digit_count(self) -> int:
        """How many of the characters are digits."""
        return sum(sign.isdigit() for sign in self.characters)


def spelled_of(tokens: Sequence[Token], wording: Wording) -> Iterator[tuple[Piece, ...]]:
    """All pieces that a voice reads out in a row; only rows that hold a digit."""
    pieces: list[Piece] = []
    position = bridges = 0
    while position < len(tokens):
        piece = _piece(tokens, position, wording)
        if piece is not None and not _paused(tokens, pieces, position):
            pieces.append(piece)
            position, bridges = piece.end, 0
            continue
        bridge = wording.bridges.at(tokens, position) if pieces and piece is None else None
        if bridge is not None and bridges < _MOST_BRIDGES:
            position, bridges = position + bridge[0], bridges + 1
            continue
        if any(one.digit_count for one in pieces):
            yield tuple(pieces)
        pieces, bridges = ([piece] if piece is not None else []), 0
        position = piece.end if piece is not None else position + 1
    if any(one.digit_count for one in pieces):
        yield tuple(pieces)


def windows(pieces: Sequence[Piece]) -> Iterator[tuple[str, int, int]]:
    """Characters of neighbouring pieces, longest first, and which pieces (half open) they are."""
    for start in range(len(pieces)):
        characters = ""
        found: list[tuple[str, int, int]] = []
        for end in range(start, len(pieces)):
            characters += pieces[end].characters
            if len(characters) > LONGEST:
                break
            found.append((characters, start, end + 1))
        yield from reversed(found)


def _piece(tokens: Sequence[Token], position: int, wording: Wording) -> Piece | None:
    token = tokens[position]
    if token.has_digit:
        characters = "".join(sign for sign in token.text.upper() if sign.isalnum())
        return Piece(characters, position, position + 1)
    found = numeral_at(tokens, position, wording)
    if found is not None:
        return Piece("".join(found.groups), position, found.end)
    is_letter = len(token.text) == 1 and token.text.isascii()
    if is_letter or (token.capitals and token.text.isascii() and len(token.text) <= _LONGEST_CODE):
        return Piece(token.text.upper(), position, position + 1)
    return None


def _paused(tokens: Sequence[Token], pieces: Sequence[Piece], position: int) -> bool:
    if not pieces:
        return False
    return tokens[position].start_s - tokens[pieces[-1].end - 1].end_s > LONGEST_PAUSE_S

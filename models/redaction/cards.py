"""What makes a number a payment card's: its length, its first digits, its check digit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from stdnum import luhn

SHORTEST, LONGEST = 13, 19
_MOST_UNLIKELY = 2
# Issuers' ranges and lengths as the card schemes publish them.
_BRANDS = re.compile(
    "|".join(
        (
            r"4(?:\d{12}|\d{15}|\d{18})",  # Visa
            r"(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}",  # Mastercard
            r"3[47]\d{13}",  # American Express
            r"3(?:0[0-5]|[689]\d)\d{11,16}",  # Diners Club
            r"35(?:2[89]|[3-8]\d)\d{12,15}",  # JCB
            r"6(?:011|4[4-9]\d|5\d\d)\d{12,15}",  # Discover
            r"62\d{14,17}",  # UnionPay
            r"(?:5018|5020|5038|5[678]\d\d|6304|6759|676[1-3])\d{9,15}",  # Maestro
            r"(?:508\d|60\d\d|8[12]\d\d|220[0-4])\d{12}",  # RuPay, Mir
        )
    )
)


@lru_cache(maxsize=4096)
def is_card(digits: str) -> bool:
    """True if some issuer could have given out a card with that number."""
    return _BRANDS.fullmatch(digits) is not None and bool(luhn.is_valid(digits))


def card_in(groups: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """The first neighbouring groups (half open) that make a card number; None if none do.

    Each group is given by its readings, the likelier first; few may be taken by the other one.
    """
    for start in range(len(groups)):
        end = card_end(groups, start)
        if end is not None:
            return start, end
    return None


def card_end(groups: Sequence[Sequence[str]], start: int) -> int | None:
    """The group after the longest card number that begins with the group at `start`, if any."""
    return _card_end(groups, start, "", _MOST_UNLIKELY)


def _card_end(
    groups: Sequence[Sequence[str]], position: int, digits: str, unlikely: int
) -> int | None:
    """The end of the longest card number of which `digits` come before the group at `position`."""
    for place, reading in enumerate(groups[position] if position < len(groups) else ()):
        left = unlikely - (place > 0)
        if left >= 0 and len(digits) + len(reading) <= LONGEST:
            end = _card_end(groups, position + 1, digits + reading, left)
            if end is not None:
                return end
    return position if len(digits) >= SHORTEST and is_card(digits) else None

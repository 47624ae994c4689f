"""Speaker labels that a transcript brings along: "Sam 4111 1111 1111 1111", "anna@example.com"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count

# UUIDs and the like, also with two letters in front ("CA5f2b…").
_GENERATED = re.compile(
    r"(?:[a-z]{2})?(?=[\d-]*[a-f])[\da-f]{8}(?:[\da-f]{24}|(?:-[\da-f]{4}){3}-[\da-f]{12})"
)


def is_generated(label: str) -> bool:
    """True for an id that a machine made up: one in ten has the digits of a card somewhere."""
    return _GENERATED.fullmatch(label.lower()) is not None


def kept_apart(masked: Mapping[str, str]) -> dict[str, str]:
    """What each label becomes, so that labels that differ still do: "[phone]", "[phone] 2".

    `masked` has every label of the call with itself masked, in order of first speech. A label that
    masking left as it was stays as it is.
    """
    names = {label: label for label, mask in masked.items() if label == mask}
    taken = set(names)
    counters = {mask: count(2) for mask in masked.values()}
    for label, mask in masked.items():
        if label in names:
            continue
        name = mask
        while name in taken:
            name = f"{mask} {next(counters[mask])}"
        names[label] = name
        taken.add(name)
    return names

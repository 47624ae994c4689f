"""Telephone numbers, by the numbering plans that `phonenumbers` knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from models.redaction import cards
from models.redaction.cues import ENDINGS, CueKind, Cues
from models.redaction.finding import Finding, finding_of
from models.redaction.kinds import Kind
from models.redaction.runs import Run
from models.redaction.wording import Wording

_SHORTEST, _LONGEST = 7, 15  # without the area code; ITU-T E.164
# A shorter number without a leading zero may be two amounts.
_SHORTEST_UNNAMED = 10


def find_phone(run: Run, cues: Cues, region: str, wording: Wording) -> Finding | None:
    """A number that was called a telephone number, or that is one by the region's plan."""
    digits = run.digits
    is_end = len(digits) in ENDINGS and cues.ending(run.first)
    if len(digits) < _SHORTEST and not is_end:
        return None
    named = cues.naming(run.tokens, run.start, run.end)
    kind = named.kind if named is not None else None
    if kind is not CueKind.PHONE and not _is_phone(run, digits, kind, region, wording):
        return None
    return finding_of(Kind.PHONE, run.tokens, run.stretches())


def _is_phone(run: Run, digits: str, kind: CueKind | None, region: str, wording: Wording) -> bool:
    if not _SHORTEST <= len(digits) <= _LONGEST:
        return False
    if _has_plus(run, 0, wording):
        return _is_valid(f"+{digits}", region)
    if kind is CueKind.OTHER or run.is_listed or run.is_counted:
        return False
    long_enough = len(digits) >= _SHORTEST_UNNAMED or digits.startswith("0")
    return long_enough and _is_valid(digits, region)


def parted(run: Run, cues: Cues, region: str, wording: Wording) -> Iterator[Run]:
    """The run, cut after each telephone number that it begins with.

    Such a number was asked for, or has a "+", and is valid where a sentence or an utterance ends.
    What the voice reads out after it is another number: "My phone is 415-555-0132. It's 4111 …".
    """
    start = 0
    while start < len(run.groups):
        end = _finished(run, start, cues, region, wording) or len(run.groups)
        yield Run(run.tokens, run.groups[start:end])
        start = end


def _finished(run: Run, start: int, cues: Cues, region: str, wording: Wording) -> int | None:
    """The group after the telephone number that begins with the group at `start`, if one does."""
    has_plus = _has_plus(run, start, wording)
    if not has_plus and not cues.asks_for_phone(run.tokens[run.groups[start].start]):
        return None
    readings = [group.readings for group in run.groups]
    # "What's your number?" may have asked for a card.
    if cards.card_end(readings, start) == len(readings):
        return None
    found = None
    for end in (one for one in run.ends if one > start):
        digits = "".join(group.digits for group in run.groups[start:end])
        if len(digits) > _LONGEST:
            break
        if len(digits) < _SHORTEST or not _is_valid("+" * has_plus + digits, region):
            continue
        if cards.card_end(readings, end) is not None:
            return end
        # Some plans have numbers of any length: the longest one leaves no digit of it over.
        found = end
    return found


def _has_plus(run: Run, group: int, wording: Wording) -> bool:
    """True if a "+" stands before the group, or was said."""
    position = run.groups[group].start
    says_plus = position > 0 and run.tokens[position - 1].text in wording.words.plus
    return says_plus or run.tokens[position].gap.endswith("+")


@lru_cache(maxsize=4096)
def _is_valid(number: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False

"""Dates said in words or digits, where somebody asked for a date of birth or a card's expiry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.redaction.cues import Cue, CueKind, Cues
from models.redaction.finding import Finding, finding_of
from models.redaction.kinds import Kind
from models.redaction.numerals import numeral_at
from models.redaction.tokens import Token
from models.redaction.wording import Wording

# "3 4 80" to "03/04/1980"; "9/27" to "09/2027".
_BIRTH_DIGITS, _EXPIRY_DIGITS = range(4, 9), range(3, 7)
_LEAD_IN, _LEAD_IN_ANSWER = 3, 8
_MOST_WORDS_BIRTH, _MOST_WORDS_EXPIRY = 40, 20


@dataclass(frozen=True, slots=True)
class Date:
    """What may be a date, by its parts, and the tokens (half open) of the voice that say it."""

    start: int
    end: int
    months: int
    ordinals: int
    digits: str


def dates_of(tokens: Sequence[Token], wording: Wording) -> Iterator[Date]:
    """Everything of a voice that may be a date."""
    position = 0
    while position < len(tokens):
        date = _date_at(tokens, position, wording)
        if date is None:
            position += 1
        else:
            position = date.end
            yield date


def find_birth_date(date: Date, tokens: Sequence[Token], cues: Cues) -> Finding | None:
    """A date that was called somebody's date of birth."""
    in_words = date.months + date.ordinals >= 2 or (date.months and date.digits)
    if not in_words and (date.ordinals or len(date.digits) not in _BIRTH_DIGITS):
        return None
    named = cues.asked_for(CueKind.BIRTH, tokens, date.start, date.end)
    if named is None:
        return None
    if not _answers(named, tokens, date, cues, _MOST_WORDS_BIRTH):
        return None
    return finding_of(Kind.BIRTH_DATE, tokens, [(date.start, date.end)])


def find_expiry(date: Date, tokens: Sequence[Token], cues: Cues) -> Finding | None:
    """A month and year that was called the expiry of a card."""
    if not (date.months and date.digits) and len(date.digits) not in _EXPIRY_DIGITS:
        return None
    named = cues.asked_for(CueKind.EXPIRY, tokens, date.start, date.end)
    if named is None:
        return None
    if not cues.about_cards(tokens[date.start]):
        return None
    if not _answers(named, tokens, date, cues, _MOST_WORDS_EXPIRY):
        return None
    return finding_of(Kind.EXPIRY, tokens, [(date.start, date.end)])


def _answers(cue: Cue, tokens: Sequence[Token], date: Date, cues: Cues, most_words: int) -> bool:
    """True if a date comes so soon after the cue that it is what was asked for."""
    first = tokens[date.start]
    if cue.token.order > first.order:
        return True  # "… is my date of birth"
    asked = cue.token.utterance != first.utterance
    most = _LEAD_IN_ANSWER if asked else _LEAD_IN
    near = first.order - cue.token.order <= most_words
    return near and cues.lead_in(cue, tokens, date.start) <= most


def _date_at(tokens: Sequence[Token], start: int, wording: Wording) -> Date | None:
    """The longest row of months, ordinals and numbers that begins there."""
    words = wording.words.dates
    months = ordinals = 0
    digits = ""
    position = end = start
    while position < len(tokens) and tokens[position].utterance == tokens[start].utterance:
        text = tokens[position].text
        found = numeral_at(tokens, position, wording)
        if text in words.months:
            months += 1
        elif _is_ordinal(text, wording):
            ordinals += 1
        elif found is not None and not found.is_amount:
            digits += "".join(found.groups)
            # "twenty third" is an ordinal.
            position = found.end - 1
        elif position == start or text not in words.inside:
            break
        else:
            position += 1
            continue
        position += 1
        end = position
    if end == start:
        return None
    while start > 0 and tokens[start - 1].text in words.inside and tokens[start].gap:
        start -= 1
    return Date(start, end, months, ordinals, digits)


def _is_ordinal(text: str, wording: Wording) -> bool:
    words = wording.words.dates
    if text in words.ordinals:
        return True
    return text[0].isdigit() and text.endswith(words.ordinal_endings)

"""Cards with their codes and dates, bank accounts, national ids: what `numbers` masks.

A number is known by its own check digits, else by what was said around it. Where the talk is of
cards, a number that is long enough is masked although its check digit is wrong: recognisers mishear
one digit in sixteen more often than people read out another number there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.redaction import cards, national_ids
from models.redaction.cues import ENDINGS, CueKind, Cues
from models.redaction.finding import Finding, finding_of
from models.redaction.kinds import Kind
from models.redaction.runs import LONGEST_PAUSE_S, Run
from models.redaction.spelled import Piece, windows
from models.redaction.tokens import Token
from models.redaction.wording import Wording

# One digit of the shortest usual card may be lost.
_NEARLY_A_CARD = 12
_PART_OF_A_CARD = 8
_SHORTEST_ACCOUNT, _SHORTEST_ID = 6, 6
_CODES = range(3, 7)
_MOST_WORDS_TO_CODE = 25
# Words with a meaning before a code: in the sentence that asks, or in the answer.
_LEAD_IN, _LEAD_IN_ANSWER = 2, 5
# Between two parts of a card somebody may say "hang on, it's worn off".
_MOST_WORDS_BETWEEN_PARTS = 12
_LONGEST_UNNAMED = 24
# How the digits of a card are grouped on it.
_PRINTED = ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4])
# Cues that don't say that a number is something else.
_FOR_CARDS = (None, CueKind.CARD, CueKind.CODE, CueKind.EXPIRY)


def find_card(run: Run, cues: Cues) -> Finding | None:
    """A card number, whole, misheard or in part."""
    digits = run.digits
    if cards.card_in([group.readings for group in run.groups]):
        return finding_of(Kind.CARD, run.tokens, run.stretches())
    if len(digits) < min(ENDINGS):
        return None
    named = cues.naming(run.tokens, run.start, run.end)
    kind = named.kind if named is not None else None
    is_end = len(digits) in ENDINGS and cues.ending(run.first)
    if is_end and kind in _FOR_CARDS and cues.about_cards(run.first):
        return finding_of(Kind.CARD, run.tokens, run.stretches())
    if kind is CueKind.CARD and len(digits) >= _PART_OF_A_CARD and not run.is_dated:
        return finding_of(Kind.CARD, run.tokens, run.stretches())
    needed = _NEARLY_A_CARD if kind in _FOR_CARDS else cards.SHORTEST
    if kind in (CueKind.ACCOUNT, CueKind.ID) or len(digits) < needed or run.is_listed:
        return None
    if cues.about_cards(run.first, run.last):
        return finding_of(Kind.CARD, run.tokens, run.stretches())
    return None


def find_card_parts(runs: Sequence[Run], cues: Cues) -> Iterator[Finding]:
    """Parts of a card number with other words between them, after somebody asked for it."""
    parts: list[Run] = []
    for run in runs:
        if len(run.digits) < min(ENDINGS):
            continue
        if cues.asked_for(CueKind.CARD, run.tokens, run.start, run.end) is None:
            continue
        if parts and not _belong_together(parts[-1], run):
            yield from _card_of_parts(parts)
            parts = []
        parts.append(run)
    yield from _card_of_parts(parts)


def _belong_together(before: Run, run: Run) -> bool:
    pause_s = run.first.start_s - before.last.end_s
    return run.start - before.end <= _MOST_WORDS_BETWEEN_PARTS and pause_s <= LONGEST_PAUSE_S


def _card_of_parts(parts: Sequence[Run]) -> Iterator[Finding]:
    if sum(len(run.digits) for run in parts) >= _NEARLY_A_CARD:
        stretches = [stretch for run in parts for stretch in run.stretches()]
        yield finding_of(Kind.CARD, parts[0].tokens, stretches)


def find_code(run: Run, cues: Cues, wording: Wording) -> Finding | None:
    """A security code or a PIN: short, so it has to be the answer to being asked."""
    if len(run.digits) not in _CODES:
        return None
    named = cues.asked_for(CueKind.CODE, run.tokens, run.start, run.end)
    if named is None:
        return None
    asked = named.token.utterance != run.first.utterance
    if run.first.order - named.token.order > _MOST_WORDS_TO_CODE:
        return None
    if cues.lead_in(named, run.tokens, run.start) > (_LEAD_IN_ANSWER if asked else _LEAD_IN):
        return None
    if not _stands_alone(run, wording):
        return None
    return finding_of(Kind.CODE, run.tokens, run.stretches())


def _stands_alone(run: Run, wording: Wording) -> bool:
    """True if a number counts nothing: a pause, a sign, a small word or a cue comes after it."""
    if run.end == len(run.tokens):
        return True
    after = run.tokens[run.end]
    if after.utterance != run.last.utterance or after.gap.strip():
        return True
    if wording.cues.at(run.tokens, run.end) is not None:
        return True
    return after.text in wording.words.after_codes


def find_account(run: Run, cues: Cues) -> Finding | None:
    """A bank account, a sort code or a routing number."""
    length = len(run.digits)
    is_end = length in ENDINGS and cues.ending(run.first)
    if not is_end and (length < _SHORTEST_ACCOUNT or run.is_dated or run.is_listed):
        return None
    if cues.asked_for(CueKind.ACCOUNT, run.tokens, run.start, run.end) is None:
        return None
    return finding_of(Kind.ACCOUNT, run.tokens, run.stretches())


def find_known_forms(
    tokens: Sequence[Token], pieces: Sequence[Piece], region: str
) -> Iterator[Finding]:
    """Numbers that can only be one thing: IBANs and the ids of a region."""
    taken = 0
    for characters, start, end in windows(pieces):
        if start < taken:
            continue
        kind = national_ids.known_form(characters, region)
        text = tokens[pieces[start].start].text
        if kind is None and end == start + 1 and national_ids.is_written_ssn(text, region):
            kind = Kind.ID
        if kind is not None:
            taken = end
            yield finding_of(kind, tokens, [(pieces[start].start, pieces[end - 1].end)])


def find_id(
    tokens: Sequence[Token], pieces: Sequence[Piece], cues: Cues, wording: Wording
) -> Finding | None:
    """A number that was called an id, whatever its check digits."""
    trimmed = list(pieces)
    while trimmed and tokens[trimmed[-1].start].text in wording.words.letter_words:
        trimmed.pop()
    while trimmed and tokens[trimmed[0].start].text in wording.words.letter_words:
        trimmed.pop(0)
    if not trimmed:
        return None
    start, end = trimmed[0].start, trimmed[-1].end
    length = sum(piece.digit_count for piece in trimmed)
    is_end = length in ENDINGS and cues.ending(tokens[start])
    if not is_end and length < _SHORTEST_ID:
        return None
    if cues.asked_for(CueKind.ID, tokens, start, end) is None:
        return None
    if any("/" in token.text for token in tokens[start:end]):
        return None
    return finding_of(Kind.ID, tokens, [(start, end)])


def find_unnamed(run: Run, cues: Cues) -> Finding | None:
    """A number as long as a card's that nobody names.

    It may be a card of which one digit was misheard. Nobody is coached on a number of that length,
    so it is masked, unless it was called a tracking number, an order or the like.
    """
    if not cards.SHORTEST <= len(run.digits) <= _LONGEST_UNNAMED or _is_many(run):
        return None
    named = cues.naming(run.tokens, run.start, run.end)
    if named is not None and named.kind in (CueKind.OTHER, CueKind.PHONE):
        return None
    lengths = [len(group.digits) for group in run.groups]
    as_printed = lengths in _PRINTED
    one_by_one = lengths.count(1) >= _PART_OF_A_CARD
    if as_printed or one_by_one or max(lengths) >= cards.SHORTEST:
        return finding_of(Kind.NUMBER, run.tokens, run.stretches())
    return None


def _is_many(run: Run) -> bool:
    return run.is_listed or run.is_counted

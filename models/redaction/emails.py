"""Mail addresses, written ("j.rowe@example.com") or said ("j rowe at example dot com")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.redaction.finding import Finding, Place, finding_of
from models.redaction.kinds import Kind
from models.redaction.numerals import numeral_at
from models.redaction.tokens import Token
from models.redaction.wording import Wording

_WRITTEN = re.compile(r"[\w.+%'’-]{0,63}\w@\w[\w-]{0,62}(?:\.[\w-]{1,63})*\.[^\W\d_]{2,63}")
_GLUED_SIGNS = frozenset({".", "_", "-", "+", "'"})
# Before the first "dot" of a domain: "quarry stone dot com", "g mail dot com".
_MOST_LABEL_TOKENS = 3
_MOST_LETTERS = 24
_WITHIN_DOMAIN = frozenset({"", ",", "-", "_"})


def find_written(said: Sequence[str]) -> Iterator[Finding]:
    """Addresses with their signs, in what each utterance says."""
    for utterance, text in enumerate(said):
        if "@" in text:
            for found in _WRITTEN.finditer(text):
                yield Finding(Kind.EMAIL, (Place(utterance, found.start(), found.end()),))


def find_spoken(tokens: Sequence[Token], wording: Wording) -> Iterator[Finding]:
    """Addresses with "at" or a lone "@", and at least one "dot"."""
    words = wording.words.emails
    for position in range(1, len(tokens)):
        token = tokens[position]
        if "@" in token.gap:
            mailbox, domain = position - 1, position
        elif token.text in words.at:
            mailbox, domain = position - 1, position + 1
            if tokens[mailbox].text in words.not_mailboxes:
                continue
        else:
            continue
        end = _domain_end(tokens, domain, wording)
        if end is not None:
            start = _mailbox_start(tokens, mailbox, wording)
            yield finding_of(Kind.EMAIL, tokens, [(start, end)])


def _domain_end(tokens: Sequence[Token], start: int, wording: Wording) -> int | None:
    """The token after a domain that begins there; None if none does."""
    words = wording.words.emails
    position, end = start, None
    labels = letters = 0
    while position < len(tokens):
        gap = tokens[position].gap
        if position > start and gap != "." and gap.strip() not in _WITHIN_DOMAIN:
            break
        dotted = _dot(tokens, position, wording)
        if dotted and position > start:
            label = position + (tokens[position].text in words.dot)
            last = _top_level_end(tokens, label, wording)
            if last is not None:
                position = end = last
                continue
            if end is not None or label >= len(tokens):
                break
            position = label + 1
            continue
        if end is not None:
            break
        is_letter = len(tokens[position].text) == 1
        is_sign = tokens[position].text in words.signs
        letters, labels = letters + is_letter, labels + (not is_letter and not is_sign)
        if labels > _MOST_LABEL_TOKENS or letters > _MOST_LETTERS:
            break
        position += 1
    return end


def _dot(tokens: Sequence[Token], position: int, wording: Wording) -> bool:
    """True if a dot stands at the token, or is glued to its front."""
    token = tokens[position]
    return token.text in wording.words.emails.dot or token.gap == "."


def _top_level_end(tokens: Sequence[Token], position: int, wording: Wording) -> int | None:
    """The token after "com" or "c o m", if that stands there."""
    letters = ""
    for at in range(position, min(len(tokens), position + 4)):
        letters += tokens[at].text
        if letters in wording.words.emails.top_level:
            return at + 1
        if len(tokens[at].text) > 1:
            return None
    return None


def _mailbox_start(tokens: Sequence[Token], last: int, wording: Wording) -> int:
    """The first token of the mailbox whose last token is given.

    Signs and glued dots join words; letters and numbers are read out one by one.
    """
    words = wording.words.emails
    start = last
    while start > 0:
        before = tokens[start - 1]
        if before.text in words.at or before.text in words.not_mailboxes:
            break
        if _goes_on(tokens, start, wording):
            start -= 1
        elif before.text in words.spelled_with and start > 1 and len(tokens[start - 2].text) == 1:
            start -= 2
        else:
            break
    return start


def _goes_on(tokens: Sequence[Token], position: int, wording: Wording) -> bool:
    """True if the token before belongs to the same mailbox: "john dot | smith", "john | 22"."""
    signs = wording.words.emails.signs
    token, before = tokens[position], tokens[position - 1]
    if token.gap in _GLUED_SIGNS or token.text in signs or before.text in signs:
        return True
    is_number = numeral_at(tokens, position, wording) is not None
    return is_number or _is_spelled(tokens, position - 1, wording)


def _is_spelled(tokens: Sequence[Token], position: int, wording: Wording) -> bool:
    """True of a letter or a number, which begin or go on with a mailbox: "j rowe"."""
    token = tokens[position]
    if len(token.text) == 1:
        is_word = token.text in wording.words.letter_words
        return not is_word or len(tokens[position + 1].text) == 1
    return numeral_at(tokens, position, wording) is not None

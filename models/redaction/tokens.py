"""The words of a call as redaction reads them: tokens with their place and their time.

A token is a word, a written number with the signs inside it ("4111-1111", "12/27"), or a mask. All
other signs are the `gap` before the token that follows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from calls.transcript import Utterance
from models.redaction.kinds import MASK

_TOKEN = re.compile(
    rf"(?:{MASK.pattern})"
    r"|[A-Za-z]{0,4}\d[A-Za-z\d]*(?:[.,:/'’_‐‑–-]+[A-Za-z]*\d[A-Za-z\d]*)*"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"
)
_DIGIT = re.compile(r"\d")


class Token(NamedTuple):
    """One token; `start` and `end` are characters of what its utterance says.

    `text` is in lower case with plain digits; `capitals` says that it was written in capitals.
    `order` counts the tokens of the whole call in order of time.
    """

    text: str
    has_digit: bool
    capitals: bool
    gap: str
    utterance: int
    start: int
    end: int
    start_s: float
    end_s: float
    order: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said, utterance by utterance, and the tokens of each voice and of all together."""

    said: tuple[str, ...]
    voices: tuple[tuple[Token, ...], ...]
    together: tuple[Token, ...]


def said(utterance: Utterance) -> str:
    """What an utterance says, as redaction reads it: its words, or its text without any."""
    if not utterance.words:
        return utterance.text
    return " ".join(word.text for word in utterance.words)


def read(utterances: Sequence[Utterance]) -> Conversation:
    """The tokens of a call; a voice is a speaker on a channel."""
    texts = tuple(said(one) for one in utterances)
    drafts = [
        token
        for number, (utterance, text) in enumerate(zip(utterances, texts, strict=True))
        for token in _tokens(number, utterance, text)
    ]
    order = sorted(range(len(drafts)), key=lambda at: drafts[at].start_s)
    rank = {at: place for place, at in enumerate(order)}
    tokens = [one._replace(order=rank[at]) for at, one in enumerate(drafts)]
    voices: dict[tuple[int | None, str | None], list[Token]] = {}
    for token in tokens:
        utterance = utterances[token.utterance]
        voices.setdefault((utterance.channel, utterance.speaker), []).append(token)
    return Conversation(
        texts,
        tuple(tuple(own) for own in voices.values()),
        tuple(tokens[at] for at in order),
    )


def _tokens(number: int, utterance: Utterance, text: str) -> Iterator[Token]:
    clock = _Clock(utterance, text)
    after, last_s = 0, 0.0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        start_s, end_s = clock.times(start, end)
        # A recogniser's word may begin before the one in front of it; the order of words counts.
        last_s = max(last_s, start_s)
        plain = _plain(found.group())
        yield Token(
            plain.lower(),
            _DIGIT.search(plain) is not None,
            len(plain) > 1 and plain.isupper(),
            text[after:start],
            number,
            start,
            end,
            last_s,
            max(last_s, end_s),
            0,
        )
        after = end


class _Clock:
    """When the characters of an utterance are spoken; asked in order of the text."""

    def __init__(self, utterance: Utterance, text: str) -> None:
        self._utterance = utterance
        self._per_char_s = (utterance.end_s - utterance.start_s) / max(1, len(text))
        self._word = 0
        self._word_end = len(utterance.words[0].text) if utterance.words else 0

    def times(self, start: int, end: int) -> tuple[float, float]:
        """Start and end in seconds: of the word there, or linear where words have no times."""
        words = self._utterance.words
        if not words:
            begin_s = self._utterance.start_s
            return begin_s + start * self._per_char_s, begin_s + end * self._per_char_s
        while start >= self._word_end and self._word + 1 < len(words):
            self._word += 1
            self._word_end += 1 + len(words[self._word].text)
        return words[self._word].start_s, words[self._word].end_s


def _plain(text: str) -> str:
    if text.isascii():
        return text
    digits = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    return "".join(digits).replace("’", "'")

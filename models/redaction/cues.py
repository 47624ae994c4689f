"""What was said around a number that tells what it is.

"What's the account number?" names the number that comes next, whoever says it. Of several such cues
the nearest before a number decides; one right after it ("… is my social") only if there is none
before. Cues grow old after a minute or sixty words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.redaction.kinds import MASKS, Kind
from models.redaction.numerals import numeral_at
from models.redaction.tokens import Conversation, Token
from models.redaction.wording import Wording

_LONGEST_S = 60.0
_MOST_WORDS = 60
# "Case 5521" is over sooner: cases and rooms are named everywhere.
_MOST_WORDS_OTHER = 12
_MOST_WORDS_AFTER = 6
# Whoever says more words of meaning between two numbers asks for another one.
_INTERJECTION_WORDS = 5


ENDINGS = range(3, 6)
"""How many digits are the end of a number: "ending in 4471"."""


class CueKind(StrEnum):
    """What a cue is about; the keys of `[cues]` in a language's file."""

    CARD = "card"
    PAYMENT = "payment"
    CODE = "code"
    EXPIRY = "expiry"
    ACCOUNT = "account"
    ID = "id"
    PHONE = "phone"
    BIRTH = "birth"
    OTHER = "other"
    ENDING = "ending"


# These only say what the talk is about, not what the next number is.
_CONTEXT = frozenset({CueKind.PAYMENT, CueKind.ENDING})
# In the middle of a number somebody may repeat that it is a card's; other questions end it.
_WITHIN = _CONTEXT | {CueKind.CARD, CueKind.OTHER}
_ABOUT_CARDS = frozenset({CueKind.CARD, CueKind.PAYMENT, CueKind.CODE})


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue and its last token."""

    kind: CueKind
    token: Token


class Cues:
    """All cues of a call."""

    def __init__(self, conversation: Conversation, wording: Wording) -> None:
        found = [cue for voice in conversation.voices for cue in _cues_of(voice, wording)]
        found.sort(key=lambda cue: cue.token.order)
        self._wording = wording
        self._naming = [cue for cue in found if cue.kind not in _CONTEXT]
        self._naming_orders = [cue.token.order for cue in self._naming]
        self._of: dict[CueKind, list[Token]] = {kind: [] for kind in CueKind}
        for cue in found:
            self._of[cue.kind].append(cue.token)

    @property
    def borders(self) -> list[int]:
        """The order of each token that ends a number: from there on another one is asked for."""
        return [cue.token.order for cue in self._naming if cue.kind not in _WITHIN]

    def naming(self, tokens: Sequence[Token], start: int, end: int) -> Cue | None:
        """The cue that names what the voice says in its tokens `start` to `end`, if any."""
        return next(self._before(tokens[start]), None) or self._after(tokens, end)

    def asked_for(self, kind: CueKind, tokens: Sequence[Token], start: int, end: int) -> Cue | None:
        """The cue of a kind that names those tokens, if one does.

        Somebody who asks for two things in one breath ("the expiry and the code?") names both.
        """
        nearest = self.naming(tokens, start, end)
        if nearest is None or nearest.kind is kind:
            return nearest
        if nearest.token.utterance == tokens[start].utterance:
            return None
        for cue in self._before(tokens[start]):
            if cue.token.utterance == nearest.token.utterance and cue.kind is kind:
                return cue
        return None

    def asks_for_phone(self, token: Token) -> bool:
        """True if a telephone number comes next, and no card was spoken of since or with it."""
        named = next(self._before(token), None)
        if named is None or named.kind is not CueKind.PHONE:
            return False
        asked = named.token.utterance != token.utterance
        for kind in _ABOUT_CARDS:
            own = self._of[kind]
            position = bisect_left(own, token.order, key=lambda one: one.order) - 1
            if position < 0:
                continue
            with_it = asked and own[position].utterance == named.token.utterance
            if with_it or own[position].order > named.token.order:
                return False
        return True

    def ending(self, token: Token) -> bool:
        """True if only the end of a number is announced right before the token."""
        return self._near(CueKind.ENDING, token, words=_MOST_WORDS_OTHER)

    def about_cards(self, first: Token, last: Token | None = None) -> bool:
        """True if cards are talked about before the token, or right after `last`."""
        if any(self._near(kind, first) for kind in _ABOUT_CARDS):
            return True
        return last is not None and any(self._follows(kind, last) for kind in _ABOUT_CARDS)

    def lead_in(self, cue: Cue, tokens: Sequence[Token], start: int) -> int:
        """Words with a meaning between a cue, or the start of the utterance, and a number."""
        count, position = 0, start - 1
        utterance = tokens[start].utterance
        while position >= 0 and tokens[position].utterance == utterance:
            token = tokens[position]
            if token.order == cue.token.order:
                break
            if self._wording.bridges.at(tokens, position) is None:
                count += 1
            position -= 1
        return count

    def _before(self, token: Token) -> Iterator[Cue]:
        """The cues that are not too old, the nearest first."""
        position = bisect_left(self._naming_orders, token.order) - 1
        while position >= 0:
            cue = self._naming[position]
            if not _fresh(cue.token, token, _MOST_WORDS):
                return
            if cue.kind is not CueKind.OTHER or _fresh(cue.token, token, _MOST_WORDS_OTHER):
                yield cue
            position -= 1

    def _after(self, tokens: Sequence[Token], end: int) -> Cue | None:
        """A cue that the same voice adds in the same breath, before it says another number."""
        position = end
        while position < min(len(tokens), end + _MOST_WORDS_AFTER):
            if tokens[position].utterance != tokens[end - 1].utterance:
                return None
            phrase = self._wording.cues.at(tokens, position)
            if phrase is not None and phrase[1] not in _CONTEXT:
                length, kind = phrase
                follows = self._number_follows(tokens, position + length)
                return None if follows else Cue(CueKind(kind), tokens[position])
            position += 1
        return None

    def _number_follows(self, tokens: Sequence[Token], position: int) -> bool:
        ahead = range(position, min(len(tokens), position + _MOST_WORDS_AFTER))
        return any(numeral_at(tokens, at, self._wording) is not None for at in ahead)

    def _follows(self, kind: CueKind, token: Token) -> bool:
        own = self._of[kind]
        position = bisect_right(own, token.order, key=lambda one: one.order)
        return position < len(own) and own[position].order - token.order <= _MOST_WORDS_AFTER

    def _near(self, kind: CueKind, token: Token, words: int = _MOST_WORDS) -> bool:
        own = self._of[kind]
        position = bisect_left(own, token.order, key=lambda one: one.order) - 1
        return position >= 0 and _fresh(own[position], token, words)


def interjections(conversation: Conversation, wording: Wording) -> list[int]:
    """The order of a token of each utterance that says too much to be a "mm-hm, go on"."""
    found: list[int] = []
    for voice in conversation.voices:
        count, utterance = 0, -1
        for position, token in enumerate(voice):
            if token.utterance != utterance:
                count, utterance = 0, token.utterance
            count += _has_meaning(voice, position, wording)
            if count == _INTERJECTION_WORDS:
                found.append(token.order)
                count += 1
    return found


def _has_meaning(tokens: Sequence[Token], position: int, wording: Wording) -> bool:
    """True of a word that is neither a number nor one of those said between numbers."""
    if wording.bridges.at(tokens, position) is not None:
        return False
    return numeral_at(tokens, position, wording) is None


def _fresh(cue: Token, token: Token, words: int) -> bool:
    return token.order - cue.order <= words and token.start_s - cue.end_s <= _LONGEST_S


def _cues_of(voice: Sequence[Token], wording: Wording) -> list[Cue]:
    found: list[Cue] = []
    position = 0
    while position < len(voice):
        token = voice[position]
        if token.text == MASKS[Kind.CARD]:
            # A number already masked says as much as the words "my card".
            found.append(Cue(CueKind.PAYMENT, token))
        phrase = wording.cues.at(voice, position)
        if phrase is None:
            position += 1
            continue
        length, kind = phrase[0], CueKind(phrase[1])
        found.append(Cue(kind, voice[position + length - 1]))
        # "card expires": what the talk is about may overlap with what is asked for.
        position += 1 if kind in _CONTEXT else length
    return found

"""Who sells and who buys, from what two voices say: only where it leaves little doubt.

"Speaker 1" and "Speaker 2" are worth nothing to a manager, and a wrong role is worse than none: it
credits the customer's words to the rep. So both voices must speak for it, by what they say (cues of
the trade) and by how they talk (the manner of who asks and who answers). Everything else stays
unknown. Meetings of colleagues and coaching sessions, in which nobody sells, must come out unknown.
The cues are data (`role_cues/<language>.toml`).
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from calls.call import RoleSource
from calls.labels import Role
from calls.language import primary
from calls.metadata import CallMetadata
from models.voices import Voice, is_unlabelled

CUES = Path(__file__).parent / "role_cues"

# Chosen on part of the labelled calls and meetings, and judged on the rest: the figures are in the
# README. A voice's score is what it says of its own side less what it says of the other.
MIN_SELLER = 6
MIN_BUYER = 3
MIN_TOGETHER = 12
# Different cues that the seller must have given, so that no one habit of speech decides.
MIN_SELLER_CUES = 3
# A voice may sound like the other side at most this much as it does like its own.
MAX_OTHER_SIDE = 0.5
# Points per 100 words by which the seller's manner must lie above the buyer's.
MIN_MANNER = 2.5
# A voice that has said little has shown no manner: it counts as if it had said this much more.
_QUIET_WORDS = 50

_SIDES = (Role.REP, Role.CUSTOMER)


class Cue(BaseModel):
    """Something that one side of a sales call says and the other hardly does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    side: Literal[Role.REP, Role.CUSTOMER]
    weight: Annotated[int, Field(ge=1, le=3)]
    most: Annotated[int, Field(ge=1, le=5)]
    patterns: tuple[str, ...]
    hits: Annotated[tuple[str, ...], Field(min_length=1)]
    misses: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("patterns")
    @classmethod
    def _that_compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        return value

    def count(self, turns: Iterable[str]) -> int:
        """How often the cue is in those folded turns, at most `most` times."""
        pattern = _compiled(self.patterns)
        return min(self.most, sum(len(pattern.findall(turn)) for turn in turns))


class Cues(BaseModel):
    """All that is known of how sellers and buyers talk in one language.

    `manner` gives points to common words: + for those of sellers, - for those of buyers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    manner: dict[str, int]
    cue: tuple[Cue, ...]

    @field_validator("cue")
    @classmethod
    def _told_apart(cls, value: tuple[Cue, ...]) -> tuple[Cue, ...]:
        ids = [cue.id for cue in value]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"cue {twice[0]!r} is there twice")
        return value


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the words of one voice speak for: the score of each side, and the cues it rests on.

    `manner` is in points per 100 words, + like a seller and - like a buyer.
    """

    seller: int
    buyer: int
    manner: float
    cues: tuple[tuple[str, int], ...]
    seller_cues: int


@functools.cache
def load_cues(language: str) -> Cues | None:
    """The cues of a language ("en"); None where there are none, and so nothing is proposed."""
    path = CUES / f"{language}.toml"
    if not path.is_file():
        return None
    return Cues.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def folded_turn(text: str) -> str:
    """The words in lower case with their apostrophes and nothing else between them but spaces."""
    plain = re.sub(r"[^\w\s']|_", " ", text.lower().replace("’", "'"))
    return " ".join(word for word in plain.split() if word not in _FILLERS)


_FILLERS = frozenset({"um", "uh", "er", "erm", "uhm"})


def weigh(turns: Iterable[str], cues: Cues) -> Evidence:
    """What those turns of one voice speak for."""
    folded = [folded_turn(turn) for turn in turns]
    score = dict.fromkeys(_SIDES, 0)
    heard = [(cue, count) for cue in cues.cue if (count := cue.count(folded))]
    for cue, count in heard:
        score[cue.side] += cue.weight * count
    return Evidence(
        score[Role.REP],
        score[Role.CUSTOMER],
        _manner(folded, cues.manner),
        tuple((cue.id, count) for cue, count in heard),
        sum(cue.side is Role.REP for cue, _ in heard),
    )


def _manner(folded: Sequence[str], points: Mapping[str, int]) -> float:
    total = words = 0
    for turn in folded:
        said = turn.split()
        words += len(said)
        pairs = (f"{one} {other}" for one, other in pairwise(said))
        total += sum(points.get(one, 0) for one in chain(said, pairs))
    return 100 * total / (words + _QUIET_WORDS)


def seller_of(one: Evidence, other: Evidence) -> int | None:
    """0 if `one` is surely the seller and `other` the buyer, 1 the other way round, else None."""
    if _is_sale(one, other):
        return 0
    return 1 if _is_sale(other, one) else None


def _is_sale(seller: Evidence, buyer: Evidence) -> bool:
    sells, buys = seller.seller - seller.buyer, buyer.buyer - buyer.seller
    return (
        sells >= MIN_SELLER
        and buys >= MIN_BUYER
        and sells + buys >= MIN_TOGETHER
        and seller.seller_cues >= MIN_SELLER_CUES
        and seller.buyer <= MAX_OTHER_SIDE * seller.seller
        and buyer.seller <= MAX_OTHER_SIDE * buyer.buyer
        and seller.manner - buyer.manner >= MIN_MANNER
    )


def with_roles_from_wording(
    voices: list[Voice], metadata: CallMetadata, language: str | None
) -> list[Voice]:
    """The voices, with roles if there are two, nothing says who they are and their words do."""
    two = [at for at, voice in enumerate(voices) if not is_unlabelled(voice)]
    if len(two) != 2 or not _may_be_a_sale(metadata):
        return voices
    if any(voices[at].role is not Role.UNKNOWN for at in two):
        return voices
    cues = load_cues(primary(language)) if language else None
    if cues is None:
        return voices
    heard = [weigh((one.text for one in voices[at].utterances), cues) for at in two]
    seller = seller_of(heard[0], heard[1])
    if seller is None:
        return voices
    proposed = list(voices)
    for at, role in ((two[seller], Role.REP), (two[1 - seller], Role.CUSTOMER)):
        proposed[at] = replace(voices[at], role=role, source=RoleSource.WORDING)
    return proposed


def _may_be_a_sale(metadata: CallMetadata) -> bool:
    """False if the sidecar says that no rep talks to a customer here."""
    if metadata.call_type is not None and metadata.call_type.casefold() in _NO_SALES:
        return False
    stated = {person.role for person in metadata.participants}
    if Role.MANAGER in stated:
        return False
    return Role.UNKNOWN in stated or not stated or stated == set(_SIDES)


_NO_SALES = frozenset({"coaching", "internal"})


@functools.cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{pattern})(?!\w)" for pattern in patterns))

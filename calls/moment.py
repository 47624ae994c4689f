"""Labelled spans of a turn: what a manager listens to and an analyst counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from calls.labels import Mark


class Severity(StrEnum):
    """How much a moment costs the seller, as the playbook judges it."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class FoundBy(StrEnum):
    """What spoke up: a playbook rule, the learned layer, or both."""

    RULE = "rule"
    MODEL = "model"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Moment:
    """A labelled span of one turn.

    `start_char` and `end_char` point into the turn's text, half open; `quote` is the sentence
    around them. `score` is in [0, 1]. `rule_ids` name every rule that matched.

    `severity_reason` says what in the call made it graver or lighter than its family is. What
    followed a question is known where the customer spoke next: words of the answer, seconds until
    it began (None where the two overlap or the times are not known), and whether it was an answer
    in form only.

    `known_answer` and `known_source` are set where the answer was known before the question was
    asked: what it was, and where it stood.
    """

    label: Mark
    turn: int
    speaker: str
    start_s: float
    end_s: float
    start_char: int
    end_char: int
    quote: str
    score: float
    found_by: FoundBy
    rule_ids: tuple[str, ...]
    version: str
    reason: str
    severity: Severity | None = None
    better_move: str = ""
    severity_reason: str = ""
    reply_word_count: int | None = None
    reply_delay_s: float | None = None
    reply_is_deflection: bool | None = None
    known_answer: str = ""
    known_source: str = ""


def moment_id(source_key: str, label: Mark, start_s: float, end_s: float) -> str:
    """16 hex digits that name a moment for ever: the hash of source key, label, start ms, end ms.

    The id does not depend on turn numbers, so a role swap or a late sidecar keeps it.
    """
    text = f"{source_key}|{label}|{round(start_s * 1000)}|{round(end_s * 1000)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""The labels a moment may carry and the roles people have on a call."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a participant is on the call."""

    REP = "rep"
    CUSTOMER = "customer"
    MANAGER = "manager"
    UNKNOWN = "unknown"


class Label(StrEnum):
    """The 19 labels Nightcall measures itself against; docs/labels.md says what they mean."""

    CLICHE_QUESTION = "cliche_question"
    HOMEWORK_QUESTION = "homework_question"
    HYPOTHESIS = "hypothesis"
    CONFIRMATION = "confirmation"
    REJECTION = "rejection"
    REFRAME = "reframe"
    AHA = "aha"
    CLIENT_STORY = "client_story"
    CLAIM = "claim"
    CLAIM_SUPERLATIVE = "claim_superlative"
    CLAIM_UNIQUE = "claim_unique"
    CLAIM_GUARANTEE = "claim_guarantee"
    CLAIM_QUANTIFIED = "claim_quantified"
    CLAIM_VAGUE = "claim_vague"
    NEXT_STEP = "next_step"
    VAGUE_NEXT_STEP = "vague_next_step"
    COACHING_BEHAVIOR = "coaching_behavior"
    SPREADSHEET_COACHING = "spreadsheet_coaching"
    BUYER_CONCERN = "buyer_concern"


class Hint(StrEnum):
    """Marks beside the labels: shown to people, never counted as a label."""

    HABIT = "habit"
    ALREADY_KNOWN = "already_known"  # the answer stood in the brief, the sidecar or a call before
    STACKED_QUESTIONS = "stacked_questions"  # several in one breath
    QUESTION_SURVEY = "question_survey"  # a run that ignores the answers
    MOMENT_REFERRED = "moment_referred"  # in coaching: a passage of a call is pointed at
    PRACTICE_AGREED = "practice_agreed"  # in coaching: what will be done next time


Mark = Label | Hint
"""What a playbook family or a moment may be marked with."""


def mark(value: str) -> Mark:
    """The label or hint of that name.

    Raises:
        ValueError: if `value` is neither; the message lists what is allowed.
    """
    if value in tuple(Hint):
        return Hint(value)
    try:
        return Label(value)
    except ValueError:
        allowed = ", ".join([*Label, *Hint])
        raise ValueError(f"Unknown label {value!r}. Allowed: {allowed}.") from None


LABEL_ROLES: dict[Label, frozenset[Role]] = {
    Label.CLICHE_QUESTION: frozenset({Role.REP}),
    Label.HOMEWORK_QUESTION: frozenset({Role.REP}),
    Label.HYPOTHESIS: frozenset({Role.REP}),
    Label.REFRAME: frozenset({Role.REP}),
    Label.CLIENT_STORY: frozenset({Role.REP}),
    Label.CLAIM: frozenset({Role.REP}),
    Label.CLAIM_SUPERLATIVE: frozenset({Role.REP}),
    Label.CLAIM_UNIQUE: frozenset({Role.REP}),
    Label.CLAIM_GUARANTEE: frozenset({Role.REP}),
    Label.CLAIM_QUANTIFIED: frozenset({Role.REP}),
    Label.CLAIM_VAGUE: frozenset({Role.REP}),
    Label.CONFIRMATION: frozenset({Role.CUSTOMER}),
    Label.REJECTION: frozenset({Role.CUSTOMER}),
    Label.AHA: frozenset({Role.CUSTOMER}),
    Label.BUYER_CONCERN: frozenset({Role.CUSTOMER}),
    Label.NEXT_STEP: frozenset({Role.REP, Role.CUSTOMER}),
    Label.VAGUE_NEXT_STEP: frozenset({Role.REP, Role.CUSTOMER}),
    Label.COACHING_BEHAVIOR: frozenset({Role.MANAGER}),
    Label.SPREADSHEET_COACHING: frozenset({Role.MANAGER}),
}
"""Who may carry which label."""

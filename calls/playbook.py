"""The parsed playbook: families of phrases a coach would point at, each with its rules.

The playbook itself is a folder of TOML files, one per label, plus one with the wording of the
language (how people really say and mishear things) and one with the cues of context. These types
say what may stand in them. Unknown keys are refused. Reading the files and compiling the patterns
is the analyzers' work.

**Templates.** A template is a line of words, matched word by word after normalising:

    word        that word            a|b           one of them
    word?       it may be missing    (a b|c)       one of these word sequences; `)?`: or none
    [name]      any of a word class  *             up to four words of any kind
    ^           a clause starts here $             the sentence ends here

A `*` at an end of a template without `^` or `$` adds nothing and is dropped.
Matches never cross the end of a sentence, unless the rule says `across`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from calls.labels import LABEL_ROLES, Label, Mark, Role, mark
from calls.moment import Severity

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """One way to say what the family is about, with its own examples.

    `phrases` are matched word by word after normalising (case, contractions, fillers, common
    mishearings); `patterns` are templates. `asked` restricts the rule to questions and requests.
    `across` lets a match run over the end of a sentence. In `hits`, `[brackets]` mark what must be
    found.
    """

    id: Identifier
    phrases: tuple[Line, ...] = ()
    patterns: tuple[Line, ...] = ()
    asked: bool = True
    across: bool = False
    score: Annotated[float, Field(gt=0, le=1)] = 0.9
    hits: Annotated[tuple[Line, ...], Field(min_length=1)]
    misses: Annotated[tuple[Line, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.phrases and not self.patterns:
            raise ValueError(f"rule {self.id!r} has neither phrases nor patterns")
        return self


class Family(_Strict):
    """Phrases that share one fault, why it hurts, and a better move."""

    id: Identifier
    title: Line
    label: Mark
    severity: Severity
    why: Line
    better_move: Line
    source: str = ""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @field_validator("label", mode="before")
    @classmethod
    def _known_label(cls, value: object) -> object:
        return mark(value) if isinstance(value, str) else value

    @field_validator("label")
    @classmethod
    def _label_of_a_rep(cls, value: Mark) -> Mark:
        # Rules read what the rep says, so a family under another's label would find nonsense.
        if isinstance(value, Label) and Role.REP not in LABEL_ROLES[value]:
            allowed = ", ".join(one for one in LABEL_ROLES if Role.REP in LABEL_ROLES[one])
            raise ValueError(f"label {value} can't be carried by a rep. Allowed: {allowed}")
        return value


class SoftFiller(_Strict):
    """A word or phrase that is a filler unless one of `keep_after` comes right before it."""

    phrase: Line
    keep_after: tuple[Line, ...]


class Wording(_Strict):
    """How the words of a language are brought to one form before matching.

    `contractions` are whole words, `endings` the ends of words from an apostrophe on. An `'s` is
    "is" after a word of `is_hosts`, else a possessive and dropped. `rewrites` replace word
    sequences as they stand after everything else (mishearings, spellings, numbers). `lead_ins` may
    stand before the first word of a clause; `openers` start a new sentence where there is no
    punctuation.
    """

    fillers: tuple[Line, ...] = ()
    soft_fillers: tuple[SoftFiller, ...] = ()
    contractions: dict[str, Line] = Field(default_factory=dict)
    endings: dict[str, Line] = Field(default_factory=dict)
    is_hosts: tuple[Line, ...] = ()
    rewrites: dict[str, Line] = Field(default_factory=dict)
    lead_ins: tuple[Line, ...] = ()
    openers: tuple[Line, ...] = ()
    abbreviations: tuple[Line, ...] = ()


class CueKind(StrEnum):
    """What a cue says about the words near it.

    `asked` and `question` speak for a hit, all others against it. `question` is the stricter: on
    its own it makes a sentence a question, where `asked` needs the words of a rule beside it.
    """

    ASKED = "asked"
    QUESTION = "question"
    NEGATED = "negated"
    REPORTED = "reported"
    ANSWERED = "answered"
    OWN_SIDE = "own_side"
    FOLLOW_UP = "follow_up"
    RESEARCHED = "researched"
    SETTLED = "settled"
    OTHER_SENSE = "other_sense"


class CueScope(StrEnum):
    """Where a cue must stand to bear on a hit."""

    BEFORE = "before"  # in the same sentence, ahead of it
    AFTER = "after"  # in the same sentence, behind it
    SENTENCE = "sentence"  # anywhere in the same sentence
    NEXT = "next"  # in the sentence right after
    EARLIER = "earlier"  # before it in the same sentence, or in the one ahead of that


class Cue(_Strict):
    """Words that decide what a hit means: `kind` what they say, `scope` how far they reach.

    `within` is the greatest number of words between cue and hit. `marks` are the marks that the cue
    bears on; none means all. An `unbroken` cue has no comma or dash inside it: "I see your ..."
    knows, "I see, your ..." only listens.
    """

    id: Identifier
    kind: CueKind
    scope: CueScope
    within: Annotated[int, Field(ge=0, le=60)] = 12
    unbroken: bool = False
    patterns: Annotated[tuple[Line, ...], Field(min_length=1)]
    marks: tuple[Mark, ...] = ()

    @field_validator("marks", mode="before")
    @classmethod
    def _known_marks(cls, value: object) -> object:
        if isinstance(value, list | tuple):
            return tuple(mark(one) if isinstance(one, str) else one for one in value)
        return value


class Playbook(_Strict):
    """Every family of a playbook, and `version`: 12 hex digits of a digest of its files."""

    version: str
    language: str
    families: tuple[Family, ...]
    word_classes: dict[Identifier, tuple[Line, ...]] = Field(default_factory=dict)
    wording: Wording = Wording()
    cues: tuple[Cue, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Playbook:
        seen: set[str] = set()
        for family in self.families:
            for identifier in (family.id, *(f"{family.id}.{rule.id}" for rule in family.rules)):
                if identifier in seen:
                    raise ValueError(f"id {identifier!r} is used twice")
                seen.add(identifier)
        return self

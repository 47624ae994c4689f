"""The parsed playbook: families of phrases a coach would point at, each with its rules.

The playbook itself is a folder of TOML files, one per label, plus one with the wording of the
language (how people really say and mishear things), one with the cues of context and one with what
to tell people about faults that are measured, not worded. These types
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

from calls.labels import LABEL_ROLES, Hint, Label, Mark, Role, mark
from calls.moment import Severity

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Rule(_Strict):
    """One way to say what the family is about, with its own examples.

    `phrases` are matched word by word after normalising (case, contractions, fillers, common
    mishearings); `patterns` are templates. `asked` restricts the rule to questions and requests,
    `stated` to what is no question; with neither, both count. `across` lets a match run over the
    end of a sentence. In `hits`, `[brackets]` mark what must be found.
    """

    id: Identifier
    phrases: tuple[Line, ...] = ()
    patterns: tuple[Line, ...] = ()
    asked: bool = True
    stated: bool = False
    across: bool = False
    score: Annotated[float, Field(gt=0, le=1)] = 0.9
    hits: Annotated[tuple[Line, ...], Field(min_length=1)]
    misses: Annotated[tuple[Line, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.phrases and not self.patterns:
            raise ValueError(f"rule {self.id!r} has neither phrases nor patterns")
        if self.stated and self.asked:
            raise ValueError(f"rule {self.id!r} is `stated`, so it needs `asked = false` beside it")
        return self


FAULTS: frozenset[Mark] = frozenset(
    {
        Label.CLICHE_QUESTION,
        Label.HOMEWORK_QUESTION,
        Label.VAGUE_NEXT_STEP,
        Label.CLAIM,
        Label.CLAIM_SUPERLATIVE,
        Label.CLAIM_UNIQUE,
        Label.CLAIM_GUARANTEE,
        Label.CLAIM_QUANTIFIED,
        Label.CLAIM_VAGUE,
        Label.SPREADSHEET_COACHING,
        Hint.HABIT,
    }
)
"""What a coach would want said differently: its families need a severity and a better move."""


class Family(_Strict):
    """Phrases that share one meaning, and what a coach would say about them.

    For a fault (`FAULTS`), `severity`, `why` it hurts and a `better_move` are needed; for all else
    `why` says why it matters. `roles` are whose turns are searched; left out, everybody's who may
    carry the label.
    """

    id: Identifier
    title: Line
    label: Mark
    severity: Severity | None = None
    why: Line
    better_move: str = ""
    source: str = ""
    roles: tuple[Role, ...] = ()
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, alias="rule")]

    @field_validator("label", mode="before")
    @classmethod
    def _known_label(cls, value: object) -> object:
        return mark(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _coached_and_carried(self) -> Family:
        if self.label in FAULTS and (self.severity is None or not self.better_move.strip()):
            raise ValueError(f"label {self.label} needs a severity and a better_move")
        carriers = roles_of(self.label)
        for role in self.roles:
            if role not in carriers:
                allowed = ", ".join(sorted(carriers))
                raise ValueError(
                    f"label {self.label} can't be carried by a {role}. Allowed: {allowed}"
                )
        return self

    @property
    def searched_roles(self) -> frozenset[Role]:
        """Whose turns the family is looked for in."""
        return frozenset(self.roles) or roles_of(self.label)


def roles_of(label: Mark) -> frozenset[Role]:
    """Who may carry a mark; a habit is the rep's."""
    return LABEL_ROLES[label] if isinstance(label, Label) else frozenset({Role.REP})


class MeasuredFamily(_Strict):
    """A fault that no phrase gives away: an analyzer finds it, in the run of a call or by learning.

    The playbook says what to tell people about it, so that a company may say it in its own words.
    The `id` is what the analyzer knows it by: of a label that the learned layer has found where no
    rule did, the label.
    """

    id: Identifier
    title: Line
    severity: Severity
    why: Line
    better_move: Line
    source: str = ""


class SoftFiller(_Strict):
    """A word or phrase that is a filler unless one of `keep_after` comes right before it."""

    phrase: Line
    keep_after: tuple[Line, ...]


class Wording(_Strict):
    """How the words of a language are brought to one form before matching.

    `contractions` are whole words, `endings` the ends of words from an apostrophe on. An `'s` is
    "is" after a word of `is_hosts`, else a possessive and dropped. A word said twice is a stutter
    unless it is one of `doubles` ("a win-win"). `rewrites` replace word
    sequences as they stand after everything else (mishearings, spellings, numbers). `lead_ins` may
    stand before the first word of a clause; `openers` start a new sentence where there is no
    punctuation. `common` are words so frequent in speech that looking for patterns by them is slow;
    they change nothing that is found.
    """

    fillers: tuple[Line, ...] = ()
    soft_fillers: tuple[SoftFiller, ...] = ()
    contractions: dict[str, Line] = Field(default_factory=dict)
    endings: dict[str, Line] = Field(default_factory=dict)
    is_hosts: tuple[Line, ...] = ()
    doubles: tuple[Line, ...] = ()
    rewrites: dict[str, Line] = Field(default_factory=dict)
    lead_ins: tuple[Line, ...] = ()
    openers: tuple[Line, ...] = ()
    abbreviations: tuple[Line, ...] = ()
    common: tuple[Line, ...] = ()


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
    """Every family of a playbook, and `version`: 12 hex digits of a digest of all it says."""

    version: str
    language: str
    families: tuple[Family, ...]
    measured: tuple[MeasuredFamily, ...] = ()
    word_classes: dict[Identifier, tuple[Line, ...]] = Field(default_factory=dict)
    wording: Wording = Wording()
    cues: tuple[Cue, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Playbook:
        rules = [f"{family.id}.{rule.id}" for family in self.families for rule in family.rules]
        families = [*(one.id for one in self.families), *(one.id for one in self.measured)]
        cues = [f"cue {one.id}" for one in self.cues]
        seen: set[str] = set()
        for identifier in (*families, *rules, *cues):
            if identifier in seen:
                raise ValueError(f"id {identifier!r} is used twice")
            seen.add(identifier)
        return self

    def measured_family(self, family_id: str) -> MeasuredFamily | None:
        """What to tell people about a fault that an analyzer finds; None if nothing is said."""
        return next((one for one in self.measured if one.id == family_id), None)

    def for_role(self, role: Role) -> Playbook:
        """The same playbook with only the families that are looked for in that role's turns."""
        families = tuple(one for one in self.families if role in one.searched_roles)
        return self.model_copy(update={"families": families})

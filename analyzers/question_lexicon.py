"""The words by which a language asks: `lexicons/<language>/questions.toml`, read and checked."""

from __future__ import annotations

from functools import cached_property

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Templates that share one meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    patterns: tuple[str, ...]


class Lexicon(BaseModel):
    """The file of a language; what its lists mean stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wh: frozenset[str]
    relatives: frozenset[str]
    do: frozenset[str]
    modal: frozenset[str]
    have: frozenset[str]
    be: frozenset[str]
    pronouns: frozenset[str]
    nominatives: frozenset[str]
    subjects: frozenset[str]
    quantifiers: frozenset[str]
    embedders: frozenset[str]
    joints: frozenset[str]
    cleft_be: frozenset[str]
    clauses: frozenset[str]
    loose: frozenset[str]
    no_verbs: frozenset[str]
    not_subjects: frozenset[str]
    short_clefts: frozenset[str]
    agreeing: frozenset[str]
    singular: frozenset[str]
    plural_verbs: frozenset[str]
    parts: frozenset[str]
    prepositions: frozenset[str]
    objects: dict[str, frozenset[str]]
    conditions: dict[str, frozenset[str]]
    anywhere: dict[str, frozenset[str]]
    shapes: tuple[Shape, ...]
    tags: tuple[Shape, ...]
    suppositions: tuple[Shape, ...]
    requests: tuple[Shape, ...]
    idle: tuple[Shape, ...]

    @cached_property
    def turners(self) -> frozenset[str]:
        """Verbs that change places with their subject."""
        return self.do | self.modal | self.have | self.be

    @cached_property
    def starters(self) -> frozenset[str]:
        """Words by which a question may begin, if it is no fixed phrase."""
        return self.wh | self.turners

    @cached_property
    def turned_subjects(self) -> frozenset[str]:
        """First words of what changes places with a verb behind a question word."""
        return self.pronouns | self.subjects

    @cached_property
    def any_subject(self) -> frozenset[str]:
        """The same without a question word."""
        return self.turned_subjects | self.quantifiers

    @cached_property
    def never_verbs(self) -> frozenset[str]:
        """Right behind a question word these are not the verb of its clause."""
        return self.any_subject | self.no_verbs

    @cached_property
    def own_verbs(self) -> frozenset[str]:
        """Verbs that a subject of two words may have: "what they do", "what it has"."""
        return self.do | self.have

    @cached_property
    def never_behind(self) -> frozenset[str]:
        """Verbs that never follow a turned subject: "nobody does it's got carpet"."""
        return self.modal | self.be

    @cached_property
    def binders(self) -> frozenset[str]:
        """Behind these a turned pair in the middle of a clause is no question."""
        return self.embedders | self.nominatives | self.starters

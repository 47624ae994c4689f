"""The words by which a language asks: `lexicons/<language>/questions.toml`, read and checked."""

from __future__ import annotations

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

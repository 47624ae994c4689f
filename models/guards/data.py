"""The word lists of the guards, read once from the data files beside this module."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from models.guards.tokens import split

Phrase = tuple[str, ...]
"""The tokens of a phrase."""


class _PhantomFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    credits: Mapping[str, tuple[str, ...]]
    outros: Mapping[str, tuple[str, ...]]
    ordinary: Mapping[str, tuple[str, ...]]


class _FunctionWordFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Phantoms:
    """Phrases that engines invent, of all languages: they also come in the wrong one.

    `credits` are never said on a call, `outros` hardly, `ordinary` ones on every call.
    """

    credits: frozenset[Phrase]
    outros: frozenset[Phrase]
    ordinary: frozenset[Phrase]


@functools.cache
def phantoms() -> Phantoms:
    """The phrases of `phantoms.toml`."""
    found = _PhantomFile.model_validate(_read("phantoms.toml"))
    return Phantoms(_phrases(found.credits), _phrases(found.outros), _phrases(found.ordinary))


@functools.cache
def function_words() -> Mapping[str, frozenset[str]]:
    """The most frequent words by language, from `function_words.toml`."""
    return _FunctionWordFile.model_validate(_read("function_words.toml")).words


def _phrases(by_language: Mapping[str, Iterable[str]]) -> frozenset[Phrase]:
    return frozenset(tuple(split(text)) for texts in by_language.values() for text in texts)


def _read(name: str) -> dict[str, object]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))

"""The words of a language that redaction looks for, read from `languages/<code>.toml`.

To add a language, write its file; nothing else names it. Written digits are found in any language,
also without a file: then the English words are taken, because sellers mix languages and because a
number that is left costs more than a word that is masked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from calls.language import primary
from models.redaction.tokens import Token

_FALLBACK = "en"
Value = TypeVar("Value")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EmailWords(_Strict):
    """How a mail address is said."""

    at: frozenset[str]
    dot: frozenset[str]
    signs: frozenset[str]
    spelled_with: frozenset[str]
    not_mailboxes: frozenset[str]
    top_level: frozenset[str]


class DateWords(_Strict):
    """How a date is said."""

    months: frozenset[str]
    ordinals: frozenset[str]
    ordinal_endings: tuple[str, ...]
    inside: frozenset[str]


class WordingFile(_Strict):
    """One language's file; `languages/en.toml` explains every key."""

    digits: Mapping[str, str]
    soft_zeros: frozenset[str]
    homophones: Mapping[str, str]
    teens: Mapping[str, int]
    tens: Mapping[str, int]
    repeats: Mapping[str, int]
    hundred: frozenset[str]
    thousand: frozenset[str]
    large: frozenset[str]
    joins: frozenset[str]
    units: frozenset[str]
    bridges: tuple[str, ...]
    after_codes: frozenset[str]
    letter_words: frozenset[str]
    plus: frozenset[str]
    cues: Mapping[str, tuple[str, ...]]
    emails: EmailWords
    dates: DateWords


class Phrases(Generic[Value]):
    """Phrases of one or more words with what each stands for, found at a place in the tokens."""

    def __init__(self, phrases: Iterable[tuple[str, Value]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        for phrase, value in sorted(phrases, key=lambda one: -len(one[0].split())):
            words = tuple(phrase.split())
            self._by_first.setdefault(words[0], []).append((words, value))

    def at(self, tokens: Sequence[Token], position: int) -> tuple[int, Value] | None:
        """The longest phrase that begins there: how many tokens it has, and its value."""
        for words, value in self._by_first.get(tokens[position].text, ()):
            end = position + len(words)
            if end <= len(tokens) and all(
                token.text == word for token, word in zip(tokens[position:end], words, strict=True)
            ):
                return len(words), value
        return None


@dataclass(frozen=True, slots=True)
class Wording:
    """A language's words, and its phrases ready to be looked up."""

    words: WordingFile
    begin_numbers: frozenset[str]
    bridges: Phrases[None]
    cues: Phrases[str]


def wording_for(language: str | None) -> Wording:
    """The wording of a language code like "en" or "en-GB", or English where there is no file."""
    code = primary(language or _FALLBACK)
    return _load(code if code in _languages() else _FALLBACK)


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    folder = resources.files("models.redaction") / "languages"
    return frozenset(
        one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml")
    )


@lru_cache(maxsize=8)
def _load(code: str) -> Wording:
    file = resources.files("models.redaction") / "languages" / f"{code}.toml"
    words = WordingFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    return Wording(
        words,
        frozenset((*words.digits, *words.teens, *words.tens, *words.repeats)),
        Phrases((phrase, None) for phrase in words.bridges),
        Phrases((phrase, kind) for kind, phrases in words.cues.items() for phrase in phrases),
    )

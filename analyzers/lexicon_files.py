"""Word lists that analyzers know a language by: `lexicons/<language>/<name>.toml`."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TypeVar

from pydantic import BaseModel

_Lexicon = TypeVar("_Lexicon", bound=BaseModel)


def read_lexicon(name: str, language: str, kind: type[_Lexicon]) -> _Lexicon | None:
    """The lists of that name, checked; None where nobody has written them down for the language.

    Args:
        name: the file's name, without its ending.
        language: a language code.
        kind: what must stand in the file.
    """
    file = resources.files("analyzers") / "lexicons" / language / f"{name}.toml"
    if not file.is_file():
        return None
    return kind.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))

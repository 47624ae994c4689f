"""Texts to the words that are compared: Whisper's own text normalisers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from calls.language import primary

_ASSUMED = "en"
# Languages written without spaces: there, as in Whisper's paper, characters are compared.
_WITHOUT_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "my"})


@dataclass(frozen=True, slots=True)
class Normaliser:
    """A way to bring two texts to what counts in them.

    `unit` is what is compared: "word", or "character" for languages written without spaces.
    """

    name: str
    language: str
    unit: str
    _clean: Callable[[str], str]

    def __call__(self, text: str) -> list[str]:
        """The units of the text, in order."""
        return self._clean(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).split()


@lru_cache
def normaliser_for(language: str | None) -> Normaliser:
    """The normaliser for a language code; where nobody knows the language, the English one.

    Source: appendix C of Radford et al., "Robust Speech Recognition via Large-Scale Weak
    Supervision" (2022). The English one drops fillers, expands contractions and writes numbers as
    digits. The basic one drops punctuation. Two things differ from the paper: vowel signs of Indic
    scripts are kept, because without them words fall to pieces; and typographic apostrophes are
    read as plain ones, because with them no contraction is found.

    Raises:
        ModuleNotFoundError: without the extra `evaluation`.
    """
    from whisper_normalizer.basic import (  # type: ignore[import-untyped]
        BasicTextNormalizer,
    )
    from whisper_normalizer.english import (  # type: ignore[import-untyped]
        EnglishTextNormalizer,
    )

    code = primary(language or _ASSUMED)
    if code == "en":
        return Normaliser("whisper-english", code, "word", EnglishTextNormalizer())
    split = code in _WITHOUT_SPACES
    clean = BasicTextNormalizer(split_letters=split, preserve_marks=True)
    return Normaliser("whisper-basic", code, "character" if split else "word", clean)

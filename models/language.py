"""Loading of spaCy language pipelines."""

from __future__ import annotations

import spacy
from spacy.language import Language

from calls.errors import SettingsError


def blank_pipeline(language: str) -> Language:
    """A pipeline that only tokenises `language`; the caller adds the components it needs.

    Raises:
        SettingsError: if spaCy has no tokeniser for that language code.
    """
    try:
        return spacy.blank(language)
    except ImportError as error:
        raise SettingsError(
            f"Language {language!r} can't be read: spaCy has no tokeniser for it. "
            "Use a two-letter code like 'en' or 'de'."
        ) from error

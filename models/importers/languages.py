"""Language names and tags, as vendors write them, to ISO 639-1 codes."""

from __future__ import annotations

import re

from calls.language import primary

_NAMES = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl",
    "english": "en", "finnish": "fi", "french": "fr", "german": "de", "greek": "el",
    "hebrew": "he", "hindi": "hi", "hungarian": "hu", "indonesian": "id", "italian": "it",
    "japanese": "ja", "korean": "ko", "norwegian": "no", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv", "thai": "th",
    "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")


def primary_language(value: object) -> str | None:
    """The language of a tag or an English name ("en-US", "en_us", "English"); None if unknown."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    return primary(text) if _TAG.fullmatch(text) else None

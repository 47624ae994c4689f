"""Language codes: playbooks, engines and calls are compared by language, not by region."""

from __future__ import annotations


def primary(language: str) -> str:
    """The language of a tag without its region or script: "en-GB" and "en_US" are "en"."""
    return language.strip().replace("_", "-").partition("-")[0].lower()

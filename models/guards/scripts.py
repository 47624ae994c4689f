"""Which script a character is in, and which scripts a language is written in.

Ranges are those of the Unicode blocks that hold a script's letters.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from enum import StrEnum


class Script(StrEnum):
    """Scripts that languages Whisper knows are written in."""

    LATIN = "latin"
    GREEK = "greek"
    CYRILLIC = "cyrillic"
    ARMENIAN = "armenian"
    HEBREW = "hebrew"
    ARABIC = "arabic"
    DEVANAGARI = "devanagari"
    BENGALI = "bengali"
    GURMUKHI = "gurmukhi"
    GUJARATI = "gujarati"
    TAMIL = "tamil"
    TELUGU = "telugu"
    KANNADA = "kannada"
    MALAYALAM = "malayalam"
    SINHALA = "sinhala"
    THAI = "thai"
    LAO = "lao"
    TIBETAN = "tibetan"
    MYANMAR = "myanmar"
    GEORGIAN = "georgian"
    ETHIOPIC = "ethiopic"
    KHMER = "khmer"
    HANGUL = "hangul"
    KANA = "kana"
    HAN = "han"


# (first, last, script), in order.
_BLOCKS: tuple[tuple[int, int, Script], ...] = (
    (0x0041, 0x024F, Script.LATIN),
    (0x0370, 0x03FF, Script.GREEK),
    (0x0400, 0x052F, Script.CYRILLIC),
    (0x0530, 0x058F, Script.ARMENIAN),
    (0x0590, 0x05FF, Script.HEBREW),
    (0x0600, 0x077F, Script.ARABIC),
    (0x0900, 0x097F, Script.DEVANAGARI),
    (0x0980, 0x09FF, Script.BENGALI),
    (0x0A00, 0x0A7F, Script.GURMUKHI),
    (0x0A80, 0x0AFF, Script.GUJARATI),
    (0x0B80, 0x0BFF, Script.TAMIL),
    (0x0C00, 0x0C7F, Script.TELUGU),
    (0x0C80, 0x0CFF, Script.KANNADA),
    (0x0D00, 0x0D7F, Script.MALAYALAM),
    (0x0D80, 0x0DFF, Script.SINHALA),
    (0x0E00, 0x0E7F, Script.THAI),
    (0x0E80, 0x0EFF, Script.LAO),
    (0x0F00, 0x0FFF, Script.TIBETAN),
    (0x1000, 0x109F, Script.MYANMAR),
    (0x10A0, 0x10FF, Script.GEORGIAN),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x1200, 0x139F, Script.ETHIOPIC),
    (0x1780, 0x17FF, Script.KHMER),
    (0x1E00, 0x1EFF, Script.LATIN),
    (0x1F00, 0x1FFF, Script.GREEK),
    (0x3040, 0x30FF, Script.KANA),
    (0x3400, 0x4DBF, Script.HAN),
    (0x4E00, 0x9FFF, Script.HAN),
    (0xAC00, 0xD7AF, Script.HANGUL),
    (0xF900, 0xFAFF, Script.HAN),
    (0xFB50, 0xFDFF, Script.ARABIC),
    (0xFE70, 0xFEFF, Script.ARABIC),
    (0x20000, 0x2FA1F, Script.HAN),
)
_STARTS = [first for first, _, _ in _BLOCKS]

_SPACELESS = frozenset(
    {Script.HAN, Script.KANA, Script.THAI, Script.LAO, Script.KHMER, Script.MYANMAR, Script.TIBETAN}
)

# Languages that are not written in Latin letters alone, by Whisper's codes.
_WRITTEN_IN: dict[str, frozenset[Script]] = {
    code: frozenset(scripts)
    for codes, scripts in (
        ("ba be bg kk mk mn ru tg tt uk", {Script.CYRILLIC}),
        ("az sr uz", {Script.CYRILLIC, Script.LATIN}),
        ("el", {Script.GREEK}),
        ("ar fa ps sd ur", {Script.ARABIC}),
        ("he yi", {Script.HEBREW}),
        ("hi mr ne sa", {Script.DEVANAGARI}),
        ("as bn", {Script.BENGALI}),
        ("pa", {Script.GURMUKHI, Script.ARABIC}),
        ("gu", {Script.GUJARATI}),
        ("ta", {Script.TAMIL}),
        ("te", {Script.TELUGU}),
        ("kn", {Script.KANNADA}),
        ("ml", {Script.MALAYALAM}),
        ("si", {Script.SINHALA}),
        ("th", {Script.THAI}),
        ("lo", {Script.LAO}),
        ("bo", {Script.TIBETAN}),
        ("my", {Script.MYANMAR}),
        ("ka", {Script.GEORGIAN}),
        ("am", {Script.ETHIOPIC}),
        ("km", {Script.KHMER}),
        ("hy", {Script.ARMENIAN}),
        ("ko", {Script.HANGUL, Script.HAN}),
        ("ja", {Script.KANA, Script.HAN}),
        ("yue zh", {Script.HAN}),
    )
    for code in codes.split()
}


def script_of(char: str) -> Script | None:
    """The script of a letter; None for digits, signs and letters of other scripts."""
    if not char.isalpha():
        return None
    point = ord(char)
    at = bisect_right(_STARTS, point) - 1
    if at < 0 or point > _BLOCKS[at][1]:
        return None
    return _BLOCKS[at][2]


def is_spaceless(char: str) -> bool:
    """True for letters of a script that writes no spaces between words."""
    return script_of(char) in _SPACELESS


def scripts_in(text: str) -> Counter[Script]:
    """How many letters of each script there are."""
    return Counter(script for script in map(script_of, text) if script is not None)


def scripts_of(language: str) -> frozenset[Script]:
    """The scripts a language is written in, by its two-letter code."""
    return _WRITTEN_IN.get(language, frozenset({Script.LATIN}))

"""From bytes to text: by byte order mark, as UTF-8, else by the best guess.

Windows tools still write the code pages 1250 to 1257. Which of the scripts it is can be told by
`charset_normalizer`; the Latin pages differ in a few letters only, and there the alphabets of the
languages they are for decide.
"""

from __future__ import annotations

from charset_normalizer import from_bytes

from calls.errors import TranscriptInvalid

# Byte order marks settle the encoding; guessing is for files that have none. UTF-32 first: its
# little-endian mark begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WIDE = ["utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be"]
_OTHER_SCRIPTS = ["cp1251", "cp1253", "cp1255", "cp1256"]
# The letters beyond ASCII of the languages that each Latin page is for, likeliest page first.
_ALPHABETS = {
    "cp1252": (
        "àâæçèéêëîïôœùûüÿ",  # French
        "äöüß",  # German
        "áéíñóúüªº",  # Spanish
        "àáâãçéêíóôõúüªº",  # Portuguese
        "àèéìíòóùú",  # Italian
        "àçèéíïòóúü",  # Catalan
        "áèéëïóöü",  # Dutch
        "äåéö",  # Swedish, Finnish
        "åæéø",  # Danish, Norwegian
        "áæéíðóöúýþ",  # Icelandic
    ),
    "cp1250": (
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "ąćęłńóśźż",  # Polish
        "áéíóöúüőű",  # Hungarian
        "čćđšž",  # Croatian, Slovene
        "ăâîşţ",  # Romanian
    ),
    "cp1254": ("âçğıîöşûü",),  # Turkish
    "cp1257": (
        "ąčęėįšųūž",  # Lithuanian
        "āčēģīķļņšūž",  # Latvian
        "äõöüšž",  # Estonian
    ),
}
# A few damaged bytes don't make a text another encoding: what is UTF-8 to this share is UTF-8. In
# other encodings hardly any two letters look like one of UTF-8.
_MOSTLY = 0.6
# A page with fewer letters than this among its signs beyond ASCII, or a Latin one whose languages
# account for fewer of the letters, is the wrong one.
_PLAUSIBLE = 0.6
# Enough to tell an encoding by, and little enough to be quick.
_SAMPLE_BYTES = 64_000


def decode(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text that `data` encodes, and what had to be repaired.

    Raises:
        TranscriptInvalid: if the bytes are no text in any encoding.
    """
    encoding = next((found for mark, found in _MARKS if data.startswith(mark)), None)
    text = _strict(data, encoding or "utf-8")
    # A NUL is no text, and UTF-16 without its mark is full of them.
    if text is not None and (encoding or "\0" not in text):
        return text, ()
    if encoding or _is_mostly_utf8(data):
        text = data.decode(encoding or "utf-8", "replace")
        lost = text.count("\N{REPLACEMENT CHARACTER}")
        return text, (f"characters damaged, replaced by \N{REPLACEMENT CHARACTER}: {lost}",)
    guess = _guessed(data)
    text = _strict(data, guess) if guess else None
    if text is None:
        raise TranscriptInvalid(
            name, "is not text in any encoding known.", "Save the transcript as UTF-8."
        )
    return text, ()


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_mostly_utf8(data: bytes) -> bool:
    """True if most of what is not ASCII is sound UTF-8, e.g. in a file cut inside a letter."""
    if b"\0" in data:
        return False
    text = data.decode("utf-8", "replace")
    lost = text.count("\N{REPLACEMENT CHARACTER}")
    sound = sum(not sign.isascii() for sign in text) - lost
    return sound >= _MOSTLY * (sound + lost) and sound > 0


def _guessed(data: bytes) -> str | None:
    """The likeliest encoding; None if it is none."""
    if b"\0" in data:
        best = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_WIDE).best()
        return best.encoding if best else None
    # Times and other plain lines say nothing about the code page.
    lines = [line for line in data.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE_BYTES]
    best = from_bytes(sample, cp_isolation=[*_ALPHABETS, *_OTHER_SCRIPTS]).best()
    if best is not None and best.encoding in _OTHER_SCRIPTS:
        page, share = best.encoding, _share_of_letters(str(best))
    else:
        shares = {page: _share(data, sample, page) for page in _ALPHABETS}
        page = max(shares, key=shares.__getitem__)
        share = shares[page]
    if best is None or share < _PLAUSIBLE:
        other = from_bytes(sample).best()
        if other is not None:
            return other.encoding
    return page if share >= _PLAUSIBLE else None


def _share_of_letters(text: str) -> float:
    foreign = [one for one in text if not one.isascii()]
    return sum(map(str.isalpha, foreign)) / max(1, len(foreign))


def _share(data: bytes, sample: bytes, page: str) -> float:
    """How many of the letters beyond ASCII one language of that page accounts for, 0 to 1."""
    if _strict(data, page) is None:
        return -1.0
    letters = [one for one in sample.decode(page, "replace").lower() if one.isalpha()]
    foreign = [one for one in letters if not one.isascii()]
    if not foreign:
        return 1.0
    return max(sum(map(alphabet.count, foreign)) for alphabet in _ALPHABETS[page]) / len(foreign)

"""Words in another language than the call's: batched decoding flips now and then.

Another script shows it at once. Between languages of one script the small words decide, of which
each language has its own; names, products and a borrowed phrase are no other language.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from calls.language import primary
from models.guards.data import function_words
from models.guards.evidence import Evidence
from models.guards.scripts import Script, scripts_in, scripts_of

# So many letters of a foreign script in a text are a name at most.
_NAME = 4
# Foreign letters beyond this share are a flip. Latin letters are at home in every language (names,
# products, abbreviations), so only a text that has hardly anything else is one.
_FOREIGN_SHARE = 0.2
_LATIN_SHARE = 0.9
_LATIN_WORDS = 8
# Small words are counted in passages this long (tokens), and tell nothing in shorter ones.
_PASSAGE = 12
_STEP = 3
_ENOUGH = 8
# A passage is in another language with this share of small words that only the other has, and none
# that only its own has. One word over and over is stammering ("no I, no I dunno"). Of 110,000
# passages of true speech and of sentences in 20 languages none is like that.
_OTHER_SHARE = 0.25
_DIFFERENT = 2


def is_other_language(evidence: Evidence) -> bool:
    """True when the words, or a passage of them, are not in the language they were decoded in."""
    language = primary(evidence.options.language)
    return is_in_other_script(evidence.texts, language) or is_flipped(evidence.texts, language)


def is_in_other_script(tokens: Sequence[str], language: str) -> bool:
    """True when the letters are not those that the language is written in."""
    own = scripts_of(language)
    letters = scripts_in("".join(tokens))
    total = sum(letters.values())
    latin = 0 if Script.LATIN in own else letters[Script.LATIN]
    foreign = sum(count for script, count in letters.items() if script not in own) - latin
    if foreign > _NAME and foreign > _FOREIGN_SHARE * total:
        return True
    return len(tokens) >= _LATIN_WORDS and latin > _LATIN_SHARE * total


def is_flipped(tokens: Sequence[str], language: str) -> bool:
    """True when a passage has the small words of another language and not those of this one."""
    last = max(0, len(tokens) - _PASSAGE)
    passages = [tokens[start : start + _PASSAGE] for start in {*range(0, last, _STEP), last}]
    return any(
        _is_in(theirs, passage) and own.isdisjoint(passage)
        for passage in passages
        if len(passage) >= _ENOUGH
        for own, theirs in _rivals(language)
    )


def _is_in(words: AbstractSet[str], passage: Sequence[str]) -> bool:
    found = [token for token in passage if token in words]
    return len(found) >= _OTHER_SHARE * len(passage) and len(set(found)) >= _DIFFERENT


@functools.cache
def _rivals(language: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """For each other language: the small words that only this one has, and only the other.

    Empty for a language without words on file: a related one would look like a flip.
    """
    profiles = function_words()
    own = profiles.get(language, frozenset())
    return tuple((own - words, words - own) for words in profiles.values() if own and own != words)

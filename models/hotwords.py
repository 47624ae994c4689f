"""The names an engine is told to expect on one call: products, the account, the people.

They come from the settings and from what the phone system knows of the call, and go into
`DecodeOptions.hotwords`. What the engine makes of them is watched (`models.guards`).
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files

from calls.metadata import CallMetadata
from calls.settings import SpeechSettings

# Whisper reads up to 223 tokens before the text. Names take many (about one for three letters), and
# a long list makes it print the list.
MOST_NAMES = 40
MOST_CHARACTERS = 400
# What lies between two names when they are joined.
_SEPARATOR = 2
# Longer than this is no name but a description.
_LONGEST_NAME = 60
# From so many digits on it is a number or an id.
_DIGITS_OF_AN_ID = 4
# Whisper writes its own commands like this; in a prompt they would be obeyed.
_COMMAND_SIGNS = str.maketrans("<|>", "   ")
_PART = re.compile(r"[\s._\-#:()]+|(?<=\D)(?=\d)")


def hotwords_for(settings: SpeechSettings, metadata: CallMetadata) -> tuple[str, ...]:
    """The names to expect, most important first, no name twice.

    The settings' own come first, then the account, then the people, as far as the settings want
    them (`hotwords_from`). Whoever is excluded from the call is left out, and so is what names
    nobody: "Speaker 1", e-mail addresses, phone numbers, ids. The list ends where Whisper's room
    for it does.
    """
    names = [*map(_plain, settings.hotwords), *_known_names(settings, metadata)]
    kept: dict[str, str] = {}
    free = MOST_CHARACTERS
    for name in names:
        takes = len(name) + _SEPARATOR
        if not name or name.casefold() in kept or len(name) > _LONGEST_NAME or takes > free:
            continue
        kept[name.casefold()] = name
        free -= takes
        if len(kept) == MOST_NAMES:
            break
    return tuple(kept.values())


def _known_names(settings: SpeechSettings, metadata: CallMetadata) -> Iterator[str]:
    """What the sidecar knows, without what names nobody."""
    sources: dict[str, Iterable[str | None]] = {
        "account": [metadata.account],
        "participants": [
            person.name for person in metadata.participants if not metadata.is_excluded(person)
        ],
    }
    for source in sources:
        if source in settings.hotwords_from:
            yield from (name for one in sources[source] if _is_name(name := _plain(one or "")))


def _plain(name: str) -> str:
    """The name on one line, without signs that an engine takes for commands."""
    printable = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(printable.translate(_COMMAND_SIGNS).split())


def _is_name(name: str) -> bool:
    """True for what people would say: neither an address nor an id nor a role."""
    if "@" in name or "://" in name or sum(char.isdigit() for char in name) >= _DIGITS_OF_AN_ID:
        return False
    parts = [part for part in _PART.split(name.casefold()) if part and not part.isdigit()]
    spoken = sum(char.isalnum() for char in name)
    return spoken >= 2 and not all(part in _generic_words() for part in parts)


@functools.cache
def _generic_words() -> frozenset[str]:
    text = files("models").joinpath("hotwords.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["generic"])

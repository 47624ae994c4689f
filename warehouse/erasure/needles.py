"""What is looked for after an erasure, and what counts as having found it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from calls.names import printable
from warehouse.erasure.journal import Erasing

MOST_SENTENCES = 5
"""The longest sentences of a call are looked for: nobody else says all of them."""
SHORTEST_SENTENCE = 16
LONGEST_SENTENCE = 160
"""Characters. Of a longer one, as of speech without full stops, the beginning is looked for."""

RAW = ""
"""The column of bytes that are searched as they are."""
CALL_ID = "call_id"

# Such an id is found within a longer text; a shorter one, or a mere word, only where it is quoted.
_DISTINCTIVE_ID = re.compile(r"(?=.*\d).{6,}")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")


class What(StrEnum):
    """What a needle is, for people."""

    KEY = "source key"
    HASH = "hash of a file"
    CALL_ID = "call id"
    NAME = "file name"
    SAID = "sentence"
    EMAIL = "e-mail"


@dataclass(frozen=True, slots=True)
class Needle:
    """One text to look for; `erasure_id` says of which call."""

    what: What
    text: str
    erasure_id: str

    @property
    def is_distinctive(self) -> bool:
        """False for an id that may well stand in a text without meaning the call."""
        return self.what is not What.CALL_ID or bool(_DISTINCTIVE_ID.fullmatch(self.text))

    def is_in(self, text: str, column: str) -> bool:
        """True if a text that holds the needle's characters holds what they mean.

        Args:
            text: the text.
            column: the column or JSON key it stands in; `RAW` for bytes of no known form.
        """
        if self.what in (What.KEY, What.HASH, What.SAID, What.EMAIL):
            return True
        if text == self.text and (self.what is What.NAME or column == CALL_ID):
            return True
        if column != RAW and any(one in text for one in _quoted(self.text)):
            return True
        if self.what is What.NAME and column != RAW:
            return text.startswith(f"{self.text}: ")  # so begins what is said of a recording
        alone = rf"(?<![\w@+:./-]){re.escape(self.text)}(?![\w@+:-]|\.\w)"
        return self.is_distinctive and re.search(alone, text) is not None


class Needles:
    """Everything that is looked for after one erasure."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self.all = tuple(needles)
        self._by_form: dict[str, list[Needle]] = {}
        for needle in self.all:
            for form in _forms(needle):
                self._by_form.setdefault(form.lower(), []).append(needle)

    @property
    def patterns(self) -> list[str]:
        """What to scan for, in lower case: where one of these is, `found_in` says what it means."""
        return list(self._by_form)

    @property
    def counts(self) -> Mapping[What, int]:
        """How many there are of each kind."""
        return Counter(one.what for one in self.all)

    @property
    def short_ids(self) -> list[str]:
        """Ids that only count as the whole value of a column `call_id`, or in quotes."""
        return [one.text for one in self.all if not one.is_distinctive]

    def found_in(self, text: str, column: str, matched: Iterable[str]) -> Iterator[Needle]:
        """The needles in a text, of those whose patterns were found in it."""
        possible = [one for form in set(matched) for one in self._by_form.get(form.lower(), ())]
        possible += [one for one in self.all if not one.is_distinctive and one.text == text]
        for needle in dict.fromkeys(possible):
            if needle.is_in(text, column):
                yield needle


def needles_of(erasing: Erasing) -> Needles:
    """What is looked for after that erasure."""
    found = []
    for one in erasing.calls:
        target = one.target
        texts = {
            What.KEY: target.keys,
            What.HASH: target.hashes,
            What.CALL_ID: target.ids,
            What.NAME: [form for name in one.names for form in (name, printable(name))],
            What.SAID: one.said,
        }
        found += [
            Needle(what, text, target.erasure_id) for what, given in texts.items() for text in given
        ]
    if erasing.order.email:
        found.append(Needle(What.EMAIL, erasing.order.email, ""))
    return Needles(dict.fromkeys(found))


def longest_sentences(texts: Iterable[str]) -> tuple[str, ...]:
    """The longest sentences of a call, shortened where they are very long."""
    sentences = {
        sentence[:LONGEST_SENTENCE].strip()
        for text in texts
        for sentence in _SENTENCE_ENDS.split(text)
    }
    long_enough = [one for one in sentences if len(one) >= SHORTEST_SENTENCE]
    return tuple(sorted(long_enough, key=lambda one: (-len(one), one))[:MOST_SENTENCES])


def _quoted(text: str) -> tuple[str, ...]:
    return f"'{text}'", f'"{text}"', f"({text})"


def _forms(needle: Needle) -> Iterator[str]:
    """How the characters of a needle may lie in a file: as text, and as bytes read one by one."""
    for form in (needle.text,) if needle.is_distinctive else _quoted(needle.text):
        yield form.encode("utf-8", "backslashreplace").decode()
        yield form.encode("utf-8", "backslashreplace").decode("latin-1")

"""Which `Name:` at the start of a cue is a speaker, and which is just somebody's sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# ">> Anna:", "- Anna:", "[Anna Smith]:", "(Anna):" are ways to write "Anna:". Meeting tools add
# pronouns or a company: "Anna Smith (she/her):".
_PREFIX = re.compile(
    r"(?:>>+|[-–—])?[^\S\n]{0,9}[\[(]?([^\s:：\[\]()][^:：\[\]()\n]{0,59}?)[\])]?"
    r"([^\S\n]\([^():：\n]{1,40}\))?[^\S\n]{0,9}[:：](?:\s|$)"
)
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")
_MAX_NAME_WORDS = 4
# From so many cues on, a name on every one of them, and few names, are no accident.
_MIN_CUES = 4


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that people put before a colon while speaking or writing; a name only if a list says so.
_NO_NAMES = _words(
    "note notes question questions answer answers example examples so well okay ok yes no "
    "remember summary update warning reminder plus also first second third step option "
    "result results problem point points conclusion bottom line ps re fw subject http https "
    "the a an and or but because meaning translation next action actions todo topic agenda"
)
# Roles and anonymous labels may be written in lower case.
_ROLE_NAMES = _words(
    "agent rep representative seller caller customer client buyer prospect speaker participant "
    "guest host manager interviewer interviewee operator advisor spk channel voice person"
)
_PARTICLES = _words("van von der den de da di du la le el al bin ibn of ter ten dos del y")


@dataclass(frozen=True, slots=True)
class Voiced:
    """A stretch of a cue's text and who says it (None: the text doesn't say)."""

    speaker: str | None
    text: str


def clean_name(name: str) -> str:
    """The name with single spaces and without the marks around it."""
    return " ".join(name.split()).strip(" -–—>")


def candidate(line: str) -> str | None:
    """The text before a colon at the start of `line`, if it has the shape of a name."""
    found = _PREFIX.match(line.strip())
    if found is None:
        return None
    return clean_name(found[1] + (found[2] or "")) or None


def believed_names(cues: Sequence[str], known: Collection[str]) -> frozenset[str]:
    """The prefixes that are speakers, in lower case.

    A prefix is believed if it is a known participant, or if it has the shape of a name and either
    occurs on several cues or is one of a file in which every cue has one. Where every cue begins
    with one of a few prefixes, they are speakers whatever their shape ("anna", "+44 1632 960000").
    """
    participants = _known_forms(known)
    spoken = [cue for cue in cues if cue.strip()]
    per_cue = [
        {name.casefold(): name for line in cue.splitlines() if (name := candidate(line))}
        for cue in spoken
    ]
    counts = Counter(folded for found in per_cue for folded in found)
    shapes = {folded: name for found in per_cue for folded, name in found.items()}
    everywhere = len(per_cue) > 1 and all(
        any(_looks_like_name(name) for name in found.values()) for found in per_cue
    )
    return _leading_every_cue(spoken) | frozenset(
        folded
        for folded, count in counts.items()
        if _without_brackets(folded) in participants
        or (_looks_like_name(shapes[folded]) and (count > 1 or everywhere))
    )


def _leading_every_cue(cues: Sequence[str]) -> frozenset[str]:
    """The prefixes, in lower case, where every cue begins with one of a few; else none."""
    leading = [candidate(cue.strip().splitlines()[0]) for cue in cues]
    names = frozenset(name.casefold() for name in leading if name and not _is_no_name(name))
    few = len(names) <= len(cues) / 2
    every = all(name and name.casefold() in names for name in leading)
    return names if len(cues) >= _MIN_CUES and few and every else frozenset()


def split_voices(text: str, believed: Collection[str]) -> list[Voiced]:
    """The stretches of a cue, one per believed prefix; prefixes are taken off."""
    parts: list[Voiced] = []
    for line in text.splitlines():
        name = candidate(line)
        if name is not None and name.casefold() in believed:
            rest = line[line.index(_colon(line)) + 1 :]
            parts.append(Voiced(name, rest.strip()))
        elif parts:
            parts[-1] = Voiced(parts[-1].speaker, f"{parts[-1].text} {line.strip()}".strip())
        else:
            parts.append(Voiced(None, line.strip()))
    return [part for part in parts if part.text]


def _colon(line: str) -> str:
    """The colon that ends the prefix: ASCII or full width, whichever comes first."""
    return min((sign for sign in ":：" if sign in line), key=line.index)


def _known_forms(known: Collection[str]) -> frozenset[str]:
    """Full names and first names of the participants, in lower case."""
    forms: set[str] = set()
    for name in known:
        folded = clean_name(name).casefold()
        if folded:
            forms |= {folded, folded.split()[0]}
    return frozenset(forms)


def _looks_like_name(name: str) -> bool:
    """True for "Anna Smith", "RBA", "Speaker 1", "agent", "a.smith@x.org"; not for a sentence."""
    words = _without_brackets(name).split()
    if not words or len(words) > _MAX_NAME_WORDS or name[-1] in ",;?!" or _is_no_name(name):
        return False
    if words[0].casefold() in _ROLE_NAMES or any(sign in name for sign in "@_"):
        return True
    return all(_is_name_word(word) for word in words)


def _is_no_name(name: str) -> bool:
    return name.split()[0].casefold().strip(".,") in _NO_NAMES


def _without_brackets(name: str) -> str:
    return _IN_BRACKETS.sub("", name)


def _is_name_word(word: str) -> bool:
    # Scripts without case ("田中") have no capital to look for.
    return word in _PARTICLES or not word[0].islower()

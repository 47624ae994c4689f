"""Which participant of the sidecar a vendor's speaker label names, and what role it states."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from calls.labels import Role
from calls.metadata import Participant

_ROLE_WORDS = {
    "agent": Role.REP,
    "rep": Role.REP,
    "representative": Role.REP,
    "seller": Role.REP,
    "salesperson": Role.REP,
    "ae": Role.REP,
    "sdr": Role.REP,
    "bdr": Role.REP,
    "advisor": Role.REP,
    "customer": Role.CUSTOMER,
    "caller": Role.CUSTOMER,
    "client": Role.CUSTOMER,
    "buyer": Role.CUSTOMER,
    "prospect": Role.CUSTOMER,
    "manager": Role.MANAGER,
    "supervisor": Role.MANAGER,
    "coach": Role.MANAGER,
}
_IN_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
# Labels that name nobody: "Speaker 1", "spk_0", "A", "2", "Unknown".
_ANONYMOUS = re.compile(
    r"(?:(?:speaker|spk|s|participant|channel|ch|voice|person|user|guest|unknown|unidentified|"
    r"phone|dial in|host)(?:\s*[\d ]+|\s+[a-z])?|[a-z]|uu|[\d ]*)"
)


def matching_participant(label: str, people: Sequence[Participant]) -> int | None:
    """Position of the one participant that `label` names; None if nobody or several.

    Full names, ids and e-mail addresses come first, then parts of a name ("Anna" or "Anna S." for
    "Anna Smith") and the part of an address before the @.
    """
    wanted = folded(label)
    if not wanted:
        return None
    exact = [
        position
        for position, person in enumerate(people)
        if wanted in {folded(value) for value in (person.id, person.name, person.email) if value}
    ]
    if exact:
        return exact[0] if len(exact) == 1 else None
    words = wanted.split()
    partial = [
        position
        for position, person in enumerate(people)
        if any(_is_part(words, form.split()) for form in _name_forms(person))
    ]
    return partial[0] if len(partial) == 1 else None


def stated_role(label: str) -> Role:
    """The role that a word of the label states ("AGENT", "Customer 2"); UNKNOWN if none or two."""
    words = set(folded(label, keep_brackets=True).split())
    # An account manager is a seller.
    if {"account", "manager"} <= words:
        words = words - {"manager"} | {"rep"}
    stated = {_ROLE_WORDS[word] for word in words & _ROLE_WORDS.keys()}
    return stated.pop() if len(stated) == 1 else Role.UNKNOWN


def is_anonymous(label: str) -> bool:
    """True for a label that names no person ("Speaker 1", "spk_0", "B")."""
    return _ANONYMOUS.fullmatch(folded(label)) is not None


def personal_name(label: str) -> str | None:
    """The person's name in a label ("Ann Lee (agent)"); None if it names a role or nobody."""
    name = " ".join(_IN_BRACKETS.sub(" ", label).split())
    nobody = not name or is_anonymous(name) or stated_role(name) is not Role.UNKNOWN
    return None if nobody else name


def folded(name: str, *, keep_brackets: bool = False) -> str:
    """The name in lower case without accents, punctuation and what stands in brackets."""
    text = name if keep_brackets else _IN_BRACKETS.sub(" ", name)
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)
    )
    return " ".join(re.sub(r"[^\w\s]|_", " ", plain.casefold()).split())


def _name_forms(person: Participant) -> list[str]:
    """A participant's name, and the name in their e-mail address."""
    local = person.email.partition("@")[0] if person.email else ""
    return [form for form in (folded(person.name or ""), folded(local)) if form]


def _is_part(words: Sequence[str], form: Sequence[str]) -> bool:
    """True if the shorter of two names is made of words, or first letters, of the longer."""
    shorter, longer = sorted((words, form), key=len)
    if len(shorter[0]) == 1:
        return False
    rest = list(longer)
    for word in shorter:
        found = next((one for one in rest if one == word or _abbreviates(word, one)), None)
        if found is None:
            return False
        rest.remove(found)
    return True


def _abbreviates(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]

"""The messaging file held against what both sides should have agreed before anybody says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from analyzers.claim_check.differences import contradicted_figures, differences
from analyzers.claim_check.registry import LEAST_UNLABELLED, Entry, Registry
from analyzers.claim_check.verdicts import LEAST_FORBIDDEN_CHANGED
from analyzers.messaging_files import load_messaging, read_toml
from analyzers.toml_lines import TomlLines
from calls.labels import Label
from calls.messaging import QUESTIONS, AgreedClaim, ForbiddenClaim, Messaging

# Two entries this near say the same thing, or contradict each other.
_SAME = 0.8
# A paraphrase further from its wording will not be found by it, and may belong elsewhere.
_FAR = 0.25
_SOON = timedelta(days=30)


class Level(StrEnum):
    """How bad a finding is: errors make the check fail."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a messaging file. `entry` is empty for the file as a whole."""

    level: Level
    line: int
    entry: str
    problem: str


def check_messaging(path: Path, *, on: date) -> list[Finding]:
    """Everything that is wrong with a messaging file on that day, in order of lines.

    Raises:
        MessagingInvalid: it can't be read at all.
    """
    messaging = load_messaging(path)
    _, text = read_toml(path)
    return sorted(
        _Check(messaging, TomlLines(text), on).findings(),
        key=lambda one: (one.line, one.level, one.problem),
    )


class _Check:
    """Goes through one file."""

    def __init__(self, messaging: Messaging, lines: TomlLines, on: date) -> None:
        self._messaging = messaging
        self._lines = lines
        self._on = on
        self._registry = Registry(messaging)
        self._entries = {one.source.id: one for one in self._registry.entries}

    def findings(self) -> Iterator[Finding]:
        yield from self._file()
        for number, claim in enumerate(self._messaging.claims):
            place = ("claim", number)
            yield from self._answers(claim, place)
            yield from self._owners(claim, place)
            yield from self._approvals(claim, place)
            yield from self._dates(claim, place)
            yield from self._variants(claim, place)
            yield from self._forbidden_words(claim, place)
        for number, one in enumerate(self._messaging.forbidden):
            place = ("forbidden", number)
            yield from self._decision(one, place)
            yield from self._variants(one, place)
        yield from self._alike()

    def _file(self) -> Iterator[Finding]:
        vendor = self._messaging.vendor
        if vendor is None:
            yield Finding(Level.WARNING, 1, "", "no [vendor]: nobody knows whose messaging it is")
        elif vendor.registry_version is None:
            line = self._lines.line_of(("vendor",))
            yield Finding(
                Level.WARNING, line, "", "no registry_version: a digest of the file stands for it"
            )
        if not self._messaging.entries:
            yield Finding(Level.ERROR, 1, "", "no [[claim]] and no [[forbidden]]: nothing to check")

    def _answers(self, claim: AgreedClaim, place: tuple[str, int]) -> Iterator[Finding]:
        is_approved = not claim.not_approved_because()
        for question in QUESTIONS:
            answer = claim.answered(question)
            line = self._lines.line_of((*place, question))
            if answer is None:
                yield self._error(
                    claim, line, f"no evidence for {question}: the question is not answered"
                )
            elif answer.answer and not answer.evidence.strip():
                yield self._error(claim, line, f"no evidence for {question}")
            elif not answer.answer and is_approved and self._needs(claim, question):
                yield self._warning(claim, line, f"approved, although it is not {question}")

    def _needs(self, claim: AgreedClaim, question: str) -> bool:
        """True if an approved claim of that kind should have "yes" there."""
        ranks = (Label.CLAIM_UNIQUE, Label.CLAIM_SUPERLATIVE)
        return question != "unique" or not set(ranks).isdisjoint(claim.kind)

    def _owners(self, claim: AgreedClaim, place: tuple[str, int]) -> Iterator[Finding]:
        for side in ("marketing", "sales"):
            if not getattr(claim, f"owner_{side}").strip():
                line = self._lines.line_of((*place, f"owner_{side}"))
                yield self._error(claim, line, f"no owner in {side} (owner_{side})")

    def _approvals(self, claim: AgreedClaim, place: tuple[str, int]) -> Iterator[Finding]:
        sides = ("marketing", "sales")
        given = [side for side in sides if getattr(claim, f"approved_by_{side}")]
        missing = [side for side in sides if side not in given]
        if missing:
            line = self._lines.line_of((*place, f"approved_by_{missing[0]}"))
            text = f"approved by {given[0]} but not {missing[0]}" if given else "approved by nobody"
            yield self._warning(claim, line, f"{text}: whoever says it is told 'unapproved'")

    def _dates(self, claim: AgreedClaim, place: tuple[str, int]) -> Iterator[Finding]:
        approved, expires = claim.approved_on, claim.expires_on
        for name in ("approved_on", "expires_on"):
            if getattr(claim, name) is None and not claim.not_approved_because():
                line = self._lines.line_of((*place, name))
                yield self._error(claim, line, f"approved, but without {name}")
        line = self._lines.line_of((*place, "expires_on"))
        if approved and expires and expires < approved:
            yield self._error(
                claim, line, f"expires ({expires}) before it was approved ({approved})"
            )
        elif claim.is_expired(self._on):
            yield self._warning(claim, line, f"expired on {expires}")
        elif expires and expires - self._on <= _SOON:
            yield self._warning(claim, line, f"expires on {expires}, within 30 days")
        if approved and approved > self._on:
            line = self._lines.line_of((*place, "approved_on"))
            yield self._warning(claim, line, f"not approved before {approved}")

    def _variants(
        self, one: AgreedClaim | ForbiddenClaim, place: tuple[str, int]
    ) -> Iterator[Finding]:
        line = self._lines.line_of((*place, "wording"))
        if not one.kind:
            yield self._warning(one, line, "no kind of claim")
        if not one.paraphrases:
            yield self._warning(
                one, line, "no paraphrases: said in other words it may go unnoticed"
            )
        entry = self._entries[one.id]
        wording = Entry(one, entry.variants[:1])
        for paraphrase, said in zip(one.paraphrases, entry.variants[1:], strict=True):
            line = self._lines.line_of_text((*place, "paraphrases"), paraphrase)
            for contradiction in contradicted_figures(said, wording):
                yield self._error(one, line, f"paraphrase contradicts the wording: {contradiction}")
            if self._registry.similarity_of(said, wording) < _FAR:
                yield self._warning(
                    one, line, f"paraphrase has little in common with the wording: '{paraphrase}'"
                )

    def _forbidden_words(self, claim: AgreedClaim, place: tuple[str, int]) -> Iterator[Finding]:
        """Agreed wording that comes near what nobody may say."""
        for variant, said in zip(claim.variants, self._entries[claim.id].variants, strict=True):
            for other in self._registry.nearest(said, least=LEAST_UNLABELLED):
                forbidden = other.entry.source
                if not isinstance(forbidden, ForbiddenClaim):
                    continue
                changes = differences(said, other.entry)
                is_other = any(one.is_figure for one in changes)
                is_far = is_other and other.similarity < LEAST_FORBIDDEN_CHANGED
                if is_far or any(one.weakens or one.is_headline for one in changes):
                    continue
                key = "wording" if variant == claim.wording else "paraphrases"
                line = self._lines.line_of_text((*place, key), variant)
                yield self._error(claim, line, f"'{variant}' says what {forbidden.id} forbids")

    def _decision(self, one: ForbiddenClaim, place: tuple[str, int]) -> Iterator[Finding]:
        for name, what in (("reason", "no reason"), ("decided_by", "nobody decided it")):
            if not getattr(one, name).strip():
                line = self._lines.line_of((*place, name))
                yield self._warning(one, line, f"{what} ({name} is missing)")

    def _alike(self) -> Iterator[Finding]:
        """Pairs of agreed claims that say nearly the same, with other figures or the same."""
        claims = self._messaging.claims
        for second, later in enumerate(claims):
            for earlier in claims[:second]:
                said, entry = self._entries[later.id].variants[0], self._entries[earlier.id]
                if self._registry.similarity_of(said, entry) < _SAME:
                    continue
                line = self._lines.line_of(("claim", second, "wording"))
                other = contradicted_figures(said, entry)
                if other:
                    yield self._error(
                        later,
                        line,
                        f"contradicts {earlier.id}, which says nearly the same: {other[0]}",
                    )
                else:
                    yield self._warning(later, line, f"says nearly the same as {earlier.id}")

    def _error(self, one: AgreedClaim | ForbiddenClaim, line: int, problem: str) -> Finding:
        return Finding(Level.ERROR, line, one.id, problem)

    def _warning(self, one: AgreedClaim | ForbiddenClaim, line: int, problem: str) -> Finding:
        return Finding(Level.WARNING, line, one.id, problem)

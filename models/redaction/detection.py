"""Everything to be masked in a call, in order of certainty; what was found first stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.redaction import cards, dates, emails, numbers, phones
from models.redaction.cues import Cues, interjections
from models.redaction.finding import Finding, Findings, finding_of
from models.redaction.kinds import Kind
from models.redaction.runs import Run, runs_of
from models.redaction.spelled import spelled_of
from models.redaction.tokens import Conversation, Token
from models.redaction.wording import Wording


def find(
    conversation: Conversation, wanted: frozenset[Kind], region: str, wording: Wording
) -> list[Finding]:
    """What is of the wanted kinds: in what each voice says, then in what all say together."""
    cues = Cues(conversation, wording)
    findings = Findings()
    for written in emails.find_written(conversation.said):
        _keep(findings, written, wanted)
    borders = sorted((*cues.borders, *interjections(conversation, wording)))
    for voice in conversation.voices:
        for finding in _candidates(voice, cues, borders, region, wording):
            _keep(findings, finding, wanted)
    for tokens in (*conversation.voices, conversation.together):
        for finding in _interrupted_cards(tokens, cues, region, wording):
            _keep(findings, finding, wanted)
    return findings.kept


def _interrupted_cards(
    tokens: Sequence[Token], cues: Cues, region: str, wording: Wording
) -> Iterator[Finding]:
    """Cards that are whole only if questions in between, or changes of voice, are overlooked.

    Diarization now and then gives one voice's groups to two.
    """
    for run in _runs(tokens, cues, region, wording):
        window = cards.card_in([group.readings for group in run.groups])
        if window is not None:
            whole = Run(tokens, run.groups[slice(*window)])
            yield finding_of(Kind.CARD, tokens, whole.stretches(swallow=0))


def _runs(
    tokens: Sequence[Token], cues: Cues, region: str, wording: Wording, borders: Sequence[int] = ()
) -> Iterator[Run]:
    for run in runs_of(tokens, wording, borders):
        yield from phones.parted(run, cues, region, wording)


def _keep(findings: Findings, finding: Finding | None, wanted: frozenset[Kind]) -> None:
    if finding is not None and finding.kind in wanted:
        findings.add(finding)


def _candidates(
    tokens: Sequence[Token],
    cues: Cues,
    borders: Sequence[int],
    region: str,
    wording: Wording,
) -> Iterator[Finding | None]:
    """All that one voice says that may have to be masked, surest first."""
    runs = list(_runs(tokens, cues, region, wording, borders))
    spelled = list(spelled_of(tokens, wording))
    said_dates = list(dates.dates_of(tokens, wording))
    for pieces in spelled:
        yield from numbers.find_known_forms(tokens, pieces, region)
    yield from (numbers.find_card(run, cues) for run in runs)
    yield from numbers.find_card_parts(runs, cues)
    yield from emails.find_spoken(tokens, wording)
    yield from (dates.find_birth_date(date, tokens, cues) for date in said_dates)
    yield from (dates.find_expiry(date, tokens, cues) for date in said_dates)
    yield from (numbers.find_id(tokens, pieces, cues, wording) for pieces in spelled)
    for run in runs:
        yield numbers.find_code(run, cues, wording)
        yield numbers.find_account(run, cues)
        yield phones.find_phone(run, cues, region, wording)
        yield numbers.find_unnamed(run, cues)

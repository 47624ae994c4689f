"""Cases: calls as the pipeline would have them, and what people say about their turns."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from pydantic import ValidationError

from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Recording,
    RoleSource,
    Source,
    SourceKind,
    Speaker,
    StartedAtSource,
)
from calls.described import describe
from calls.errors import UsageError
from calls.labels import Label, Role
from calls.metadata import COACHING, BriefFact, CallMetadata, Participant
from calls.transcript import Engine, TranscriptOrigin, Turn
from flows.evaluation.expected import Expected, expected_of
from flows.evaluation.records import SingleTurn, TalkLine, WholeCall
from flows.evaluation.timing import backchannels, steady_times
from models.people import matching_participant

TALK_TURNS = 200
"""Talk is read in pieces of so many turns, so that memory stays flat however long a file is."""

TALK_LEAD_IN = 10
"""Turns of the piece before that come along as context and are not judged again."""

# Data without a date is taken to be of this day, so that every run reads it alike.
_UNDATED = datetime(2026, 1, 1, 12, tzinfo=UTC)
_BETWEEN_PEOPLE = re.compile(r";|, and ")


class Kind(StrEnum):
    """What is judged: single turns, whole calls, or talk in which every hit is a false alarm."""

    TURNS = "turns"
    CALLS = "calls"
    TALK = "talk"


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """One turn whose labels count.

    `turn` is its place in the case's call, `number` its own number in the data (`i`, or the line),
    `where` names it for people. `labels` is None where nobody has labelled it.
    """

    turn: int
    number: int
    where: str
    labels: frozenset[Label] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One call to be read, and which of its turns are judged, in the order of the data."""

    kind: Kind
    id: str
    file: str
    call: AttributedCall
    judged: tuple[JudgedTurn, ...]
    is_session: bool = False
    expected: Expected | None = None


def single_turn_case(given: SingleTurn, file: str, name: str, line: int) -> Case:
    """The context and the turn as a small call; only the turn is judged."""
    said = (*given.context, given)
    roles = {one.speaker for one in said}
    call = _call(
        name,
        _turns([(one.speaker, one.speaker, one.text) for one in said]),
        metadata=CallMetadata(call_type=COACHING if Role.MANAGER in roles else None),
    )
    labels = frozenset(given.labels) if given.labels is not None else None
    judged = JudgedTurn(len(said) - 1, line, name, labels)
    return Case(Kind.TURNS, name, file, call, (judged,))


def whole_call_case(given: WholeCall, file: str, name: str, *, where: str) -> Case:
    """A call or session with all that is known beside it; every turn is judged.

    Args:
        given: the call as it is labelled.
        file: the file it is from.
        name: its id.
        where: what the place it stands at is called in messages.

    Raises:
        UsageError: something known about the call is not allowed in a sidecar.
    """
    metadata = _metadata(given, where)
    spoken = [(_speaker(one.speaker, one.name), one.speaker, one.text) for one in given.turns]
    times = [(one.start, one.end) for one in given.turns if one.start is not None]
    known = [(start, end) for start, end in times if start is not None and end is not None]
    # The pipeline numbers turns by their start, whatever the order they are listed in.
    order = sorted(range(len(spoken)), key=lambda n: known[n][0] if known else n)
    turns = _turns([spoken[n] for n in order], [known[n] for n in order] if known else None)
    place = {n: turn for turn, n in enumerate(order)}
    numbers = [n if one.i is None else one.i for n, one in enumerate(given.turns)]
    judged = tuple(
        JudgedTurn(
            turn=place[n],
            number=numbers[n],
            where=f"{name} turn {numbers[n]}",
            labels=frozenset(one.labels) if one.labels is not None else None,
        )
        for n, one in enumerate(given.turns)
    )
    labels = {one.turn: one.labels for one in judged}
    return Case(
        kind=Kind.CALLS,
        id=name,
        file=file,
        call=_call(
            name,
            turns,
            metadata=metadata,
            language=given.language,
            started_at=_instant(given.day),
        ),
        judged=judged,
        is_session=given.is_session,
        expected=expected_of(labels, given.call_labels, given.session_labels),
    )


def talk_cases(lines: Iterable[tuple[int, TalkLine]], file: str, role: Role) -> Iterator[Case]:
    """Talk in pieces of `TALK_TURNS`, everybody in that role. Lines that follow are one talk."""
    lead: list[tuple[int, TalkLine]] = []
    piece: list[tuple[int, TalkLine]] = []
    clock_s = 0.0
    for one in lines:
        piece.append(one)
        if len(piece) == TALK_TURNS:
            case = _talk_case(lead, piece, file, role, clock_s)
            yield case
            lead, piece = piece[-TALK_LEAD_IN:], []
            clock_s = case.call.turns[-len(lead)].start_s
    if piece:
        yield _talk_case(lead, piece, file, role, clock_s)


def _talk_case(
    lead: Sequence[tuple[int, TalkLine]],
    piece: Sequence[tuple[int, TalkLine]],
    file: str,
    role: Role,
    clock_s: float,
) -> Case:
    said = [*lead, *piece]
    name = f"{file}:{piece[0][0]}"
    call = _call(
        name,
        _turns([(one.speaker, role, one.text) for _, one in said], clock_s=clock_s),
        metadata=CallMetadata(call_type=COACHING if role is Role.MANAGER else None),
    )
    judged = tuple(
        JudgedTurn(turn, line, f"{file}:{line}")
        for turn, (line, _) in enumerate(said)
        if turn >= len(lead)
    )
    return Case(Kind.TALK, name, file, call, judged)


def _turns(
    spoken: Sequence[tuple[str, Role, str]],
    times: Sequence[tuple[float, float]] | None = None,
    *,
    clock_s: float = 0.0,
) -> tuple[Turn, ...]:
    """Turns of (speaker, role, text); times are invented where there are none."""
    spans = times if times is not None else steady_times([one[2] for one in spoken], clock_s)
    asides = backchannels([(one[0], one[2]) for one in spoken], spans)
    return tuple(
        Turn(number, speaker, role, start_s, end_s, text, is_backchannel=number in asides)
        for number, ((speaker, role, text), (start_s, end_s)) in enumerate(
            zip(spoken, spans, strict=True)
        )
    )


def _call(
    name: str,
    turns: tuple[Turn, ...],
    *,
    metadata: CallMetadata,
    language: str | None = None,
    started_at: datetime | None = None,
) -> AttributedCall:
    key = hashlib.sha256(name.encode()).hexdigest()
    began = started_at or _UNDATED
    return AttributedCall(
        recording=Recording(
            key=key,
            call_id=name,
            sources=(Source(name, SourceKind.TRANSCRIPT, key, 0, began),),
            metadata=metadata,
            started_at=began,
            started_at_source=(
                StartedAtSource.SIDECAR if started_at else StartedAtSource.FILE_TIME
            ),
        ),
        audio=AudioFacts(max((one.end_s for one in turns), default=0.0), 0, ChannelLayout.NONE),
        origin=TranscriptOrigin(Engine.IMPORTED, "labelled data"),
        language=language or "en",
        language_source="given",
        speakers=_speakers(turns, metadata),
        role_source=RoleSource.SIDECAR,
        turns=turns,
    )


def _speakers(turns: Sequence[Turn], metadata: CallMetadata) -> tuple[Speaker, ...]:
    """Everybody who speaks, and the other side where an excerpt holds only one."""
    spoken = {one.speaker: one.role for one in turns}
    people = metadata.participants
    found = []
    for name, role in spoken.items():
        same = [one for one in people if one.role is role]
        at = matching_participant(name, same)
        # One voice of a role can only be the one person who has it.
        if at is None and len(same) == 1 and sum(one is role for one in spoken.values()) == 1:
            at = 0
        person = same[at] if at is not None else None
        found.append(
            Speaker(
                name,
                role,
                participant_id=person.key(metadata.account) if person else None,
                name=person.name if person else None,
            )
        )
    sides = (Role.REP, Role.MANAGER if metadata.is_coaching else Role.CUSTOMER)
    missing = [role for role in sides if role not in spoken.values()]
    return (*found, *(Speaker(f"{role} (silent)", role) for role in missing))


def _instant(day: date | datetime | None) -> datetime | None:
    """That point in time; the noon of a day, in UTC where no zone is given."""
    if day is None:
        return None
    if not isinstance(day, datetime):
        return datetime.combine(day, time(12), UTC)
    return day if day.tzinfo else day.replace(tzinfo=UTC)


def _speaker(role: Role, name: str | None) -> str:
    return name or str(role)


def _metadata(given: WholeCall, where: str) -> CallMetadata:
    sides = ((Role.REP, given.rep), (Role.CUSTOMER, given.customer), (Role.MANAGER, given.manager))
    try:
        return CallMetadata(
            call_type=given.call_type or (COACHING if given.is_session else None),
            participants=tuple(
                Participant(name=name, role=role) for role, text in sides for name in _people(text)
            ),
            account=given.account,
            opportunity_id=given.opportunity_id,
            stage=given.stage,
            language=given.language,
            account_brief=tuple(
                BriefFact(topic=one.topic, fact=one.fact) for one in given.account_brief
            ),
            outcome=given.outcome,
        )
    except ValidationError as error:
        raise UsageError(describe(error, CallMetadata, where=where)) from error


def _people(text: str | None) -> list[str]:
    """The names in "Ann Lee, buyer, Acme; Bo Ray, buyer"."""
    parts = [part.split(",")[0].strip() for part in _BETWEEN_PEOPLE.split(text or "")]
    return [name for name in parts if name]

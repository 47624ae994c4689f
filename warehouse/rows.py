"""From what was heard and read to rows of the tables about calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from calls.call import AttributedCall, Reading, Speaker
from calls.measures import Measure, State
from calls.moment import Moment, moment_id
from calls.transcript import Turn
from calls.trust import doubts_about_roles, doubts_about_text
from warehouse.call_row import call_row
from warehouse.chain_rows import chain_rows
from warehouse.claim_rows import claim_rows
from warehouse.question_rows import question_rows
from warehouse.schemas import (
    MeasureStateRow,
    MomentRow,
    ParticipantRow,
    Row,
    ScorecardRow,
    TurnRow,
    WordRow,
)
from warehouse.schemas.participants import PARTICIPANTS
from warehouse.schemas.scorecards import SCORECARDS
from warehouse.trust import row_state

MEASURE_COLUMNS: Mapping[str, frozenset[str]] = {
    spec.name: frozenset(spec.measures) for spec in (PARTICIPANTS, SCORECARDS)
}
"""The measures each table has a column for: with a speaker `participants`, else `scorecards`."""


@dataclass(frozen=True, slots=True)
class CallRows:
    """Every row of one call, by table, and what they were made from."""

    source_key: str
    call_id: str
    call_date: date
    revision: int
    made_from: str
    tables: Mapping[str, tuple[Row, ...]]

    def __getitem__(self, table: str) -> tuple[Row, ...]:
        """The rows of that table."""
        return self.tables[table]


def call_date(started_at: datetime, time_zone: str) -> date:
    """The calendar date of an instant in the warehouse's time zone."""
    return started_at.astimezone(ZoneInfo(time_zone)).date()


def call_rows(
    call: AttributedCall,
    reading: Reading,
    *,
    revision: int,
    made_from: str,
    time_zone: str,
    listen_version: str,
    attribution_version: str,
    publish_words: bool = False,
) -> CallRows:
    """Every row of one call, for every table about calls.

    `publish_words` fills the table `words`, which is empty else: a row for each word.

    Raises:
        ValueError: if a measure has no column, is given twice or names an unknown speaker, or a
            moment names an unknown turn.
    """
    head = (call.recording.call_id, call.recording.key, revision)
    by_speaker = _measures_by_speaker(call, reading.measures)
    tables: dict[str, tuple[Row, ...]] = {
        "participants": tuple(
            _participant(head, one, by_speaker.get(one.speaker, {})) for one in call.speakers
        ),
        "turns": tuple(_turn(head, turn) for turn in call.turns),
        "words": tuple(_words(head, call.turns)) if publish_words else (),
        "moments": tuple(_moments(head, call, reading.moments)),
        "chains": chain_rows(head, call, reading.chains),
        "claims": claim_rows(head, call, reading.claims),
        "questions": question_rows(head, call, reading.questions),
        "scorecards": (ScorecardRow(*head, **_values("scorecards", by_speaker.get(None, {}))),),
        "measure_states": tuple(_measure_states(head, call.speakers, reading.measures)),
        "calls": (
            call_row(
                call,
                reading,
                revision=revision,
                made_from=made_from,
                time_zone=time_zone,
                listen_version=listen_version,
                attribution_version=attribution_version,
            ),
        ),
    }
    return CallRows(
        source_key=call.recording.key,
        call_id=call.recording.call_id,
        call_date=call_date(call.recording.started_at, time_zone),
        revision=revision,
        made_from=made_from,
        tables=tables,
    )


def _measures_by_speaker(
    call: AttributedCall, measures: Sequence[Measure]
) -> dict[str | None, dict[str, Measure]]:
    """The measures of the call (under None) and of each speaker, by name."""
    known = {one.speaker for one in call.speakers}
    if len(known) < len(call.speakers):
        names = [one.speaker for one in call.speakers]
        raise ValueError(f"Two speakers of the call have one name: {', '.join(sorted(names))}.")
    found: dict[str | None, dict[str, Measure]] = {}
    for measure in measures:
        table = "scorecards" if measure.speaker is None else "participants"
        if measure.name not in MEASURE_COLUMNS[table]:
            allowed = ", ".join(sorted(MEASURE_COLUMNS[table]))
            raise ValueError(
                f"Measure {measure.name!r} has no column in table {table}. Known: {allowed}. "
                f"Add the column in warehouse/schemas/{table}.py."
            )
        if measure.speaker is not None and measure.speaker not in known:
            raise ValueError(
                f"Measure {measure.name!r} is about speaker {measure.speaker!r}, who is not on "
                f"the call. Speakers: {', '.join(sorted(known)) or 'none'}."
            )
        mine = found.setdefault(measure.speaker, {})
        if measure.name in mine:
            raise ValueError(f"Measure {measure.name!r} of {measure.speaker!r} is given twice.")
        mine[measure.name] = measure
    return found


def _values(table: str, measures: Mapping[str, Measure]) -> dict[str, Any]:
    """One value per measure column; null where the measure was not taken."""
    return {
        name: measures[name].value if name in measures else None for name in MEASURE_COLUMNS[table]
    }


def _participant(
    head: tuple[str, str, int], one: Speaker, measures: Mapping[str, Measure]
) -> ParticipantRow:
    return ParticipantRow(
        *head,
        speaker=one.speaker,
        participant_id=one.participant_id,
        name=one.name,
        email=one.email,
        role=str(one.role),
        channel=one.channel,
        is_heard=one.heard,
        **_values("participants", measures),
    )


def _turn(head: tuple[str, str, int], turn: Turn) -> TurnRow:
    return TurnRow(
        *head,
        turn=turn.turn,
        speaker=turn.speaker,
        participant_id=turn.participant_id,
        role=str(turn.role),
        channel=turn.channel,
        start_s=turn.start_s,
        end_s=turn.end_s,
        text=turn.text,
        word_count=turn.word_count,
        confidence=turn.confidence,
        is_backchannel=turn.is_backchannel,
        doubt=turn.doubt or None,
    )


def _words(head: tuple[str, str, int], turns: Sequence[Turn]) -> Iterator[WordRow]:
    for turn in turns:
        for number, word in enumerate(turn.words):
            yield WordRow(
                *head,
                turn=turn.turn,
                word=number,
                speaker=turn.speaker,
                channel=turn.channel,
                start_s=word.start_s,
                end_s=word.end_s,
                text=word.text,
                probability=word.probability,
            )


def _moments(
    head: tuple[str, str, int], call: AttributedCall, moments: Sequence[Moment]
) -> Iterator[MomentRow]:
    """One row per moment id, in order of time; of two with one id the surer one stays."""
    by_number = {turn.turn: turn for turn in call.turns}
    doubts = (*doubts_about_text(call), *doubts_about_roles(call))
    best: dict[str, Moment] = {}
    for moment in moments:
        if moment.turn not in by_number:
            raise ValueError(
                f"Moment {moment.label} at {moment.start_s} s names turn {moment.turn}; "
                f"the call has {len(call.turns)} turns."
            )
        identifier = moment_id(head[1], moment.label, moment.start_s, moment.end_s)
        if identifier not in best or moment.score > best[identifier].score:
            best[identifier] = moment
    for identifier in sorted(best, key=lambda one: (best[one].start_s, one)):
        moment = best[identifier]
        yield _moment(head, identifier, by_number[moment.turn], moment, doubts)


def _moment(
    head: tuple[str, str, int],
    identifier: str,
    turn: Turn,
    moment: Moment,
    doubts: tuple[str, ...],
) -> MomentRow:
    return MomentRow(
        *head,
        moment_id=identifier,
        label=str(moment.label),
        turn=moment.turn,
        speaker=moment.speaker,
        participant_id=turn.participant_id,
        role=str(turn.role),
        start_s=moment.start_s,
        end_s=moment.end_s,
        start_char=moment.start_char,
        end_char=moment.end_char,
        quote=moment.quote,
        score=moment.score,
        found_by=str(moment.found_by),
        rule_ids=", ".join(moment.rule_ids) or None,
        version=moment.version,
        reason=moment.reason,
        severity=str(moment.severity) if moment.severity else None,
        better_move=moment.better_move or None,
        severity_reason=moment.severity_reason or None,
        reply_word_count=moment.reply_word_count,
        reply_delay_s=moment.reply_delay_s,
        reply_is_deflection=moment.reply_is_deflection,
        known_answer=moment.known_answer or None,
        known_source=moment.known_source or None,
        **row_state(doubts, turn),
    )


def _measure_states(
    head: tuple[str, str, int], speakers: Sequence[Speaker], measures: Sequence[Measure]
) -> Iterator[MeasureStateRow]:
    """One row per measure that is not plainly ok."""
    person = {one.speaker: one.participant_id for one in speakers}
    for measure in measures:
        if measure.state is not State.OK:
            yield MeasureStateRow(
                *head,
                speaker=measure.speaker,
                participant_id=person.get(measure.speaker) if measure.speaker else None,
                measure=measure.name,
                state=str(measure.state),
                reason=measure.reason,
            )

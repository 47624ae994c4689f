"""The smallest calls a warehouse test needs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from calls.call import (
    AttributedCall,
    AudioFacts,
    ChannelLayout,
    Reading,
    Recording,
    RoleSource,
    Source,
    SourceKind,
    Speaker,
    StartedAtSource,
)
from calls.chain import Chain, StopReason
from calls.claim import ClaimSaid, Verdict
from calls.labels import Label, Role
from calls.measures import Measure, not_measurable
from calls.metadata import CallMetadata
from calls.moment import FoundBy, Moment, Severity
from calls.question import Question, QuestionType
from calls.transcript import Engine, TranscriptOrigin, Turn, Word
from warehouse import CallRows, NightRow, NightStart, RecordingRow, Warehouse, call_rows
from warehouse.schemas import CoachingRow, ErasureRow, EvaluationRow, ReviewRow

START = datetime(2026, 9, 14, 10, 0, tzinfo=UTC)
REP = Speaker("ch0", Role.REP, 0, "r-1", "Robin Reed", "robin@seller.example")
CUSTOMER = Speaker("ch1", Role.CUSTOMER, 1, "acme/Cleo", "Cleo")


def key_of(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()


def recording(
    name: str = "a", *, started_at: datetime = START, call_id: str | None = None, **facts: Any
) -> Recording:
    key = key_of(name)
    return Recording(
        key=key,
        call_id=call_id or name,
        sources=(Source(f"{name}.wav", SourceKind.AUDIO, key, 1000, START),),
        metadata=CallMetadata(**{"account": "Acme", "team": "North", **facts}),
        started_at=started_at,
        started_at_source=StartedAtSource.SIDECAR,
    )


def turns(count: int = 12, *, words_per_turn: int = 5) -> tuple[Turn, ...]:
    made = []
    for number in range(count):
        speaker = (REP, CUSTOMER)[number % 2]
        start = number * 10.0
        words = tuple(
            Word(f"word{n}", start + n, start + n + 0.5, 0.5 + 0.1 * (n % 5))
            for n in range(words_per_turn)
        )
        made.append(
            Turn(
                turn=number,
                speaker=speaker.speaker,
                role=speaker.role,
                start_s=start,
                end_s=start + words_per_turn,
                text=" ".join(word.text for word in words),
                words=words,
                channel=speaker.channel,
                participant_id=speaker.participant_id,
            )
        )
    return tuple(made)


def attributed(
    name: str = "a", *, count: int = 12, facts: Mapping[str, Any] | None = None, **changes: Any
) -> AttributedCall:
    call = AttributedCall(
        recording=recording(name, **(facts or {})),
        audio=AudioFacts(
            600.0, 2, ChannelLayout.SEPARATE, 8000, "pcm_mulaw", "wav", (200.0, 100.0)
        ),
        origin=TranscriptOrigin(Engine.WHISPER, "base.en", "", "int8", {"beam_size": 5}),
        language="en",
        language_source="detected",
        speakers=(REP, CUSTOMER),
        role_source=RoleSource.SIDECAR,
        turns=turns(count),
    )
    return replace(call, **changes)


def moment(turn: int = 0, *, label: Label = Label.CLICHE_QUESTION, **changes: Any) -> Moment:
    start = turn * 10.0
    found = Moment(
        label=label,
        turn=turn,
        speaker="ch0",
        start_s=start,
        end_s=start + 2.5,
        start_char=0,
        end_char=11,
        quote="word0 word1",
        score=0.9,
        found_by=FoundBy.RULE,
        rule_ids=("keeps_up.at_night", "keeps_up.awake"),
        version="rules-1",
        reason="asks the customer to do the thinking",
        severity=Severity.HIGH,
        better_move="Say what you see at companies like theirs.",
    )
    return replace(found, **changes)


def reading(
    moments: tuple[Moment, ...] = (), measures: tuple[Measure, ...] = (), *, covered: bool = True
) -> Reading:
    given = measures or (
        Measure("talk_s", 120.5, "ch0"),
        Measure("question_count", 3, "ch0"),
        Measure("talk_ratio", 0.6),
        not_measurable("reply_gap_s", "never answers", "ch1"),
    )
    found = Reading(moments, given, ("labels", "talk"), "read-1", "abc123def456", covered)
    if not moments:
        return found
    return replace(
        found,
        chains=(Chain(1, moments[0], moments[0].quote, StopReason.NOT_CONFIRMED),),
        claims=(claim_said(moments[0]),),
        questions=(question(),),
    )


def claim_said(moment: Moment) -> ClaimSaid:
    return ClaimSaid(
        turn=moment.turn,
        speaker=moment.speaker,
        start_s=moment.start_s,
        end_s=moment.end_s,
        start_char=moment.start_char,
        end_char=moment.end_char,
        quote=moment.quote,
        moment=moment,
        verdict=Verdict.UNKNOWN,
        similarity=0.1,
        reason="nothing agreed is like it",
        registry_version="2026-09",
    )


def question(**changes: Any) -> Question:
    asked = Question(
        turn=0,
        speaker="ch0",
        start_s=0.0,
        end_s=2.5,
        start_char=0,
        end_char=11,
        text="word0 word1",
        form="question_mark",
        type=QuestionType.OTHER,
        is_follow_up=False,
        is_stacked=False,
        survey_run=None,
        why="nothing else",
    )
    return replace(asked, **changes)


def rows_of(
    name: str = "a",
    *,
    revision: int = 1,
    made_from: str = "v1",
    time_zone: str = "UTC",
    days: int = 0,
    count: int = 12,
    moments: int = 2,
    facts: Mapping[str, Any] | None = None,
    **changes: Any,
) -> CallRows:
    facts = {"started_at": START + timedelta(days=days), **(facts or {})}
    call = attributed(name, count=count, facts=facts, **changes)
    return call_rows(
        call,
        reading(tuple(moment(2 * n) for n in range(moments))),
        revision=revision,
        made_from=made_from,
        time_zone=time_zone,
        listen_version="listen-1",
        attribution_version="attr-1",
        publish_words=True,
    )


def land(warehouse: Warehouse, *calls: CallRows) -> None:
    """Saves and publishes those calls."""
    for rows in calls:
        warehouse.artifacts.save_reading(rows)
    assert not warehouse.publish([rows.source_key for rows in calls]).refused


def night_start(night_id: str = "n1", *, started_at: datetime = START) -> NightStart:
    return NightStart(
        night_id, started_at, "faster-whisper", "base.en", "0.1.0", "l-1", "a-1", "r-1", "p-1"
    )


def night_row(night_id: str = "n1", **changes: Any) -> NightRow:
    row = NightRow(
        night_id=night_id,
        status="complete",
        started_at=START,
        ended_at=START + timedelta(hours=1),
        discovered_count=3,
        landed_count=2,
        no_speech_count=0,
        duplicate_count=1,
        quarantined_count=0,
        awaiting_count=0,
        unchanged_count=0,
        left_for_next_run_count=0,
        ignored_file_count=1,
        standing_quarantine_count=0,
        audio_s=1200.0,
        wall_s=3600.0,
        compute_s=3000.0,
        engine="faster-whisper",
        model="base.en",
        nightcall_version="0.1.0",
        listen_version="l-1",
        attribution_version="a-1",
        read_version="r-1",
        playbook_version="p-1",
    )
    return replace(row, **changes)


def recording_row(name: str = "a.wav", night_id: str = "n1", **changes: Any) -> RecordingRow:
    row = RecordingRow(
        night_id=night_id,
        recording=name,
        source_key=key_of(name),
        call_id=name.removesuffix(".wav"),
        status="landed",
        error_class=None,
        message=None,
        attempts=1,
        size_bytes=1000,
        duration_s=600.0,
        engine="faster-whisper",
        happened_at=START + timedelta(minutes=5),
    )
    return replace(row, **changes)


def evaluation_row(evaluation_id: str = "e1", **changes: Any) -> EvaluationRow:
    row = EvaluationRow(
        evaluation_id=evaluation_id,
        started_at=START,
        data="gold",
        data_digest="0123456789abcdef",
        kind="turns",
        label="cliche_question",
        n_turns=100,
        support=20,
        true_positives=18,
        false_positives=2,
        false_negatives=2,
        precision=0.9,
        recall=0.9,
        f1=0.9,
        f1_low=0.8,
        f1_high=0.97,
        hits_per_1000_turns=None,
        as_role=None,
        read_version="r-1",
        playbook_version="p-1",
        model_version=None,
    )
    return replace(row, **changes)


def review_row(review_id: str = "r1", **changes: Any) -> ReviewRow:
    row = ReviewRow(
        review_id=review_id,
        call_id="a",
        source_key=key_of("a"),
        moment_id="0123456789abcdef",
        label="cliche_question",
        verdict="disagree",
        comment="he had just told her",
        reviewer="Lee",
        reviewed_at=START,
        moment_version="r-1",
    )
    return replace(row, **changes)


def coaching_row(coaching_id: str = "c1", **changes: Any) -> CoachingRow:
    row = CoachingRow(
        coaching_id=coaching_id,
        coached_on=START.date(),
        rep="Ana",
        rep_id="ana",
        manager="Lee",
        behaviour="cliche_question",
        goal="less",
        practice="open with what I know of their plants",
        call_id="a",
        source_key=key_of("a"),
        moment_id="0123456789abcdef",
        entered_at=START,
    )
    return replace(row, **changes)


def erasure_row(erasure_id: str = "x1", **changes: Any) -> ErasureRow:
    row = ErasureRow(
        erasure_id=erasure_id,
        erased_at=START,
        source_key_hash="ab" * 32,
        call_id_hash="cd" * 32,
        file_hashes=None,
        scope="call",
        reason="asked by the customer",
        erased_by="op",
        row_count=31,
        file_count=4,
        recording_removed_count=1,
        recording_left_count=0,
        searched_file_count=None,
    )
    return replace(row, **changes)

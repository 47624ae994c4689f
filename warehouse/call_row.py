"""The row of table `calls`: everything said about a call as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from calls.call import NO_SPEECH, AttributedCall, Reading, Status
from calls.quality import TranscriptQuality
from warehouse.schemas.calls import CallRow
from warehouse.trust import leading_rep, not_coachable_because, transcript_state


def call_row(
    call: AttributedCall,
    reading: Reading,
    *,
    revision: int,
    made_from: str,
    time_zone: str,
    listen_version: str,
    attribution_version: str,
) -> CallRow:
    """The row that says what is known of a call, how it sounded and how it was read."""
    recording, audio, origin = call.recording, call.audio, call.origin
    facts = recording.metadata
    rep = leading_rep(call)
    state, transcript_reason = transcript_state(call)
    coachable_reason = not_coachable_because(call, reading)
    return CallRow(
        call_id=recording.call_id,
        source_key=recording.key,
        revision=revision,
        status=str(Status.NO_SPEECH if call.wordless_because == NO_SPEECH else Status.LANDED),
        recording=recording.name,
        started_at=recording.started_at.astimezone(UTC),
        started_at_source=str(recording.started_at_source),
        time_zone=time_zone,
        duration_s=float(audio.duration_s),
        call_type=facts.call_type,
        direction=facts.direction,
        account=facts.account,
        opportunity_id=facts.opportunity_id,
        stage=facts.stage,
        team=facts.team,
        manager=facts.manager,
        rep=(rep.name or rep.participant_id) if rep else None,
        rep_id=rep.participant_id if rep else None,
        language=call.language,
        language_source=call.language_source,
        outcome=facts.outcome,
        channel_count=audio.channel_count,
        channel_layout=str(audio.layout),
        sample_rate_hz=audio.sample_rate_hz,
        codec=audio.codec,
        container=audio.container,
        is_truncated=audio.truncated,
        engine=origin.engine,
        engine_model=origin.model,
        engine_revision=origin.revision or None,
        engine_compute_type=origin.compute_type or None,
        engine_options=_json(origin.options),
        transcript_state=str(state),
        transcript_reason=transcript_reason or None,
        mean_word_probability=_mean_word_probability(call),
        speech_s=float(sum(audio.speech_s)) if audio.speech_s else None,
        turn_count=len(call.turns),
        word_count=sum(turn.word_count for turn in call.turns),
        role_source=str(call.role_source),
        coachable=not coachable_reason,
        coachable_reason=coachable_reason or None,
        made_from=made_from,
        listen_version=listen_version,
        attribution_version=attribution_version,
        read_version=reading.version,
        playbook_version=reading.playbook_version,
        model_version=reading.model_version or None,
        notes="; ".join(dict.fromkeys((*audio.notes, *call.notes))) or None,
        **_quality(call.quality),
        redacted=None if call.redacted is None else _json(call.redacted),
    )


def _quality(quality: TranscriptQuality | None) -> dict[str, Any]:
    return {
        "coverage_ratio": quality.coverage_ratio if quality else None,
        "chunk_count": quality.chunks if quality else None,
        "retried_chunk_count": quality.retried_chunks if quality else None,
        "suspicious_chunk_count": quality.suspicious_chunks if quality else None,
        "suspicions": _json(quality.suspicions) if quality else None,
    }


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), sort_keys=True, ensure_ascii=False)


def _mean_word_probability(call: AttributedCall) -> float | None:
    words = (word for turn in call.turns for word in turn.words)
    known = [word.probability for word in words if word.probability is not None]
    return sum(known) / len(known) if known else None

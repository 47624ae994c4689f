"""What happened to recordings: rows for the ledger, and quarantine records with reasons."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import PurePath

from calls.call import Recording, Status
from calls.errors import AnalysisFailed, InputError
from flows.discovery.erased import ErasedRecording
from flows.discovery.identity import Duplicate
from flows.discovery.plan import PlannedRefusal
from warehouse.quarantine import Quarantine, QuarantineRecord
from warehouse.schemas import RecordingRow


def event(
    night_id: str,
    recording: Recording,
    status: Status,
    *,
    message: str | None = None,
    duration_s: float | None = None,
    engine: str | None = None,
) -> RecordingRow:
    """The row that says what has become of a recording."""
    return RecordingRow(
        night_id=night_id,
        recording=recording.name,
        source_key=recording.key,
        call_id=recording.call_id,
        status=status.value,
        error_class=None,
        message=message,
        attempts=1,
        size_bytes=sum(one.size_bytes for one in recording.audio or recording.transcripts),
        duration_s=duration_s,
        engine=engine,
        happened_at=datetime.now(UTC),
    )


def duplicate_event(night_id: str, duplicate: Duplicate) -> RecordingRow:
    """The row of a file whose bytes are those of another."""
    return RecordingRow(
        night_id=night_id,
        recording=duplicate.source.name,
        source_key=duplicate.key,
        call_id=duplicate.call_id,
        status=Status.DUPLICATE.value,
        error_class=None,
        message=duplicate.reason,
        attempts=1,
        size_bytes=duplicate.source.size_bytes,
        duration_s=None,
        engine=None,
        happened_at=datetime.now(UTC),
    )


def erased_event(night_id: str, erased: ErasedRecording) -> RecordingRow:
    """The row of a recording that is refused because its call was erased; it does not name it."""
    return RecordingRow(
        night_id=night_id,
        recording=erased.stand_in,
        source_key=None,
        call_id=None,
        status=Status.REFUSED.value,
        error_class=None,
        message=(
            "Its call was erased, but it still lies in the recordings location."
            if erased.by_bytes
            else "Its sidecar carries the id of an erased call. Another call needs another id."
        ),
        attempts=1,
        size_bytes=None,
        duration_s=None,
        engine=None,
        happened_at=datetime.now(UTC),
    )


def refuse(night_id: str, planned: PlannedRefusal, quarantine: Quarantine) -> RecordingRow:
    """Puts a candidate that can't be taken into quarantine and returns its row."""
    refused = planned.refused
    sizes = [part.file.size_bytes for part in refused.candidate.parts]
    return _quarantine(
        night_id,
        quarantine,
        name=refused.candidate.name,
        mark=planned.fingerprint,
        error=refused.error,
        key=refused.key,
        call_id=refused.call_id or refused.candidate.metadata.call_id,
        size_bytes=sum(sizes) if sizes else None,
    )


def quarantined(
    night_id: str, recording: Recording, mark: str, error: InputError, quarantine: Quarantine
) -> RecordingRow:
    """Puts a recording that failed on its way into quarantine and returns its row."""
    return _quarantine(
        night_id,
        quarantine,
        name=recording.name,
        mark=mark,
        error=error,
        key=recording.key,
        call_id=recording.call_id,
        size_bytes=sum(one.size_bytes for one in recording.sources),
    )


def our_defect(recording: Recording, error: Exception) -> AnalysisFailed:
    """An unexpected error as one call's own. Its text stays out: it may hold what was said."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    failed = AnalysisFailed(
        recording.name,
        f"{type(error).__name__}{place} while working on call {recording.key[:12]}.",
        "It is tried again every night; if it stays, please report it as a defect of Nightcall.",
    )
    failed.__cause__ = error
    return failed


def _quarantine(
    night_id: str,
    quarantine: Quarantine,
    *,
    name: str,
    mark: str,
    error: InputError,
    key: str | None,
    call_id: str | None,
    size_bytes: int | None,
) -> RecordingRow:
    now = datetime.now(UTC)
    before = quarantine.get(name)
    record = QuarantineRecord(
        name=name,
        fingerprint=mark,
        error_class=type(error).__name__,
        message=str(error),
        attempts=before.attempts + 1 if before else 1,
        first_at=before.first_at if before else now,
        last_at=now,
        source_key=key,
        call_id=call_id,
    )
    quarantine.put(record)
    return RecordingRow(
        night_id=night_id,
        recording=name,
        source_key=key,
        call_id=call_id,
        status=Status.QUARANTINED.value,
        error_class=record.error_class,
        message=record.message,
        attempts=record.attempts,
        size_bytes=size_bytes,
        duration_s=None,
        engine=None,
        happened_at=now,
    )

"""The steps of a night on a batch of calls. They know nothing of Prefect.

Every call has a try of its own: what goes wrong with it becomes its row in the ledger, and the
next call goes on. Each step leaves an artifact per call, written whole, so a night that is cut off
starts where it stopped.
"""

from __future__ import annotations

import errno
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from calls.call import AttributedCall, Listening, Recording, Status
from calls.errors import (
    InputError,
    SourceUnreadable,
    SpeechUnavailable,
    TranscriptInvalid,
    WarehouseDamaged,
)
from calls.settings import Settings
from calls.transcript import Engine
from flows.batches import Count, Item, night_of, read_batch_file
from flows.events import event, our_defect, quarantined
from flows.progress import current
from flows.resources import Resources, resources_for
from models.attribution import ATTRIBUTION_VERSION, attribute
from models.importers import import_transcript
from models.listening import (
    AudioFile,
    hear,
    heard_from,
    known_language,
    must_listen,
    read_only,
    silent,
    transcribe,
    version_of,
)
from warehouse.rows import call_rows
from warehouse.schemas import RecordingRow

WAREHOUSE_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Faults of the disk that is written to, never of a recording that is read."""


def listen_batch(settings: Settings, batch: Path) -> Count:
    """Hears or imports every call of the batch that has not been heard as it is now."""
    resources = resources_for(settings)
    done = Count()
    for item in read_batch_file(batch):
        row, audio_s = _listen(resources, night_of(batch), item)
        if row is not None:
            resources.warehouse.ledger.append([row])
            done += Count(1, audio_s)
        current().advance("listened")
    return done


def read_batch(settings: Settings, batch: Path) -> Count:
    """Attributes and reads every call of the batch that has been heard."""
    resources = resources_for(settings)
    tasks = [
        ReadTask(settings.model_dump_json(), night_of(batch), item)
        for item in read_batch_file(batch)
    ]
    done = Count()
    for row in resources.readers.map(read_one, tasks, broken=killed_while_reading):
        if row is not None:
            resources.warehouse.ledger.append([row])
            done += Count(1)
        current().advance("read")
    return done


@dataclass(frozen=True, slots=True)
class ReadTask:
    """What a reading process is told: settings, night and call."""

    settings_json: str
    night_id: str
    item: Item


def read_one(task: ReadTask) -> RecordingRow | None:
    """Reads one call and saves its rows; says how it went, or None if it is not to be read."""
    resources = resources_for(Settings.model_validate_json(task.settings_json))
    recording = _source(resources, task.item.key)
    try:
        listening = _to_be_read(resources, recording, task.item)
        if listening is None:
            return None
        call = attribute(recording, listening, resources.settings.attribution)
        _save_rows(resources, task.item, call, listening)
    except Exception as error:  # one call's failure is its own: the night goes on
        return _set_aside(resources, task.night_id, recording, task.item, error)
    return event(
        task.night_id,
        recording,
        Status.ANALYSED,
        duration_s=call.audio.duration_s,
        engine=call.origin.engine,
    )


def killed_while_reading(task: ReadTask) -> RecordingRow:
    """The row of a call whose reading took its process down."""
    resources = resources_for(Settings.model_validate_json(task.settings_json))
    recording = _source(resources, task.item.key)
    error = MemoryError("the reading process was killed")
    return _set_aside(resources, task.night_id, recording, task.item, error)


def _to_be_read(resources: Resources, recording: Recording, item: Item) -> Listening | None:
    """What was heard of the call as it is now; None if it was not, so that nothing stale lands."""
    artifacts = resources.warehouse.artifacts
    if item.archived or artifacts.heard_from(recording.key) == heard_from(
        recording, resources.settings.speech
    ):
        return artifacts.load_listening(recording.key)
    return None


def _save_rows(
    resources: Resources, item: Item, call: AttributedCall, listening: Listening
) -> None:
    artifacts = resources.warehouse.artifacts
    reading = resources.reader.read(call)
    header = artifacts.reading_header(item.key)
    artifacts.save_reading(
        call_rows(
            call,
            reading,
            revision=header.revision + 1 if header else 1,
            made_from=item.made_from,
            time_zone=resources.settings.time_zone,
            listen_version=version_of(listening),
            attribution_version=ATTRIBUTION_VERSION,
        )
    )


def _listen(resources: Resources, night_id: str, item: Item) -> tuple[RecordingRow | None, float]:
    """The row of a call that was listened to now (None if it had been before), and its seconds."""
    artifacts = resources.warehouse.artifacts
    recording = _source(resources, item.key)
    if item.archived or _is_heard(resources, recording, item):
        return None, 0.0
    try:
        listening = _obtain(resources, recording)
        artifacts.save_listening(item.key, listening)
    except SpeechUnavailable as error:
        message = str(error)
        return event(night_id, recording, Status.AWAITING_TRANSCRIPTION, message=message), 0.0
    except Exception as error:  # one call's failure is its own: the night goes on
        return _set_aside(resources, night_id, recording, item, error), 0.0
    audio_s = listening.audio.duration_s
    row = event(
        night_id,
        recording,
        Status.TRANSCRIBED,
        duration_s=audio_s,
        engine=listening.transcript.origin.engine,
    )
    return row, audio_s if recording.audio else 0.0


def _is_heard(resources: Resources, recording: Recording, item: Item) -> bool:
    """True when the listening on disk is of these very bytes and needs no better engine."""
    artifacts = resources.warehouse.artifacts
    try:
        if artifacts.heard_from(recording.key) != heard_from(recording, resources.settings.speech):
            return False
        if not item.listen_again:
            return True
        before = artifacts.load_listening(recording.key)
    except WarehouseDamaged:
        return False  # what can't be read is heard anew
    return before is not None and before.transcript.origin.engine is not Engine.EMBEDDED


def _obtain(resources: Resources, recording: Recording) -> Listening:
    """What is said on the call: from a ready transcript if there is one, else by listening."""
    speech = resources.settings.speech
    mark = heard_from(recording, speech)
    if not must_listen(recording, speech):
        return _import(resources, recording, mark)
    with ExitStack() as stack:
        heard = hear(_open(resources, recording, stack))
    if not heard.chunks:
        return silent(heard, mark)
    engine = resources.speech.engine()
    if engine is None:
        raise SpeechUnavailable(resources.speech.why_not)
    language = known_language(recording, speech)
    return transcribe(heard, engine, language=language, heard_from=mark)


def _import(resources: Resources, recording: Recording, mark: str) -> Listening:
    first = recording.transcripts[0]
    names = [one.name for one in recording.metadata.participants if one.name]
    data = resources.location.read(first.name)
    try:
        transcript = import_transcript(first.name, data, known_names=names)
    except (ValueError, OverflowError, RecursionError) as error:
        raise TranscriptInvalid(
            first.name,
            f"holds values that can't be read ({type(error).__name__}).",
            "Export the transcript again.",
        ) from None
    if not recording.audio:
        return read_only(transcript, None, mark)
    try:
        with ExitStack() as stack:
            facts = hear(_open(resources, recording, stack)).facts
    except (InputError, OSError) as error:
        # The words are there; a recording that can't be played costs only its facts.
        note = f"the recording beside the transcript can't be decoded ({type(error).__name__})"
        return read_only(replace(transcript, notes=(*transcript.notes, note)), None, mark)
    return read_only(transcript, facts, mark)


def _open(resources: Resources, recording: Recording, stack: ExitStack) -> list[AudioFile]:
    return [
        AudioFile(one.name, stack.enter_context(resources.location.audio(one.name)))
        for one in recording.audio
    ]


def _set_aside(
    resources: Resources, night_id: str, recording: Recording, item: Item, error: Exception
) -> RecordingRow:
    """Puts a call that failed into quarantine and returns its row."""
    if isinstance(error, OSError) and error.errno in WAREHOUSE_FAULTS:
        raise error  # no call is to blame: the batch fails, and is worked on again next night
    if isinstance(error, InputError):
        failure = error
    elif isinstance(error, OSError):
        failure = SourceUnreadable(
            recording.name,
            f"a file of this call can't be read ({error.strerror or type(error).__name__}).",
            "It is tried again every night.",
        )
    else:
        failure = our_defect(recording, error)
    quarantine = resources.warehouse.quarantine
    return quarantined(night_id, recording, item.made_from, failure, quarantine)


def _source(resources: Resources, key: str) -> Recording:
    recording = resources.warehouse.artifacts.load_source(key)
    if recording is None:
        raise RuntimeError(f"call {key[:12]} was planned without its source.json")
    return recording

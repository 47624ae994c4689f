"""The steps of a night on a batch of calls. They know nothing of Prefect.

Every call has a try of its own: what goes wrong with it becomes its row in the ledger, and the
next call goes on. Each step leaves an artifact per call, written whole, so a night that is cut off
starts where it stopped.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from calls.call import AudioFacts, Listening, Recording, Status
from calls.errors import InputError, SourceGone, SpeechUnavailable
from calls.settings import Settings
from flows.batches import Count, Item, night_of, read_batch_file
from flows.events import event, our_defect, quarantined
from flows.progress import current
from flows.resources import Resources, resources_for
from models.attribution import ATTRIBUTION_VERSION, attribute
from models.importers import import_transcript
from models.listening import (
    LISTEN_VERSION,
    AudioFile,
    hear,
    heard_from,
    read_only,
    silent,
    transcribe,
)
from warehouse.rows import call_rows
from warehouse.schemas import RecordingRow


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
    rows: list[RecordingRow] = []
    for row in resources.readers.map(read_one, tasks):
        if row is not None:
            rows.append(row)
        current().advance("read")
    if rows:
        resources.warehouse.ledger.append(rows)
    return Count(len(rows))


@dataclass(frozen=True, slots=True)
class ReadTask:
    """What a reading process is told: settings, night and call."""

    settings_json: str
    night_id: str
    item: Item


def read_one(task: ReadTask) -> RecordingRow | None:
    """Reads one call and saves its rows; says how it went, or None if it has not been heard."""
    resources = resources_for(Settings.model_validate_json(task.settings_json))
    artifacts = resources.warehouse.artifacts
    recording = _source(resources, task.item.key)
    try:
        listening = artifacts.load_listening(task.item.key)
        if listening is None:
            return None
        call = attribute(recording, listening, resources.settings.attribution)
        reading = resources.reader.read(call)
        header = artifacts.reading_header(task.item.key)
        artifacts.save_reading(
            call_rows(
                call,
                reading,
                revision=header.revision + 1 if header else 1,
                made_from=task.item.made_from,
                time_zone=resources.settings.time_zone,
                listen_version=LISTEN_VERSION,
                attribution_version=ATTRIBUTION_VERSION,
            )
        )
    except Exception as error:  # one call's failure is its own: the night goes on
        failure = _as_input_error(recording, error)
        return quarantined(
            task.night_id,
            recording,
            task.item.made_from,
            failure,
            resources.warehouse.quarantine,
        )
    return event(
        task.night_id,
        recording,
        Status.ANALYSED,
        duration_s=call.audio.duration_s,
        engine=call.origin.engine,
    )


def _listen(resources: Resources, night_id: str, item: Item) -> tuple[RecordingRow | None, float]:
    """The row of a call that was listened to now (None if it had been before), and its seconds."""
    artifacts = resources.warehouse.artifacts
    recording = _source(resources, item.key)
    wanted = heard_from(recording, prefer_audio=resources.settings.speech.prefer_audio)
    if item.archived or (artifacts.heard_from(item.key) == wanted and not item.listen_again):
        return None, 0.0
    try:
        listening = _obtain(resources, recording)
        artifacts.save_listening(item.key, listening)
    except SpeechUnavailable as error:
        message = str(error)
        return event(night_id, recording, Status.AWAITING_TRANSCRIPTION, message=message), 0.0
    except Exception as error:  # one call's failure is its own: the night goes on
        failure = _as_input_error(recording, error)
        quarantine = resources.warehouse.quarantine
        return quarantined(night_id, recording, item.made_from, failure, quarantine), 0.0
    audio_s = listening.audio.duration_s
    row = event(
        night_id,
        recording,
        Status.TRANSCRIBED,
        duration_s=audio_s,
        engine=listening.transcript.origin.engine,
    )
    return row, audio_s if recording.audio else 0.0


def _obtain(resources: Resources, recording: Recording) -> Listening:
    """What is said on the call: from a ready transcript if there is one, else by listening."""
    speech = resources.settings.speech
    mark = heard_from(recording, prefer_audio=speech.prefer_audio)
    if recording.transcripts and not (speech.prefer_audio and recording.audio):
        return _import(resources, recording, mark)
    with ExitStack() as stack:
        heard = hear(_open(resources, recording, stack))
    if not heard.chunks:
        return silent(heard, mark)
    engine = resources.speech.engine()
    if engine is None:
        raise SpeechUnavailable(resources.speech.why_not)
    language = speech.language or recording.metadata.language
    return transcribe(heard, engine, language=language, heard_from=mark)


def _import(resources: Resources, recording: Recording, mark: str) -> Listening:
    first = recording.transcripts[0]
    names = [one.name for one in recording.metadata.participants if one.name]
    transcript = import_transcript(
        first.name, resources.location.read(first.name), known_names=names
    )
    return read_only(transcript, _facts_of_recording(resources, recording), mark)


def _facts_of_recording(resources: Resources, recording: Recording) -> AudioFacts | None:
    """What the recording beside a ready transcript sounds like; None if it can't be decoded."""
    if not recording.audio:
        return None
    try:
        with ExitStack() as stack:
            return hear(_open(resources, recording, stack)).facts
    except InputError:
        return None  # the words are there; a recording that can't be played costs only its facts


def _open(resources: Resources, recording: Recording, stack: ExitStack) -> list[AudioFile]:
    return [
        AudioFile(one.name, stack.enter_context(resources.location.audio(one.name)))
        for one in recording.audio
    ]


def _as_input_error(recording: Recording, error: Exception) -> InputError:
    if isinstance(error, InputError):
        return error
    if isinstance(error, FileNotFoundError):
        return SourceGone(
            recording.name,
            "a file of this call has left the recordings location since the night began.",
            "Put it back; it is tried again then.",
        )
    return our_defect(recording, error)


def _source(resources: Resources, key: str) -> Recording:
    recording = resources.warehouse.artifacts.load_source(key)
    if recording is None:
        raise RuntimeError(f"call {key[:12]} was planned without its source.json")
    return recording

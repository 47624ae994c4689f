"""The second step of a night: attributing and reading every call of a batch that was heard.

Every call has a try of its own: what goes wrong with it becomes its row in the ledger, and the
next call goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calls.call import AttributedCall, Listening, Recording, Status
from calls.errors import WarehouseDamaged
from calls.settings import Settings
from flows.batches import Count, Item, night_of, read_batch_file
from flows.earlier_calls import as_read
from flows.events import event
from flows.one_call import read_and_save
from flows.progress import current
from flows.resources import Resources, resources_for
from flows.set_aside import set_aside
from models.wanted import heard_from
from warehouse.schemas import RecordingRow


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
    recording = resources.recording(task.item.key)
    try:
        call = read_item(resources, recording, task.item)
    except Exception as error:  # one call's failure is its own: the night goes on
        return set_aside(resources, task.night_id, recording, task.item, error)
    if call is None:
        return None
    return event(
        task.night_id,
        recording,
        Status.ANALYSED,
        duration_s=call.audio.duration_s,
        engine=call.origin.engine,
    )


def read_item(resources: Resources, recording: Recording, item: Item) -> AttributedCall | None:
    """The call with its rows saved as a new revision; None if it has not been heard as it is now.

    Raises:
        WarehouseDamaged: its artifacts can't be read.
    """
    listening = _to_be_read(resources, recording, item)
    if listening is None:
        return None
    earlier, is_complete = resources.earlier.load(item.earlier)
    return read_and_save(
        resources.settings,
        resources.warehouse.artifacts,
        resources.reader,
        recording,
        listening,
        made_from=as_read(item.made_from, is_complete=is_complete),
        earlier=earlier,
    )


def killed_while_reading(task: ReadTask) -> RecordingRow:
    """The row of a call whose reading took its process down."""
    resources = resources_for(Settings.model_validate_json(task.settings_json))
    recording = resources.recording(task.item.key)
    error = MemoryError("the reading process was killed")
    return set_aside(resources, task.night_id, recording, task.item, error)


def _to_be_read(resources: Resources, recording: Recording, item: Item) -> Listening | None:
    """What was heard of the call as it is now; None if it was not, so that nothing stale lands."""
    artifacts = resources.warehouse.artifacts
    if item.archived:
        listening = artifacts.load_listening(recording.key)
        if listening is None:
            raise WarehouseDamaged(f"the listening of call {recording.key[:12]} is gone")
        return listening
    mark = heard_from(recording, resources.settings.speech)
    if artifacts.heard_from(recording.key) != mark:
        return None
    return artifacts.load_listening(recording.key)

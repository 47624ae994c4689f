"""One call read again from what was heard of it, in a reading process and outside of any night."""

from __future__ import annotations

from dataclasses import dataclass

from calls.errors import NightcallError
from calls.settings import Settings
from flows.batches import Item
from flows.events import our_defect
from flows.read import read_item
from flows.resources import Resources, resources_for


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What a reading process is told: settings and call."""

    settings_json: str
    item: Item


def read_again(task: ReadAgain) -> str | None:
    """Why a call could not be read; None when its rows are saved.

    Raises:
        OSError: the warehouse's own disk is at fault, and no call to blame.
    """
    resources = _resources(task)
    recording = resources.recording(task.item.key)
    try:
        read_item(resources, recording, task.item)
    except OSError:
        raise
    except NightcallError as error:
        return str(error)
    except Exception as error:  # one call's failure is its own: the others go on
        return str(our_defect(recording, error))
    return None


def killed_while_reading_again(task: ReadAgain) -> str:
    """Why a call could not be read whose reading took its process down."""
    recording = _resources(task).recording(task.item.key)
    return str(our_defect(recording, MemoryError("the reading process was killed")))


def _resources(task: ReadAgain) -> Resources:
    return resources_for(Settings.model_validate_json(task.settings_json))

"""Putting a call that failed out of the night's way, with its reason."""

from __future__ import annotations

import errno

from calls.call import Recording
from calls.errors import InputError, SourceUnreadable
from flows.batches import Item
from flows.events import our_defect, quarantined
from flows.resources import Resources
from warehouse.schemas import RecordingRow

WAREHOUSE_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Faults of the disk that is written to, never of a recording that is read."""


def set_aside(
    resources: Resources, night_id: str, recording: Recording, item: Item, error: Exception
) -> RecordingRow:
    """Puts a call that failed into quarantine and returns its row.

    Raises:
        OSError: the warehouse's own disk is at fault. No call is to blame: the batch fails, and is
            worked on again next night.
    """
    if isinstance(error, OSError) and error.errno in WAREHOUSE_FAULTS:
        raise error
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

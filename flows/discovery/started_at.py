"""When a call began, where no sidecar says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

from calls.call import Source, StartedAtSource


def started_at(
    sources: Sequence[Source],
    given: datetime | None,
    *,
    patterns: Sequence[str],
    container: Callable[[str], datetime | None],
) -> tuple[datetime, StartedAtSource]:
    """The start of a call in UTC and where it was found.

    The sidecar's word first, then a date in the file name, then the container's creation tag, then
    the modification time as first seen.

    Args:
        sources: the files of the call.
        given: `started_at` of the sidecar.
        patterns: regular expressions with the groups year, month, day and optionally hour, minute,
            second.
        container: the creation tag of an audio file, if it has one.
    """
    if given is not None:
        return given.astimezone(UTC), StartedAtSource.SIDECAR
    for source in sources:
        if found := _in_name(source.name, patterns):
            return found, StartedAtSource.FILE_NAME
    if tagged := container(sources[0].name):
        return tagged, StartedAtSource.CONTAINER
    return min(source.modified_at for source in sources), StartedAtSource.FILE_TIME


def _in_name(name: str, patterns: Sequence[str]) -> datetime | None:
    for pattern in patterns:
        match = re.search(pattern, PurePosixPath(name).name)
        if match is None:
            continue
        parts = {key: int(value) for key, value in match.groupdict().items() if value}
        try:
            return datetime(**parts, tzinfo=UTC)
        except ValueError:
            continue  # digits that are no date
    return None

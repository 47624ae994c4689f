"""Batch files: the only thing a task is told about the calls it works on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from calls.errors import NightcallError
from calls.settings import Settings
from flows.discovery.plan import PlannedCall
from flows.earlier_calls import Mark
from warehouse.files import write_whole
from warehouse.layout import unfinished


@dataclass(frozen=True, slots=True)
class Item:
    """One call of a batch, by its source key: no names, no ids that mean something to people.

    `earlier` are the marks of the calls before it with the same customer.

    An `archived` call has no files any more. An `upgrade` is heard again if only the embedded
    engine has heard it, `listen_again` whatever was heard before.
    """

    key: str
    made_from: str
    archived: bool = False
    upgrade: bool = False
    listen_again: bool = False
    earlier: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, planned: PlannedCall) -> Item:
        """What a batch holds of a planned call."""
        return cls(
            planned.recording.key,
            planned.made_from,
            planned.archived,
            planned.upgrade,
            planned.listen_again,
            planned.earlier,
        )


@dataclass(frozen=True, slots=True)
class Count:
    """What a batch task returns: counters, nothing that says who or what."""

    calls: int = 0
    audio_s: float = 0.0

    def __add__(self, other: Count) -> Count:
        return Count(self.calls + other.calls, self.audio_s + other.audio_s)


def write_batches(
    warehouse: Path, night_id: str, calls: Sequence[PlannedCall], *, size: int
) -> tuple[Path, ...]:
    """Files of at most `size` calls each, in order."""
    folder = warehouse / "work" / "nights" / night_id / "batches"
    paths = []
    for number, start in enumerate(range(0, len(calls), size), start=1):
        items = [Item.of(one) for one in calls[start : start + size]]
        path = folder / f"{number:05d}.json"
        data = json.dumps([asdict(item) for item in items]).encode()
        write_whole(path, data, staging=unfinished(warehouse))
        paths.append(path)
    return tuple(paths)


def remove_batches(batches: Sequence[Path]) -> None:
    """Removes the files once the night has ended: what came of them is in the ledger."""
    for path in batches:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in batches}:
        folder.rmdir()


def read_batch_file(path: Path) -> Iterator[Item]:
    """The calls of a batch."""
    for item in json.loads(path.read_text(encoding="utf-8")):
        earlier = tuple((key, own) for key, own in item.pop("earlier"))
        yield Item(**item, earlier=earlier)


BatchStep = Callable[[Settings, Path], Count]
"""A step of the night on one batch."""


class BatchFailed(NightcallError):
    """A batch broke as a whole; the text says where and by what kind of error."""

    retryable = True


def wordless(doing: str, step: BatchStep, settings: Settings, batch: Path) -> Count:
    """Runs a step on a batch; errors that get out of it can hold nothing that was said.

    Prefect keeps texts and traces of errors in clear, where erasure can't reach them.

    Raises:
        BatchFailed: in place of any other error.
    """
    try:
        return step(settings, batch)
    except Exception as error:
        failure = BatchFailed(f"{doing} batch {batch.stem} failed: {type(error).__name__}")
    # Outside of the handler: else the first error would travel along as the context of this one.
    raise failure


def night_of(path: Path) -> str:
    """The id of the night a batch file belongs to."""
    return path.parent.parent.name

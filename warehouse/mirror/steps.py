"""What has to be put and removed for a mirror to hold a snapshot, in order; and doing it.

Tables other than `calls` go first and `calls` last, as in a publication; within both, files that
lose calls go before those that only gain some. So no call is ever twice in a table of the mirror,
and whoever joins on (`call_id`, `revision`) while files are on their way may miss a call, but never
mixes two readings of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.mirror.record import Stamp
from warehouse.mirror.remote import TABLE_FILE, Remote
from warehouse.mirror.snapshot import Part, Snapshot
from warehouse.schemas.calls import CALLS

FILES_AT_ONCE = 4
"""An object store takes some tenths of a second to answer, however small the file."""


@dataclass(frozen=True, slots=True)
class Put:
    """A file to be put."""

    name: str
    part: Part
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Removal:
    """A file to be removed."""

    name: str


Step = Put | Removal


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, and the files that were written again with the same bytes.

    Args:
        groups: each is done before the next begins; within one, order does not matter.
        same: the new stamps of files that need no put.
    """

    groups: tuple[tuple[Step, ...], ...]
    same: Mapping[str, Stamp]

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order."""
        return tuple(step for group in self.groups for step in group)


def plan(
    now: Snapshot, known: Mapping[str, Stamp], there: Mapping[str, int], remote: Remote
) -> Plan:
    """What has to be done for the mirror to hold that snapshot.

    Args:
        now: the table files.
        known: what was last put, by name.
        there: the sizes of what is in the mirror, by name.
        remote: the mirror.
    """
    same: dict[str, Stamp] = {}
    steps: list[Step] = [Removal(name) for name in there if is_gone(name, now)]
    for part in now.parts:
        stamp, before = part.stamp(), known.get(part.name)
        if before and before.sha256 == stamp.sha256 and there.get(part.name) == part.size_bytes:
            same[part.name] = stamp
        else:
            steps.append(Put(part.name, part, stamp))
    losing = _losing_dates(steps, there, remote)
    groups: dict[tuple[bool, bool], list[Step]] = {}
    for step in steps:
        table, date = step.name.split("/")[:2]
        loses = isinstance(step, Removal) or date in losing
        groups.setdefault((table == CALLS.name, not loses), []).append(step)
    return Plan(tuple(tuple(groups[rank]) for rank in sorted(groups)), same)


def is_gone(name: str, now: Snapshot) -> bool:
    """True for a table file in the mirror that the warehouse has no longer."""
    return TABLE_FILE.fullmatch(name) is not None and name not in now.names


def carry_out(
    groups: Sequence[Sequence[Step]],
    remote: Remote,
    done: Callable[[Step], None] | None = None,
) -> None:
    """Returns when every step is done; `done` hears of each.

    Raises:
        MirrorUnreachable: from the first step that failed; no other is begun then.
    """
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        for group in groups:
            waiting = {pool.submit(_do, step, remote): step for step in group}
            try:
                for future in as_completed(waiting):
                    future.result()
                    if done is not None:
                        done(waiting[future])
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _do(step: Step, remote: Remote) -> None:
    if isinstance(step, Put):
        remote.put(step.part.link, step.name)
    else:
        remote.remove(step.name)


def _losing_dates(steps: Iterable[Step], there: Mapping[str, int], remote: Remote) -> set[str]:
    """The dates (as they are in the path) that lose a call which the mirror still has."""
    losing = set()
    for step in steps:
        table, date = step.name.split("/")[:2]
        if isinstance(step, Put) and table == CALLS.name and step.name in there:
            before = _calls_in(pa.BufferReader(remote.read(step.name)))
            after = _calls_in(step.part.link)
            if before is None or after is None or before - after:
                losing.add(date)
    return losing


def _calls_in(file: object) -> set[str] | None:
    """The source keys in a file of `calls`; None if it can't be read."""
    try:
        table = pq.read_table(file, columns=[CALLS.owner], partitioning=None, use_threads=False)
        return set(table[CALLS.owner].to_pylist())
    except (pa.ArrowException, KeyError):
        return None

"""An erasure from its survey to its proof. Whatever kills it, the next one begins by finishing it.

1. `state/erasing.json` names what is to go; from here on the erasure will happen.
2. The hashes are put on record in `erasures`: discovery refuses the calls from now on.
3. Every place of `warehouse.erasure.places` is emptied, and the recordings, if that was asked for.
4. The mirror of the tables follows, every file of the warehouse is searched, the journal goes.

Killed before 1 nothing has happened, killed after it the next erasure or night does all of it
again: each step finds done what was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from calls.errors import NightcallError, WarehouseDamaged
from warehouse import mirror
from warehouse.erasure import journal
from warehouse.erasure.journal import CallToErase, Erasing, Order
from warehouse.erasure.key import ErasureKey, Kind, make_key
from warehouse.erasure.known import KnownCalls
from warehouse.erasure.needles import longest_sentences
from warehouse.erasure.nights import NightRecords
from warehouse.erasure.places import PLACES, Trace
from warehouse.erasure.proof import Each, Proof, prove
from warehouse.erasure.quotes import quoting_calls
from warehouse.erasure.target import Target, Targets
from warehouse.schemas import ErasureRow, Row
from warehouse.schemas.erasures import FILE_HASHES_BETWEEN
from warehouse.store import Warehouse

RemoveRecordings = Callable[[Erasing], Mapping[str, int]]
"""Removes what is to be removed from the recordings location: by erasure id, how many have gone."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What would be erased, and what there is of it. Nothing has happened yet."""

    erasing: Erasing
    traces: tuple[Trace, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to.

    Args:
        erasing: what was erased.
        removed: recordings removed from their location.
        proof: None where none was asked for.
        mirror: why the mirror of the tables does not follow; "" if it does, or there is none.
    """

    erasing: Erasing
    removed: int
    proof: Proof | None
    mirror: str = ""

    @property
    def is_whole(self) -> bool:
        """True when nothing is left to be done."""
        return not self.mirror and (self.proof is None or self.proof.holds)


def survey(
    warehouse: Warehouse, known: KnownCalls, order: Order, targets: Sequence[Target]
) -> Survey:
    """What there is of some calls. Only call it with the night's lock.

    Raises:
        WarehouseDamaged: something that must be changed can't be read.
    """
    if not warehouse.is_current():
        raise WarehouseDamaged(
            "The tables were written by another version of Nightcall, and nothing can be erased "
            "from them yet. Bring them up to date first: nightcall run"
        )
    if not targets:
        return Survey(Erasing(order, ()), ())
    all_targets = Targets(tuple(targets))
    traces = tuple(one for place in PLACES for one in place.count(warehouse, all_targets))
    names = _names_of_others(known, all_targets)
    rows, files = Counter[str](), Counter[str]()
    for trace in traces:
        rows[trace.erasure_id] += trace.rows
        files[trace.erasure_id] += trace.files
    erasing = Erasing(
        order=order,
        calls=tuple(
            CallToErase(
                one,
                rows=rows[one.erasure_id],
                files=files[one.erasure_id],
                names=tuple(name for name in one.names if name not in names),
                said=longest_sentences(_said(warehouse, one)),
            )
            for one in targets
        ),
        quoting=tuple(quoting_calls(warehouse, all_targets, known.outside)),
        nights=tuple(NightRecords(warehouse, all_targets).nights()),
    )
    return Survey(erasing, traces)


def begin(warehouse: Warehouse, erasing: Erasing) -> None:
    """Returns when the erasure is certain to happen. Only call it with the night's lock."""
    make_key(warehouse.path)
    journal.save(warehouse.path, erasing)


def carry_out(
    warehouse: Warehouse,
    erasing: Erasing,
    remove_recordings: RemoveRecordings,
    each: Each | None = None,
) -> Erased:
    """What came of an erasure that has begun. Only call it with the night's lock.

    Args:
        warehouse: the warehouse.
        erasing: what is to be erased.
        remove_recordings: removes recordings from where they lie.
        each: hears how many files have been searched for the proof.
    """
    _put_on_record(warehouse, erasing)
    for place in PLACES:
        place.remove(warehouse, erasing)
    removed = remove_recordings(erasing)
    _note(warehouse, erasing, lambda row: _with_recordings(row, removed))
    why_not = _mirror(warehouse)
    proof = prove(warehouse.path, erasing, each) if erasing.order.prove and erasing.calls else None
    if proof is not None and proof.holds:
        _note(warehouse, erasing, lambda row: replace(row, searched_file_count=proof.file_count))
        why_not = why_not or _mirror(warehouse)
    if why_not:
        # Nothing names the calls any more; that the mirror has to follow is still to be done.
        order = replace(erasing.order, email=None)
        journal.save(warehouse.path, Erasing(order, ()))
    else:
        journal.remove(warehouse.path)
    return Erased(erasing, sum(removed.values()), proof, why_not)


def _put_on_record(warehouse: Warehouse, erasing: Erasing) -> None:
    """Returns when discovery refuses the calls."""
    record = warehouse.entries("erasures")
    there = {row.erasure_id for row in record.rows() if isinstance(row, ErasureRow)}
    key = make_key(warehouse.path)
    record.add(
        [
            _row(one, erasing.order, key)
            for one in erasing.calls
            if one.target.erasure_id not in there
        ]
    )


def _row(call: CallToErase, order: Order, key: ErasureKey) -> ErasureRow:
    target = call.target
    others = [*target.keys[1:], *target.hashes]
    return ErasureRow(
        erasure_id=target.erasure_id,
        erased_at=order.at,
        source_key_hash=key.hash(Kind.BYTES, target.key) if target.key else None,
        call_id_hash=key.hash(Kind.CALL_ID, target.call_id),
        file_hashes=FILE_HASHES_BETWEEN.join(key.hash(Kind.BYTES, one) for one in others) or None,
        scope=order.scope,
        reason=order.reason,
        erased_by=order.by,
        row_count=call.rows,
        file_count=call.files,
        recording_removed_count=0,
        recording_left_count=len(call.recordings) + call.left,
        searched_file_count=None,
    )


def _note(
    warehouse: Warehouse, erasing: Erasing, change: Callable[[ErasureRow], ErasureRow]
) -> None:
    """Changes the rows of an erasure, and publishes them."""
    mine = {one.target.erasure_id for one in erasing.calls}

    def changed(row: Row) -> Row:
        assert isinstance(row, ErasureRow)
        return change(row) if row.erasure_id in mine else row

    warehouse.entries("erasures").change(changed)
    warehouse.publish_entries()


def _with_recordings(row: ErasureRow, removed: Mapping[str, int]) -> ErasureRow:
    count = removed.get(row.erasure_id, 0)
    left = row.recording_removed_count + row.recording_left_count - count
    return replace(row, recording_removed_count=count, recording_left_count=left)


def _mirror(warehouse: Warehouse) -> str:
    """Why the mirror of the tables does not follow; "" if it does, or there is none."""
    try:
        mirror.follow(warehouse)
    except NightcallError as error:
        return str(error)
    return ""


def _names_of_others(known: KnownCalls, targets: Targets) -> set[str]:
    """The names of recordings that calls have which stay."""
    names = {one.recording for key, one in known.landed.items() if key not in targets.keys}
    names.update(
        one.name
        for one in known.seen.values()
        if targets.of_trace(one.source_key, None, one.name) is None
        and targets.of_bytes(one.sha256) is None
    )
    return names


def _said(warehouse: Warehouse, target: Target) -> Iterator[str]:
    """What was said on a call; from its turns in the tables where what was heard can't be read."""
    for key in target.keys:
        try:
            listening = warehouse.artifacts.load_listening(key)
        except WarehouseDamaged:
            with warehouse.reading():
                turns = warehouse.table("turns").filter(source_key=key).select("text").collect()
            yield from turns["text"]
            continue
        if listening is not None:
            yield from (one.text for one in listening.transcript.utterances)
